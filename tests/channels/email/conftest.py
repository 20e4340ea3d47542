"""What the email tests share."""

from __future__ import annotations

from tests.support.dovecot import dovecot

__all__ = ["dovecot"]
