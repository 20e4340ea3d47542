"""Who calls: the agent behind a session or an API token, as every handler sees it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from desk.agents.permissions import Permission
from desk.errors import Forbidden
from desk.events import Actor


class CurrentAgent(msgspec.Struct, frozen=True, kw_only=True):
    """The signed-in agent. Exactly one of `session_id` and `token_id` is set."""

    id: UUID
    name: str
    email: str
    role: str
    locale: str
    timezone: str
    permissions: frozenset[Permission]
    session_id: UUID | None = None
    token_id: UUID | None = None
    expires_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """The agent as the one who acts, for `units.write(...)`."""
        return Actor(kind="agent", id=self.id, name=self.name)

    @property
    def caller(self) -> str:
        """A key for limits and idempotency: the API token, or the agent in any browser."""
        return f"token:{self.token_id}" if self.token_id else f"agent:{self.id}"

    def may(self, permission: Permission) -> bool:
        """Whether the permission is held."""
        return permission in self.permissions

    def need(self, permission: Permission) -> None:
        """Raise Forbidden unless the permission is held."""
        if permission not in self.permissions:
            raise Forbidden(
                f"This needs the permission {permission}, which you do not have.",
                permission=permission,
            )
