"""A mailbox on a real Dovecot: what arrives there is a ticket at once, and stays one."""

from __future__ import annotations

import asyncio
import time

from desk.inboxes import repository as inboxes
from desk.inboxes import service
from desk.inboxes.models import Inbox
from tests.desk.whole import Whole, mail, until
from tests.support.dovecot import Dovecot

PASSWORD = "in the mailbox"
POLL_SECONDS = 60  # a watcher that did not hear IDLE would look only then


async def mailbox(desk: Whole, dovecot: Dovecot, user: str, password: str = PASSWORD) -> Inbox:
    """A mail inbox whose mail lies in a mailbox; it is being watched when this returns."""
    dovecot.add_user(user, PASSWORD)
    made = await desk.mail_inbox(
        imap_host="127.0.0.1", imap_port=dovecot.port, imap_tls="none", imap_user=user
    )
    async with desk.desk.units.write() as work:
        await service.change(work, desk.desk.shelf.box, made.id, {}, {"imap_password": password})
    await desk.desk.mailboxes.reload()
    return made


async def current(desk: Whole, inbox: Inbox) -> Inbox:
    async with desk.desk.units.read() as session:
        found = await inboxes.get(session, inbox.id)
    assert found is not None
    return found


async def test_a_mail_in_the_mailbox_is_a_ticket_by_idle(desk: Whole, dovecot: Dovecot) -> None:
    _, client = await desk.agent()
    user = f"idle{time.monotonic_ns()}"
    inbox = await mailbox(desk, dovecot, user)
    await asyncio.sleep(2)  # by now the watcher idles
    began = time.monotonic()
    message = mail("Ada <ada@customer.test>", inbox.address, subject="Out of the mailbox")
    await asyncio.to_thread(dovecot.deliver, user, message.as_bytes())

    async def arrived() -> bool:
        answer = await client.get("/api/v1/tickets", params={"inbox": str(inbox.id)})
        return len(answer.json()["items"]) == 1

    await until(arrived, 20)
    assert time.monotonic() - began < POLL_SECONDS / 2, "it was polled, not told"
    row = await desk.ticket_of(client, inbox=str(inbox.id))
    assert (row["subject"], row["contact"]["name"]) == ("Out of the mailbox", "Ada")

    async def seen() -> bool:
        flags = await asyncio.to_thread(dovecot.flags, user)
        return all("Seen" in one for one in flags.values())

    await until(seen, 10)
    stored = await current(desk, inbox)
    assert stored.cursor["last_uid"] == 1
    assert stored.last_success_at is not None


async def test_a_watcher_that_starts_again_takes_nothing_twice(
    desk: Whole, dovecot: Dovecot
) -> None:
    _, client = await desk.agent()
    user = f"again{time.monotonic_ns()}"
    inbox = await mailbox(desk, dovecot, user)
    for number in (1, 2):
        message = mail("Ada <ada@customer.test>", inbox.address, subject=f"Mail {number}")
        await asyncio.to_thread(dovecot.deliver, user, message.as_bytes())
        if number == 1:
            await desk.desk.mailboxes.stop()
            await desk.desk.mailboxes.start()

    async def subjects() -> bool:
        answer = await client.get("/api/v1/tickets", params={"inbox": str(inbox.id)})
        return sorted(row["subject"] for row in answer.json()["items"]) == ["Mail 1", "Mail 2"]

    await until(subjects, 20)
    await desk.settled()
    assert await subjects()


async def test_a_wrong_password_is_shown_at_the_inbox(desk: Whole, dovecot: Dovecot) -> None:
    inbox = await mailbox(desk, dovecot, f"wrong{time.monotonic_ns()}", password="not this one")

    async def told() -> bool:
        return bool((await current(desk, inbox)).last_error)

    await until(told, 20)
    assert (await current(desk, inbox)).last_error_at is not None
