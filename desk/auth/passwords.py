"""Passwords: Argon2id in a thread, at the same cost whether or not the account exists."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from desk.errors import Invalid

MIN_LENGTH = 10
MAX_LENGTH = 500  # hashing cost grows with the input
CONCURRENT = 2  # each hash holds tens of MiB


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the password fits, and a new hash when the old one used weaker parameters."""

    ok: bool
    rehash: str | None = None


class Passwords:
    """Hashes and checks passwords off the event loop. Never await it inside `units.write()`."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
        self._slots = asyncio.Semaphore(CONCURRENT)

    async def hash(self, password: str) -> str:
        """The hash to store. Raises Invalid for a password that is too short or too long."""
        check_strength(password)
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> Verdict:
        """Check a password; `stored` None (no such account) takes as long as a real check."""
        async with self._slots:
            return await asyncio.to_thread(self._verify, stored, password[: MAX_LENGTH + 1])

    def _verify(self, stored: str | None, password: str) -> Verdict:
        try:
            self._hasher.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return Verdict(ok=False)
        if stored is None:
            return Verdict(ok=False)
        weak = self._hasher.check_needs_rehash(stored)
        return Verdict(ok=True, rehash=self._hasher.hash(password) if weak else None)


def check_strength(password: str) -> None:
    """Length is the only rule (NIST SP 800-63B 5.1.1). Raises Invalid."""
    if len(password) < MIN_LENGTH:
        raise Invalid(errors=[("password", f"Use at least {MIN_LENGTH} characters.")])
    if len(password) > MAX_LENGTH:
        raise Invalid(errors=[("password", f"Use at most {MAX_LENGTH} characters.")])
