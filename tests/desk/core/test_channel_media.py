"""Files that a provider keeps: shown at once, fetched after the commit, inert."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from channels.contract import ChannelError
from desk.inboxes.models import Inbox
from tests.desk.core.test_intake import PNG, tickets
from tests.desk.core.test_messages import thread
from tests.desk.core.test_webhooks import letter
from tests.desk.whole import Whole, until


def with_file(sender: str, ref: str, **media: Any) -> dict[str, Any]:
    return letter(sender, "See", media=[{"ref": ref, **media}])


async def files_of(client: httpx.AsyncClient, inbox: Inbox) -> list[dict[str, Any]]:
    (ticket,) = await tickets(client, inbox)
    return [file for message in await thread(client, ticket) for file in message["attachments"]]


async def test_a_file_is_shown_as_awaited_and_then_told_to_the_feed(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    agent, client = await desk.agent()
    sock = await desk.socket("/agent", {"token": await desk.token(agent)})
    desk.loft.files["feather"] = PNG
    await desk.flies(inbox, with_file("ann", "feather", content_type="image/png", size=48))
    received = await sock.next("feed", lambda items: _about(items, "message.received"))
    (awaited,) = _about(received, "message.received")[0]["message"]["attachments"]
    assert awaited["filename"] == "image.png"
    changed = await sock.next("feed", lambda items: _about(items, "message.changed"))
    (told,) = _about(changed, "message.changed")[0]["message"]["attachments"]
    assert (told["state"], told["content_type"], told["size"]) == ("stored", "image/png", len(PNG))
    assert (await client.get(told["url"])).content == PNG


def _about(items: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [item for item in items if item["kind"] == kind and item["message"]["attachments"]]


async def test_what_comes_is_called_what_it_is_and_can_do_nothing(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    desk.loft.files["trap"] = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    await desk.flies(inbox, with_file("eve", "trap", content_type="image/png", filename="a.png"))
    (file,) = await files_of(client, inbox)
    assert (file["content_type"], file["filename"]) == ("image/svg+xml", "a.png")
    answer = await client.get(file["url"] + "?inline=1")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_file_that_cannot_be_had_says_why_and_can_be_asked_for_again(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    await desk.flies(inbox, with_file("ann", "expired"))
    (file,) = await files_of(client, inbox)
    assert (file["state"], file["state_reason"]) == ("failed", "the pigeon has flown on")
    assert (await client.get(file["url"])).status_code == 404
    desk.loft.files["expired"] = b"here after all"
    assert (await client.post(f"{file['url']}/fetch")).status_code == 202
    await desk.settled()
    (file,) = await files_of(client, inbox)
    assert (await client.get(file["url"])).content == b"here after all"
    assert (await client.post(f"{file['url']}/fetch")).status_code == 409


async def test_a_fault_that_passes_is_waited_out(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    busy = ChannelError("busy", retryable=True, retry_after=timedelta(minutes=5))
    desk.loft.files |= {"later": busy, "now": b"at once"}
    sent = letter("ann", "Two files", media=[{"ref": "later"}, {"ref": "now"}])
    await desk.flies(inbox, sent)
    states = [file["state"] for file in await files_of(client, inbox)]
    assert states == ["pending", "stored"]
    desk.loft.files["later"] = b"now it is here"
    desk.clock.forward(minutes=6)
    desk.desk.queue.wake()

    async def all_here() -> bool:
        return {file["state"] for file in await files_of(client, inbox)} == {"stored"}

    await until(all_here)


async def test_a_file_that_is_too_large_or_another_than_announced_is_not_kept(desk: Whole) -> None:
    inbox = await desk.pigeon_inbox()
    _, client = await desk.agent()
    desk.loft.files["huge"] = b"x" * (desk.desk.settings.max_message_bytes + 1)
    desk.loft.files["swapped"] = b"something else"
    await desk.flies(inbox, with_file("ann", "huge"), with_file("ann", "swapped", sha256="ab" * 32))
    huge, swapped = await files_of(client, inbox)
    assert (huge["state"], "larger than" in huge["state_reason"]) == ("failed", True)
    assert swapped["state"] == "pending"  # it may have been cut on its way; it is asked for again
