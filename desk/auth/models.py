"""Sessions and API tokens. Only SHA-256 digests of the secrets are stored."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.db.types import Base, HasId


class AgentSession(HasId, Base):
    """A browser's session. The cookie holds the token, the row its digest."""

    __tablename__ = "agent_session"
    __table_args__ = (Index("ix_agent_session_expires_at", "expires_at"),)

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ip: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")


class ApiToken(HasId, Base):
    """A bearer token for scripts. `scopes` narrows the agent's own permissions; empty is all."""

    __tablename__ = "api_token"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class IdempotencyKey(HasId, Base):
    """An answered POST: the same key from the same caller gets the same answer for a day."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("caller", "key"),
        Index("ix_idempotency_key_created_at", "created_at"),
    )

    caller: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(200))
    request_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]  # None while the first request is still being answered
    body: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
