"""Import and export of articles on the command line, on a desk that may not be running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desk.errors import Invalid
from desk.events import SYSTEM
from desk.knowledge import exporting, imports
from desk.knowledge.importing import Importer, Outcome, Wishes
from desk.settings import Settings
from desk.unit_of_work import UnitOfWork
from desk.wiring import Desk, build
from knowledge_base.exchange import source
from knowledge_base.exchange.articles import Imported, ImportRefused
from knowledge_base.exchange.source import Format
from knowledge_base.exchange.tree import read_tree, write_zip


async def forecast(settings: Settings, path: str, kind: Format, locale: str) -> str:
    """What importing it would do, a line each."""
    imported = await _read(path, kind, locale)
    desk = build(settings)
    try:
        found = await _importer(desk, settings).check(imported)
    finally:
        await desk.engine.dispose()
    return found.plan.report()


async def carry_out(
    settings: Settings,
    path: str,
    kind: Format,
    locale: str,
    progress: Callable[[int, int], None],
    *,
    publish: bool,
    overwrite: bool,
) -> str:
    """Import it; says what was done, a line each."""
    imported = await _read(path, kind, locale)

    async def told(_work: UnitOfWork, done: int, total: int) -> None:
        progress(done, total)

    desk = build(settings)
    try:
        importer = _importer(desk, settings)
        every = frozenset(one.key for one in imported.articles) if overwrite else frozenset()
        wishes = Wishes(publish, every)
        note = f"Imported from {Path(path).name}"
        return _report(await importer.run(imported, wishes, SYSTEM, told, note))
    finally:
        await desk.engine.dispose()


async def export(settings: Settings, path: str) -> int:
    """Write the archive; how many texts are in it."""
    desk = build(settings)
    try:
        async with desk.units.read() as session:
            texts = await exporting.articles(session, desk.shelf.blobs)
    finally:
        await desk.engine.dispose()
    with _written(Path(path)) as target:
        target.write_bytes(exporting.archive(texts))
    return len(texts)


async def _read(path: str, kind: Format, locale: str) -> Imported:
    return await imports.read(_archive(Path(path)), kind, locale)


def _archive(path: Path) -> bytes:
    """A folder, or a file, as one archive. Raises Invalid."""
    try:
        if path.is_dir():
            return write_zip(read_tree(path))
        return source.packed([(path.name, path.read_bytes())])
    except ImportRefused as error:
        raise Invalid(str(error)) from error


def _importer(desk: Desk, settings: Settings) -> Importer:
    return Importer(desk.units, desk.library, desk.shelf.blobs, settings.max_attachment_bytes)


def _report(outcome: Outcome) -> str:
    counts = (
        f"{outcome.created} new, {outcome.changed} changed, {outcome.unchanged} unchanged, "
        f"{outcome.published} published, {outcome.waiting} waiting to be published"
    )
    lines = [counts]
    lines += [
        f"{one.source}:{one.line}: {one.title} [{one.locale}] was edited here and there; "
        "left as it is (--overwrite lets the import win)"
        for one in outcome.conflicts
    ]
    lines += [f"{one.source}:{one.line}: {one.text}" for one in outcome.problems]
    return "\n".join(lines)


@contextmanager
def _written(path: Path) -> Iterator[Path]:
    """A file beside the target, put in its place when it is complete."""
    beside = path.with_name(path.name + ".part")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
