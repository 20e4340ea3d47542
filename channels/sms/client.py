"""Twilio's own client for one inbox: pooled, with a timeout, and quiet about what it sends."""

from __future__ import annotations

import logging
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.contract import ChannelConfig, ChannelError
from channels.sms.codes import explain

TIMEOUT_SECONDS: Final = 20.0
_TOO_MANY, _UNAUTHORISED, _SERVER_FAULT = 429, 401, 500
_LONGEST_WAIT: Final = 86_400  # seconds


class QuietHttp(TwilioHttpClient):  # type: ignore[misc]  # the package ships no types
    """The client's HTTP layer, shared by all inboxes; safe to call from several threads."""

    def __init__(self, *, direct: bool = False) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        # Cookies would be the one thing that accounts share.
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # A proxy from the environment is for Twilio, not for a gateway of one's own.
        self.session.trust_env = not direct

    def request(self, *args: Any, **options: Any) -> Response:  # noqa: ANN401 - Twilio's signature
        """One call. A refusal that says when to come back is raised here, with its Retry-After."""
        answer = super().request(*args, **options)
        if answer.status_code == _TOO_MANY:
            raise ChannelError(
                explain(20429).words, retryable=True, code="20429", retry_after=_wait(answer)
            )
        return answer

    def log_request(self, kwargs: object) -> None:
        """Nothing: numbers and texts do not belong into a log."""

    def log_response(self, status_code: int, response: object) -> None:  # noqa: ARG002
        """Nothing, for the same reason."""
        logging.getLogger(__name__).debug("twilio answered %s", status_code)


def _wait(answer: Response) -> timedelta | None:
    value = str((answer.headers or {}).get("Retry-After", ""))
    return timedelta(seconds=min(int(value), _LONGEST_WAIT)) if value.isdigit() else None


def make_client(config: ChannelConfig, http: QuietHttp) -> Client:
    """The client of an inbox. Raises `ChannelError` when a credential is missing."""
    account = str(config.options.get("account_sid") or "")
    api_key = str(config.options.get("api_key_sid") or "")
    secret = config.secrets.get("api_key_secret" if api_key else "auth_token", "")
    if not account or not secret:
        missing = "account_sid" if not account else "api_key_secret" if api_key else "auth_token"
        raise ChannelError(f"{missing} is not set for this inbox", retryable=False, code="config")
    api_url = str(config.options.get("api_url") or "")
    client = Client(
        api_key or account,
        secret,
        account,
        region=None if api_url else str(config.options.get("region") or "") or None,
        edge=None if api_url else str(config.options.get("edge") or "") or None,
        http_client=http,
        environment={"TWILIO_REGION": ""},  # settings come from the inbox alone
    )
    if api_url:
        client.api.base_url = client.messaging.base_url = api_url.rstrip("/")
    return client


def as_channel_error(error: Exception, *, sending: bool = False) -> ChannelError:
    """What went wrong, as the port says it.

    `sending`: when the answer got lost, nobody knows whether the message is on its way
    (code "unanswered").
    """
    match error:
        case ChannelError():
            return error
        case TwilioRestException() | TwilioServiceException():
            status = int(error.status or 0)
            code = int(error.code or 0)
            told = getattr(error, "msg", "") or getattr(error, "detail", "") or ""
            if status == _UNAUTHORISED:
                code = 20003
            known = explain(code, str(told).partition(": ")[2] or str(told))
            if status >= _SERVER_FAULT:
                unclear = "unanswered" if sending else str(code)
                return ChannelError(known.words, retryable=True, code=unclear)
            return ChannelError(known.words, retryable=known.retryable, code=str(code))
        case requests.ConnectTimeout():
            return ChannelError("Twilio did not answer in time", retryable=True, code="timeout")
        case requests.ReadTimeout():
            code_ = "unanswered" if sending else "timeout"
            return ChannelError("Twilio did not answer in time", retryable=True, code=code_)
        case requests.ConnectionError() if _never_left(error):
            return ChannelError("Twilio cannot be reached", retryable=True, code="connection")
        case _:
            code_ = "unanswered" if sending else "connection"
            return ChannelError(
                "the connection to Twilio broke before it answered", retryable=True, code=code_
            )


def _never_left(error: Exception) -> bool:
    # requests folds urllib3's reasons into one class; these two happen before a byte is sent.
    return any(
        name in repr(error) for name in ("NewConnectionError", "NameResolutionError", "SSLError")
    )
