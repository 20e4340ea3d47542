"""Payloads as no provider would send them: from recorded ones, by chance that can be repeated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 3, 10**25, -(10**25), 1e308, float("nan"), float("inf"), "", " ",
    "\x00", "\ud800", "x" * 5000, "١٢٣", "9" * 400, "-", "{}", [], {}, [[]], [{}], [None],
    {"": None}, {"id": {}}, "2026-13-45", "http://", "\u202e", "+", "null",
)  # fmt: skip


def mutate(body: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """One changed payload."""
    match random.randrange(8):
        case 0:
            return _flipped(body, random)
        case 1:
            cut = random.randrange(len(body) + 1)
            return body[:cut]
        case 2:
            one, two = sorted(random.randrange(len(body) + 1) for _ in range(2))
            return body[:one] + random.choice((b"", body[one:two] * 2)) + body[two:]
        case 3:
            other = random.choice(others)
            return body[: random.randrange(len(body) + 1)] + other[random.randrange(len(other)) :]
        case _:
            return _structure(body, others, random)


def _flipped(body: bytes, random: Random) -> bytes:
    changed = bytearray(body)
    for _ in range(random.randint(1, 4)):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _structure(body: bytes, others: Sequence[bytes], random: Random) -> bytes:
    try:
        value = json.loads(body)
    except ValueError:
        return _fields(body, random) if b"=" in body else _flipped(body, random)
    for _ in range(random.randint(1, 3)):
        value = _replaced(value, random, _grafts(others, random))
    return json.dumps(value).encode()


def _grafts(others: Sequence[bytes], random: Random) -> Any:
    try:
        return json.loads(random.choice(others))
    except ValueError:
        return {}


def _replaced(value: Any, random: Random, graft: Any) -> Any:
    """The value with one node exchanged, doubled, renamed or taken away."""
    if not isinstance(value, dict | list) or not value or random.random() < 0.08:
        return random.choice((*JUNK, graft))
    if isinstance(value, list):
        index = random.randrange(len(value))
        if random.random() < 0.15:
            return [*value, value[index]]
        return [*value[:index], _replaced(value[index], random, graft), *value[index + 1 :]]
    key = random.choice(list(value))
    if random.random() < 0.1:
        return {name: one for name, one in value.items() if name != key}
    if random.random() < 0.05:
        return {**value, key + "_": value[key]}
    return {**value, key: _replaced(value[key], random, graft)}


def _fields(body: bytes, random: Random) -> bytes:
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    index = random.randrange(len(pairs)) if pairs else 0
    junk = str(random.choice(JUNK)).encode("utf-8", "replace").decode()
    match random.randrange(3):
        case 0:
            pairs[index : index + 1] = []
        case 1:
            pairs[index : index + 1] = [(pairs[index][0], junk)]
        case _:
            pairs.append((random.choice(pairs)[0] if pairs else "x", junk))
    return urlencode(pairs).encode()
