"""Rebuilding an index that is in use: a transaction for each batch, and nothing out of sight.

Indexing again replaces a document in place, so a search finds the old or the new one at any time.
What was indexed before and is not in the source any more is removed at the end, unless it was
written meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from knowledge_base.search.engine import Progress, Rebuilt, SearchDocument, SearchEngine
from knowledge_base.search.sql import no_progress
from knowledge_base.search.store import batched

REMOVED_AT_ONCE = 500

Engine = TypeVar("Engine", bound=SearchEngine)


async def in_steps(
    work: Callable[[], AbstractAsyncContextManager[Engine]],
    load: Callable[[Engine, str], Awaitable[Sequence[SearchDocument]]],
    progress: Progress = no_progress,
) -> Rebuilt:
    """Index everything anew.

    `work` opens a unit of work that commits at the end of its block. `load(engine, after)` reads,
    in the unit that will write them, some documents with the least ids above `after`; none at the
    end. (Read earlier, they could undo a change made since.)
    """
    async with work() as engine:
        before = dict(await engine.ids())
    done, after = 0, ""
    while True:
        async with work() as engine:
            batch = await load(engine, after)
            await engine.index(batch)
        if not batch:
            break
        for document in batch:
            before.pop(document.id, None)
        after = max(document.id for document in batch)
        done += len(batch)
        progress(done)
    removed = 0
    for ids in batched(sorted(before), REMOVED_AT_ONCE):
        async with work() as engine:
            now = await engine.ids()
            gone = [id_ for id_ in ids if now.get(id_) == before[id_]]
            await engine.remove(gone)
        removed += len(gone)
    return Rebuilt(done, removed)
