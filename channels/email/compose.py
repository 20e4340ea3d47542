"""An outgoing message as a mail: headers that thread, both bodies, files; pure."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import idna

from channels.contract import Address, Attachment, ChannelConfig, ChannelError, OutboundMessage
from channels.email.automated import LOOP_HEADER
from channels.email.headers import one_line
from channels.email.mime import safe_filename
from channels.email.threading import body_marker
from channels.email.webhook import sent_headers
from channels.templates import TemplateProblem, render

MAX_REFERENCES = 20
# Long Message-IDs would be torn into encoded words at the usual 78 characters.
_POLICY = SMTP.clone(max_line_length=980)
_ID = re.compile(r"[^\s<>]{1,400}@[^\s<>]{1,400}")


@dataclass(frozen=True, slots=True)
class Mail:
    """A composed mail and its envelope."""

    message: EmailMessage
    sender: str
    recipients: tuple[str, ...]  # the first one is the customer
    needs_smtputf8: bool

    def as_bytes(self) -> bytes:
        """What goes over the wire."""
        return self.message.as_bytes()


def wire_address(address: str) -> str:
    """An address as SMTP wants it: the domain in ASCII (IDNA), no line breaks.

    Raises `ChannelError` when it is no address.
    """
    local, at, domain = one_line(address).strip("<> ").rpartition("@")
    if not at or not local or not domain or re.search(r"[\s<>,;]", local + domain):
        raise ChannelError(f"{one_line(address)!r} is not a mail address", retryable=False)
    if domain.isascii():
        return f"{local}@{domain}"
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError as error:
        reason = f"{one_line(domain)!r} is not a domain"
        raise ChannelError(reason, retryable=False) from error


def _named(address: str, name: str) -> MailAddress:
    wire = wire_address(address)
    local, _, domain = wire.rpartition("@")
    return MailAddress(one_line(name)[:200], local, domain)


def reply_address(address: str, token: str | None, reply_domain: str = "") -> str:
    """Where answers go: our address with the token behind a plus."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{reply_domain or domain}" if token else address


def capped_references(references: Sequence[str], in_reply_to: str | None) -> tuple[str, ...]:
    """The first and the newest ids (RFC 5322, section 3.6.4), the one that is answered last."""
    known = [one for one in references if _ID.fullmatch(one) and one != in_reply_to]
    if in_reply_to and _ID.fullmatch(in_reply_to):
        known.append(in_reply_to)
    if len(known) > MAX_REFERENCES:
        known = [known[0], *known[-(MAX_REFERENCES - 1) :]]
    return tuple(known)


def _content_type(declared: str) -> tuple[str, str]:
    match = re.fullmatch(r"([\w.+-]+)/([\w.+-]+)", declared.strip().lower())
    if match is None or match[1] in ("multipart", "message"):
        return "application", "octet-stream"
    return match[1], match[2]


def _attach(mail: EmailMessage, file: Attachment) -> None:
    name = safe_filename(file.filename) or "attachment.bin"
    if file.content_type == "message/rfc822":
        mail.add_attachment(message_from_bytes(file.data, policy=_POLICY), filename=name)
        return
    main, sub = _content_type(file.content_type)
    mail.add_attachment(file.data, maintype=main, subtype=sub, filename=name)


def _inline(mail: EmailMessage, files: Iterable[Attachment]) -> None:
    body = mail.get_body(("html",))
    for file in files:
        main, sub = _content_type(file.content_type)
        if isinstance(body, EmailMessage):
            body.add_related(
                file.data, maintype=main, subtype=sub, disposition="inline",
                cid=f"<{one_line(file.content_id or '')}>",
                filename=safe_filename(file.filename) or "image.bin",
            )  # fmt: skip


def _filled(text: object, option: str, message: OutboundMessage, config: ChannelConfig) -> str:
    """An option with its variables filled in. Raises `ChannelError` when that cannot be done."""
    values = {
        "agent": {"name": message.author_name},
        "contact": {"name": message.to.name},
        "ticket": {
            "number": "" if message.number is None else str(message.number),
            "subject": message.subject,
        },
        "inbox": {"name": config.name, "address": config.address},
    }
    try:
        return render(str(text or ""), values).strip()
    except TemplateProblem as problem:
        reason = f"the inbox's {option} cannot be used: {problem}"
        raise ChannelError(reason, retryable=False, code="template") from problem


def _bodies(message: OutboundMessage, config: ChannelConfig) -> tuple[str, str | None]:
    text, html = message.text, message.html
    signature = _filled(config.options.get("signature"), "signature", message, config)
    marker = body_marker(message.reply_token) if (
        message.reply_token and config.options.get("body_marker")
    ) else ""  # fmt: skip
    if signature:
        text = f"{text.rstrip()}\n\n-- \n{signature}"
        html = (
            html and f"{html}<p>-- <br>{'<br>'.join(entities.escape(signature).splitlines())}</p>"
        )
    if marker:
        text = f"{text.rstrip()}\n\n{marker}"
        html = html and f'{html}<p style="color: #888888">{marker}</p>'
    return text.replace("\r\n", "\n").rstrip("\n") + "\n", html


def _from_name(message: OutboundMessage, config: ChannelConfig) -> str:
    shown = one_line(_filled(config.options.get("from_display"), "from_display", message, config))
    if shown:
        return shown
    house = str(config.options.get("from_name") or config.name)
    author = message.author_name.strip()
    return f"{author} ({house})" if author and house and author != house else author or house


def compose(
    message: OutboundMessage, config: ChannelConfig, *, date: datetime, message_id: str
) -> Mail:
    """Build the mail. `date` is aware. Raises `ChannelError` on an address that is none."""
    copied = _copied(message, config)
    recipients = list(dict.fromkeys(wire_address(a.value) for a in (message.to, *copied)))
    needs_utf8 = not all(one.isascii() for one in (*recipients, wire_address(config.address)))
    mail = EmailMessage(policy=_POLICY.clone(utf8=True) if needs_utf8 else _POLICY)
    mail["Message-ID"] = f"<{one_line(message_id).strip('<>')}>"
    mail["Date"] = format_datetime(date)
    mail["From"] = _named(config.address, _from_name(message, config))
    mail["To"] = _named(message.to.value, message.to.name)
    if copied:
        mail["Cc"] = tuple(_named(one.value, one.name) for one in copied)
    if message.reply_token:
        domain = str(config.options.get("reply_domain") or "")
        mail["Reply-To"] = _named(
            reply_address(config.address, message.reply_token, domain),
            str(config.options.get("from_name") or config.name),
        )
    mail["Subject"] = one_line(message.subject)[:900]
    references = capped_references(message.references, message.in_reply_to)
    if message.in_reply_to and _ID.fullmatch(message.in_reply_to):
        mail["In-Reply-To"] = f"<{message.in_reply_to}>"
    if references:
        mail["References"] = " ".join(f"<{one}>" for one in references)
    if message.automated:
        mail["Auto-Submitted"] = "auto-replied" if message.in_reply_to else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    if message.locale and re.fullmatch(r"[A-Za-z0-9-]{2,20}", message.locale):
        mail["Content-Language"] = message.locale
    for name, value in sent_headers(config, message.key).items():
        mail[name] = value
    mail[LOOP_HEADER] = re.sub(r"[^\w.-]", "", config.inbox_id) or "1"
    text, html = _bodies(message, config)
    mail.set_content(text, cte="quoted-printable")
    files = list(message.attachments)
    if html is not None:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        shown = [one for one in files if one.inline and one.content_id
                 and f"cid:{one.content_id}" in html]  # fmt: skip
        _inline(mail, shown)
        files = [one for one in files if one not in shown]
    for file in files:
        _attach(mail, file)
    return Mail(mail, wire_address(config.address), tuple(recipients), needs_utf8)


def _is_own(address: str, own: str) -> bool:
    """Whether it is our own address, with or without a token behind a plus."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" == own.lower()


def _copied(message: OutboundMessage, config: ChannelConfig) -> list[Address]:
    """The copied ones, without doubles, without the customer and without ourselves."""
    taken = {message.to.value.lower()}
    out = []
    for one in message.cc:
        if one.value.lower() not in taken and not _is_own(one.value, config.address):
            taken.add(one.value.lower())
            out.append(one)
    return out
