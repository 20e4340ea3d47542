"""Hand a mail to an SMTP server; every failure becomes a `ChannelError` that says what to do."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import aiosmtplib

from channels.contract import ChannelConfig, ChannelError
from channels.email.compose import Mail
from channels.email.oauth import OAuth, Tokens

Tls = Literal["none", "starttls", "tls"]
_DEFAULT_PORTS: Mapping[str, int] = {"none": 25, "starttls": 587, "tls": 465}
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """How to reach the server that takes our mail."""

    host: str
    port: int
    tls: Tls = "starttls"
    user: str = ""
    password: str = ""
    timeout: float = TIMEOUT_SECONDS  # seconds, for each step
    ca_file: str = ""  # a CA of one's own; "" for the system's
    oauth: OAuth | None = None
    tokens: Tokens = field(default_factory=Tokens, repr=False, compare=False)

    @classmethod
    def of(cls, config: ChannelConfig, tokens: Tokens | None = None) -> SmtpSettings:
        """Read the inbox's options. Raises `ChannelError` when they make no sense."""
        host = str(config.options.get("smtp_host") or "")
        tls = str(config.options.get("smtp_tls") or "starttls").lower()
        if not host:
            raise ChannelError("no SMTP server is set for this inbox", retryable=False)
        if tls not in _DEFAULT_PORTS:
            raise ChannelError("smtp_tls must be none, starttls or tls", retryable=False)
        try:
            port = int(str(config.options.get("smtp_port") or _DEFAULT_PORTS[tls]))
            timeout = float(str(config.options.get("smtp_timeout") or TIMEOUT_SECONDS))
        except ValueError as error:
            raise ChannelError("smtp_port is not a number", retryable=False) from error
        return cls(host, port, tls,  # type: ignore[arg-type]  # checked above
                   str(config.options.get("smtp_user") or ""),
                   config.secrets.get("smtp_password", ""), timeout,
                   str(config.options.get("tls_ca_file") or ""),
                   OAuth.of(config) if config.options.get("smtp_user") else None,
                   tokens or Tokens())  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delivered:
    """The server's answer, and the recipients that it did not want."""

    answer: str
    refused: Mapping[str, str]


def _words(code: int, message: str | bytes) -> str:
    text = message.decode("utf-8", "replace") if isinstance(message, bytes) else message
    return re.sub(r"\s+", " ", f"{code} {text}").strip()[:500]


def _is_temporary(code: int) -> bool:
    return code // 100 == 4  # noqa: PLR2004 - RFC 5321, 4.2.1


def _refusal(code: int, message: str | bytes, who: str) -> ChannelError:
    enhanced = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})", str(message))
    return ChannelError(
        f"{who}: {_words(code, message)}",
        retryable=_is_temporary(code),
        code=enhanced[1] if enhanced else str(code),
    )


def _client(settings: SmtpSettings) -> aiosmtplib.SMTP:
    context = ssl.create_default_context(cafile=settings.ca_file or None)
    return aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        timeout=settings.timeout,
        use_tls=settings.tls == "tls",
        start_tls=settings.tls == "starttls",
        tls_context=None if settings.tls == "none" else context,
    )


def _as_channel_error(error: Exception, settings: SmtpSettings) -> ChannelError:  # noqa: C901, PLR0911 - one case each
    where = f"{settings.host}:{settings.port}"
    match error:
        case ChannelError():
            return error
        case aiosmtplib.SMTPAuthenticationError() if settings.oauth is not None:
            settings.tokens.forget(settings.oauth)  # the next attempt brings another one
            told = _words(error.code, error.message)
            return ChannelError(f"{where} refused the access token: {told}", retryable=True,
                                code=str(error.code))  # fmt: skip
        case aiosmtplib.SMTPAuthenticationError():
            return ChannelError(
                f"{where} refused the user name or password: {_words(error.code, error.message)}",
                retryable=_is_temporary(error.code),
                code=str(error.code),
            )
        case aiosmtplib.SMTPRecipientsRefused():
            first = error.recipients[0]
            return _refusal(first.code, first.message, f"the server refused {first.recipient}")
        case aiosmtplib.SMTPSenderRefused():
            return _refusal(error.code, error.message, f"the server refused {error.sender}")
        case aiosmtplib.SMTPResponseException():
            return _refusal(error.code, error.message, f"{where} refused the mail")
        case aiosmtplib.SMTPException() if "not supported" in str(error):
            reason = f"{where} cannot do what is asked: {error}"
            return ChannelError(reason, retryable=False, code="unsupported")
        case ssl.SSLCertVerificationError():
            reason = f"the certificate of {where} is not trusted: {error.verify_message}"
            return ChannelError(reason, retryable=True, code="certificate")
        case TimeoutError():
            return ChannelError(f"{where} did not answer in time", retryable=True, code="timeout")
        case _:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                return _as_channel_error(error.__cause__, settings)
            reason = f"{where} cannot be reached: {error}"
            return ChannelError(reason, retryable=True, code="connection")


async def _open(settings: SmtpSettings) -> aiosmtplib.SMTP:
    client = _client(settings)
    await client.connect()
    try:
        if settings.oauth is not None:
            token = await asyncio.to_thread(settings.tokens.get, settings.oauth)
            await client.auth_xoauth2(settings.user, token)
        elif settings.user:
            await client.login(settings.user, settings.password)
    except BaseException:
        client.close()
        raise
    return client


async def send_mail(mail: Mail, settings: SmtpSettings) -> Delivered:
    """Send one mail over a connection of its own.

    Raises `ChannelError`: retryable for 4xx, refused connections and time-outs. A refused customer
    is an error even when copied ones got it (not retryable then: they would get it twice).
    """
    client: aiosmtplib.SMTP | None = None
    try:
        client = await _open(settings)
        options: list[str] = []
        if mail.needs_smtputf8:
            if not client.supports_extension("smtputf8"):
                reason = f"{settings.host} takes no addresses with letters outside ASCII (SMTPUTF8)"
                raise ChannelError(reason, retryable=False, code="smtputf8")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        errors, answer = await client.sendmail(
            mail.sender, list(mail.recipients), mail.as_bytes(), mail_options=options
        )
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
        raise _as_channel_error(error, settings) from error
    finally:
        if client is not None:
            await _close(client)
    refused = {who: _words(one.code, one.message) for who, one in errors.items()}
    customer = mail.recipients[0]
    if customer in refused:
        told = f"the server refused {customer} ({refused[customer]}); the copied ones got the mail"
        raise ChannelError(told, retryable=False, code=refused[customer][:3])
    return Delivered(re.sub(r"\s+", " ", answer).strip()[:500], refused)


async def _close(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        client.close()  # the mail's fate is known by now, a broken farewell changes nothing


async def try_connection(settings: SmtpSettings) -> str:
    """Connect, log in, leave. Returns what the server calls itself. Raises `ChannelError`."""
    client: aiosmtplib.SMTP | None = None
    try:
        client = await _open(settings)
        code, message = await client.noop()
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
        raise _as_channel_error(error, settings) from error
    finally:
        if client is not None:
            await _close(client)
    return _words(code, message)
