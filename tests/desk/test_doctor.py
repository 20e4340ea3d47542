"""`desk doctor`: each inbox with its credentials, its webhook, its last failures, and a remedy."""

from __future__ import annotations

from desk import doctor
from desk.inboxes import service as inboxes
from desk.settings import Settings
from desk.wiring import build
from tests.desk.whole import SECRET


async def test_every_line_says_what_to_do(desk_database_url: str, tmp_path: object) -> None:
    settings = Settings(
        database_url=desk_database_url, data_dir=str(tmp_path), secret_key=SECRET, jobs="embedded"
    ).completed()
    desk = build(settings)
    async with desk.units.write() as work:
        inbox = await inboxes.create(
            work,
            desk.shelf.box,
            channel="whatsapp",
            name="WhatsApp",
            address="+15550783881",
            options={"api_url": "http://127.0.0.1:1"},
            secrets={"access_token": "t"},
        )
    lines = {line.name: line for line in await doctor.examine(settings)}
    assert lines["payloads that could not be taken in"].ok
    webhook = lines["WhatsApp: webhook"]
    assert (webhook.ok, webhook.detail) == (False, "never yet")
    assert f"/webhooks/whatsapp/{inbox.id}" in webhook.remedy
    tried = [line for name, line in lines.items() if name.startswith("WhatsApp: ")]
    assert any(not line.ok and line.remedy for line in tried if line is not webhook)
    async with desk.units.write() as work:
        await inboxes.note_sent(work, inbox.id, "the token has expired")
        await work.session.flush()
    lines = {line.name: line for line in await doctor.examine(settings)}
    assert "the token has expired" in lines["WhatsApp: sending"].detail
    async with desk.units.write() as work:
        await inboxes.note_sent(work, inbox.id, None)
    lines = {line.name: line for line in await doctor.examine(settings)}
    assert lines["WhatsApp: sending"].ok
    await desk.engine.dispose()
