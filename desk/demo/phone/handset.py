"""What a newcomer can ask of the phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar.datastructures import UploadFile

from channels.contract import Attachment
from desk.demo.phone.apps import App
from desk.demo.phone.clock import let_a_day_pass
from desk.demo.picture import COUNT, png
from desk.errors import Invalid, NotFound
from desk.files.sniff import content_type
from desk.unit_of_work import Units

MAX_FILE: Final = 5 * 1024 * 1024  # bytes
MAX_TEXT: Final = 4000  # characters
SAID: Final = {
    "fail": "The provider refuses the desk's next call; the desk tries again later.",
    "day": "A day has passed: the desk may not send free text now.",
    "forge": "Sent with a wrong signature; see what the desk answered.",
    "first": "Write something first.",
    "garble": "Sent. The desk cannot read it: see Settings, Intake.",
}

Fields = Mapping[str, Any]


class Phone:
    """The apps with the inboxes that they write to."""

    def __init__(
        self, apps: Mapping[str, App], inboxes: Mapping[str, UUID], units: Units, origin: str
    ) -> None:
        """`origin`: of the desk's pages, the only ones whose forms are taken."""
        self.apps = apps
        self.inboxes = inboxes
        self.units = units
        self.origin = origin
        self._photos = 0

    def app(self, kind: str) -> App:
        """Raises NotFound."""
        if kind not in self.apps:
            raise NotFound("The phone has no such app.")
        return self.apps[kind]

    async def act(self, app: App, fields: Fields) -> str:
        """Do what a form asks; the key in `SAID` of what to say about it, or ""."""
        asked = str(fields.get("act", "write"))
        if asked in SAID:
            return await self._go_wrong(app, asked)
        match asked:
            case "write":
                await app.write(*await self._written(fields))
            case "photo":
                self._photos += 1
                picture = Attachment("photo.png", "image/png", png(self._photos % COUNT))
                await app.write("", picture)
            case "press":
                await app.press(*(str(fields[name]) for name in ("title", "payload", "on")))
            case "react":
                await app.react(str(fields["emoji"]), str(fields["on"]))
            case "read":
                await app.read()
            case "turn":
                await app.turn(str(fields["name"]), on=fields.get("on") == "true")
            case other:
                raise Invalid(errors=[("act", f"the phone cannot {other}")])
        return ""

    async def _go_wrong(self, app: App, asked: str) -> str:
        if asked == "fail":
            app.fail_once()
        elif asked == "day":
            app.let_time_pass()
            await let_a_day_pass(self.units, self.inboxes[app.kind])
        elif asked == "forge":
            return "forge" if await app.forge() else "first"
        elif asked == "garble":
            await app.garble()
        return asked

    async def _written(self, fields: Fields) -> tuple[str, Attachment | None]:
        text = str(fields.get("text", "")).strip().replace("\r\n", "\n")
        upload, file = fields.get("file"), None
        if isinstance(upload, UploadFile):
            data = await upload.read(MAX_FILE + 1)
            if len(data) > MAX_FILE:
                raise Invalid(errors=[("file", "the phone sends files of at most 5 MB")])
            if data:
                kind = content_type(data, upload.content_type)
                file = Attachment(upload.filename or "file", kind, data)
        if not text and file is None:
            raise Invalid(errors=[("text", "write something")])
        if len(text) > MAX_TEXT:
            raise Invalid(errors=[("text", f"write at most {MAX_TEXT} characters")])
        return text, file
