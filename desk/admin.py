"""What the command line does to a desk that may not be running."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from litestar import Litestar

from bot.evaluation import Report
from bot.nlu.engine import NluError
from desk.agents import repository, service
from desk.agents.rules import normalise_email
from desk.auth import api_tokens
from desk.bot import book, examples
from desk.bot.models import BotTraining
from desk.errors import Invalid, NotFound
from desk.firstrun import rules
from desk.firstrun import service as firstrun
from desk.search import keeping
from desk.settings import Settings
from desk.triage import bot_fit, bot_train
from desk.unit_of_work import UnitOfWork
from desk.wiring import Desk, build
from knowledge_base import documents, reading
from knowledge_base.documents import Drift
from knowledge_base.search.engine import Rebuilt


async def create_token(settings: Settings, email: str, name: str, scopes: Sequence[str]) -> str:
    """Make an API token for an agent and return its secret. Raises NotFound."""
    desk = build(settings)
    try:
        async with desk.units.write() as work:
            agent = await repository.by_email(work.session, normalise_email(email))
            if agent is None or not agent.active:
                raise NotFound(
                    f"There is no active agent {email}. Add one with `desk agent create`."
                )
            made = await api_tokens.create(work, agent.id, agent.role, name, scopes=scopes)
        return made.secret
    finally:
        await _close(desk)


async def create_agent(settings: Settings, email: str, name: str, role: str, password: str) -> str:
    """Add an agent with a password; returns the id."""
    desk = build(settings)
    try:
        hashed = await desk.core.passwords.hash(password)
        async with desk.units.write() as work:
            agent = await service.create(
                work, email=email, name=name, role=role, password_hash=hashed
            )
        return str(agent.id)
    finally:
        await _close(desk)


async def first_words(settings: Settings) -> str:
    """Where to begin, for the console of an empty desk; "" on any other."""
    desk = build(settings)
    try:
        async with desk.units.read() as session:
            if not await firstrun.is_empty(session):
                return ""
    finally:
        await _close(desk)
    token = rules.owner_token(desk.secret)
    return (
        "\n  This desk is empty. Open this page to become its owner; it works once:\n\n"
        f"    {settings.public_url}/app/start#{token}\n"
    )


def write_openapi(app: Litestar, path: str) -> None:
    """Write the OpenAPI document, in a stable order."""
    text = json.dumps(app.openapi_schema.to_schema(), indent=1, sort_keys=True, ensure_ascii=False)
    Path(path).write_text(text + "\n", encoding="utf-8")


async def _close(desk: Desk) -> None:
    await desk.engine.dispose()


async def check_index(settings: Settings) -> Drift:
    """Where the search index and the articles disagree."""
    desk = build(settings)
    try:
        async with desk.units.read() as session:
            return await documents.drift(session, desk.library.engine(session))
    finally:
        await _close(desk)


async def reindex(settings: Settings, progress: Callable[[int], None]) -> Rebuilt:
    """Build the search index anew while searches go on; `progress` hears of each batch."""
    desk = build(settings)
    try:
        if desk.library.external:  # no transaction is held open over the network
            async with desk.units.read() as session:
                engine = desk.library.engine(session)
                return await engine.rebuild(documents.batches(session), progress)
        async with desk.units.write() as work:
            engine = desk.library.engine(work.session)
            return await engine.rebuild(documents.batches(work.session), progress)
    finally:
        await _close(desk)


async def count_documents(settings: Settings) -> int:
    """How many texts are to be found."""
    desk = build(settings)
    try:
        async with desk.units.read() as session:
            found = await reading.locales(session, reading.EVERYTHING)
        return sum(found.values())
    finally:
        await _close(desk)


async def check_search(settings: Settings) -> list[str]:
    """Where the agents' search and the desk disagree, once it has taken in what is new."""
    desk = build(settings)
    try:
        while await keeping.follow(desk.units):
            pass
        async with desk.units.read() as session:
            return await keeping.differences(session)
    finally:
        await _close(desk)


async def count_searched(settings: Settings) -> int:
    """How many tickets and contacts the agents' search is over."""
    desk = build(settings)
    try:
        async with desk.units.read() as session:
            return await keeping.count(session)
    finally:
        await _close(desk)


async def reindex_search(settings: Settings, progress: Callable[[int], None]) -> int:
    """Index tickets and contacts anew while the desk runs; `progress` hears of each few."""
    desk = build(settings)
    try:
        return await keeping.reindex(desk.units, progress)
    finally:
        await _close(desk)


async def train_bot(
    settings: Settings, progress: Callable[[str, float], None] | None = None
) -> str:
    """Train the bot now, in this process; the verdict. Raises NluError."""
    desk = build(settings)

    async def nothing(_: UnitOfWork) -> None:
        return

    try:
        async with desk.units.write() as work:
            # No job: a worker that runs meanwhile would train a second time.
            training = bot_train.new(work, "command line")
        await desk.trainer.run(training.id, nothing, progress or (lambda _step, _share: None))
        async with desk.units.read() as session:
            row = await session.get_one(BotTraining, training.id)
        if row.state == "failed":
            raise NluError(row.verdict)
        return row.verdict
    finally:
        await _close(desk)


async def bot_report(settings: Settings, rate: float | None = None) -> Report | None:
    """How the model in force did on examples it was not taught; None when there is none.

    `rate` asks for another wrong-answer rate than the one in force. Raises Invalid where the model
    kept no fit to tell.
    """
    desk = build(settings)
    try:
        async with desk.units.read() as session:
            model = await bot_fit.in_force(session)
            if model is None or rate is None:
                return await bot_train.current_report(session)
            fit = await bot_fit.fit_of(desk.shelf.blobs, model)
        if fit is None:
            raise Invalid("This model kept no fit: run `desk bot train` first.")
        return fit.report(rate)
    finally:
        await _close(desk)


async def export_bot(settings: Settings, *, as_csv: bool) -> bytes:
    """What the bot is taught: the examples as CSV, or everything as JSON."""
    desk = build(settings)
    try:
        async with desk.units.read() as session:
            if as_csv:
                return (await examples.as_csv(session)).encode()
            return book.pack(await book.write(session))
    finally:
        await _close(desk)


async def import_bot(
    settings: Settings, data: bytes, *, as_csv: bool, dry_run: bool = False
) -> list[str]:
    """Take in what `export_bot` wrote; what was done, in lines. Raises Invalid."""
    desk = build(settings)
    try:
        if as_csv:
            return await _import_csv(desk, data, dry_run=dry_run)
        written = book.unpack(data)
        if dry_run:
            async with desk.units.read() as session:
                there = {entry.name for entry in (await book.write(session)).intents}
            new = [entry.name for entry in written.intents if entry.name not in there]
            return [f"{len(written.intents)} intents, {len(new)} of them new. Nothing was changed."]
        async with desk.units.write() as work:
            taken = await book.read(work, written)
        changed = f"{taken.created} intents created, {taken.changed} changed"
        return [f"{changed}, {taken.examples} examples added."]
    finally:
        await _close(desk)


async def _import_csv(desk: Desk, data: bytes, *, dry_run: bool) -> list[str]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"This file is not UTF-8 ({error.reason}): save it as UTF-8.") from error
    rows, problems = examples.from_csv(text)
    if dry_run:
        async with desk.units.read() as session:
            found = await examples.plan(session, rows, problems)
    else:
        async with desk.units.write() as work:
            found = await examples.take_in(work, rows, problems)
    lines = [f"Line {line}: {problem}; left out." for line, problem in found.problems]
    done = "Nothing was changed." if dry_run else ""
    lines.append(
        f"{found.added} examples new, {found.known} known already, "
        f"{len(found.intents)} new intents. {done}".strip()
    )
    return lines
