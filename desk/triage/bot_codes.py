"""One-time codes: six digits, good for ten minutes and five tries; only the hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from desk.bot.models import BotCode
from desk.unit_of_work import UnitOfWork

GOOD_FOR: Final = timedelta(minutes=10)
TRIES: Final = 5


async def make(work: UnitOfWork, ticket_id: UUID) -> str:
    """A new code for a ticket; the one before is void."""
    code = f"{secrets.randbelow(10**6):06d}"
    row = await work.session.get(BotCode, ticket_id)
    if row is None:
        row = BotCode(ticket_id=ticket_id)
        work.session.add(row)
    row.hash, row.attempts, row.expires_at = _hash(ticket_id, code), 0, work.now + GOOD_FOR
    return code


async def check(work: UnitOfWork, ticket_id: UUID, code: str) -> bool:
    """Whether it is the code. A right one is used up, and a wrong one is a try."""
    row = await work.session.get(BotCode, ticket_id, with_for_update=True)
    if row is None or row.expires_at < work.now or row.attempts >= TRIES:
        return False
    row.attempts += 1
    if not hmac.compare_digest(row.hash, _hash(ticket_id, code)):
        return False
    await work.session.delete(row)
    return True


def _hash(ticket_id: UUID, code: str) -> str:
    return hashlib.sha256(f"{ticket_id}:{code}".encode()).hexdigest()
