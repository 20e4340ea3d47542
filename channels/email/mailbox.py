"""How to get into a mailbox: its settings, logging in, and what each failure means."""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from dataclasses import dataclass, field

from imap_tools import (
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailboxFolderSelectError,
    MailboxLoginError,
    MailBoxStartTls,
    MailBoxUnencrypted,
)

from channels.contract import ChannelConfig, ChannelError
from channels.email.oauth import OAuth, Tokens

IDLE_SECONDS = 60.0  # then it looks once more: what arrived between two commands is not announced
_TEMPORARY = ("UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT", "TEMPORARY", "TRY AGAIN")
FAULTS = (OSError, imaplib.IMAP4.error, ImapToolsError, EOFError)


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
    oauth: OAuth | None = None
    tokens: Tokens = field(default_factory=Tokens, repr=False, compare=False)

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
            ca_file=str(options.get("tls_ca_file") or ""), oauth=OAuth.of(config),
        )  # fmt: skip


def _reach(config: MailboxConfig) -> BaseMailBox:
    """A connection, not logged in yet. Raises `ChannelError`."""
    where = f"{config.host}:{config.port}"
    context = ssl.create_default_context(cafile=config.ca_file or None)
    try:
        if config.tls == "tls":
            return MailBox(config.host, config.port, timeout=config.timeout, ssl_context=context)
        if config.tls == "starttls":
            return MailBoxStartTls(config.host, config.port, config.timeout, ssl_context=context)
        return MailBoxUnencrypted(config.host, config.port, timeout=config.timeout)
    except ssl.SSLCertVerificationError as error:
        reason = f"the certificate of {where} is not trusted: {error.verify_message}"
        raise ChannelError(reason, retryable=True, code="certificate") from error
    except FAULTS as error:
        reason = f"{where} cannot be reached: {error}"
        raise ChannelError(reason, retryable=True, code="connection") from error


def connect(config: MailboxConfig) -> BaseMailBox:
    """Connect and log in. Raises `ChannelError`; not retryable when the password is wrong."""
    token = config.tokens.get(config.oauth) if config.oauth else config.oauth_token
    box = _reach(config)
    try:
        if token:
            box.xoauth2(config.user, token, initial_folder=None)
        elif config.password.isascii() and config.user.isascii():
            box.login(config.user, config.password, initial_folder=None)
        else:
            box.login_utf8(config.user, config.password, initial_folder=None)
        box.folder.set(config.folder)
    except MailboxFolderSelectError as error:
        leave(box)
        reason = f"there is no folder {config.folder!r} on {config.host}:{config.port}"
        raise ChannelError(reason, retryable=False, code="folder") from error
    except (MailboxLoginError, *FAULTS) as error:
        leave(box)
        raise _refused(config, error) from error
    return box


def _refused(config: MailboxConfig, error: Exception) -> ChannelError:
    where = f"{config.host}:{config.port}"
    told = str(error)
    lost = isinstance(error, OSError | imaplib.IMAP4.abort)
    if lost or any(word in told.upper() for word in _TEMPORARY):
        reason = f"{where} cannot log us in at the moment: {told[:300]}"
        return ChannelError(reason, retryable=True, code="connection")
    if config.oauth is not None:
        config.tokens.forget(config.oauth)  # the next attempt brings another one
        reason = f"{where} refused the access token of {config.user}"
        return ChannelError(reason, retryable=True, code="auth")
    what = "access token" if config.oauth_token else "user name or password"
    reason = f"{where} refused the {what} of {config.user}"
    return ChannelError(reason, retryable=False, code="auth")


def leave(box: BaseMailBox) -> None:
    """Log out and close; never raises."""
    with contextlib.suppress(*FAULTS):  # the connection may be gone: leaving is a courtesy
        box.logout()
    with contextlib.suppress(OSError):
        box.client.shutdown()


def try_mailbox(config: MailboxConfig) -> tuple[int, bool]:
    """How many mails the folder holds, and whether IDLE is offered. Raises `ChannelError`."""
    box = connect(config)
    try:
        status = box.folder.status(config.folder, ["MESSAGES"])
        return status.get("MESSAGES", 0), "IDLE" in box.client.capabilities
    except FAULTS as error:
        raise ChannelError(str(error), retryable=True, code="connection") from error
    finally:
        leave(box)
