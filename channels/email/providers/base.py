"""What the services have in common: the port each fills, forms, mails put together again. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any, Final, Protocol, cast
from urllib.parse import parse_qsl, urlsplit

import msgspec

from channels.contract import (
    Address,
    Attachment,
    BadSignature,
    ChannelConfig,
    MessageState,
    Notice,
    RawPayload,
    StatusUpdate,
    Unparsable,
)
from channels.email.headers import message_ids, normalise_address, one_line
from channels.signing import same

MAX_FIELDS: Final = 500
USER: Final = "parley"  # of basic auth
KEY_NAME: Final = "parley"  # under which a service gives our message's key back


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail, byte for byte or put together again, with the recipients of its envelope."""

    raw: bytes
    recipients: tuple[str, ...] = ()


Item = Arrived | StatusUpdate | Notice


class Provider(Protocol):
    """One sending service. Stateless."""

    name: str

    def verify(self, payload: RawPayload, config: ChannelConfig) -> None:
        """Raise `BadSignature` unless the service sent this payload."""

    def split(self, payload: RawPayload) -> Sequence[RawPayload]:
        """One payload for each event of a batch."""

    def event_id(self, payload: RawPayload) -> str:
        """The service's own name of an event; "" for a mail."""

    def read(self, payload: RawPayload) -> Sequence[Item]:
        """Mails and states. Raises `Unparsable`."""

    def headers(self, key: str) -> Mapping[str, str]:
        """What to write into our mails, so that states name the message."""


def json_of(payload: RawPayload) -> Any:  # noqa: ANN401 - whatever was sent
    """The body as JSON. Raises `Unparsable`."""
    try:
        return msgspec.json.decode(payload.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unparsable(f"the payload is not JSON: {error}") from error


def mapping(value: object) -> Mapping[str, Any]:
    """The value, if it is an object; an empty one otherwise."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def listed(value: object) -> Sequence[Any]:
    """The value, if it is an array; an empty one otherwise."""
    return cast("Sequence[Any]", value) if isinstance(value, list | tuple) else ()


def word(value: object) -> str:
    """A scalar as text; "" for everything else."""
    return str(value) if isinstance(value, str | int | float) else ""


def plain(text: str) -> str:
    """One line that databases take: no control characters, no lone surrogates."""
    return one_line(text).encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Form:
    """Fields and files of an HTML form."""

    fields: Mapping[str, bytes] = field(default_factory=dict)
    files: Mapping[str, Attachment] = field(default_factory=dict)

    def text(self, name: str, charset: str = "utf-8") -> str:
        """A field as text."""
        data = self.fields.get(name, b"")
        try:
            return data.decode(charset)
        except (UnicodeDecodeError, LookupError):
            return data.decode("utf-8", "replace")


def form_of(payload: RawPayload) -> Form:
    """A form, urlencoded or multipart (RFC 7578)."""
    kind = payload.content_type.lower()
    if "multipart/form-data" not in kind:
        text = payload.body.decode("latin-1")  # bytes go through unchanged, escaped or not
        try:
            pairs = parse_qsl(
                text, keep_blank_values=True, max_num_fields=MAX_FIELDS, encoding="latin-1"
            )
        except ValueError as error:
            raise Unparsable(f"the form cannot be read: {error}") from error
        return Form({name: value.encode("latin-1") for name, value in pairs})
    head = f"Content-Type: {one_line(payload.content_type)}\r\n\r\n".encode("utf-8", "replace")
    message = BytesParser(policy=compat32).parsebytes(head + payload.body)
    fields: dict[str, bytes] = {}
    files: dict[str, Attachment] = {}
    parts = message.get_payload()
    found = [one for one in parts if isinstance(one, Message)] if isinstance(parts, list) else []
    for part in found[:MAX_FIELDS]:
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(data, bytes):
            continue
        filename = part.get_filename()
        if filename is None:
            fields[name] = data
        else:
            named = str(filename).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            files[name] = Attachment(named, part.get_content_type(), data)
    return Form(fields, files)


def check_password(payload: RawPayload, config: ChannelConfig, service: str) -> None:
    """The secret in the webhook's URL: `https://parley:SECRET@...` or `?token=SECRET`.

    Raises `BadSignature`. For services that sign nothing.
    """
    ours = config.secrets.get("webhook_password", "")
    if not ours:
        raise BadSignature(f"webhook_password is not set, so nobody can tell {service} from others")
    query = dict(parse_qsl(urlsplit(payload.url).query))
    basic = base64.b64encode(f"{USER}:{ours}".encode()).decode("ascii")
    shown = payload.headers.get("authorization", "")
    if not same(f"Basic {basic}", shown) and not same(ours, query.get("token", "")):
        raise BadSignature("the password in the webhook's URL does not fit")


def moment(value: object) -> datetime | None:
    """An ISO time or seconds since 1970, in UTC."""
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        when = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def state(
    name: MessageState, message_id: str, key: str, recipient: str, when: object, reason: str = "",
    *, code: str = "", permanent: bool = False,
) -> StatusUpdate:  # fmt: skip
    """What became of a mail of ours."""
    ids = message_ids([message_id if "<" in message_id or not message_id else f"<{message_id}>"])
    return StatusUpdate(
        external_id=plain(ids[0]) if ids else "", state=name, at=moment(when),
        reason=plain(reason)[:1000],
        permanent=permanent, code=plain(code)[:60], key=plain(key),
        recipient=plain(normalise_address(recipient)),
    )  # fmt: skip


def complaint(event_id: str, recipient: str, when: object, service: str) -> Notice:
    """Somebody pressed "this is spam"."""
    address = plain(normalise_address(recipient))
    return Notice(
        text=f"{address} reported a mail of ours as spam ({service}).",
        external_id=plain(event_id)[:900], at=moment(when), warning=True,
        about=Address("email", address),
    )  # fmt: skip


def _header(name: str, value: str) -> bytes:
    clean = one_line(value)
    return f"{name}: {clean}\r\n".encode("utf-8", "surrogateescape")


def _part(kind: str, data: bytes, more: str = "") -> bytes:
    head = f"Content-Type: {one_line(kind)}\r\n{more}Content-Transfer-Encoding: base64\r\n\r\n"
    return head.encode("utf-8", "replace") + base64.encodebytes(data)


def rebuild(
    headers: Iterable[tuple[str, str]], text: str, html: str, files: Sequence[Attachment]
) -> bytes:
    """A mail from what a service made of it; our parser reads it like any other."""
    out = b""
    for name, value in headers:
        clean = name.strip()
        if re.fullmatch(r"[!-9;-~]+", clean) and not clean.lower().startswith(
            ("content-", "mime-version")
        ):
            out += _header(clean, value)
    boundary = "=_parley_rebuilt_mixed"
    inner = "=_parley_rebuilt_versions"
    out += b"MIME-Version: 1.0\r\n"
    out += f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'.encode()
    out += (
        f'--{boundary}\r\nContent-Type: multipart/alternative; boundary="{inner}"\r\n\r\n'.encode()
    )
    for kind, version in (("plain", text), ("html", html)):
        if version:
            body = _part(f"text/{kind}; charset=utf-8", version.encode("utf-8", "replace"))
            out += f"--{inner}\r\n".encode() + body
    out += f"--{inner}--\r\n".encode()
    for file in files:
        name = one_line(file.filename).replace('"', "'")
        disposition = "inline" if file.inline else "attachment"
        more = f'Content-Disposition: {disposition}; filename="{name}"\r\n'
        if file.content_id:
            more += f"Content-ID: <{one_line(file.content_id).strip('<>')}>\r\n"
        kind = file.content_type.partition(";")[0].strip() or "application/octet-stream"
        out += f"--{boundary}\r\n".encode() + _part(kind, file.data, more)
    return out + f"--{boundary}--\r\n".encode()
