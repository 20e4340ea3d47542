"""What differs between the two databases that hold an index; the rest is in `sql`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from knowledge_base.search.match import Match

Row = Sequence[Any]


class Dialect(Protocol):
    """Statements are written with `?`; `run` passes them to the driver in its own style."""

    contains: str  # the function (text, part) that is positive when the part is in the text

    async def run(self, sql: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Execute and return the rows, none for what returns none."""
        ...

    async def run_many(self, sql: str, parameters: Sequence[Sequence[object]]) -> None:
        """Execute once for each."""
        ...

    def within(self, column: str) -> str:
        """A condition with one parameter: `listed(values)`."""
        ...

    def listed(self, values: Collection[str]) -> object:
        """The parameter for `within`."""
        ...

    def matching(self) -> tuple[str, str]:
        """What goes before a SELECT over `search_document d` and its FROM, with a parameter."""
        ...

    def written(self, matches: Sequence[Match], space: int) -> str:
        """The parameter for `matching`: any of the matches will do."""
        ...

    async def lock(self) -> None:
        """Make other writers of the index wait until the transaction ends."""
        ...

    async def bump(self, space: int, changes: Mapping[str, int]) -> list[str]:
        """Add to the terms' document counts; return those that are new."""
        ...

    async def write_terms(self, rows: Iterable[tuple[int, int, str, str, str]]) -> None:
        """Make documents findable: number, space, title's, strong and body's stream."""
        ...

    async def erase_terms(self, rows: Iterable[tuple[int, int, str, str, str]]) -> None:
        """The reverse, with the same values."""
        ...

    async def tidy(self) -> None:
        """After many changes: whatever makes the next searches fast."""
        ...


class Driver:
    """The caller's session, used past SQLAlchemy's compiler: every search runs several statements.

    The statements are constants or put together from them; values are always parameters.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def translate(self, sql: str) -> str:
        """From `?` to the driver's style."""
        return sql

    async def run(self, sql: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """See `Dialect`."""
        return await self._session.run_sync(_run, self.translate(sql), tuple(parameters))

    async def run_many(self, sql: str, parameters: Sequence[Sequence[object]]) -> None:
        """See `Dialect`."""
        if parameters:
            rows = [tuple(row) for row in parameters]
            await self._session.run_sync(_run, self.translate(sql), rows)


def _run(
    session: Session, sql: str, parameters: tuple[object, ...] | list[tuple[object, ...]]
) -> Sequence[Row]:
    result = session.connection().exec_driver_sql(sql, parameters)
    return result.all() if result.returns_rows else ()
