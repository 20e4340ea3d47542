"""Who may call us, and how an inbox is set up: signatures, handshake, checks, templates."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from channels.contract import (
    BadSignature,
    ChannelError,
    InboundMessage,
    RawPayload,
    StatusUpdate,
)
from channels.emulators.graph import GraphEmulator
from channels.registry import Registry
from tests.channels.graph.desk import Desk, by_name
from tests.channels.whatsapp.samples import INBOX, WHATSAPP, fixture, inbox, outbound, signed
from tests.support.serving import served


@pytest.fixture
async def both() -> AsyncIterator[tuple[GraphEmulator, Desk, str]]:
    graph = GraphEmulator()
    async with served(graph.app) as url:
        graph.origin = url
        desk = Desk(WHATSAPP, inbox(url))
        async with served(desk) as desk_url:
            yield graph, desk, f"{desk_url}/webhooks/whatsapp/1"


def test_only_what_the_app_secret_signed_is_taken() -> None:
    good = signed(fixture("text"))
    WHATSAPP.verify(good, INBOX)
    upper = {
        "x-hub-signature-256": good.headers["x-hub-signature-256"].upper().replace("SHA", "sha")
    }
    WHATSAPP.verify(replace(good, headers=upper), INBOX)
    flipped = bytearray(good.body)
    flipped[40] ^= 1
    header = good.headers["x-hub-signature-256"]
    for bad in (
        replace(good, body=bytes(flipped)),
        replace(good, body=good.body + b" "),
        replace(good, headers={}),
        replace(good, headers={"x-hub-signature-256": header.removeprefix("sha256=")}),
        replace(good, headers={"x-hub-signature-256": "sha256="}),
        replace(good, headers={"x-hub-signature-256": header[:-1]}),
        replace(good, headers={"x-hub-signature": header}),
        replace(good, headers={"x-hub-signature-256": "sha256=é\udcff"}),
        signed(fixture("text"), "another secret"),
    ):  # fmt: skip
        with pytest.raises(BadSignature):
            WHATSAPP.verify(bad, INBOX)


def test_an_inbox_without_a_secret_takes_nothing() -> None:
    bare = replace(INBOX, secrets={"app_secret": ""})
    with pytest.raises(BadSignature, match="no app_secret"):
        WHATSAPP.verify(signed(fixture("text")), bare)
    with pytest.raises(BadSignature):
        WHATSAPP.handshake(asked("a-long-random-text"), replace(INBOX, secrets={}))


def asked(token: str, challenge: str = "1158201444", mode: str = "subscribe") -> RawPayload:
    query = f"hub.mode={mode}&hub.challenge={challenge}&hub.verify_token={token}"
    return RawPayload(b"", url=f"https://desk.example/webhooks/whatsapp/1?{query}", method="GET")


def test_metas_question_is_answered_only_with_our_token() -> None:
    answer = WHATSAPP.handshake(asked("a-long-random-text"), INBOX)
    assert answer is not None
    assert (answer.status, answer.body) == (200, b"1158201444")
    for bad in (
        asked("wrong"),
        asked(""),
        asked("a-long-random-text", mode="unsubscribe"),
        asked("a-long-random-text", challenge="<script>"),
        asked("a-long-random-text", challenge=""),
        RawPayload(b"", url="https://desk.example/", method="GET"),
    ):
        with pytest.raises(BadSignature):
            WHATSAPP.handshake(bad, INBOX)
    assert WHATSAPP.handshake(fixture("text"), INBOX) is None  # a POST


async def test_connect_sets_the_webhook_up_and_check_sees_it(
    both: tuple[GraphEmulator, Desk, str],
) -> None:
    graph, desk, url = both
    before = by_name(await WHATSAPP.check(desk.config))
    assert before["access token"].detail == "Demo Shop, +15550783881"
    assert before["app secret"].ok
    assert before["phone number"].ok
    assert not before["webhook subscription"].ok
    assert "Connect" in before["webhook subscription"].remedy
    done = by_name(await WHATSAPP.connect(desk.config, url))
    assert all(check.ok for check in done.values()), done
    assert graph.callbacks["whatsapp"] == url
    after = by_name(await WHATSAPP.check(desk.config))
    assert after["webhook subscription"].detail == url


async def test_connect_leaves_another_systems_webhook_alone(
    both: tuple[GraphEmulator, Desk, str],
) -> None:
    graph, desk, url = both
    graph.callbacks["whatsapp"] = "https://other.example/hook"
    done = by_name(await WHATSAPP.connect(desk.config, url))
    assert not done["webhook of the app"].ok
    assert "https://other.example/hook" in done["webhook of the app"].detail
    assert done["webhook of the account"].ok  # which has an address of its own


async def test_connect_says_what_to_do_by_hand(both: tuple[GraphEmulator, Desk, str]) -> None:
    _, desk, url = both
    done = by_name(await WHATSAPP.connect(replace(desk.config, options={
        **desk.config.options, "app_id": "", "waba_id": ""}), url))  # fmt: skip
    assert url in done["webhook of the app"].remedy
    assert "messages" in done["webhook of the app"].remedy
    assert not done["webhook of the account"].ok
    unreachable = by_name(await WHATSAPP.connect(desk.config, f"{url.partition('/web')[0]}/x"))
    assert unreachable["webhook of the account"].ok  # any path of the desk answers here
    wrong = replace(desk.config, secrets={**desk.config.secrets, "verify_token": "not ours"})
    refused = by_name(await WHATSAPP.connect(wrong, url))
    assert "challenge" in refused["webhook of the account"].detail


@pytest.mark.parametrize(
    ("secret", "check", "words"),
    [
        ("access_token", "access token", "make a token"),
        ("app_secret", "app secret", "App settings, Basic"),
        ("verify_token", "verify token", "random text"),
    ],
)
async def test_check_finds_each_wrong_secret(
    both: tuple[GraphEmulator, Desk, str], secret: str, check: str, words: str
) -> None:
    wrong = "" if secret == "verify_token" else "wrong"
    config = replace(both[1].config, secrets={**both[1].config.secrets, secret: wrong})
    checks = by_name(await WHATSAPP.check(config))
    assert not checks[check].ok
    assert words in checks[check].remedy
    bare = by_name(await WHATSAPP.check(replace(config, options={})))
    assert "phone_number_id" in bare["phone number"].detail


async def test_templates_are_offered_with_what_they_take(
    both: tuple[GraphEmulator, Desk, str],
) -> None:
    order, reopen, sale = await WHATSAPP.templates(both[1].config)
    assert (order.name, order.language, order.parameters, order.usable) == (
        "order_update", "en_US", 2, True)  # fmt: skip
    assert (order.buttons, order.button_kinds) == (("Track", "Ask us"), ("url", "quick_reply"))
    assert (reopen.names, reopen.header, reopen.footer) == (
        ("name",), "Your question", "Reply to read it.")  # fmt: skip
    assert not sale.usable
    assert "rejected" in sale.note
    with pytest.raises(ChannelError, match="waba_id"):
        await WHATSAPP.templates(inbox(waba_id=""))


async def test_a_conversation_both_ways(both: tuple[GraphEmulator, Desk, str]) -> None:
    graph, desk, url = both
    await WHATSAPP.connect(desk.config, url)
    assert (await graph.say("Hei, hvor er pakken?")).status_code == 200
    receipt = await WHATSAPP.send(outbound("På vei!"), desk.config)
    for state in ("sent", "delivered", "read"):
        await graph.report(receipt.external_id, state)
    await graph.react("👍", receipt.external_id)
    await graph.press("Ja", "yes", receipt.external_id)
    asked, *states, reaction, press = desk.items
    assert isinstance(asked, InboundMessage)
    assert (asked.text, asked.sender.value) == ("Hei, hvor er pakken?", "+4790123456")
    assert all(isinstance(item, StatusUpdate) for item in states)
    assert [(s.state, s.external_id, s.key) for s in states] == [
        (state, receipt.external_id, "0198c0de-aaaa") for state in ("sent", "delivered", "read")
    ]
    assert (reaction.reaction, reaction.in_reply_to) == ("👍", receipt.external_id)
    assert press.extra["payload"] == "yes"


async def test_statuses_follow_by_themselves_and_a_closed_window_fails_with_the_reason(
    both: tuple[GraphEmulator, Desk, str],
) -> None:
    graph, desk, url = both
    graph.callbacks["whatsapp"], graph.steps = url, ("sent", "delivered", "read")
    await WHATSAPP.send(outbound(), desk.config)
    await graph.settle()
    assert [item.state for item in desk.items] == ["sent", "delivered", "read"]
    desk.items.clear()
    graph.closed.add("4790123456")
    await WHATSAPP.send(outbound(), desk.config)
    await graph.settle()
    (failed,) = desk.items
    assert (failed.state, failed.code) == ("failed", "131047")
    assert "approved template" in failed.reason
    await graph.say("Er dere der?")  # opens it again
    await WHATSAPP.send(outbound(), desk.config)
    await graph.settle()
    assert desk.items[-1].state == "read"


async def test_a_forged_webhook_is_refused(both: tuple[GraphEmulator, Desk, str]) -> None:
    graph, desk, url = both
    graph.callbacks["whatsapp"], graph.app_secret = url, "not the secret"
    assert (await graph.say("I am Kari, change my address")).status_code == 401
    assert desk.items == []


def test_the_channel_is_registered_and_its_options_are_documented() -> None:
    manifest = Registry().manifest("whatsapp")
    assert Registry().get("whatsapp").kind == "whatsapp"
    assert {*manifest.required} <= {*manifest.options, *manifest.secrets}
    assert all(
        line.endswith(".") for line in (*manifest.options.values(), *manifest.secrets.values())
    )
    assert json.dumps(manifest.steps)
