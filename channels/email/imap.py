"""A mailbox as a source of mail: IDLE where the server offers it, polling otherwise.

A mail is marked only after it was stored. The cursor says how far we got; whoever calls keeps it
together with the mail, so that nothing is lost and nothing deleted comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from imap_tools import (
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailboxFolderSelectError,
    MailboxLoginError,
    MailBoxStartTls,
    MailBoxUnencrypted,
)

from channels.contract import ChannelConfig, ChannelError, RawPayload

T = TypeVar("T")

BATCH = 50
IDLE_SECONDS = 60.0  # then it looks once more: what arrived between two commands is not announced
BACKOFF_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
_STOP_CHECK_SECONDS = 0.5
_MAX_FAILURES_IN_A_ROW = 3
_TEMPORARY = ("UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT", "TEMPORARY", "TRY AGAIN")
_FAULTS = (OSError, imaplib.IMAP4.error, ImapToolsError, EOFError)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a mailbox was read."""

    uid_validity: int
    last_uid: int  # everything up to here was stored, deleted, or is in `retry`
    retry: tuple[int, ...] = ()  # could not be stored or fetched yet


@dataclass(frozen=True, slots=True)
class MailboxConfig:
    """How to reach a mailbox, and what to do with mail that was stored."""

    host: str
    user: str
    password: str = field(default="", repr=False)
    oauth_token: str = field(default="", repr=False)
    port: int = 993
    tls: str = "tls"  # "tls", "starttls", "none"
    folder: str = "INBOX"
    after: str = "seen"  # "seen", "keep", or "move:<folder>"
    timeout: float = 20.0  # seconds, for each command
    idle_seconds: float = IDLE_SECONDS  # also the pause between two polls
    idle: bool = True
    ca_file: str = ""

    @classmethod
    def of(cls, config: ChannelConfig) -> MailboxConfig:
        """Read the inbox's options. Raises `ChannelError` when they make no sense."""
        options, secrets = config.options, config.secrets
        host, tls = (
            str(options.get("imap_host") or ""),
            str(options.get("imap_tls") or "tls").lower(),
        )
        after = str(options.get("imap_after") or "seen")
        if not host:
            raise ChannelError("no IMAP server is set for this inbox", retryable=False)
        if tls not in ("tls", "starttls", "none"):
            raise ChannelError("imap_tls must be none, starttls or tls", retryable=False)
        if after not in ("seen", "keep") and not after.startswith("move:"):
            raise ChannelError("imap_after must be seen, keep or move:<folder>", retryable=False)
        try:
            port = int(str(options.get("imap_port") or (993 if tls == "tls" else 143)))
        except ValueError as error:
            raise ChannelError("imap_port is not a number", retryable=False) from error
        return cls(
            host, str(options.get("imap_user") or config.address),
            secrets.get("imap_password", ""), secrets.get("imap_oauth_token", ""), port, tls,
            str(options.get("imap_folder") or "INBOX"), after,
            ca_file=str(options.get("tls_ca_file") or ""),
        )  # fmt: skip


Store = Callable[[RawPayload, Cursor], Awaitable[None]]
"""Keep the mail and the cursor in one transaction. Raising leaves the mail for the next round."""

Report = Callable[[ChannelError | None], None]
"""Told of each lost connection (the error) and of each good round (None)."""


def _now() -> datetime:
    return datetime.now(UTC)


def _connect(config: MailboxConfig) -> BaseMailBox:
    """Connect and log in. Raises `ChannelError`; not retryable when the password is wrong."""
    where = f"{config.host}:{config.port}"
    context = ssl.create_default_context(cafile=config.ca_file or None)
    try:
        box: BaseMailBox
        if config.tls == "tls":
            box = MailBox(config.host, config.port, timeout=config.timeout, ssl_context=context)
        elif config.tls == "starttls":
            box = MailBoxStartTls(config.host, config.port, config.timeout, ssl_context=context)
        else:
            box = MailBoxUnencrypted(config.host, config.port, timeout=config.timeout)
    except ssl.SSLCertVerificationError as error:
        reason = f"the certificate of {where} is not trusted: {error.verify_message}"
        raise ChannelError(reason, retryable=True, code="certificate") from error
    except _FAULTS as error:
        reason = f"{where} cannot be reached: {error}"
        raise ChannelError(reason, retryable=True, code="connection") from error
    try:
        if config.oauth_token:
            box.xoauth2(config.user, config.oauth_token, initial_folder=None)
        elif config.password.isascii() and config.user.isascii():
            box.login(config.user, config.password, initial_folder=None)
        else:
            box.login_utf8(config.user, config.password, initial_folder=None)
        box.folder.set(config.folder)
    except MailboxFolderSelectError as error:
        _leave(box)
        reason = f"there is no folder {config.folder!r} on {where}"
        raise ChannelError(reason, retryable=False, code="folder") from error
    except (MailboxLoginError, *_FAULTS) as error:
        _leave(box)
        told = str(error)
        lost = isinstance(error, OSError | imaplib.IMAP4.abort)
        if lost or any(word in told.upper() for word in _TEMPORARY):
            reason = f"{where} cannot log us in at the moment: {told[:300]}"
            raise ChannelError(reason, retryable=True, code="connection") from error
        reason = f"{where} refused the user name or password of {config.user}"
        raise ChannelError(reason, retryable=False, code="auth") from error
    return box


def _leave(box: BaseMailBox) -> None:
    with contextlib.suppress(*_FAULTS):  # the connection may be gone: leaving is a courtesy
        box.logout()
    with contextlib.suppress(OSError):
        box.client.shutdown()


def try_mailbox(config: MailboxConfig) -> tuple[int, bool]:
    """How many mails the folder holds, and whether IDLE is offered. Raises `ChannelError`."""
    box = _connect(config)
    try:
        status = box.folder.status(config.folder, ["MESSAGES"])
        return status.get("MESSAGES", 0), "IDLE" in box.client.capabilities
    except _FAULTS as error:
        raise ChannelError(str(error), retryable=True, code="connection") from error
    finally:
        _leave(box)


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
                self._box = _connect(self.config)
                for _ in self._rounds(self._box):
                    attempt = 0
                    self._tell(None)
            except ChannelError as error:
                if self.stopped.is_set():
                    break
                if not error.retryable:
                    raise
                self._tell(error)
            except _FAULTS as error:
                if self.stopped.is_set():
                    break
                where = f"{self.config.host}:{self.config.port}"
                reason = f"the connection to {where} was lost: {error}"
                self._tell(ChannelError(reason, retryable=True, code="connection"))
            finally:
                if self._box is not None:
                    _leave(self._box)
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
        queue = [*cursor.retry, *sorted(wanted)]
        failures = 0
        for start in range(0, len(queue), BATCH):
            done: list[int] = []
            for uid in queue[start : start + BATCH]:
                if self.stopped.is_set():
                    break
                if self._take(box, uid):
                    done.append(uid)
                    failures = 0
                else:
                    failures += 1
                    if failures >= _MAX_FAILURES_IN_A_ROW:
                        break
            self._mark(box, done)
            if failures >= _MAX_FAILURES_IN_A_ROW:
                raise ChannelError(
                    "mail cannot be stored at the moment", retryable=True, code="store"
                )
            if self.stopped.is_set():
                return
        if first_round and self.cursor is not None:  # the rest had been read by people before us
            self.cursor = replace(self.cursor, last_uid=max(self.cursor.last_uid, newest))

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
        except Exception as error:  # noqa: BLE001 - one bad mail never blocks; it is tried again
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
        except BaseException as error:  # noqa: BLE001 - handed to the waiting task
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
        return await outcome
    finally:
        stopping.cancel()
        watcher.stopped.set()
        watcher.interrupt()
