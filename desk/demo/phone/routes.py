"""`/demo/phone`: the phone for people and for tests. Nobody has to be signed in: it is a demo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from channels.contract import Attachment
from desk.api.authentication import PUBLIC
from desk.api.security_headers import UNTRUSTED_CONTENT
from desk.demo.phone.apps import CUSTOMER, App
from desk.demo.phone.bubbles import PICTURES, Bubble, wire
from desk.demo.phone.handset import SAID, Phone
from desk.errors import Forbidden, Invalid, NotFound

HERE: Final = Path(__file__).parent
SHOWN_WIRE: Final = 30
_FILES: Final = {"page.css": "text/css", "page.js": "text/javascript"}
EMOJI: Final = ("👍", "❤️", "😂", "🙏")


def routes(phone: Phone) -> list[Any]:
    """The handlers."""
    template = _template()

    def page(app: App | None, told: str = "") -> Response[str]:
        text = template.render(
            apps=list(phone.apps.values()),
            app=app,
            bubbles=app.bubbles() if app else (),
            wire=[wire(n, one) for n, one in enumerate(app.wire()[:SHOWN_WIRE])] if app else (),
            told=told,
            customer=CUSTOMER,
            emoji=EMOJI,
        )
        return Response(text, media_type=MediaType.HTML, headers={"cache-control": "no-store"})

    @get("/demo/phone", opt={PUBLIC: True}, include_in_schema=False, sync_to_thread=False)
    def home() -> Response[str]:
        return page(None)

    @get("/demo/phone.json", opt={PUBLIC: True}, include_in_schema=False, sync_to_thread=False)
    def as_json() -> Response[bytes]:
        found = {kind: [_plain(one) for one in app.bubbles()] for kind, app in phone.apps.items()}
        return Response(msgspec.json.encode(found), media_type="application/json")

    @get(
        "/demo/phone/{name:str}", opt={PUBLIC: True}, include_in_schema=False,
        sync_to_thread=False,
    )  # fmt: skip
    def one(name: FromPath[str], told: FromQuery[str] = "") -> Response[Any]:
        if name in _FILES:
            return Response((HERE / name).read_bytes(), media_type=_FILES[name])
        return page(phone.app(name), SAID.get(told, ""))

    @get(
        "/demo/phone/{name:str}/files/{bubble_id:str}/{index:int}", opt={PUBLIC: True},
        include_in_schema=False, sync_to_thread=False,
    )  # fmt: skip
    def file(
        name: FromPath[str], bubble_id: FromPath[str], index: FromPath[int]
    ) -> Response[bytes]:
        return _file(phone.app(name).bubbles(), bubble_id, index)

    @post("/demo/phone/{name:str}", opt={PUBLIC: True}, include_in_schema=False, status_code=303)
    async def act(name: FromPath[str], request: Request[Any, Any, Any]) -> Redirect:
        if request.headers.get("origin", phone.origin) != phone.origin:
            raise Forbidden("This form can only be sent from its own page.")
        fields = dict(await request.form())
        try:
            told = await phone.act(phone.app(name), fields)
        except KeyError as error:
            raise Invalid(errors=[(str(error.args[0]), "is missing")]) from error
        return Redirect(f"/demo/phone/{name}" + (f"?told={told}" if told else ""), status_code=303)

    return [home, as_json, one, file, act]


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("desk.demo.phone", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["url"] = lambda text: quote(str(text), safe="")
    return environment.get_template("page.html.jinja")


def _plain(one: Bubble) -> dict[str, Any]:
    return {
        "id": one.id, "mine": one.mine, "text": one.text, "kind": one.kind,
        "files": len(one.files), "told": list(one.told), "reactions": list(one.reactions),
        "choices": [choice.title for choice in one.choices], "failed": one.failed,
    }  # fmt: skip


def _file(bubbles: Sequence[Bubble], bubble_id: str, index: int) -> Response[bytes]:
    """A picture to look at; anything else to save, and inert. Raises NotFound."""
    files = next((one.files for one in bubbles if one.id == bubble_id), ())
    file = files[index] if 0 <= index < len(files) else None
    if not isinstance(file, Attachment):
        raise NotFound("The phone has no such file.")
    shown = file.content_type in PICTURES
    return Response(
        file.data,
        media_type=file.content_type if shown else "application/octet-stream",
        headers={
            "content-security-policy": UNTRUSTED_CONTENT,
            "content-disposition": "inline" if shown else "attachment",
        },
    )
