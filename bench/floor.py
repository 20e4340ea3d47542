"""The floors: the least that the same libraries need for work of the same shape."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
from litestar import Litestar, get
from sqlalchemy import Integer, String, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from desk.db.engine import create_engine


class Base(DeclarativeBase):
    """The floor's own tables."""


class Row(Base):
    """About as wide as a list row."""

    __tablename__ = "floor"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, index=True)
    subject: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]


class RowOut(msgspec.Struct):
    """The row as JSON."""

    id: UUID
    number: int
    subject: str
    status: str
    name: str
    at: datetime


class Floor:
    """A bare Litestar application over the same driver, with one table."""

    def __init__(self, folder: Path) -> None:
        self.engine: AsyncEngine = create_engine(f"sqlite+inline:///{folder / 'floor.sqlite3'}")
        self.number = 0

        @get("/rows")
        async def rows() -> list[RowOut]:
            async with AsyncSession(self.engine) as session:
                found = await session.scalars(select(Row).order_by(Row.number.desc()).limit(50))
                return [
                    RowOut(row.id, row.number, row.subject, row.status, row.name, row.at)
                    for row in found
                ]

        self.app = Litestar([rows], openapi_config=None, logging_config=None)

    async def start(self, rows: int) -> None:
        """Make the table and fill it."""
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(self.engine) as session:
            await session.execute(insert(Row), [_values(number) for number in range(1, rows + 1)])
            await session.commit()
        self.number = rows

    async def insert(self) -> None:
        """One row through the ORM, one commit."""
        self.number += 1
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            session.add(Row(**_values(self.number)))
            await session.commit()


def _values(number: int) -> dict[str, object]:
    return {
        "id": uuid4(),
        "number": number,
        "subject": f"My parcel {number} has not arrived",
        "status": "open",
        "name": "Ingrid Solbakken",
        "at": datetime.now(UTC).replace(tzinfo=None),
    }
