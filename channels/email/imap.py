"""A mailbox as a source of mail: IDLE where the server offers it, polling otherwise.

A mail is marked only after it was stored. The cursor says how far we got; whoever calls keeps it
together with the mail, so that nothing is lost and nothing deleted comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from imap_tools import BaseMailBox, ImapToolsError

from channels.contract import ChannelError, RawPayload
from channels.email.mailbox import FAULTS, MailboxConfig, connect, leave

T = TypeVar("T")

BATCH = 50
BACKOFF_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
_STOP_CHECK_SECONDS = 0.5
_MAX_FAILURES_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a mailbox was read."""

    uid_validity: int
    last_uid: int  # everything up to here was stored, deleted, or is in `retry`
    retry: tuple[int, ...] = ()  # could not be stored or fetched yet


Store = Callable[[RawPayload, Cursor], Awaitable[None]]
"""Keep the mail and the cursor in one transaction. Raising leaves the mail for the next round."""

Report = Callable[[ChannelError | None], None]
"""Told of each lost connection (the error) and of each good round (None)."""


def _now() -> datetime:
    return datetime.now(UTC)


class _Watcher:
    """Reads a mailbox in a thread of its own; `store` runs in the loop."""

    def __init__(self, config: MailboxConfig, cursor: Cursor | None, store: Store,
                 loop: asyncio.AbstractEventLoop, report: Report) -> None:  # fmt: skip
        self.config = config
        self.cursor = cursor
        self.stopped = threading.Event()
        self._store = store
        self._loop = loop
        self._report = report
        self._box: BaseMailBox | None = None

    def interrupt(self) -> None:
        """Wake the thread from whatever it waits for on the network."""
        box = self._box
        if box is not None and box.client.sock is not None:
            with contextlib.suppress(OSError):
                box.client.sock.shutdown(socket.SHUT_RDWR)

    def run(self) -> Cursor | None:
        """Until stopped. Raises `ChannelError` when trying again cannot help."""
        attempt = 0
        while not self.stopped.is_set():
            try:
                self._box = connect(self.config)
                for _ in self._rounds(self._box):
                    attempt = 0
                    self._tell(None)
            except ChannelError as error:
                if self.stopped.is_set():
                    break
                if not error.retryable:
                    raise
                self._tell(error)
            except FAULTS as error:
                if self.stopped.is_set():
                    break
                where = f"{self.config.host}:{self.config.port}"
                reason = f"the connection to {where} was lost: {error}"
                self._tell(ChannelError(reason, retryable=True, code="connection"))
            finally:
                if self._box is not None:
                    leave(self._box)
                    self._box = None
            pause = BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)]
            attempt += 1
            self.stopped.wait(pause)
        return self.cursor

    def _tell(self, error: ChannelError | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._report, error)

    def _rounds(self, box: BaseMailBox) -> Iterator[None]:
        can_idle = self.config.idle and "IDLE" in box.client.capabilities
        while not self.stopped.is_set():
            self._read_new(box)
            yield
            if can_idle:
                self._idle(box)
            else:
                self.stopped.wait(self.config.idle_seconds)

    def _idle(self, box: BaseMailBox) -> None:
        """Wait for news, for the time to look again, or for the end."""
        box.client.untagged_responses.pop("EXISTS", None)
        box.idle.start()  # type: ignore[no-untyped-call]
        until = time.monotonic() + self.config.idle_seconds
        if "EXISTS" not in box.client.untagged_responses:
            while not self.stopped.is_set() and (left := until - time.monotonic()) > 0:
                wait = min(_STOP_CHECK_SECONDS, left)
                began = time.monotonic()
                news = box.idle.poll(timeout=wait)
                if any(b"EXISTS" in line or b"BYE" in line for line in news):
                    break
                if not news and time.monotonic() - began < wait / 2:
                    break  # readable without a line: the connection is closed, stop() says so
        box.idle.stop()  # type: ignore[no-untyped-call]

    def _read_new(self, box: BaseMailBox) -> None:
        status = box.folder.status(self.config.folder, ["UIDVALIDITY", "UIDNEXT"])
        validity = status.get("UIDVALIDITY", 0)
        cursor = self.cursor
        if cursor is not None and cursor.uid_validity != validity:
            # The numbers mean other mails now: read all, the store knows what it has already.
            cursor = Cursor(validity, 0)
        newest = status.get("UIDNEXT", 1) - 1
        if cursor is None:  # a new inbox starts with what nobody has read yet
            first_round = True
            wanted = [int(uid) for uid in box.uids("UNSEEN", charset=None)]
            cursor = Cursor(validity, min(wanted, default=newest + 1) - 1)
        else:
            first_round = False
            found = box.uids(f"UID {cursor.last_uid + 1}:*", charset=None)
            # "n:*" names the newest mail even when its number is below n (RFC 3501, 6.4.8)
            wanted = [int(uid) for uid in found if int(uid) > cursor.last_uid]
        self.cursor = cursor
        if not self._take_all(box, sorted(wanted)):
            raise ChannelError("mail cannot be stored at the moment", retryable=True, code="store")
        # After the new ones: what has failed before may well fail again.
        self._take_all(box, list(cursor.retry[:BATCH]))
        if first_round and not self.stopped.is_set():  # the rest had been read by people before us
            self.cursor = replace(self.cursor, last_uid=max(self.cursor.last_uid, newest))

    def _take_all(self, box: BaseMailBox, uids: list[int]) -> bool:
        """Take these mails in batches; False once several in a row could not be stored."""
        failures = 0
        for start in range(0, len(uids), BATCH):
            done: list[int] = []
            for uid in uids[start : start + BATCH]:
                if self.stopped.is_set() or failures >= _MAX_FAILURES_IN_A_ROW:
                    break
                taken = self._take(box, uid)
                failures = 0 if taken else failures + 1
                if taken:
                    done.append(uid)
            self._mark(box, done)
        return failures < _MAX_FAILURES_IN_A_ROW

    def _take(self, box: BaseMailBox, uid: int) -> bool:
        """Fetch and store one mail; whether it needs to be marked."""
        cursor = self.cursor
        if cursor is None:
            return False
        after = replace(
            cursor,
            last_uid=max(cursor.last_uid, uid),
            retry=tuple(one for one in cursor.retry if one != uid),
        )
        kept = replace(after, retry=(*after.retry, uid))
        try:
            body = self._fetch(box, uid)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, ImapToolsError):  # the server cannot hand out this one mail
            self.cursor = kept
            return False
        if body is None:  # deleted meanwhile
            self.cursor = after
            return False
        payload = RawPayload(body, content_type="message/rfc822", received_at=_now())
        try:
            self._in_loop(self._store(payload, after))
        except Exception as error:  # noqa: BLE001 - one bad mail never blocks
            self.cursor = kept
            reason = f"mail {uid} was not stored: {error!r}"
            self._tell(ChannelError(reason, retryable=True, code="store"))
            return False
        self.cursor = after
        return True

    def _fetch(self, box: BaseMailBox, uid: int) -> bytes | None:
        _, data = box.client.uid("FETCH", str(uid), "(BODY.PEEK[])")
        for item in data or []:
            if isinstance(item, tuple) and len(item) > 1:
                return bytes(item[1])
        return None

    def _in_loop(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            await work

        asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def _mark(self, box: BaseMailBox, uids: list[int]) -> None:
        names = [str(uid) for uid in uids]
        if not names or self.config.after == "keep":
            return
        if self.config.after.startswith("move:"):
            folder = self.config.after.removeprefix("move:")
            if not box.folder.exists(folder):
                box.folder.create(folder)
            box.move(names, folder)
        else:
            box.flag(names, "\\Seen", value=True)


def _silent(_error: ChannelError | None) -> None:
    return


async def watch(
    config: MailboxConfig,
    cursor: Cursor | None,
    store: Store,
    stop: asyncio.Event,
    *,
    report: Report = _silent,
) -> Cursor | None:
    """Store every new mail until `stop` is set; returns the last cursor.

    Without a cursor it starts with the unread ones. A lost connection is tried again with growing
    pauses and told to `report`. Raises `ChannelError` when trying again cannot help (wrong
    password, no such folder).
    """
    loop = asyncio.get_running_loop()
    watcher = _Watcher(config, cursor, store, loop, report)
    outcome: asyncio.Future[Cursor | None] = loop.create_future()

    def settle(result: Cursor | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is None:
            outcome.set_result(result)
        else:
            outcome.set_exception(error)

    def body() -> None:
        result: Cursor | None = None
        failed: BaseException | None = None
        try:
            result = watcher.run()
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            failed = error
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=body, name=f"imap {config.host}", daemon=True).start()
    stopping: asyncio.Future[bool] = asyncio.ensure_future(stop.wait())
    try:
        waiting: set[asyncio.Future[object]] = {outcome, stopping}  # type: ignore[arg-type]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        watcher.stopped.set()
        if not outcome.done():
            await asyncio.wait({outcome}, timeout=2 * _STOP_CHECK_SECONDS)
            watcher.interrupt()
            await asyncio.wait({outcome}, timeout=_STOP_CHECK_SECONDS)
        # A thread that still waits for a connection notices the end by itself, later.
        return outcome.result() if outcome.done() else watcher.cursor
    finally:
        stopping.cancel()
        watcher.stopped.set()
        watcher.interrupt()
