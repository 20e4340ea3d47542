"""`desk demo`: migrate, load, and run everything in one process and one loop until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import click
import msgspec
import uvicorn

from channels.emulators.mail_sink import MailSink
from desk.app import create_app
from desk.auth.passwords import Passwords
from desk.db import migrate
from desk.db.engine import create_engine
from desk.demo import bot, people
from desk.demo import fresh as old
from desk.demo.load import Tools, load
from desk.demo.mail.routes import Post, routes
from desk.demo.people import WIDGET_KEY, Surroundings
from desk.demo.phone.apps import apps
from desk.demo.phone.handset import Phone
from desk.demo.phone.inboxes import ensure
from desk.demo.phone.providers import Providers
from desk.demo.phone.routes import routes as phone_routes
from desk.demo.ports import Ports, taken
from desk.demo.shop import Shop
from desk.errors import ConfigurationError
from desk.serve import GRACE_SECONDS, server
from desk.settings import Settings
from desk.unit_of_work import Units
from desk.wiring import Desk, build

PASSWORD = "parley-demo"  # noqa: S105 - of the demo's made-up people; printed at each start
_LOGINS = ("agent", "lead", "editor", "admin")


def start(settings: Settings, *, fresh: bool) -> None:
    """Run the demo until Ctrl-C. Raises ConfigurationError before anything is started."""
    settings = msgspec.structs.replace(settings, demo=True)
    with contextlib.suppress(KeyboardInterrupt), taken(settings) as ports:
        asyncio.run(_run(ports, fresh=fresh))


async def _run(ports: Ports, *, fresh: bool) -> None:
    settings = ports.settings
    loaded = await old.is_loaded(settings)
    if fresh:
        old.throw_away(settings)
        loaded = False
        click.echo("The demo's old data is gone.")
    migrate.upgrade(settings.database_url)
    desk = build(settings)
    around = Surroundings(settings.sink_port, settings.shop_port)
    if not loaded:
        await _load(desk, around)
        await bot.train(desk.units)
    await people.adjust(desk.units, desk.shelf.box, around)
    sink = MailSink(settings.data_path / "sink")
    box = Post(settings.smtp_host, settings.smtp_port, settings.public_url)
    providers = Providers(f"http://127.0.0.1:{ports.number(ports.providers)}", int(time.time()))
    inboxes = await ensure(desk.units, desk.shelf.box, providers, settings.public_url)
    phone = Phone(apps(providers), inboxes, desk.units, settings.public_url)
    pages = [*routes(sink, box, desk.units.clock), *phone_routes(phone)]
    app = create_app(settings, desk=desk, extra=pages)
    web = server(app, settings)
    shop = Shop(settings.public_url, WIDGET_KEY)
    async with (
        _sink(sink, settings.sink_port),
        _beside(shop, ports.shop),
        _beside(providers, ports.providers),
    ):
        serving = asyncio.create_task(web.serve(sockets=[ports.web]), name="web")
        while not web.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.02)
        if web.started:
            click.echo(_box(settings))
        await serving
    if not web.started:
        raise ConfigurationError("The desk could not start; the lines above say why.")


async def _load(desk: Desk, around: Surroundings) -> None:
    """Fill an empty desk. Its own units of work: history defers no jobs and rings no bells."""

    def tell(what: str, seconds: float) -> None:
        click.echo(f"  {what:<50} {seconds:4.1f} s")

    click.echo("Loading the demo's data; this happens once.")
    engine = create_engine(desk.settings.database_url)
    try:
        tools = Tools(
            Units(engine), desk.shelf.channels, desk.shelf.blobs, desk.shelf.box, desk.library
        )
        hashed = await Passwords().hash(PASSWORD)
        await load(tools, around, hashed, tell)
    finally:
        await engine.dispose()


@contextlib.asynccontextmanager
async def _sink(sink: MailSink, port: int) -> AsyncIterator[None]:
    try:
        await sink.start("127.0.0.1", port)
    except OSError as error:
        raise ConfigurationError(
            f"The mail sink cannot use 127.0.0.1:{port} ({error.strerror}). Stop the program that "
            "uses it, or choose another port with DESK_SINK_PORT."
        ) from error
    try:
        yield
    finally:
        await sink.stop()


class _Beside(uvicorn.Server):
    """A server beside the desk's own, which alone listens for signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


@contextlib.asynccontextmanager
async def _beside(
    app: Any,  # noqa: ANN401 - an ASGI application
    bound: socket.socket,
) -> AsyncIterator[None]:
    beside = _Beside(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    serving = asyncio.create_task(beside.serve(sockets=[bound]), name=type(app).__name__)
    try:
        yield
    finally:
        beside.should_exit = True
        await serving


def _box(settings: Settings) -> str:
    """Where everything is."""
    web = settings.public_url
    mail_in = "taken by `desk worker`"
    if settings.smtp_enabled and settings.worker:
        where = f"{settings.smtp_host}:{settings.smtp_port}"
        mail_in = f"to {people.SUPPORT} over SMTP {where} opens a ticket"
    rows = [
        ("Agent app", f"{web}/app/"),
        ("Sign in as", "  ".join(f"{login}{old.DOMAIN}" for login in _LOGINS[:2])),
        ("", "  ".join(f"{login}{old.DOMAIN}" for login in _LOGINS[2:])),
        ("Password", PASSWORD),
        ("Help center", f"{web}/help"),
        ("Shop with chat", f"http://127.0.0.1:{settings.shop_port}/"),
        ("Phone", f"{web}/demo/phone  (SMS, WhatsApp, Messenger and others, as the customer)"),
        ("Mail", mail_in),
        ("Sent mail", f"{web}/demo/mail  (you can write to support there, too)"),
        ("API reference", f"{web}/schema"),
    ]
    body = "\n".join(f"  {name:<15} {value}" for name, value in rows)
    rule = "─" * 78
    return f"\n{rule}\n  Parley is running. Ctrl-C stops it.\n\n{body}\n{rule}\n"
