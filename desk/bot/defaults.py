"""What holds for the bot in the whole desk: how often it may be wrong, when it deflected."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.calibration import DEFAULT_WRONG_RATE
from desk.bot.models import BotDefaults
from desk.errors import Invalid
from desk.events import Kind
from desk.unit_of_work import UnitOfWork

LEAST_RATE: Final = 0.001
MOST_RATE: Final = 0.25
RETURN_DAYS: Final = 3
MOST_DAYS: Final = 30
_ROW: Final = 1


async def wrong_rate(session: AsyncSession) -> float:
    """The share of the questions that may be answered wrongly."""
    row = await session.get(BotDefaults, _ROW)
    return row.wrong_rate if row is not None else DEFAULT_WRONG_RATE


async def return_days(session: AsyncSession) -> int:
    """Days without a new message until a conversation counts as deflected."""
    row = await session.get(BotDefaults, _ROW)
    return row.return_days if row is not None else RETURN_DAYS


async def change(work: UnitOfWork, *, rate: float, days: int) -> BotDefaults:
    """Set both. Raises Invalid."""
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise Invalid(errors=[("wrong_rate", f"is a share from {LEAST_RATE} to {MOST_RATE}")])
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(errors=[("return_days", f"are 1 to {MOST_DAYS}")])
    row = await work.session.get(BotDefaults, _ROW)
    before = (row.wrong_rate, row.return_days) if row else (DEFAULT_WRONG_RATE, RETURN_DAYS)
    if row is None:
        row = BotDefaults(id=_ROW)
        work.session.add(row)
    row.wrong_rate, row.return_days, row.updated_at = rate, days, work.now
    work.record(
        Kind.BOT_CHANGED,
        changes={"wrong_rate": (before[0], rate), "return_days": (before[1], days)},
    )
    return row
