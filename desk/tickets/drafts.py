"""Unsent texts: one per agent and ticket, on the server so that they follow to another device."""

from __future__ import annotations

from uuid import UUID

from desk.errors import NotFound
from desk.tickets import repository
from desk.tickets.models import Draft
from desk.unit_of_work import UnitOfWork


async def keep(
    work: UnitOfWork, ticket_id: UUID, agent_id: UUID, kind: str, text: str, last_seen_seq: int
) -> Draft:
    """Store or replace the draft. Raises NotFound for an unknown ticket."""
    # Locked: two tabs of the agent may keep their first text at once.
    if await repository.get(work.session, ticket_id, lock=True) is None:
        raise NotFound("There is no such ticket.")
    draft = await repository.draft(work.session, ticket_id, agent_id)
    if draft is None:
        draft = Draft(ticket_id=ticket_id, agent_id=agent_id)
        work.session.add(draft)
    draft.kind = kind
    draft.text = text
    draft.last_seen_seq = last_seen_seq
    draft.updated_at = work.now
    return draft


async def drop(work: UnitOfWork, ticket_id: UUID, agent_id: UUID) -> None:
    """Forget the draft, if there is one."""
    draft = await repository.draft(work.session, ticket_id, agent_id)
    if draft is not None:
        await work.session.delete(draft)
