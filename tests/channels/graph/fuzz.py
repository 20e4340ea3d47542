"""Payloads changed at random: what an adapter must bear."""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from channels.contract import Channel, ChannelConfig, RawPayload, StatusUpdate, Unparsable

# 2,000 mutated payloads in the test command; PARLEY_FUZZ=100000 for the long run.
FUZZ = int(os.environ.get("PARLEY_FUZZ", "2000"))

ODD: Sequence[Any] = (
    None, True, 0, -1, 1e400, "", "x" * 5000, [], {}, [None], {"id": None}, "\ud800", "\0", "١٢",
    10**30, "1e999", [[[]]], {"wa_id": []}, "NaN", "2026-11-25", 253402300800000,
)  # fmt: skip


def mutate(value: Any, chance: random.Random) -> Any:
    """One place changed: dropped, replaced, doubled, renamed or moved."""
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for key, inner in list(pairs):
            places.append((node, key))
            if isinstance(inner, dict | list):
                walk(inner)

    value = copy.deepcopy(value)
    walk(value)
    for _ in range(chance.randint(1, 3)):
        node, key = chance.choice(places)
        if isinstance(node, list) and key >= len(node):
            continue
        if isinstance(node, dict) and key not in node:
            continue
        match chance.randrange(4):
            case 0:
                del node[key]
            case 1:
                node[key] = chance.choice(ODD)
            case 2:
                node[key] = [node[key], copy.deepcopy(node[key])]
            case _:
                other = chance.choice(places)
                node[key] = copy.deepcopy(other[0]) if isinstance(other[0], dict) else "swapped"
    return value


def check_one(channel: Channel, config: ChannelConfig, body: bytes) -> None:
    """Split and key never raise, and parse nothing but Unparsable."""
    parts = channel.split(RawPayload(body), config)
    assert parts
    for part in parts:
        key = channel.key(part, config)
        assert 0 < len(key.external_id) <= 300
        assert key.external_id.isprintable()
        assert len(key.lane) <= 300
        try:
            found = channel.parse(part, config)
        except Unparsable:
            continue
        assert found
        for item in found:
            item.external_id.encode()
            words = item.reason if isinstance(item, StatusUpdate) else item.text
            assert "\0" not in words
            words.encode()  # can be stored


def mutated_json(channel: Channel, config: ChannelConfig, folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    bodies = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    for _ in range(FUZZ):
        body = mutate(chance.choice(bodies), chance)
        check_one(channel, config, json.dumps(body).encode())


def mutated_bytes(channel: Channel, config: ChannelConfig, folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    bodies = [path.read_bytes() for path in sorted(folder.glob("*.json"))]
    for _ in range(FUZZ // 4):
        body = bytearray(chance.choice(bodies))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(body))
            body[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        check_one(channel, config, bytes(body))


def any_json(*keys: str) -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.floats() | st.text() | st.integers()
    return st.recursive(
        leaves, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(keys), inner)
    )
