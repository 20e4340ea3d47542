"""Names of the Socket.IO namespaces and rooms."""

from __future__ import annotations

from typing import Final
from uuid import UUID

AGENT: Final = "/agent"
WIDGET: Final = "/widget"
AGENTS: Final = "agents"


def ticket(ticket_id: object) -> str:
    """Agents who look at a ticket."""
    return f"ticket:{ticket_id}"


def visitor(visitor_id: str) -> str:
    """One visitor's tabs."""
    return f"visitor:{visitor_id}"


def contact(contact_id: UUID) -> str:
    """The devices of a contact who proved who they are."""
    return f"contact:{contact_id}"
