"""Passwords at rest."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher

from desk.auth.passwords import MAX_LENGTH, Passwords
from desk.errors import Invalid


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


async def test_a_hash_fits_its_password_only(passwords: Passwords) -> None:
    stored = await passwords.hash("långt lösenord")
    assert stored.startswith("$argon2id$")
    assert (await passwords.verify(stored, "långt lösenord")).ok
    assert not (await passwords.verify(stored, "långt lösenorD")).ok
    assert not (await passwords.verify("not a hash", "långt lösenord")).ok


async def test_the_longest_password_is_not_cut(passwords: Passwords) -> None:
    stored = await passwords.hash("x" * MAX_LENGTH)
    assert (await passwords.verify(stored, "x" * MAX_LENGTH)).ok
    assert not (await passwords.verify(stored, "x" * (MAX_LENGTH + 1))).ok
    assert not (await passwords.verify(stored, "x" * 100_000)).ok


@pytest.mark.parametrize("password", ["", "short", "x" * (MAX_LENGTH + 1)])
async def test_length_is_the_rule(passwords: Passwords, password: str) -> None:
    with pytest.raises(Invalid):
        await passwords.hash(password)


async def test_stronger_parameters_ask_for_a_new_hash(passwords: Passwords) -> None:
    old = await passwords.hash("long enough it is")
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    verdict = await stronger.verify(old, "long enough it is")
    assert verdict.ok
    assert verdict.rehash is not None
    assert (await stronger.verify(verdict.rehash, "long enough it is")).rehash is None


async def test_hashing_leaves_the_event_loop_free() -> None:
    passwords = Passwords(PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await passwords.hash("long enough it is")
    ticking.cancel()
    assert ticks > 5
