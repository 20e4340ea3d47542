"""What the demo's phone shows, and to whom it hands a call."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from channels.contract import Attachment
from channels.emulators.asgi import Exchange, Sent
from desk.demo.phone.apps import apps
from desk.demo.phone.bubbles import Said, choices, readable, theirs, wire
from desk.demo.phone.handset import Phone
from desk.demo.phone.providers import Providers
from desk.demo.phone.routes import _file
from desk.errors import Invalid, NotFound

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
FIRST = 1000


@pytest.fixture
def providers() -> Providers:
    return Providers("http://127.0.0.1:1", FIRST)


@pytest.mark.parametrize(
    "raw",
    [
        {"interactive": {"action": {"buttons": [{"reply": {"id": "y", "title": "Yes"}}]}}},
        {"interactive": {"action": {"sections": [{"rows": [{"id": "y", "title": "Yes"}]}]}}},
        {"message": {"text": "?", "quick_replies": [{"title": "Yes", "payload": "y"}]}},
        {"reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}},
        {"messages": [{"quickReply": {"items": [{"action": {"label": "Yes", "data": "y"}}]}}]},
        {"buttons": [{"title": "Yes", "payload": "y"}]},
    ],
)
def test_a_button_is_found_in_each_providers_words(raw: dict[str, Any]) -> None:
    assert [(one.title, one.payload) for one in choices(raw)] == [("Yes", "y")]


def test_a_form_and_json_are_readable_on_the_wire() -> None:
    assert readable(b"From=%2B47&Body=Hi", "application/x-www-form-urlencoded") == (
        "From = +47\nBody = Hi"
    )
    assert readable(b'{"a":1}', "application/json") == '{\n  "a": 1\n}'
    assert readable(b"\xff\x00", "image/png") == "(2 bytes)"


def test_the_wire_shows_what_proves_the_sender() -> None:
    headers = {"x-line-signature": "abc", "accept": "*/*"}
    shown = wire(0, Exchange("webhook", "POST", "http://desk/webhooks/line/1", headers, b"{}",
                             200, b"", AT))  # fmt: skip
    assert (shown.title, shown.webhook) == ("POST /webhooks/line/1", True)
    assert shown.headers == [("x-line-signature", "abc")]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/2010-04-01/Accounts/AC1.json", 401),  # Twilio asks who calls
        ("/v23.0/me", 401),  # so does Meta
        ("/v2/bot/info", 401),  # and LINE
        ("/bot1:wrong/getMe", 404),  # Telegram has methods for POST alone
        ("/partner", 401),
        ("/elsewhere", 404),
    ],
)
async def test_each_call_reaches_its_provider(providers: Providers, path: str, status: int) -> None:
    transport = httpx.ASGITransport(providers)
    async with httpx.AsyncClient(transport=transport, base_url="http://stand-ins") as client:
        assert (await client.get(path)).status_code == status


def test_an_app_shows_its_own_customers_messages_only(providers: Providers) -> None:
    found = apps(providers)
    whatsapp, messenger = found["whatsapp"], found["messenger"]
    providers.graph.sent.append(Sent("wamid.1", f"+{whatsapp.sender}", "For Robin"))
    providers.graph.sent.append(Sent("wamid.2", "+4799999999", "For somebody else"))
    assert [one.text for one in whatsapp.bubbles()] == ["For Robin"]
    assert (whatsapp.unread(), messenger.unread()) == (1, 0)


def test_ids_of_a_new_run_are_not_those_of_an_earlier_one(providers: Providers) -> None:
    assert providers.twilio.number() == FIRST
    later = Providers("http://127.0.0.1:1", FIRST + 60)
    assert later.line.number() == FIRST + 60


def test_only_pictures_open_in_place() -> None:
    page = Attachment("page.html", "text/html", b"<script>alert(1)</script>")
    picture = Attachment("photo.png", "image/png", b"\x89PNG")
    bubble = theirs(Said("said-1", AT, "", (page, picture)))
    served = _file([bubble], "said-1", 0)
    assert served.media_type == "application/octet-stream"
    assert served.headers["content-disposition"] == "attachment"
    assert "sandbox" in str(served.headers["content-security-policy"])
    assert _file([bubble], "said-1", 1).headers["content-disposition"] == "inline"
    with pytest.raises(NotFound):
        _file([bubble], "said-1", 2)


async def test_the_phone_refuses_what_it_cannot_do(providers: Providers) -> None:
    phone = Phone(apps(providers), {}, None, "http://desk")  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        phone.app("fax")
    with pytest.raises(Invalid):
        await phone.act(phone.app("sms"), {"act": "dance"})
    with pytest.raises(Invalid):
        await phone.act(phone.app("sms"), {"act": "write", "text": "  "})
    assert await phone.act(phone.app("sms"), {"act": "forge"}) == "first"


async def test_a_desk_that_does_not_answer_is_said_under_the_message(
    providers: Providers,
) -> None:
    providers.partner.callback = "http://127.0.0.1:1/webhooks/open/1"
    app = apps(providers)["open"]
    await app.write("Hello?")
    (bubble,) = app.bubbles()
    assert "cannot be reached" in bubble.failed
    assert bubble.text == "Hello?"
