"""Twilio's webhooks: the form that they are, and whether Twilio signed it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator, get_signature_algorithm

from channels.contract import BadSignature, ChannelConfig, RawPayload, Unparsable
from channels.values import storable

MAX_FIELDS: Final = 1000
_FORM: Final = "application/x-www-form-urlencoded"


class Form(Mapping[str, str]):
    """Fields by name, the first value of each; `getlist` has all of them."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        return self._values[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getlist(self, name: str) -> list[str]:
        """Every value of a field, as the validator of Twilio's client asks for them."""
        return self._values.get(name, [])

    def text(self, name: str) -> str:
        """The value as it can be stored, without space around it; "" when there is none."""
        return storable(self.get(name, "")).strip()

    def number(self, name: str) -> int | None:
        """The value as a whole number; None when it is none."""
        value = self.text(name)
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else None  # noqa: PLR2004 - what a database column holds


def _is_form(payload: RawPayload) -> bool:
    return payload.content_type.partition(";")[0].strip().lower() in {_FORM, ""}


def read_form(payload: RawPayload) -> Form:
    """The fields of a webhook: form, JSON object, or the URL's query. Raises Unparsable."""
    if payload.method == "GET":
        return Form(_pairs(_query(payload.url)))
    if _is_form(payload):
        return Form(_pairs(payload.body.decode("utf-8", "replace")))
    try:
        found = json.loads(payload.body)
    except (ValueError, RecursionError) as error:
        raise Unparsable("the body is neither a form nor JSON") from error
    if not isinstance(found, dict):
        raise Unparsable("the body is JSON, but not an object")
    return Form([(str(k), v if isinstance(v, str) else json.dumps(v)) for k, v in found.items()])


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError as error:
        raise Unparsable("the URL of the webhook cannot be read") from error


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Unparsable(f"the form has more than {MAX_FIELDS} fields") from error


def verify(payload: RawPayload, config: ChannelConfig) -> None:
    """Check X-Twilio-Signature with the account's auth token. Raises BadSignature.

    The signature covers the public URL and the fields of a form; other bodies are covered by
    their hash in the URL (bodySHA256). twilio.com/docs/usage/security
    """
    token = config.secrets.get("auth_token", "")
    signature = payload.headers.get("x-twilio-signature", "")
    if not token:
        raise BadSignature("auth_token is not set, so no webhook can be checked")
    if not signature:
        raise BadSignature("the header X-Twilio-Signature is missing")
    settings = payload.headers.get("x-twilio-webhooks-signature-settings", "")
    try:
        params: Form | str | None
        if payload.method == "GET":
            params = None
        elif _is_form(payload):
            params = read_form(payload)
        elif "bodySHA256=" in _query(payload.url):
            params = payload.body.decode("utf-8", "surrogateescape")
        else:
            raise BadSignature("a body that is no form needs bodySHA256 in the URL")
        good = RequestValidator(token).validate(
            payload.url, params, signature, get_signature_algorithm(settings)
        )
    except (ValueError, UnicodeError, Unparsable) as error:  # a URL or a body that cannot be signed
        raise BadSignature("the webhook cannot be read, so its signature means nothing") from error
    if not good:
        raise BadSignature
