"""`/demo/mail`: the sink's mails for people and for tests, and a mail to the desk from the page."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiosmtplib
import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from channels.emulators.mail_sink import MailSink, SunkMail
from desk.api.authentication import PUBLIC
from desk.demo.people import SUPPORT
from desk.errors import Conflict, Forbidden, Invalid, NotFound
from desk.unit_of_work import Clock

HERE: Final = Path(__file__).parent
NEWCOMER: Final = "you@customer.example"
SHOWN: Final = 100  # mails in the list
_FILES: Final = {"page.css": "text/css", "page.js": "text/javascript"}
_SENT: Final = "Sent. The ticket is in the agent app within a second."


@dataclass(frozen=True, slots=True)
class Form:
    """What the form starts with."""

    sender: str = NEWCOMER
    to: str = SUPPORT
    subject: str = ""
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """Where the form's mails go: our own listener, over SMTP like anybody's."""

    host: str
    port: int
    origin: str  # of the desk's pages


def routes(sink: MailSink, box: Post, clock: Clock) -> list[Any]:
    """The handlers. Nobody has to be signed in: it is a demo, on loopback."""
    environment = Environment(
        loader=PackageLoader("desk.demo.mail", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html.jinja")

    def page(**values: object) -> Response[str]:
        text = template.render(**{"mails": (), "shown": None, "told": "", "form": Form(), **values})
        return Response(text, media_type=MediaType.HTML, headers={"cache-control": "no-store"})

    @get("/demo/mail", opt={PUBLIC: True}, include_in_schema=False, sync_to_thread=False)
    def listing(sent: FromQuery[bool] = False) -> Response[str]:
        return page(mails=sink.mails(SHOWN), told=_SENT if sent else "")

    @get("/demo/mail.json", opt={PUBLIC: True}, include_in_schema=False, sync_to_thread=False)
    def as_json() -> Response[bytes]:
        return Response(msgspec.json.encode({"items": sink.mails()}), media_type="application/json")

    @get(
        "/demo/mail/{mail_id:str}", opt={PUBLIC: True}, include_in_schema=False,
        sync_to_thread=False,
    )  # fmt: skip
    def one(mail_id: FromPath[str]) -> Response[Any]:
        if mail_id in _FILES:
            return Response((HERE / mail_id).read_bytes(), media_type=_FILES[mail_id])
        mail = sink.get(mail_id)
        if mail is None:
            raise NotFound("There is no such mail; only the newest are kept.")
        return page(shown=mail, form=_answer(mail))

    @post("/demo/mail", opt={PUBLIC: True}, include_in_schema=False, status_code=303)
    async def write(request: Request[Any, Any, Any]) -> Redirect:
        if request.headers.get("origin", box.origin) != box.origin:
            raise Forbidden("This form can only be sent from its own page.")
        fields = {name: str(value) for name, value in (await request.form()).items()}
        await _send(fields, box, clock)
        return Redirect(f"/demo/mail?{urlencode({'sent': 'true'})}", status_code=303)

    return [listing, as_json, one, write]


def _answer(mail: SunkMail) -> Form:
    subject = mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}"
    return Form(
        sender=mail.recipients[0] if mail.recipients else NEWCOMER,
        to=_address(mail.reply_to or mail.sender) or SUPPORT,
        subject=subject,
        in_reply_to=mail.message_id,
    )


def _address(header: str) -> str:
    """The bare address in a From or Reply-To."""
    mail = EmailMessage()
    mail["To"] = header
    addresses = mail["To"].addresses
    return str(addresses[0].addr_spec) if addresses else ""


async def _send(fields: dict[str, str], box: Post, clock: Clock) -> None:
    sender, text = fields.get("from", "").strip(), fields.get("text", "").strip()
    if not text:
        raise Invalid(errors=[("text", "write something")])
    mail = EmailMessage()
    try:
        mail["From"], mail["To"] = sender, fields.get("to", "").strip() or SUPPORT
        mail["Subject"] = " ".join(fields.get("subject", "").split())
        mail["Date"] = format_datetime(clock())
        mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "customer.example")
        original = fields.get("in_reply_to", "").strip()
        if original:
            mail["In-Reply-To"] = mail["References"] = original
        mail.set_content(text.replace("\r\n", "\n"))
    except (ValueError, IndexError) as error:
        raise Invalid("The addresses or the subject cannot be written into a mail.") from error
    if "@" not in sender:
        raise Invalid(errors=[("from", "is not a mail address")])
    try:
        await aiosmtplib.send(mail, hostname=box.host, port=box.port, start_tls=False)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Conflict(f"The desk's mail listener did not take it: {error}") from error
