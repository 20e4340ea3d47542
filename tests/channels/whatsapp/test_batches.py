"""A webhook with many messages and statuses loses none, doubles none, and mixes nobody up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.contract import Inbound, InboundMessage, StatusUpdate
from tests.channels.graph import fuzz
from tests.channels.whatsapp.samples import (
    FIXTURES,
    INBOX,
    OURS,
    WHATSAPP,
    fixture,
    hook,
    raw,
    text,
)


def items(body: Any) -> Sequence[Inbound]:
    """As the desk does: take apart, then read each part by itself."""
    found: list[Inbound] = []
    for part in WHATSAPP.split(raw(body), INBOX):
        found += WHATSAPP.parse(part, INBOX)
    return found


def contact(wa_id: str, name: str) -> dict[str, Any]:
    return {"wa_id": wa_id, "profile": {"name": name}}


def test_chatwoot_takes_only_the_first_of_a_batch_and_we_take_all() -> None:
    payload = fixture("batch")
    parts = WHATSAPP.split(payload, INBOX)
    keys = [WHATSAPP.key(part, INBOX) for part in parts]
    found = [item for part in parts for item in WHATSAPP.parse(part, INBOX)]
    assert len(parts) == len(found) == 9
    assert len({key.external_id for key in keys}) == 9
    messages = [item for item in found if isinstance(item, InboundMessage)]
    assert [(m.sender.value, m.sender.name, m.text) for m in messages] == [
        ("+4790123456", "Kari Nordmann", "en"),
        ("+4791111111", "Ola", "to"),
        ("+972501234567", "דנה", "שלוש"),
        ("+4790123456", "Kari Nordmann", "fire"),
        ("+4791111111", "Ola", ""),
    ]
    assert [s.state for s in found if isinstance(s, StatusUpdate)] == ["delivered", "read", "sent"]


def test_messages_and_statuses_of_one_customer_share_a_lane_and_others_have_their_own() -> None:
    parts = WHATSAPP.split(fixture("batch"), INBOX)
    lanes = [WHATSAPP.key(part, INBOX).lane for part in parts]
    kari, ola, dana = "phone:+4790123456", "phone:+4791111111", "phone:+972501234567"
    assert lanes == [kari, ola, dana, kari, kari, kari, kari, ola, ""]


def test_a_batch_of_one_stays_as_it_came() -> None:
    payload = fixture("text")
    assert WHATSAPP.split(payload, INBOX) == (payload,)


def test_chatwoot_13556_15131_11987_the_same_message_in_another_batch_is_the_same() -> None:
    """Meta sends again what was not answered in time, in other company and at another time."""
    first = hook(messages=[text(1, "a"), text(2, "b")], contacts=[contact("4790123456", "K")])
    again = hook(messages=[text(2, "b")], contacts=[contact("4790123456", "Kari")])
    again["entry"][0]["time"] = 1_764_060_000
    one = WHATSAPP.key(WHATSAPP.split(raw(first), INBOX)[1], INBOX)
    other = WHATSAPP.key(WHATSAPP.split(raw(again), INBOX)[0], INBOX)
    assert one.external_id == "wamid.00000000000000000002"
    assert one == other  # the fingerprint, too, though the customer has a new profile name


def test_other_content_under_a_known_id_is_told_apart() -> None:
    one = WHATSAPP.key(raw(hook(messages=[text(1, "a")])), INBOX)
    other = WHATSAPP.key(raw(hook(messages=[text(1, "b")])), INBOX)
    assert one.external_id == other.external_id
    assert one.fingerprint != other.fingerprint


def test_chatwoot_12661_the_order_can_be_told_from_the_providers_time() -> None:
    body = hook(messages=[text(3, "third"), text(1, "first"), text(2, "second")])
    found = [item for item in items(body) if isinstance(item, InboundMessage)]
    assert WHATSAPP.capabilities.clock
    in_order = sorted(found, key=lambda m: m.sent_at or pytest.fail("no time"))
    assert [m.text for m in in_order] == ["first", "second", "third"]


def test_each_state_of_a_message_is_stored_once() -> None:
    names = ("status-sent", "status-delivered", "status-read", "status-failed-window")
    keys = [WHATSAPP.key(fixture(name), INBOX).external_id for name in names]
    assert keys == [f"{OURS}:{state}" for state in ("sent", "delivered", "read", "failed")]


def test_trouble_of_the_account_beside_messages_is_not_lost_nor_doubled() -> None:
    body = hook(messages=[text(1, "a"), text(2, "b")],
                errors=[{"code": 130429, "title": "Rate limit hit"}])  # fmt: skip
    found = items(body)
    assert [type(item).__name__ for item in found] == ["InboundMessage"] * 2 + ["Notice"]


people = st.sampled_from(["4790123456", "4791111111", "972501234567", "5215512345678"])


@st.composite
def batches(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    count = 0
    entries = []
    for _ in range(draw(st.integers(1, 3))):
        changes = []
        for _ in range(draw(st.integers(1, 3))):
            value: dict[str, Any] = {"metadata": {"phone_number_id": "106540352242922"}}
            messages = draw(st.integers(0, 6))
            statuses = draw(st.integers(0 if messages else 1, 6))
            if messages:
                value["messages"] = [text(count + i, "x", draw(people)) for i in range(messages)]
                value["contacts"] = [contact(m["from"], "N") for m in value["messages"]]
            if statuses:
                value["statuses"] = [
                    {"id": f"wamid.out{count + i}", "status": "read", "timestamp": "1764054000",
                     "recipient_id": draw(people)}
                    for i in range(statuses)
                ]  # fmt: skip
            count += messages + statuses
            changes.append({"field": "messages", "value": value})
        entries.append({"id": "1", "changes": changes})
    return {"object": "whatsapp_business_account", "entry": entries}, count


@given(batches())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_as_many_come_out_as_went_in(batch: tuple[dict[str, Any], int]) -> None:
    body, count = batch
    parts = WHATSAPP.split(raw(body), INBOX)
    assert len(parts) == count
    keys = {WHATSAPP.key(part, INBOX).external_id for part in parts}
    assert len(keys) == count
    assert sum(len(WHATSAPP.parse(part, INBOX)) for part in parts) == count


def test_mutated_payloads_never_break_the_adapter() -> None:
    fuzz.mutated_json(WHATSAPP, INBOX, FIXTURES, 20261125)


def test_mutated_bytes_never_break_the_adapter() -> None:
    fuzz.mutated_bytes(WHATSAPP, INBOX, FIXTURES, 7)


@given(fuzz.any_json("entry", "changes", "value", "messages", "statuses", "object", "type", "text",
                     "id", "from", "x"))  # fmt: skip
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_at_all(value: Any) -> None:
    fuzz.check_one(WHATSAPP, INBOX, json.dumps(value).encode())
