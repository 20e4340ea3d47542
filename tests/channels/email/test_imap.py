"""Mail in a mailbox reaches the desk once, whatever happens to the server meanwhile."""
# ruff: noqa: E501 - sample mails stay in one piece

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from channels.contract import ChannelConfig, ChannelError, RawPayload
from channels.email.adapter import EmailChannel
from channels.email.imap import Cursor, watch
from channels.email.mailbox import MailboxConfig
from tests.support.dovecot import Dovecot


def mail(subject: str) -> bytes:
    """A small mail."""
    return f"From: a@example.org\r\nSubject: {subject}\r\n\r\n{subject}\r\n".encode()


class Desk:
    """Keeps what it is given, as the desk does, and can be told to fail."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.cursor: Cursor | None = None
        self.refuses: set[bytes] = set()
        self.errors: list[ChannelError] = []

    async def store(self, payload: RawPayload, cursor: Cursor) -> None:
        await asyncio.sleep(0)
        if any(word in payload.body for word in self.refuses):
            raise RuntimeError("database says no")
        self.bodies.append(payload.body)
        self.cursor = cursor

    def report(self, error: ChannelError | None) -> None:
        if error is not None:
            self.errors.append(error)

    def subjects(self) -> list[str]:
        return [body.split(b"Subject: ")[1].split(b"\r\n")[0].decode() for body in self.bodies]

    async def until(self, count: int, seconds: float = 8.0) -> None:
        """Wait for that many mails."""
        async with asyncio.timeout(seconds):
            while len(self.bodies) < count:  # noqa: ASYNC110 - polls a plain list
                await asyncio.sleep(0.02)


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """A mailbox of one's own."""
    name = f"{uuid.uuid4().hex[:10]}@desk.example"
    dovecot.add_user(name, "right")
    return name


def settings(server: Dovecot, user: str, **more: object) -> MailboxConfig:
    """How to reach that mailbox."""
    values: dict[str, object] = {"password": "right", "tls": "none", "idle_seconds": 30.0, **more}
    return MailboxConfig(server.host, user, port=server.port, **values)  # type: ignore[arg-type]


@asynccontextmanager
async def watching(
    config: MailboxConfig, desk: Desk, cursor: Cursor | None = None
) -> AsyncIterator[asyncio.Task[Cursor | None]]:
    """A watcher that runs while the test does; it must stop within two seconds."""
    stop = asyncio.Event()
    task = asyncio.create_task(watch(config, cursor, desk.store, stop, report=desk.report))
    try:
        yield task
    finally:
        stop.set()
        began = time.monotonic()
        await asyncio.wait({task}, timeout=5)
        assert task.done(), "the watcher did not stop"
        assert time.monotonic() - began < 2.0


async def test_new_mail_is_announced_by_idle_and_marked_after_it_was_stored(
    dovecot: Dovecot, user: str
) -> None:
    desk = Desk()
    dovecot.deliver(user, mail("waiting"))
    async with watching(settings(dovecot, user), desk):
        await desk.until(1)
        await asyncio.sleep(0.4)  # it is in IDLE now, and the next look is 30 seconds away
        began = time.monotonic()
        await asyncio.to_thread(dovecot.deliver, user, mail("announced"))
        await desk.until(2)
        assert time.monotonic() - began < 5.0
    assert desk.subjects() == ["waiting", "announced"]
    flags = await asyncio.to_thread(dovecot.flags, user)
    assert all("\\Seen" in one for one in flags.values())
    assert len(flags) == 2


async def test_without_idle_it_polls(dovecot: Dovecot, user: str) -> None:
    desk = Desk()
    async with watching(settings(dovecot, user, idle=False, idle_seconds=0.2), desk):
        await asyncio.sleep(0.3)
        await asyncio.to_thread(dovecot.deliver, user, mail("polled"))
        await desk.until(1)
    assert desk.subjects() == ["polled"]


async def test_a_wrong_password_is_said_at_once(dovecot: Dovecot, user: str) -> None:
    desk = Desk()
    with pytest.raises(ChannelError) as caught:
        await watch(
            settings(dovecot, user, password="wrong"),
            None,
            desk.store,
            asyncio.Event(),
        )
    assert not caught.value.retryable
    assert "password" in caught.value.reason
    assert user in caught.value.reason


async def test_a_missing_folder_is_said_at_once(dovecot: Dovecot, user: str) -> None:
    with pytest.raises(ChannelError, match="Nowhere"):  # noqa: PT012 - needs its setting
        config = settings(dovecot, user, folder="Nowhere")
        await watch(config, None, Desk().store, asyncio.Event())


async def test_it_comes_back_after_the_server_was_restarted(dovecot: Dovecot, user: str) -> None:
    desk = Desk()
    async with watching(settings(dovecot, user), desk):
        await asyncio.to_thread(dovecot.deliver, user, mail("before"))
        await desk.until(1)
        await asyncio.to_thread(dovecot.restart)
        await asyncio.to_thread(dovecot.deliver, user, mail("after"))
        await desk.until(2)
    assert desk.subjects() == ["before", "after"]
    assert desk.errors
    assert all(error.retryable for error in desk.errors)


async def test_chatwoot_12054_what_was_stored_or_deleted_does_not_come_again(
    dovecot: Dovecot, user: str
) -> None:
    desk = Desk()
    for number in range(3):
        dovecot.deliver(user, mail(f"mail {number}"))
    async with watching(settings(dovecot, user, after="keep"), desk):
        await desk.until(3)
    dovecot.delete(user, 2)
    dovecot.deliver(user, mail("mail 3"))
    async with watching(settings(dovecot, user, after="keep"), desk, desk.cursor):
        await desk.until(4)
        await asyncio.sleep(0.3)
    assert desk.subjects() == ["mail 0", "mail 1", "mail 2", "mail 3"]


async def test_a_new_inbox_leaves_alone_what_people_have_read(dovecot: Dovecot, user: str) -> None:
    desk = Desk()
    dovecot.deliver(user, mail("old"), flags="(\\Seen)")
    dovecot.deliver(user, mail("unread"))
    dovecot.deliver(user, mail("read"), flags="(\\Seen)")
    async with watching(settings(dovecot, user, idle=False, idle_seconds=0.1), desk):
        await desk.until(1)
        await asyncio.sleep(0.5)
    assert desk.subjects() == ["unread"]


async def test_zammad_2754_one_mail_that_cannot_be_stored_does_not_block_the_rest(
    dovecot: Dovecot, user: str
) -> None:
    desk = Desk()
    desk.refuses = {b"poison"}
    for subject in ("first", "poison", "last"):
        dovecot.deliver(user, mail(subject))
    async with watching(settings(dovecot, user, idle=False, idle_seconds=0.2), desk):
        await desk.until(2)
        assert desk.subjects() == ["first", "last"]
        flags = await asyncio.to_thread(dovecot.flags, user)
        assert "\\Seen" not in flags[2]
        assert desk.cursor == Cursor(desk.cursor.uid_validity if desk.cursor else 0, 3, (2,))
        desk.refuses = set()
        await desk.until(3)
    assert desk.subjects()[-1] == "poison"
    assert desk.cursor is not None
    assert desk.cursor.retry == ()


async def test_several_bad_mails_do_not_keep_new_ones_out(dovecot: Dovecot, user: str) -> None:
    desk = Desk()
    desk.refuses = {b"poison"}
    config = settings(dovecot, user, idle=False, idle_seconds=0.1)
    for _ in range(4):
        dovecot.deliver(user, mail("poison"))
        dovecot.deliver(user, mail("good"))
    async with watching(config, desk):
        await desk.until(4)
        await asyncio.to_thread(dovecot.deliver, user, mail("new"))
        await desk.until(5)
    assert desk.cursor is not None
    assert len(desk.cursor.retry) == 4


async def test_it_stops_at_once_when_the_server_does_not_answer() -> None:
    over = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()
        await writer.wait_closed()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    config = MailboxConfig("127.0.0.1", "u", password="p", port=port, tls="none")
    async with watching(config, Desk()):
        await asyncio.sleep(0.2)
    over.set()
    await asyncio.sleep(0.1)
    silent.close()
    await silent.wait_closed()


def test_dovecot_runs_without_privileges(dovecot: Dovecot) -> None:
    assert Path(f"/proc/{dovecot.pid}").stat().st_uid != 0


async def test_nothing_is_lost_when_the_numbers_change(dovecot: Dovecot, user: str) -> None:
    desk = Desk()
    dovecot.deliver(user, mail("kept"))
    async with watching(settings(dovecot, user), desk):
        await desk.until(1)
    assert desk.cursor is not None
    stale = Cursor(desk.cursor.uid_validity + 1, 999)
    again = Desk()
    async with watching(settings(dovecot, user), again, stale):
        await again.until(1)
    assert again.subjects() == ["kept"]
    assert again.cursor == desk.cursor


async def test_stored_mail_can_be_moved_to_a_folder(dovecot: Dovecot, user: str) -> None:
    desk = Desk()
    dovecot.deliver(user, mail("one"))
    async with watching(settings(dovecot, user, after="move:Done"), desk):
        await desk.until(1)
        await asyncio.sleep(0.3)
    assert await asyncio.to_thread(dovecot.flags, user) == {}
    assert len(await asyncio.to_thread(dovecot.flags, user, "Done")) == 1


async def test_a_large_mailbox_is_read_in_order(dovecot: Dovecot, user: str) -> None:
    desk = Desk()
    with dovecot.client(user, None) as client:
        for number in range(130):
            client.append("INBOX", "", "", mail(f"{number:03d}"))
    async with watching(settings(dovecot, user), desk):
        await desk.until(130)
    assert desk.subjects() == [f"{number:03d}" for number in range(130)]


async def test_the_doctor_says_what_is_wrong_with_the_mailbox(dovecot: Dovecot, user: str) -> None:
    options = {"imap_host": dovecot.host, "imap_port": dovecot.port, "imap_tls": "none",
               "imap_user": user, "smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_tls": "none"}  # fmt: skip
    secrets = {"imap_password": "right", "hash_secret": "0123456789abcdef"}
    good = ChannelConfig("i", user, "Desk", options, secrets)
    found = {check.name: check for check in await EmailChannel().check(good)}
    assert found["imap"].ok
    assert "IDLE" in found["imap"].detail
    assert not found["smtp"].ok
    assert "smtp_host" in found["smtp"].remedy
    bad = ChannelConfig("i", user, "Desk", options, {**secrets, "imap_password": "wrong"})
    found = {check.name: check for check in await EmailChannel().check(bad)}
    assert not found["imap"].ok
    assert "imap_password" in found["imap"].remedy
