"""A desk for measuring: SQLite in a temporary folder, one agent, one mail inbox, one widget."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from channels.contract import RawPayload
from channels.email.listener import Delivery, Recipient
from desk.admin import create_token
from desk.agents import service as agents
from desk.db import migrate
from desk.inboxes import service as inboxes
from desk.settings import Settings
from desk.wiring import Desk, build

ADDRESS = "support@demo.example"
WIDGET = "bench-widget"
_MAIL = (
    "From: {name} <{address}>\r\nTo: support@demo.example\r\nSubject: Parcel {number}\r\n"
    "Message-ID: <{number}.{address}>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "Hello,\r\n\r\nmy parcel {number} has not arrived. When will it come?\r\n\r\n"
    "On Fri, 20 Nov 2026 at 09:12, Support <support@demo.example> wrote:\r\n"
    "> It left our warehouse today.\r\n\r\n"
    "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    "<p>Hello,</p><p>my parcel {number} has not arrived. <b>When</b> will it come?</p>\r\n"
    "--b--\r\n"
)


def settings(folder: Path, **more: str) -> Settings:
    """The defaults, in a folder of their own."""
    return Settings.load(
        {
            "DESK_DATA_DIR": str(folder),
            "DESK_SMTP_PORT": "0",
            "DESK_LOG_LEVEL": "warning",
            "DESK_API_RATE": "100000000",
            "DESK_VISITOR_RATE": "100000000",
            "DESK_WORKER": "false",
            **more,
        }
    )


async def furnish(folder: Path) -> tuple[Desk, UUID, str]:
    """A migrated desk with its people and inboxes; answers with it, the mail inbox and a token."""
    made = settings(folder)
    migrate.upgrade(made.database_url)
    desk = build(made)
    async with desk.units.write() as work:
        await agents.create(work, email="agent@demo.example", name="Marta Lindqvist", role="agent")
        inbox = await inboxes.create(
            work,
            desk.shelf.box,
            channel="email",
            name="Support",
            address=ADDRESS,
            options={"smtp_host": "127.0.0.1", "smtp_port": 9, "smtp_tls": "none"},
        )
        await inboxes.create(work, desk.shelf.box, channel="webchat", name="Shop", address=WIDGET)
    token = await create_token(made, "agent@demo.example", "bench", ())
    return desk, inbox.id, token


def mail(number: int, inbox_id: UUID) -> Delivery:
    """A usual mail: two alternatives, a quote, one of 500 senders."""
    address = f"customer{number % 500}@example.org"
    body = _MAIL.format(name=f"Customer {number % 500}", address=address, number=number)
    payload = RawPayload(
        body=body.encode(),
        headers={"envelope-from": address, "envelope-to": ADDRESS},
        content_type="message/rfc822",
    )
    return Delivery(address, (Recipient(ADDRESS, str(inbox_id)),), payload)
