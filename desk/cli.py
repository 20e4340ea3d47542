"""The `desk` command."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import click

from desk.db import migrate as migrations
from desk.errors import DeskError
from desk.observability import logs
from desk.settings import Settings
from knowledge_base.exchange.source import FORMATS, Format

T = TypeVar("T")


class _Commands(click.Group):
    """Shows what the desk itself says as one sentence, not as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(ctx)
        except DeskError as error:
            raise click.ClickException(error.detail) from error


def _await(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@click.group(cls=_Commands)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Parley: the omnichannel support desk. Settings come from DESK_* variables."""
    settings = Settings.load()
    logs.configure(settings)
    ctx.obj = settings


@main.command()
@click.pass_obj
def run(settings: Settings) -> None:
    """Migrate and start the web process (and, unless DESK_WORKER=false, jobs and listeners)."""
    from desk.admin import first_words  # noqa: PLC0415
    from desk.app import create_app  # noqa: PLC0415 - seconds that other commands need not wait
    from desk.serve import run as serve  # noqa: PLC0415

    migrations.upgrade(settings.database_url)
    words = _await(first_words(settings))
    if words:
        click.echo(words)
    serve(create_app(settings), settings)


@main.command()
@click.option("--fresh", is_flag=True, help="Throw the demo's data away and load it anew.")
@click.pass_obj
def demo(settings: Settings, *, fresh: bool) -> None:
    """Start the whole desk with demo data, a mail sink and a demo shop."""
    from desk.demo.start import start  # noqa: PLC0415

    start(settings, fresh=fresh)


@main.command()
@click.pass_obj
def worker(settings: Settings) -> None:
    """Run jobs, the mail listener and mailboxes, without HTTP."""
    from desk.worker import work  # noqa: PLC0415

    _await(work(settings))


@main.command()
@click.option("--to", default="head", help="A revision, or base.")
@click.pass_obj
def migrate(settings: Settings, to: str) -> None:
    """Bring the database's schema up to date."""
    before = migrations.current(settings.database_url)
    if to == "head":
        migrations.upgrade(settings.database_url)
    else:
        migrations.downgrade(settings.database_url, to)
    after = migrations.current(settings.database_url)
    click.echo(f"{before or 'empty'} -> {after or 'empty'}")


@main.command()
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Check the database, the queue and every inbox; say how to mend what is wrong."""
    from desk.doctor import examine  # noqa: PLC0415

    failed = 0
    for check in _await(examine(settings)):
        mark = "ok  " if check.ok else "FAIL"
        click.echo(f"{mark} {check.name}: {check.detail}")
        if not check.ok:
            failed += 1
            if check.remedy:
                click.echo(f"     {check.remedy}")
    if failed:
        sys.exit(1)


@main.group()
def token() -> None:
    """API tokens."""


@token.command("create")
@click.option("--email", required=True, help="The agent the token acts for.")
@click.option("--name", default="command line", help="What it is for.")
@click.option("--scope", "scopes", multiple=True, help="Narrow it to a permission; may repeat.")
@click.pass_obj
def token_create(settings: Settings, email: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token and print it; it is shown only this once."""
    from desk.admin import create_token  # noqa: PLC0415

    click.echo(_await(create_token(settings, email, name, scopes)))


@main.group()
def agent() -> None:
    """Agents."""


@agent.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", default="admin", type=click.Choice(["agent", "lead", "editor", "admin"]))
@click.password_option(envvar="PARLEY_NEW_PASSWORD")
@click.pass_obj
def agent_create(settings: Settings, email: str, name: str, role: str, password: str) -> None:
    """Add an agent, such as the first admin."""
    from desk.admin import create_agent  # noqa: PLC0415

    click.echo(_await(create_agent(settings, email, name, role, password)))


@main.group()
def kb() -> None:
    """The knowledge base."""


@kb.command("reindex")
@click.option("--check", is_flag=True, help="Only say where index and articles disagree.")
@click.pass_obj
def kb_reindex(settings: Settings, *, check: bool) -> None:
    """Build the articles' search index anew, or check it. Exits with 1 when they disagree."""
    from desk import admin  # noqa: PLC0415

    if check:
        drift = _await(admin.check_index(settings))
        for what, ids in (
            ("missing", drift.missing),
            ("stale", drift.stale),
            ("surplus", drift.surplus),
        ):
            for document in ids:
                click.echo(f"{what}: {document}")
        click.echo(
            "They disagree; run `desk kb reindex`." if drift else "Index and articles agree."
        )
        sys.exit(1 if drift else 0)
    total = _await(admin.count_documents(settings))
    with click.progressbar(length=total, label="Indexing articles") as bar:
        done = 0

        def progress(count: int) -> None:
            nonlocal done
            bar.update(count - done)
            done = count

        rebuilt = _await(admin.reindex(settings, progress))
    click.echo(f"{rebuilt.indexed} texts indexed, {rebuilt.removed} removed.")


@kb.command("import")
@click.argument("path", type=click.Path(exists=True))
@click.option("--dry-run", is_flag=True, help="Only say what it would do.")
@click.option("--publish", is_flag=True, help="Show readers what the source calls published.")
@click.option("--overwrite", is_flag=True, help="Win over what was edited here since.")
@click.option("--format", "kind", default="auto", type=click.Choice(FORMATS))
@click.option("--locale", default="en", help="Of texts that do not say theirs.")
@click.pass_obj
def kb_import(
    settings: Settings,
    path: str,
    kind: Format,
    locale: str,
    *,
    dry_run: bool,
    publish: bool,
    overwrite: bool,
) -> None:
    """Import articles: a folder, a ZIP file, or one file of Markdown, HTML, CSV or Zendesk's JSON.

    Without --publish they are drafts. The same import again changes nothing.
    """
    from desk import exchange  # noqa: PLC0415

    if dry_run:
        click.echo(_await(exchange.forecast(settings, path, kind, locale)))
        return
    with click.progressbar(length=1, label="Importing articles", width=0) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        report = _await(
            exchange.carry_out(
                settings, path, kind, locale, progress, publish=publish, overwrite=overwrite
            )
        )
    click.echo(report)


@kb.command("export")
@click.argument("path", type=click.Path(dir_okay=False), default="articles.zip")
@click.pass_obj
def kb_export(settings: Settings, path: str) -> None:
    """Write every article as Markdown with front matter into a ZIP file."""
    from desk import exchange  # noqa: PLC0415

    click.echo(f"{_await(exchange.export(settings, path))} texts written to {path}.")


@main.group()
def search() -> None:
    """The agents' search over tickets, messages and contacts."""


@search.command("reindex")
@click.option("--check", is_flag=True, help="Only say where the index and the desk disagree.")
@click.pass_obj
def search_reindex(settings: Settings, *, check: bool) -> None:
    """Index every ticket and contact anew, or check. Exits with 1 when they disagree."""
    from desk import admin  # noqa: PLC0415

    if check:
        wrong = _await(admin.check_search(settings))
        for document in wrong:
            click.echo(f"differs: {document}")
        click.echo(
            "They disagree; run `desk search reindex`." if wrong else "Index and desk agree."
        )
        sys.exit(1 if wrong else 0)
    total = _await(admin.count_searched(settings))
    with click.progressbar(length=total, label="Indexing tickets and contacts") as bar:
        done = 0

        def progress(count: int) -> None:
            nonlocal done
            bar.update(count - done)
            done = count

        indexed = _await(admin.reindex_search(settings, progress))
    click.echo(f"{indexed} tickets and contacts indexed.")


@main.group()
def bot() -> None:
    """What the bot has learnt."""


@bot.command("train")
@click.pass_obj
def bot_train(settings: Settings) -> None:
    """Train on the intents' examples; the new model answers if it is no worse."""
    from bot.nlu.engine import NluError  # noqa: PLC0415
    from desk.admin import train_bot  # noqa: PLC0415

    told = ""

    def progress(step: str, share: float) -> None:
        nonlocal told
        if step and step != told:
            told = step
            click.echo(f"{share:4.0%}  {step}", err=True)

    try:
        click.echo(_await(train_bot(settings, progress)))
    except NluError as error:
        raise click.ClickException(str(error)) from error


@bot.command("evaluate")
@click.option("--rate", type=click.FloatRange(0.1, 25), help="Wrong answers allowed, in percent.")
@click.pass_obj
def bot_evaluate(settings: Settings, rate: float | None) -> None:
    """How the model in force did on examples that it was not taught."""
    from bot.tables import tables  # noqa: PLC0415
    from desk.admin import bot_report  # noqa: PLC0415

    report = _await(bot_report(settings, rate / 100 if rate is not None else None))
    if report is None:
        raise click.ClickException("There is no model yet: run `desk bot train`.")
    for line in tables(report):
        click.echo(line)


@bot.command("export")
@click.argument("path", type=click.Path(dir_okay=False, allow_dash=True))
@click.pass_obj
def bot_export(settings: Settings, path: str) -> None:
    """Write intents to PATH: .csv has the examples, .json everything; - is JSON to the screen."""
    from desk.admin import export_bot  # noqa: PLC0415

    data = _await(export_bot(settings, as_csv=path.endswith(".csv")))
    with click.open_file(path, "wb") as file:
        file.write(data)
    if path != "-":
        click.echo(path)


@bot.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.pass_obj
def bot_import(settings: Settings, path: str, *, dry_run: bool) -> None:
    """Take in intents from PATH, .csv or .json as `export` writes them. Nothing is removed."""
    from desk.admin import import_bot  # noqa: PLC0415

    with click.open_file(path, "rb") as file:
        data = file.read()
    lines = _await(import_bot(settings, data, as_csv=path.endswith(".csv"), dry_run=dry_run))
    for line in lines:
        click.echo(line)


@main.command()
@click.argument("path", type=click.Path(dir_okay=False), default="openapi.json")
@click.pass_obj
def openapi(settings: Settings, path: str) -> None:
    """Write the API's OpenAPI document (the frontend's types are made from it)."""
    from desk.admin import write_openapi  # noqa: PLC0415
    from desk.app import create_app  # noqa: PLC0415

    write_openapi(create_app(settings), path)
    click.echo(path)


if __name__ == "__main__":
    main()
