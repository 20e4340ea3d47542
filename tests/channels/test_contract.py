"""One contract for every channel in the registry: what the desk relies on, whoever is behind it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.contract import (
    BadSignature,
    ChannelConfig,
    Inbound,
    InboundMessage,
    RawKey,
    RawPayload,
    StatusUpdate,
    Unparsable,
)
from tests.channels.cases import CASES, CHANNELS, RAW, REGISTRY, WEBHOOKS, Case
from tests.channels.mutations import mutate
from tests.channels.open.samples import NOW

KINDS = sorted(REGISTRY.manifests)
# Mutated payloads in all; PARLEY_FUZZ=100000 for the full sweep.
FUZZ = int(os.environ.get("PARLEY_FUZZ", "4000"))


def test_every_channel_has_a_case() -> None:
    """A new adapter joins the contract by a case in tests/channels/cases.py."""
    assert sorted(CASES) == KINDS


def test_every_channel_with_a_webhook_is_tried_as_one() -> None:
    assert sorted(WEBHOOKS) == sorted(k for k, m in REGISTRY.manifests.items() if m.webhook)


@pytest.mark.parametrize("kind", KINDS)
class TestManifest:
    """What the set-up page shows."""

    def test_it_is_complete(self, kind: str) -> None:
        manifest = REGISTRY.manifest(kind)
        assert manifest.kind == kind == REGISTRY.get(kind).kind
        assert manifest.capabilities == REGISTRY.get(kind).capabilities
        assert manifest.title
        assert manifest.identity_kind
        for line in (*manifest.options.values(), *manifest.secrets.values(), *manifest.steps):
            assert line.endswith("."), line
        assert set(manifest.required) <= {*manifest.options, *manifest.secrets}
        if manifest.webhook:
            assert manifest.required
            assert len(manifest.steps) >= 3

    def test_every_option_that_is_read_is_documented(self, kind: str) -> None:
        manifest = REGISTRY.manifest(kind)
        text = "\n".join(path.read_text() for path in (CHANNELS / kind).glob("*.py"))
        read = set(re.findall(r"options\.get\(\s*\"(\w+)\"", text))
        secrets = set(re.findall(r"secrets\.get\(\s*\"(\w+)\"", text))
        assert read <= set(manifest.options)
        assert secrets <= set(manifest.secrets)

    def test_buttons_and_segments_are_told_where_they_exist(self, kind: str) -> None:
        capabilities = REGISTRY.get(kind).capabilities
        assert capabilities.buttons == (capabilities.max_buttons > 0)
        assert capabilities.segments == (kind == "sms")


def parts(kind: str) -> list[RawPayload]:
    channel, case = REGISTRY.get(kind), CASES[kind]
    return [part for whole in case.payloads() for part in channel.split(whole, case.config)]


@pytest.mark.parametrize("kind", RAW)
class TestReading:
    """Recorded payloads lie beside every adapter, and are read."""

    def test_they_are_read(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        read = [i for p in case.payloads() for i in channel.parse(p, case.config)]
        messages = [item for item in read if isinstance(item, InboundMessage)]
        assert len(messages) >= 5
        for message in messages:
            assert message.channel == kind
            assert message.external_id
            assert message.sender.kind
        if channel.capabilities.delivery_receipts:
            states = {item.state for item in read if isinstance(item, StatusUpdate)}
            assert "delivered" in states

    def test_keys_are_stable_and_unique(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        for whole in case.payloads():
            later = replace(whole, received_at=NOW + timedelta(hours=1))
            keys, again = (
                [channel.key(part, case.config) for part in channel.split(one, case.config)]
                for one in (whole, later)
            )
            assert keys == again
            assert len({key.external_id for key in keys}) == len(keys)
            assert all(0 < len(one.external_id) <= 1000 and len(one.lane) <= 310 for one in keys)

    def test_payloads_of_different_messages_have_different_keys(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        keys = {
            item.external_id: channel.key(part, case.config).external_id
            for part in parts(kind)
            for item in channel.parse(part, case.config)
            if isinstance(item, InboundMessage)
        }
        single = [m for m in keys if not m.startswith("update:1058")]  # two deletions in one update
        assert len({keys[one] for one in single}) == len(single)

    def test_taking_a_batch_apart_loses_nothing(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        for whole in case.payloads():
            apart = [
                item
                for part in channel.split(whole, case.config)
                for item in channel.parse(part, case.config)
            ]
            assert names(apart) == names(channel.parse(whole, case.config))

    def test_messages_have_names_of_their_own(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        read = [i for p in parts(kind) for i in channel.parse(p, case.config)]
        called = [item.external_id for item in read if isinstance(item, InboundMessage)]
        assert len(set(called)) == len(called)


def names(items: Sequence[Inbound]) -> list[tuple[str, str, str]]:
    return sorted(
        (type(one).__name__, one.external_id, getattr(one, "text", "") or getattr(one, "state", ""))
        for one in items
    )


@pytest.mark.parametrize("kind", WEBHOOKS)
class TestSignatures:
    """Only the provider gets in."""

    def test_what_it_signed_passes(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        for payload in case.payloads():
            channel.verify(payload, case.config)

    def test_one_flipped_bit_in_the_body_does_not(self, kind: str) -> None:
        channel, case, random = REGISTRY.get(kind), CASES[kind], Random(7)
        if not case.signs_body:
            return  # this provider shows a secret and signs nothing
        payload = case.payloads()[0]
        for _ in range(50):
            body = bytearray(payload.body)
            body[random.randrange(len(body))] ^= 1 << random.randrange(8)
            assert not passes(channel, replace(payload, body=bytes(body)), case.config), body

    def test_one_flipped_bit_in_a_header_does_not(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        payload = case.payloads()[0]
        for name, value in payload.headers.items():
            for index in range(len(value)):
                changed = value[:index] + chr(ord(value[index]) ^ 1) + value[index + 1 :]
                headers = {**payload.headers, name: changed}
                assert not passes(channel, replace(payload, headers=headers), case.config), changed

    def test_a_missing_or_strange_header_does_not(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        payload = case.payloads()[0]
        for name, value in payload.headers.items():
            without = {k: v for k, v in payload.headers.items() if k != name}
            for headers in (
                without, {**without, name: ""}, {**without, name: value[:-1]},
                {**without, name: value + "0"}, {**without, name: "ÿ\udc80"}, {},
            ):  # fmt: skip
                assert not passes(channel, replace(payload, headers=headers), case.config), headers

    def test_without_our_secrets_nobody_gets_in(self, kind: str) -> None:
        channel, case = REGISTRY.get(kind), CASES[kind]
        bare = replace(case.config, secrets={})
        assert not passes(channel, case.payloads()[0], bare)


def passes(channel: Any, payload: RawPayload, config: ChannelConfig) -> bool:
    try:
        channel.verify(payload, config)
    except BadSignature:
        return False
    return True


def survives(case: Case, payload: RawPayload) -> None:
    """Whatever the bytes: told apart, named, and read or refused in words."""
    channel = REGISTRY.get(case.kind)
    with suppress(BadSignature):
        channel.handshake(payload, case.config)
    channel.accepted(payload, case.config)
    found = channel.split(payload, case.config)
    assert found, "a payload was lost"
    for part in found:
        key = channel.key(part, case.config)
        assert isinstance(key, RawKey)
        assert key.external_id
        assert storable(key.external_id + key.lane + key.fingerprint)
        try:
            items = channel.parse(part, case.config)
        except Unparsable:
            continue  # the desk keeps it and shows it
        for item in items:
            if isinstance(item, InboundMessage):
                assert item.external_id
                # Ours may lack our own number, and a mail its From.
                assert item.sender.value or item.own or case.kind == "email"
                assert storable(item.text + item.external_id + item.sender.value + item.sender.name)
                assert storable(
                    item.subject + item.conversation + "".join(m.ref for m in item.media)
                )


def storable(text: str) -> bool:
    """What PostgreSQL keeps: no NUL, no halves of surrogate pairs."""
    text.encode()
    return "\x00" not in text


@pytest.mark.parametrize("kind", RAW)
def test_mutated_payloads_are_read_or_refused_and_never_lost(kind: str) -> None:
    case, random = CASES[kind], Random(f"parley {kind}")
    bodies = [payload.body for payload in case.payloads()]
    for _ in range(FUZZ // len(RAW)):
        survives(case, case.payload(mutate(random.choice(bodies), bodies, random)))


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


@pytest.mark.parametrize("kind", WEBHOOKS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_anything_at_all_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    case = CASES[kind]
    import json

    known = sorted(set(re.findall(rb'"(\w+)":', b"".join(p.body for p in case.payloads()))))
    keys = st.sampled_from([one.decode() for one in known] or ["Body"]) | st.text(max_size=5)
    values = st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner),
        max_leaves=9,
    )
    body = data.draw(st.binary(max_size=60) | values.map(lambda v: json.dumps(v).encode()))
    survives(case, case.payload(body))
