"""Batches of Messenger and Instagram: nothing lost, nothing doubled, nobody mixed up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.contract import InboundMessage, RawPayload, StatusUpdate
from tests.channels.graph import fuzz
from tests.channels.graph.samples import CHANNELS, FIXTURES, INBOX, KINDS, ROOT, body_of, raw

COUNT = {"messenger": 7, "instagram": 4}


@pytest.mark.parametrize("kind", KINDS)
def test_chatwoot_takes_only_the_first_of_a_batch_and_we_take_all(kind: str) -> None:
    channel = CHANNELS[kind]
    parts = channel.split(raw(kind, "batch"), INBOX)
    items = [item for part in parts for item in channel.parse(part, INBOX)]
    keys = {channel.key(part, INBOX).external_id for part in parts}
    assert len(parts) == len(items) == len(keys) == COUNT[kind]
    words = [item.text for item in items if isinstance(item, InboundMessage)]
    assert words == ["en", "to", "tre", "fire"][: len(words)]
    assert len([item for item in items if isinstance(item, StatusUpdate)]) >= 1


@pytest.mark.parametrize(("kind", "name"), FIXTURES)
def test_an_event_sent_again_has_the_same_key(kind: str, name: str) -> None:
    channel = CHANNELS[kind]
    again = body_of(kind, name)
    for entry in again["entry"]:
        entry["time"] = 1_764_999_999  # when Meta sent it, not when it happened
    for one, other in zip(
        channel.split(raw(kind, name), INBOX),
        channel.split(RawPayload(json.dumps(again).encode()), INBOX),
        strict=True,
    ):
        assert channel.key(one, INBOX) == channel.key(other, INBOX)


def test_no_two_recorded_payloads_share_a_key() -> None:
    for kind in KINDS:
        names = [name for channel, name in FIXTURES if channel == kind and name != "batch"]
        seen: dict[str, str] = {}
        for name in names:
            for part in CHANNELS[kind].split(raw(kind, name), INBOX):
                found = CHANNELS[kind].key(part, INBOX).external_id
                assert found not in seen, (name, seen.get(found))
                seen[found] = name


@st.composite
def batches(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    count, entries = 0, []
    for _ in range(draw(st.integers(1, 4))):
        events = []
        for _ in range(draw(st.integers(1, 6))):
            who = draw(st.sampled_from(["1", "2", "3"]))
            mids = draw(st.integers(0, 4))
            if mids:
                part: dict[str, Any] = {
                    "delivery": {"mids": [f"out{count + i}" for i in range(mids)], "watermark": 1}
                }
            else:
                part = {"message": {"mid": f"m{count}", "text": "x"}}
            count += max(mids, 1)
            events.append({"sender": {"id": who}, "recipient": {"id": "9"},
                           "timestamp": 1_764_054_000_000 + count, **part})  # fmt: skip
        entries.append({"id": "1906385232743451", "time": 1, "messaging": events})
    return {"object": "page", "entry": entries}, count


@given(batches())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_as_many_come_out_as_went_in(batch: tuple[dict[str, Any], int]) -> None:
    body, count = batch
    channel = CHANNELS["messenger"]
    parts = channel.split(RawPayload(json.dumps(body).encode()), INBOX)
    assert len(parts) == count
    assert len({channel.key(part, INBOX).external_id for part in parts}) == count
    assert sum(len(channel.parse(part, INBOX)) for part in parts) == count


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_payloads_never_break_the_adapter(kind: str) -> None:
    fuzz.mutated_json(CHANNELS[kind], INBOX, ROOT / kind / "fixtures", 11)
    fuzz.mutated_bytes(CHANNELS[kind], INBOX, ROOT / kind / "fixtures", 12)


@given(
    fuzz.any_json(
        "entry",
        "messaging",
        "standby",
        "changes",
        "value",
        "field",
        "sender",
        "id",
        "message",
        "text",
        "mid",
        "attachments",
        "type",
        "payload",
        "delivery",
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_at_all(value: Any) -> None:
    fuzz.check_one(CHANNELS["messenger"], INBOX, json.dumps(value).encode())
