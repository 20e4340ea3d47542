"""The customers' mails as their programs would have written them."""

from __future__ import annotations

import html as entities
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import Message
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from typing import Final

from channels.contract import RawPayload
from desk.demo.picture import png

_STYLE: Final = "font-family:Helvetica,Arial,sans-serif;font-size:14px;line-height:1.5"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be written. Message ids are without angle brackets."""

    name: str
    sender: str
    to: str
    subject: str
    text: str
    at: datetime
    message_id: str
    in_reply_to: str | None = None
    quoted: str = ""
    html: bool = False
    picture: int | None = None


def letter(source: Letter) -> RawPayload:
    """A mail with what it answers quoted below, as text or as text and HTML."""
    attribution = f"On {source.at:%a, %d %b %Y}, Fjell & Sand <{source.to}> wrote:"
    text = source.text
    if source.quoted:
        text += f"\n\n{attribution}\n" + "\n".join(f"> {row}" for row in source.quoted.splitlines())
    mail: Message = MIMEText(text, "plain", "utf-8")
    if source.html:
        mail = MIMEMultipart(
            "alternative", None, [mail, MIMEText(_html(source, attribution), "html")]
        )
    if source.picture is not None:
        photo = MIMEImage(png(source.picture), "png", name=f"photo-{source.picture + 1}.png")
        mail = MIMEMultipart("mixed", None, [mail, photo])
    mail["From"] = formataddr((source.name, source.sender))
    mail["To"] = source.to
    subject = f"Re: {source.subject}" if source.in_reply_to else source.subject
    mail["Subject"] = Header(subject, "utf-8").encode()
    mail["Date"] = format_datetime(source.at)
    mail["Message-ID"] = f"<{source.message_id}>"
    if source.in_reply_to:
        mail["In-Reply-To"] = mail["References"] = f"<{source.in_reply_to}>"
    return RawPayload(body=bytes(mail), content_type="message/rfc822", received_at=source.at)


def _html(source: Letter, attribution: str) -> str:
    paragraphs = "".join(
        f"<p>{entities.escape(part).replace(chr(10), '<br>')}</p>"
        for part in source.text.split("\n\n")
    )
    quote = ""
    if source.quoted:
        body = entities.escape(source.quoted).replace("\n", "<br>")
        quote = (
            f'<div class="gmail_quote"><div>{entities.escape(attribution)}<br></div>'
            f'<blockquote class="gmail_quote" style="margin:0 0 0 8px;padding-left:8px;'
            f'border-left:1px solid #ccc">{body}</blockquote></div>'
        )
    return f'<html><body><div style="{_STYLE}" dir="auto">{paragraphs}</div>{quote}</body></html>'


def bounce(to: str, recipient: str, original_id: str, at: datetime, number: int) -> RawPayload:
    """What a mail server sends back for an address that it does not know (RFC 3464)."""
    boundary = f"=_report_{number}"
    diagnostic = f"550 5.1.1 <{recipient}>: Recipient address rejected: User unknown"
    head = "\r\n".join(
        (
            "From: Mail Delivery System <MAILER-DAEMON@mx.example>",
            f"To: {to}",
            "Subject: Undelivered Mail Returned to Sender",
            f"Date: {format_datetime(at)}",
            f"Message-ID: <bounce-{number}@mx.example>",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
        )
    )
    shown = (
        "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
        "I'm sorry to have to inform you that your message could not be delivered to\r\n"
        f"one recipient.\r\n\r\n<{recipient}>: {diagnostic}\r\n"
    )
    status = (
        "Content-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\n"
        f"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; {diagnostic}\r\n"
    )
    returned = (
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{original_id}>\r\n"
        f"To: {recipient}\r\n"
    )
    body = (
        "".join(f"--{boundary}\r\n{part}\r\n" for part in (shown, status, returned))
        + f"--{boundary}--\r\n"
    )
    return RawPayload(
        body=f"{head}\r\n\r\n{body}".encode(), content_type="message/rfc822", received_at=at
    )
