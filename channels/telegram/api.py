"""Calls to the Bot API. Telegram wants the token in the path, so it is kept out of every log."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import httpx

from channels.contract import ChannelConfig, ChannelError
from channels.http import api_client, api_origin, retry_after
from channels.values import line, whole

API: Final = "https://api.telegram.org"
_TOKEN: Final = re.compile(r"/bot\d+:[\w-]+")
_TOO_MANY, _FORBIDDEN, _UNAUTHORISED, _NOT_FOUND, _SERVER_FAULT = 429, 403, 401, 404, 500


class MovedError(ChannelError):
    """A group became a supergroup, which has another number."""

    def __init__(self, chat: int) -> None:
        super().__init__(f"the group has moved to chat {chat}", retryable=False, code="moved")
        self.chat = chat


class _HideToken(logging.Filter):
    """httpx logs the URL of each request; this takes the token out."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record through, without tokens."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                _TOKEN.sub("/bot...", str(one)) if isinstance(one, httpx.URL | str) else one
                for one in record.args
            )
        return True


_HIDE: Final = _HideToken()


def hide_tokens() -> None:
    """Have httpx log no tokens. Calling it again changes nothing."""
    logging.getLogger("httpx").addFilter(_HIDE)


def token_of(config: ChannelConfig) -> str:
    """The bot's token. Raises `ChannelError` when it is none."""
    token = config.secrets.get("bot_token", "").strip()
    if not re.fullmatch(r"\d+:[\w-]+", token):
        reason = "bot_token is not set, or not as @BotFather gives it (digits, a colon, letters)"
        raise ChannelError(reason, retryable=False, code="config")
    return token


async def call(
    config: ChannelConfig,
    method: str,
    fields: Mapping[str, Any] | None = None,
    files: Mapping[str, tuple[str, bytes, str]] | None = None,
) -> Any:  # noqa: ANN401 - each method's own result
    """One method; returns its `result`. Raises `ChannelError`.

    With files the fields go as a form, as Telegram wants them: lists and objects as JSON inside.
    """
    path = f"/bot{token_of(config)}/{method}"
    body: dict[str, Any] = {"json": dict(fields or {})}
    if files:
        body = {"data": dict(fields or {}), "files": dict(files)}
    async with api_client(config, API, explain=explain) as api:
        answer = await api.json("POST", path, **body)
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        raise ChannelError("Telegram's answer cannot be read", retryable=True, code="unanswered")
    return answer.get("result")


def explain(answer: httpx.Response) -> ChannelError | None:
    """Telegram's refusals in words: core.telegram.org/bots/api#making-requests."""
    try:
        told = answer.json()
    except ValueError:
        return None
    words = line(told, "description").partition(": ")[2] or line(told, "description")
    status = answer.status_code
    if status == _TOO_MANY:
        seconds = whole(told, "parameters", "retry_after")
        wait = timedelta(seconds=min(seconds, 86_400)) if seconds else retry_after(answer)
        return ChannelError("Telegram asks us to send more slowly", retryable=True, code="429",
                            retry_after=wait)  # fmt: skip
    if status in {_UNAUTHORISED, _NOT_FOUND}:
        return ChannelError("Telegram does not know the bot; is bot_token right?",
                            retryable=False, code=str(_UNAUTHORISED))  # fmt: skip
    if status == _FORBIDDEN:
        return ChannelError(f"the customer cannot be written to: {words}", retryable=False,
                            code="403")  # fmt: skip
    moved = whole(told, "parameters", "migrate_to_chat_id")
    if moved is not None:
        return MovedError(moved)
    return ChannelError(f"Telegram refused it: {words}", retryable=status >= _SERVER_FAULT,
                        code=str(status))  # fmt: skip


def file_url(config: ChannelConfig, path: str) -> str:
    """Where a file lies that `getFile` named; it holds the token, so it is never shown."""
    base = (api_origin(config) or API).rstrip("/")
    return f"{base}/file/bot{token_of(config)}/{path}"
