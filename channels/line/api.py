"""Calls to LINE's Messaging API, and its refusals in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx

from channels.contract import ChannelConfig, ChannelError
from channels.http import ApiClient, api_client, retry_after
from channels.values import line, objects

API: Final = "https://api.line.me"
DATA: Final = "https://api-data.line.me"
_UNAUTHORISED, _FORBIDDEN, _TOO_MANY, _SERVER_FAULT = 401, 403, 429, 500


def client(config: ChannelConfig, headers: Mapping[str, str] | None = None) -> ApiClient:
    """A client with the inbox's token. Raises `ChannelError` when there is none."""
    bearer = {"authorization": f"Bearer {token_of(config)}"}
    return api_client(config, API, headers={**bearer, **(headers or {})}, explain=explain)


def token_of(config: ChannelConfig) -> str:
    """The channel access token. Raises `ChannelError`."""
    token = config.secrets.get("channel_access_token", "").strip()
    if not token.isascii() or not token.isprintable() or not token:
        reason = "channel_access_token is not set for this inbox"
        raise ChannelError(reason, retryable=False, code="config")
    return token


def explain(answer: httpx.Response) -> ChannelError | None:
    """developers.line.biz/en/reference/messaging-api/#error-responses."""
    try:
        told = answer.json()
    except ValueError:
        return None
    status = answer.status_code
    words = line(told, "message")
    details = "; ".join(line(one, "message") for one in objects(told, "details"))
    if details:
        words = f"{words} ({details})"
    if status == _TOO_MANY:
        if "monthly limit" in words.lower():
            # Waiting for the next month is no plan.
            reason = "the account's messages of this month are used up; raise its plan at LINE"
            return ChannelError(reason, retryable=False, code="quota")
        return ChannelError("LINE asks us to send more slowly", retryable=True, code="429",
                            retry_after=retry_after(answer))  # fmt: skip
    if status == _UNAUTHORISED:
        return ChannelError("LINE refused the channel access token", retryable=False, code="401")
    return ChannelError(f"LINE refused it: {words}", retryable=status >= _SERVER_FAULT,
                        code=str(status), retry_after=retry_after(answer))  # fmt: skip


def sent_ids(answer: Any) -> list[str]:  # noqa: ANN401 - whatever LINE says
    """The ids of what was sent."""
    return [one for one in (line(m, "id") for m in objects(answer, "sentMessages")) if one]
