"""The contact form: articles first, then a ticket, once; machines and floods are kept off."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.desk.knowledge.conftest import API, Desk


@pytest.fixture
async def form(kb: Desk) -> Desk:
    inbox = await kb.whole.mail_inbox()
    answer = await kb.editor.patch(f"{API}/kb/help-center", json={"mail_inbox_id": str(inbox.id)})
    assert answer.status_code == 200, answer.text
    # A network of the test's own: the limit is by address.
    return kb


def written(**more: str) -> dict[str, str]:
    return {
        "key": str(uuid4()),
        "name": "Ada",
        "email": f"ada.{uuid4().hex[:8]}@customer.example",
        "subject": "Ruined sextant",
        "message": "The sextant fell into the fjord.",
        **more,
    }


async def test_articles_come_first_and_then_one_ticket(form: Desk) -> None:
    await form.write("Sextant repairs", "We repair a sextant that fell into the fjord.")
    data = written()
    page = await form.stranger.post("/help/en/contact", data=data)
    assert "Sextant repairs" in page.text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    assert hidden["message"] == data["message"]
    sent = await form.stranger.post("/help/en/contact", data={**data, "step": "send"})
    assert sent.status_code == 200
    again = await form.stranger.post("/help/en/contact", data={**data, "step": "send"})
    assert again.status_code == 200  # a double click
    number = re.search(r"#(\d+)", sent.text)
    assert number is not None
    found = await form.agent.get(f"{API}/tickets/by-number/{number[1]}")
    ticket = found.json()
    assert (ticket["subject"], ticket["channel"], ticket["locale"]) == (
        data["subject"],
        "email",
        "en",
    )
    messages = await form.agent.get(f"{API}/tickets/{ticket['id']}/messages")
    texts = [item["text"] for item in messages.json()["items"]]
    assert texts == [data["message"]]


async def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(form: Desk) -> None:
    answer = await form.stranger.post(
        "/help/en/contact", data=written(email="no address", message="Half a letter")
    )
    assert answer.status_code == 422
    assert 'aria-describedby="e-email"' in answer.text
    assert "Half a letter" in answer.text


async def test_a_machine_believes_that_it_was_heard(form: Desk) -> None:
    data = written(website="http://spam.example", step="send")
    answer = await form.stranger.post("/help/en/contact", data=data)
    assert answer.status_code == 200
    found = await form.agent.get(f"{API}/contacts", params={"q": data["email"]})
    assert found.json()["items"] == []


async def test_a_flood_is_told_when_to_come_again(form: Desk) -> None:
    answers = [
        await form.stranger.post("/help/en/contact", data=written(step="send")) for _ in range(8)
    ]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_without_an_inbox_the_page_says_so(kb: Desk) -> None:
    await kb.editor.patch(f"{API}/kb/help-center", json={"mail_inbox_id": None})
    page = await kb.stranger.get("/help/en/contact")
    assert "has no contact form" in page.text
