"""The contact form: first it shows articles that may answer, then it opens a ticket.

It works without a script: what was written travels in hidden fields. The form's key makes sending
it twice one ticket. Machines are kept off by a field that people do not see and by a rate.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from channels.contract import Address, InboundMessage
from desk.api.authentication import PUBLIC
from desk.contacts.identity import normalise
from desk.db.text import storable
from desk.errors import NotFound
from desk.help import site
from desk.help.answers import PRIVATE, answer
from desk.help.site import InjectedHelp, Site
from desk.intake import service as intake
from desk.intake.language import with_language
from desk.knowledge import finding
from knowledge_base import analytics, reading
from knowledge_base.reading import Moved

Req = Request[Any, Any, Any]
MAX_MESSAGE: Final = 10_000
MAX_SHORT: Final = 200
SHOWN: Final = 4
SECONDS: Final = 60
FormData = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
Short = Annotated[str, QueryParameter(max_length=300)]


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote into the form."""

    name: str = ""
    email: str = ""
    subject: str = ""
    message: str = ""
    key: str = ""

    @classmethod
    def read(cls, form: dict[str, str]) -> Written:
        """The fields, cut to what they may hold; a key that is none is replaced."""
        try:
            key = str(UUID(form.get("key", "")))
        except ValueError:
            key = str(uuid4())

        def line(name: str) -> str:
            return storable(" ".join(form.get(name, "").split()))[:MAX_SHORT]

        message = storable(form.get("message", "").replace("\r\n", "\n")).strip()[:MAX_MESSAGE]
        return cls(
            name=line("name"),
            email=line("email"),
            subject=line("subject"),
            message=message,
            key=key,
        )

    def problems(self) -> dict[str, str]:
        """Field, then the key of the words that say what is wrong."""
        found: dict[str, str] = {}
        try:
            normalise("email", self.email)
        except ValueError:
            found["email"] = "error_email"
        if not self.message:
            found["message"] = "error_message"
        return found


@get("/{locale:str}/contact", opt={PUBLIC: True}, include_in_schema=False)
async def form(
    request: Req,
    help_center: InjectedHelp,
    locale: FromPath[str],
    q: FromQuery[Short] = "",
) -> Response[bytes]:
    """The empty form; `q` is what was searched for without finding it."""
    async with help_center.core.units.read() as session:
        here = await site.load(request, help_center, session, locale)
    written = Written(subject=" ".join(q.split())[:MAX_SHORT], key=str(uuid4()))
    return answer(request, _form(here, written, {}), cache=PRIVATE)


@post("/{locale:str}/contact", opt={PUBLIC: True}, include_in_schema=False, status_code=200)
async def send(
    request: Req, help_center: InjectedHelp, locale: FromPath[str], data: FormData
) -> Response[bytes]:
    """Check, suggest, and with `step=send` open the ticket."""
    written = Written.read(data)
    step = data.get("step", "")
    async with help_center.core.units.read() as session:
        here = await site.load(request, help_center, session, locale)
        problems = written.problems()
        if here.mail is None or problems or step == "change":
            status = 422 if problems and step != "change" else 200
            shown = problems if step != "change" else {}
            return answer(request, _form(here, written, shown), status=status, cache=PRIVATE)
        if step != "send":
            found = await finding.search(
                session,
                help_center.library,
                f"{written.subject} {written.message}"[: finding.MAX_QUERY],
                locale,
                here.audiences,
                limit=SHOWN,
            )
            if found.items:
                body = here.render(
                    "suggest.html.jinja",
                    title=here.words("contact_us"),
                    robots="noindex",
                    written=written,
                    found=[
                        (item, here.url("article", item.entry.slug, item.entry.locale))
                        for item in found.items
                    ],
                )
                return answer(request, body, cache=PRIVATE)
    wait = help_center.messages.take(help_center.network(request))
    if wait:
        minutes = math.ceil(wait / SECONDS)
        body = _form(here, written, {}, here.words("error_rate", n=minutes))
        headers = {"retry-after": str(math.ceil(wait))}
        return answer(request, body, status=429, cache=PRIVATE, headers=headers)
    number = None if data.get("website") else await _open(request, here, written)
    body = here.render(
        "sent.html.jinja",
        title=here.words("sent"),
        robots="noindex",
        email=written.email,
        number=number,
    )
    return answer(request, body, cache=PRIVATE)


async def _open(request: Req, here: Site, written: Written) -> int:
    """Open a ticket in the mail inbox, through the intake of every channel."""
    assert here.mail is not None  # noqa: S101 - looked at by the caller
    address = normalise("email", written.email)
    message = InboundMessage(
        channel="email",
        sender=Address("email", address, written.name),
        text=written.message,
        external_id=f"{written.key}@contact-form",
        subject=written.subject,
        locale=here.locale,
    )
    message = await with_language(message, here.mail.locale)
    async with here.parts.core.units.write() as work:
        accepted = await intake.accept(work, here.mail, message)
        await analytics.escalated(work.session, work.now, here.parts.visitor(request, work.now))
        await analytics.asked_again(work.session, work.now, contact_id=accepted.contact_id)
    return accepted.ticket.number


def _form(here: Site, written: Written, problems: dict[str, str], refused: str = "") -> str:
    return here.render(
        "contact.html.jinja",
        title=here.words("contact_us"),
        description=here.words("contact_lead"),
        robots="noindex",
        written=written,
        problems={field: here.words(key) for field, key in problems.items()},
        refused=refused,
        hours=here.hours(),
    )


@post(
    "/{locale:str}/articles/{slug:str}/feedback",
    opt={PUBLIC: True},
    include_in_schema=False,
)
async def feedback(
    request: Req,
    help_center: InjectedHelp,
    locale: FromPath[str],
    slug: FromPath[str],
    data: FormData,
) -> Redirect:
    """Whether an article helped; a No may say why in a second step."""
    helpful = data.get("helpful") == "yes"
    async with help_center.core.units.read() as session:
        here = await site.load(request, help_center, session, locale)
        shown = await reading.find(session, locale, slug, here.audiences)
    if shown is None or isinstance(shown, Moved):
        raise NotFound
    told = "told" in data
    if not here.is_agent and not help_center.votes.take(help_center.network(request)):
        async with help_center.core.units.write() as work:
            await analytics.rated(
                work.session,
                work.now,
                shown.row.id,
                shown.version.number,
                help_center.visitor(request, work.now),
                helpful=helpful,
                reason=data.get("reason", ""),
                text=storable(data.get("text", "")),
            )
    rated = "yes" if helpful else ("told" if told else "no")
    where = f"{here.url('article', slug)}?{urlencode({'rated': rated})}#rate"
    return Redirect(where, status_code=303)


HANDLERS: Final = (form, send, feedback)
