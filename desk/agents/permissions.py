"""What each role may do. Pure; the one table that guards, tokens and the API read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, get_args

Role = Literal["agent", "lead", "editor", "admin"]
Permission = Literal[
    "agents.manage",
    "agents.read",
    "audit.read",
    "bot.manage",
    "contacts.read",
    "contacts.write",
    "inboxes.manage",
    "intake.read",
    "intake.replay",
    "kb.publish",
    "kb.read",
    "kb.review",
    "kb.write",
    "metrics.read",
    "sla.manage",
    "teams.manage",
    "tickets.assign",
    "tickets.read",
    "tickets.write",
    "tokens.manage",
]

ROLES: tuple[Role, ...] = get_args(Role)
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

_AGENT: frozenset[Permission] = frozenset(
    {
        "agents.read",
        "contacts.read",
        "contacts.write",
        "kb.read",
        "kb.write",
        "tickets.assign",
        "tickets.read",
        "tickets.write",
        "tokens.manage",
    }
)
_LEAD: frozenset[Permission] = _AGENT | {
    "bot.manage",
    "intake.read",
    "intake.replay",
    "metrics.read",
    "sla.manage",
    "teams.manage",
}
# Agents write drafts and comment on them; what readers see is changed by those who may publish.
_EDITOR: frozenset[Permission] = frozenset(
    {"agents.read", "bot.manage", "kb.publish", "kb.read", "kb.review", "kb.write", "tokens.manage"}
)

BY_ROLE: dict[Role, frozenset[Permission]] = {
    "agent": _AGENT,
    "lead": _LEAD,
    "editor": _EDITOR,
    "admin": frozenset(PERMISSIONS),
}


def permissions(role: str, scopes: Collection[str] = ()) -> frozenset[Permission]:
    """The role's permissions, narrowed to `scopes` when there are any. Unknown role: none."""
    held = BY_ROLE.get(role, frozenset())  # type: ignore[call-overload]
    if not scopes:
        return frozenset(held)
    return frozenset(permission for permission in held if permission in scopes)
