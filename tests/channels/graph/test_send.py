"""What an agent sends by Messenger or Instagram arrives, or the agent hears why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels.contract import (
    Address,
    Attachment,
    BadSignature,
    Button,
    Channel,
    ChannelConfig,
    ChannelError,
    InboundMessage,
    Media,
    StatusUpdate,
)
from channels.emulators.graph import GraphEmulator
from channels.registry import Registry
from channels.signing import hmac_hex
from tests.channels.graph.desk import Desk, by_name
from tests.channels.graph.samples import CHANNELS, KINDS, PEOPLE, inbox, outbound, raw
from tests.support.serving import served

PNG = Attachment("blå.png", "image/png", b"\x89PNG\r\n\x1a\n")
PDF = Attachment("kvittering.pdf", "application/pdf", b"%PDF-1.7")
YES, NO = Button("Ja", "yes"), Button("Nei", "no")
ACCOUNT = {"messenger": "page", "instagram": "instagram"}


class Stage:
    """An adapter with a stand-in to talk to, and an address for its webhooks."""

    def __init__(self, kind: str, graph: GraphEmulator, url: str) -> None:
        self.kind, self.graph, self.url = kind, graph, url
        self.channel: Channel = CHANNELS[kind]
        # Instagram by the login of its own: the account is asked, not a page.
        self.config: ChannelConfig = inbox(url, **({"page_id": ""} if kind == "instagram" else {}))

    async def send(self, text: str = "Hei!", **more: Any) -> dict[str, Any]:
        await self.channel.send(outbound(self.kind, text, **more), self.config)
        return dict(self.graph.sent[-1].raw)

    async def refused(self, text: str = "Hei!", **more: Any) -> ChannelError:
        with pytest.raises(ChannelError) as caught:
            await self.channel.send(outbound(self.kind, text, **more), self.config)
        return caught.value


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[tuple[GraphEmulator, str]]:
    graph = GraphEmulator()
    async with served(graph.app) as url:
        graph.origin = url
        yield graph, url


@pytest.fixture(params=KINDS)
def stage(request: pytest.FixtureRequest, server: tuple[GraphEmulator, str]) -> Stage:
    graph, url = server
    graph.sent.clear()
    graph.requests.clear()
    graph.faults.clear()
    graph.closed.clear()
    graph.callbacks.clear()
    graph.subscribed.clear()
    return Stage(request.param, graph, url)


async def test_a_text(stage: Stage) -> None:
    """chatwoot 14679: an answer inside the window is a RESPONSE, and carries no tag."""
    body = await stage.send(reply_to="m_1")
    assert body == {
        "recipient": {"id": PEOPLE[stage.kind]},
        "messaging_type": "RESPONSE",
        "message": {"text": "Hei!", "metadata": "parley:0198c0de-aaaa"},
        "reply_to": {"mid": "m_1"},
    }
    account = getattr(stage.graph, ACCOUNT[stage.kind])
    assert stage.graph.requests[-1].path == f"/v23.0/{account}/messages"


async def test_choices_and_links(stage: Stage) -> None:
    body = await stage.send("Passer det?", buttons=(YES, NO))
    assert body["message"]["quick_replies"] == [
        {"content_type": "text", "title": "Ja", "payload": "yes"},
        {"content_type": "text", "title": "Nei", "payload": "no"},
    ]
    body = await stage.send("Se her", buttons=(YES, Button("Åpne", url="https://a.example")))
    card = body["message"]["attachment"]["payload"]
    assert [button["type"] for button in card["buttons"]] == ["postback", "web_url"]
    assert stage.graph.sent[-1].text == "Se her"


async def test_a_file_with_words_is_two_messages_the_file_handed_over_first(stage: Stage) -> None:
    receipt = await stage.channel.send(
        outbound(stage.kind, "Slik ser den ut", attachments=(PNG,)), stage.config
    )
    words, picture = stage.graph.sent
    assert (words.text, picture.kind) == ("Slik ser den ut", "image")
    assert receipt.external_id == words.id
    assert picture.id in receipt.detail
    (file,) = picture.media
    assert isinstance(file, Attachment)
    assert (file.filename, file.data) == ("bla.png", PNG.data)
    assert [r.path.rpartition("/")[2] for r in stage.graph.requests] == [
        "message_attachments", "messages", "messages"]  # fmt: skip


async def test_a_text_that_went_out_without_its_file_is_not_sent_again(stage: Stage) -> None:
    class OnlyOnce(GraphEmulator):
        def keep(self, sent: Any) -> None:
            super().keep(sent)
            self.refuse(1200, "Temporary", status=503)

    graph = OnlyOnce()
    async with served(graph.app) as url:
        config = replace(stage.config, options={**stage.config.options, "api_url": url})
        with pytest.raises(ChannelError, match="the text was sent, but not the file") as caught:
            await stage.channel.send(outbound(stage.kind, "Se", attachments=(PDF,)), config)
    assert (caught.value.code, caught.value.retryable) == ("partial", False)
    assert [sent.text for sent in graph.sent] == ["Se"]


async def test_outside_the_window_a_person_may_answer_with_a_tag(stage: Stage) -> None:
    stage.graph.closed.add(PEOPLE[stage.kind])
    late = await stage.refused()
    assert not late.retryable
    assert "HUMAN_AGENT" in late.reason
    body = await stage.send(tag="HUMAN_AGENT")
    assert (body["messaging_type"], body["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    gone = await stage.refused(tag="ACCOUNT_UPDATE")
    assert "not taken any more" in gone.reason


async def test_comments_are_answered_below_the_post_or_in_private(stage: Stage) -> None:
    thread = {"conversation": "comment:900_1", "reply_to": "900_2"}
    receipt = await stage.channel.send(outbound(stage.kind, "Ja!", **thread), stage.config)
    # Instagram takes answers to the first comment of a branch only.
    edge = {"messenger": "900_2/comments", "instagram": "900_1/replies"}[stage.kind]
    assert stage.graph.requests[-1].path == f"/v23.0/{edge}"
    assert stage.graph.sent[-1].id == receipt.external_id
    body = await stage.send("Skriv til oss her", tag="PRIVATE_REPLY", **thread)
    assert body["recipient"] == {"comment_id": "900_2"}
    assert "reply_to" not in body
    assert "takes no files" in (await stage.refused(attachments=(PDF,), **thread)).reason


async def test_reactions(stage: Stage) -> None:
    if stage.kind == "messenger":
        assert "no reactions" in (await stage.refused("", reaction="❤️", reply_to="m_1")).reason
        return
    body = await stage.send("", reaction="❤️", reply_to="m_1")
    assert (body["sender_action"], body["payload"]["message_id"]) == ("react", "m_1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("is empty", {"text": " "}),
        ("of text; this has", {"text": "x" * 2001}),
        ("one file a message", {"attachments": (PDF, PNG)}),
        ("at most 8 MB", {"attachments": (replace(PNG, data=b"x" * ((8 << 20) + 1)),)}),
        ("at most 13 choices", {"buttons": tuple(Button(str(n), str(n)) for n in range(14))}),
        ("1 to 20 characters", {"buttons": (Button("x" * 21),)}),
        ("when one is a link", {"buttons": (*[YES] * 3, Button("x", url="https://a.example"))}),
        ("need a text", {"text": "", "buttons": (YES,), "attachments": (PDF,)}),
    ],
)
async def test_what_meta_would_refuse_is_said_before(
    stage: Stage, words: str, message: dict[str, Any]
) -> None:
    error = await stage.refused(**message)
    assert words in error.reason
    assert not error.retryable
    assert stage.graph.requests == []


async def test_instagram_counts_bytes_and_knows_its_types(stage: Stage) -> None:
    page = Attachment("a.html", "text/html", b"<p>")
    if stage.kind == "messenger":
        await stage.send("ש" * 2000)
        await stage.send("", attachments=(page,))
        return
    assert "at most 1000 bytes" in (await stage.refused("ש" * 501)).reason
    assert "of the type text/html" in (await stage.refused(attachments=(page,))).reason


@pytest.mark.parametrize(
    ("code", "sub", "status", "retryable"),
    [
        (613, 0, 400, True),
        (4, 0, 400, True),
        (1200, 0, 503, True),
        (190, 0, 401, False),
        (10, 2018278, 400, False),
        (10, 0, 403, False),
        (100, 2018001, 400, False),
        (551, 1545041, 400, False),
        (230, 0, 403, False),
    ],
)
async def test_refusals_are_classed(
    stage: Stage, code: int, sub: int, status: int, *, retryable: bool
) -> None:
    stage.graph.refuse(code, "No", status=status, sub=sub)
    error = await stage.refused()
    assert (error.code, error.retryable) == (str(sub or code), retryable)
    assert len(error.reason) > len(f"No. (Meta error {code})") + 10  # says what to do


async def test_an_answer_that_got_lost_waits_for_the_echo(stage: Stage) -> None:
    stage.graph.fail(200, b"", after=True)
    error = await stage.refused()
    assert (error.code, error.retryable) == ("unanswered", True)
    assert error.retry_after == timedelta(minutes=2)


async def test_a_conversation_both_ways(stage: Stage) -> None:
    desk = Desk(stage.channel, stage.config)
    person = {"channel": stage.kind, "sender": PEOPLE[stage.kind], "name": "Kari Nordmann"}
    async with served(desk) as url:
        done = by_name(await stage.channel.connect(stage.config, f"{url}/webhooks/x/1"))
        assert all(check.ok for check in done.values()), done
        assert (await stage.graph.say("Hei!", **person)).status_code == 200  # type: ignore[arg-type]
        assert (await stage.graph.say("Se", media=PNG, **person)).status_code == 200
        receipt = await stage.channel.send(outbound(stage.kind, "Ja?"), stage.config)
        for state in ("sent", "delivered", "read"):
            await stage.graph.report(receipt.external_id, state)
        await stage.graph.react("❤", receipt.external_id, **person)
        await stage.graph.press("Ja", "yes", receipt.external_id, **person)
        await stage.graph.comment("Fin!", **person)
    text, picture, *states, reaction, press, comment = desk.items
    assert isinstance(text, InboundMessage)
    assert (text.text, text.sender.value) == ("Hei!", PEOPLE[stage.kind])
    file = await stage.channel.fetch(picture.media[0], stage.config)
    assert (file.data, file.content_type) == (PNG.data, "image/png")
    assert all(isinstance(state, StatusUpdate) for state in states)
    assert (states[0].external_id, states[0].key) == (receipt.external_id, "0198c0de-aaaa")
    assert states[-1].state == "read"
    assert states[-1].up_to is not None or states[-1].external_id == receipt.external_id
    assert (reaction.reaction, reaction.in_reply_to) == ("❤", receipt.external_id)
    assert press.extra["payload"] == "yes"
    assert (comment.text, comment.extra["public"]) == ("Fin!", True)
    named = await stage.channel.profile(Address(stage.kind, PEOPLE[stage.kind]), stage.config)
    assert named.name == "Kari Nordmann"


async def test_a_file_that_meta_has_no_more_is_said_to_be_gone(stage: Stage) -> None:
    with pytest.raises(ChannelError, match="not have the file any more") as caught:
        await stage.channel.fetch(Media(f"{stage.url}/cdn/404"), stage.config)
    assert (caught.value.code, caught.value.retryable) == ("expired", False)


async def test_statuses_follow_by_themselves(stage: Stage) -> None:
    desk = Desk(stage.channel, stage.config)
    stage.graph.steps = ("sent", "delivered", "read")
    async with served(desk) as url:
        stage.graph.callbacks[stage.kind] = url
        receipt = await stage.channel.send(outbound(stage.kind), stage.config)
        await stage.graph.settle()
    stage.graph.steps = ()
    told = [item.state for item in desk.items]
    assert (
        told
        == {"messenger": ["sent", "delivered", "read"], "instagram": ["sent", "read"]}[stage.kind]
    )
    assert desk.items[0].external_id == receipt.external_id


async def test_a_file_address_inside_our_network_is_not_followed(stage: Stage) -> None:
    for url in ("https://169.254.169.254/latest", "http://127.0.0.1:22/", "file:///etc/passwd"):
        with pytest.raises(ChannelError) as caught:
            await stage.channel.fetch(Media(url), stage.config)
        assert caught.value.code in {"private-address", "not-https", "bad-url"}


@pytest.mark.parametrize("secret", ["access_token", "app_secret", "verify_token"])
async def test_check_finds_each_wrong_secret(stage: Stage, secret: str) -> None:
    good = by_name(await stage.channel.check(stage.config))
    name = secret.replace("_", " ")
    assert good[name].ok
    assert not good["webhook subscription"].ok
    wrong = "" if secret == "verify_token" else "wrong"
    config = replace(stage.config, secrets={**stage.config.secrets, secret: wrong})
    found = by_name(await stage.channel.check(config))
    assert not found[name].ok
    assert found[name].remedy
    assert wrong == "" or wrong not in found[name].detail
    bare = by_name(await stage.channel.check(replace(config, options={})))
    assert "is not set" in bare["account"].detail


async def test_instagram_behind_a_page_speaks_through_the_page(stage: Stage) -> None:
    if stage.kind == "messenger":
        return
    config = inbox(stage.url)
    stage.graph.customers["6001"] = "instagram"
    await stage.channel.send(outbound("instagram"), config)
    assert stage.graph.requests[-1].path == f"/v23.0/{stage.graph.page}/messages"


def test_only_what_the_app_secret_signed_is_taken() -> None:
    for kind in KINDS:
        payload = raw(kind, "text")
        header = f"sha256={hmac_hex('emulated-app-secret', payload.body)}"
        CHANNELS[kind].verify(replace(payload, headers={"x-hub-signature-256": header}), inbox())
        for bad in ({}, {"x-hub-signature-256": header.replace("sha256=", "sha1=")}):
            with pytest.raises(BadSignature):
                CHANNELS[kind].verify(replace(payload, headers=bad), inbox())


def test_both_are_registered_and_their_options_documented() -> None:
    for kind in KINDS:
        manifest = Registry().manifest(kind)
        assert Registry().get(kind).kind == kind == manifest.identity_kind
        assert {*manifest.required} <= {*manifest.options, *manifest.secrets}
        assert manifest.steps
        assert manifest.webhook
