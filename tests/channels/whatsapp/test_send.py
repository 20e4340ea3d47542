"""What an agent sends arrives at WhatsApp as WhatsApp wants it, or the agent hears why not."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import ValidationError

from channels.contract import (
    Address,
    Attachment,
    Button,
    ChannelConfig,
    ChannelError,
    Media,
    OutboundMessage,
    Receipt,
    Template,
)
from channels.emulators.graph import GraphEmulator
from channels.whatsapp import compose
from tests.channels.whatsapp import spec
from tests.channels.whatsapp.samples import KARI, OURS, WHATSAPP, inbox, outbound
from tests.support.serving import served
from tests.support.shared import needs_spec

PNG = Attachment("blå.png", "image/png", b"\x89PNG\r\n\x1a\n")
PDF = Attachment("kvittering.pdf", "application/pdf", b"%PDF-1.7")
OGG = Attachment("tale.ogg", "audio/ogg; codecs=opus", b"OggS")
WEBP = Attachment("hei.webp", "image/webp", b"RIFF")
YES, NO = Button("Ja", "yes"), Button("Nei", "no")


class Stage:
    """The adapter with a stand-in to talk to."""

    def __init__(self, graph: GraphEmulator, config: ChannelConfig) -> None:
        self.graph, self.config = graph, config

    async def send(self, body: str = "Hei!", **more: Any) -> dict[str, Any]:
        receipt = await WHATSAPP.send(outbound(body, **more), self.config)
        assert receipt.external_id == self.graph.sent[-1].id
        return dict(self.graph.sent[-1].raw)

    async def refused(self, body: str = "Hei!", **more: Any) -> ChannelError:
        with pytest.raises(ChannelError) as caught:
            await WHATSAPP.send(outbound(body, **more), self.config)
        return caught.value


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[tuple[GraphEmulator, str]]:
    graph = GraphEmulator()
    async with served(graph.app) as url:
        yield graph, url


@pytest.fixture
def stage(server: tuple[GraphEmulator, str]) -> Stage:
    graph, url = server
    for kept in (graph.sent, graph.requests, graph.exchanges, graph.files, graph.faults):
        kept.clear()
    return Stage(graph, inbox(url))


async def test_a_text(stage: Stage) -> None:
    body = await stage.send("Se https://shop.example", reply_to=OURS)
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+4790123456",
        "type": "text",
        "text": {"body": "Se https://shop.example", "preview_url": True},
        "context": {"message_id": OURS},
        "biz_opaque_callback_data": "0198c0de-aaaa",
    }


@pytest.mark.parametrize(
    ("file", "text", "kind", "part"),
    [
        (PNG, "Slik", "image", {"caption": "Slik"}),
        (PNG, "", "image", {}),
        (PDF, "Her", "document", {"caption": "Her", "filename": "kvittering.pdf"}),
        (OGG, "", "audio", {}),
        (OGG, "Hør", "document", {"caption": "Hør", "filename": "tale.ogg"}),  # audio has no words
        (WEBP, "", "sticker", {}),
    ],
)
async def test_files_are_handed_over_first(
    stage: Stage, file: Attachment, text: str, kind: str, part: dict[str, str]
) -> None:
    body = await stage.send(text, attachments=(file,))
    (kept,) = stage.graph.sent[-1].media
    assert isinstance(kept, Attachment)
    assert kept.data == file.data
    assert body["type"] == kind
    assert {key: value for key, value in body[kind].items() if key != "id"} == part


async def test_buttons_lists_and_links(stage: Stage) -> None:
    body = await stage.send("Passer det?", buttons=(YES, NO))
    assert body["interactive"]["type"] == "button"
    assert body["interactive"]["action"]["buttons"][0]["reply"] == {"id": "yes", "title": "Ja"}
    four = tuple(Button(f"Valg {n}", f"v{n}", description="mer" if n else "") for n in range(4))
    body = await stage.send("Velg", buttons=four, locale="nb-NO")
    action = body["interactive"]["action"]
    assert action["button"] == "Velg"
    assert [row["id"] for row in action["sections"][0]["rows"]] == ["v0", "v1", "v2", "v3"]
    assert action["sections"][0]["rows"][1]["description"] == "mer"
    body = await stage.send("Se her", buttons=(Button("Åpne", url="https://a.example"),))
    assert body["interactive"]["action"]["parameters"]["url"] == "https://a.example"
    body = await stage.send("Denne?", buttons=(YES,), attachments=(PNG,))
    assert body["interactive"]["header"]["type"] == "image"


async def test_reactions(stage: Stage) -> None:
    body = await stage.send("", reaction="❤️", reply_to=OURS)
    assert body["reaction"] == {"message_id": OURS, "emoji": "❤️"}
    assert "context" not in body


async def test_templates(stage: Stage) -> None:
    chosen = Template("order_update", "en_US", ("Kari", "4711"), buttons=("4711", "ask"),
                      button_kinds=("url", "quick_reply"))  # fmt: skip
    body = await stage.send("", template=chosen)
    assert stage.graph.sent[-1].text == "Hello Kari, your order 4711 is on its way."
    parts = body["template"]["components"]
    assert [part.get("sub_type", part["type"]) for part in parts] == ["body", "url", "quick_reply"]
    named = Template("reopen_conversation", "en", ("Kari",), names=("name",))
    await stage.send("", template=named)
    assert stage.graph.sent[-1].text == "Hello Kari, we have an answer for you."
    wrong = await stage.refused("", template=replace(chosen, parameters=("Kari",)))
    assert (wrong.code, wrong.retryable) == ("132000", False)
    assert "number of parameters" in wrong.reason


def test_the_header_of_a_template_takes_a_file_or_a_text() -> None:
    def header(value: str, kind: str = "") -> Any:
        chosen = Template("x", "en", header=(value,), header_kind=kind)
        return compose.template(chosen)["components"][0]["parameters"][0]

    assert header("Hei") == {"type": "text", "text": "Hei"}
    assert header("https://a.example/b.png?x=1")["type"] == "image"
    assert header("https://a.example/b")["type"] == "document"
    assert header("https://a.example/b", "video")["video"] == {"link": "https://a.example/b"}


async def test_people_without_a_number_are_never_put_into_to(stage: Stage) -> None:
    """chatwoot 15150: WhatsApp takes the id for a number, answers 200 and drops the message."""
    scoped = Address("whatsapp", "US.13491208655302741918")
    await WHATSAPP.send(OutboundMessage("k", scoped, "Hi"), stage.config)
    body = stage.graph.sent[-1].raw
    assert body["recipient"] == "US.13491208655302741918"
    assert "to" not in body


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("is empty", {"body": " "}),
        ("at most 4096", {"body": "x" * 4097}),
        ("at most 1024", {"body": "x" * 1025, "attachments": (PDF,)}),
        ("one file a message", {"attachments": (PDF, PNG)}),
        ("of the type text/html", {"attachments": (Attachment("a", "text/html", b""),)}),
        ("image of at most 5 MB", {"attachments": (replace(PNG, data=b"x" * (5 << 20) + b"x"),)}),
        ("only as a sticker", {"attachments": (WEBP,)}),
        ("at most 10 choices", {"buttons": tuple(Button(str(n), str(n)) for n in range(11))}),
        ("1 to 20 characters", {"buttons": (Button("x" * 21),)}),
        ("same title", {"buttons": (YES, replace(YES, payload="other"))}),
        ("payload of its own", {"buttons": (YES, replace(NO, payload="yes"))}),
        ("no buttons beside it", {"buttons": (YES, Button("x", url="https://a.example"))}),
        ("needs the message", {"reaction": "👍"}),
        ("no phone number", {"to": Address("phone", "Kari")}),
    ],
)
async def test_what_whatsapp_would_refuse_is_said_before(
    stage: Stage, words: str, message: dict[str, Any]
) -> None:
    to = message.pop("to", KARI)
    body = message.pop("body", "Hei")
    with pytest.raises(ChannelError, match=words) as caught:
        await WHATSAPP.send(OutboundMessage("k", to, body, **message), stage.config)
    assert not caught.value.retryable
    assert stage.graph.requests == []  # nothing was handed over, not even the file


@pytest.mark.parametrize(
    ("code", "status", "retryable", "wait"),
    [
        (131056, 400, True, timedelta(seconds=10)),
        (130429, 429, True, timedelta(seconds=5)),
        (80007, 400, True, timedelta(minutes=1)),
        (131047, 400, False, None),
        (131026, 400, False, None),
        (190, 401, False, None),
        (368, 403, False, None),
        (131016, 500, True, None),
        (999999, 400, False, None),
        (999999, 500, True, None),
    ],
)
async def test_refusals_are_classed(
    stage: Stage, code: int, status: int, wait: timedelta | None, *, retryable: bool
) -> None:
    stage.graph.refuse(code, "No", status=status)
    error = await stage.refused()
    assert (error.code, error.retryable, error.retry_after) == (str(code), retryable, wait)
    assert f"Meta error {code}" in error.reason


async def test_meta_says_how_long_to_wait(stage: Stage) -> None:
    usage = '{"102": [{"type": "whatsapp", "estimated_time_to_regain_access": 19}]}'
    stage.graph.refuse(80007, "Rate", headers={"x-business-use-case-usage": usage})
    assert (await stage.refused()).retry_after == timedelta(minutes=19)
    stage.graph.refuse(80007, "Rate", headers={"retry-after": "30"})
    assert (await stage.refused()).retry_after == timedelta(seconds=30)


async def test_an_answer_that_got_lost_is_not_a_refusal(stage: Stage) -> None:
    stage.graph.fail(200, b"", after=True)
    error = await stage.refused()
    assert (error.code, error.retryable) == ("unanswered", True)
    assert error.retry_after == timedelta(minutes=2)  # for the status that carries our key
    assert [sent.key for sent in stage.graph.sent] == ["0198c0de-aaaa"]


async def test_a_wrong_token_or_secret_never_shows_in_words(stage: Stage) -> None:
    secrets = {**stage.config.secrets, "access_token": "EAAwrong-and-secret"}
    with pytest.raises(ChannelError) as caught:
        await WHATSAPP.send(outbound(), replace(stage.config, secrets=secrets))
    assert "make a new one" in caught.value.reason
    assert "EAAwrong" not in caught.value.reason
    with pytest.raises(ChannelError, match="no access_token is set"):
        await WHATSAPP.send(outbound(), replace(stage.config, secrets={}))


# --- files of customers


async def test_a_customers_file_is_fetched(stage: Stage) -> None:
    stage.graph.files["77"] = PDF
    digest = hashlib.sha256(PDF.data).hexdigest()
    media = Media("77", "application/pdf", "kvittering.pdf", sha256=digest)
    file = await WHATSAPP.fetch(media, stage.config)
    assert (file.filename, file.content_type, file.data) == (
        "kvittering.pdf", "application/pdf", PDF.data)  # fmt: skip
    nameless = await WHATSAPP.fetch(Media("77"), stage.config)
    assert nameless.filename == "whatsapp-77.pdf"
    with pytest.raises(ChannelError, match="damaged"):
        await WHATSAPP.fetch(replace(media, sha256="0" * 64), stage.config)
    with pytest.raises(ChannelError) as caught:
        await WHATSAPP.fetch(Media("88"), stage.config)
    assert (caught.value.code, caught.value.retryable) == ("expired", False)
    stage.graph.refuse(131016, "Busy", status=500)
    with pytest.raises(ChannelError) as caught:
        await WHATSAPP.fetch(media, stage.config)
    assert caught.value.retryable


async def test_a_file_address_inside_our_network_is_not_followed(stage: Stage) -> None:
    """Whoever can answer in Meta's name must not reach what stands behind the desk."""
    answer = {"url": "http://169.254.169.254/latest/meta-data", "mime_type": "text/plain"}
    stage.graph.fail(200, answer)
    with pytest.raises(ChannelError) as caught:
        await WHATSAPP.fetch(Media("77"), stage.config)
    assert caught.value.code == "not-https"


# --- Meta's own description


@needs_spec(spec.NAME)
async def test_every_request_and_answer_fits_metas_description(stage: Stage) -> None:
    stage.graph.files["77"] = PDF
    many = tuple(Button(f"Valg {n}", f"v{n}", description="mer") for n in range(10))
    for message in (
        outbound(), outbound("x" * 4096), outbound("Ja", reply_to=OURS),
        outbound("Se", attachments=(PNG,)), outbound("", attachments=(OGG,)),
        outbound("Her", attachments=(PDF,)), outbound("", attachments=(WEBP,)),
        outbound("", attachments=(Attachment("a.mp4", "video/mp4", b"x"),)),
        outbound("?", buttons=(YES, NO)), outbound("?", buttons=many),
        outbound("?", buttons=(YES,), attachments=(PDF,)),
        outbound("?", buttons=(Button("Åpne", url="https://a.example"),)),
        outbound("", reaction="👍", reply_to=OURS),
        outbound("", template=Template("order_update", "en_US", ("a", "b"), buttons=("x", "y"),
                                       button_kinds=("url", "quick_reply"))),
        replace(outbound(), to=Address("whatsapp", "US.13491208655302741918")),
    ):  # fmt: skip
        assert isinstance(await WHATSAPP.send(message, stage.config), Receipt)
    await WHATSAPP.fetch(Media("77"), stage.config)
    kinds = set()
    for request, answer in stage.graph.exchanges:
        if request.path.startswith("/media/"):
            continue
        if request.path.endswith("/messages"):
            body = request.json()
            spec.check_message(body)
            kinds.add(body["type"])
        spec.check_answer(request.method, request.path, answer.status, answer.body)
    assert kinds == set(spec.MESSAGES)


@needs_spec(spec.NAME)
def test_the_description_refuses_what_is_wrong() -> None:
    good = compose.body(outbound())
    spec.check_message(good)
    for bad in (
        {**good, "tex": 1},
        {key: value for key, value in good.items() if key != "messaging_product"},
        {**good, "text": {"body": "x", "preview": True}},
        {**good, "recipient_type": "everybody"},
    ):
        with pytest.raises(ValidationError):
            spec.check_message(bad)
