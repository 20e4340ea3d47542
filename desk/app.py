"""`create_app(settings)`: the web process as a Litestar application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.di import Provide

from desk.api import article_files, article_imports, pages, widget
from desk.api.article_files import ArticleFileController
from desk.api.article_imports import ArticleImportController
from desk.api.article_review import ArticleReviewController
from desk.api.article_texts import ArticleTextController
from desk.api.articles import ArticleController
from desk.api.board import live_board, look_ahead, ticket_clocks
from desk.api.bot import BotController
from desk.api.bot_intents import BotIntentController
from desk.api.bot_try import BotTryController
from desk.api.categories import CategoryController
from desk.api.channels import channels
from desk.api.composer import composer, segments
from desk.api.consent import ConsentController
from desk.api.contacts import ContactController
from desk.api.deliveries import DeliveryController
from desk.api.files import download, fetch_again, public_router, upload
from desk.api.inboxes import InboxController
from desk.api.intake import IntakeController
from desk.api.invitations import InvitationController
from desk.api.knowledge import KnowledgeController
from desk.api.messages import MessageController, MessageStateController
from desk.api.new_ticket import open_with_message
from desk.api.plugin import DeskCore, api_router
from desk.api.routing import RoutingController
from desk.api.sla import SlaController
from desk.api.sockets import socket_route
from desk.api.start import StartController
from desk.api.ticket_articles import TicketArticleController
from desk.api.ticket_bot import TicketBotController
from desk.api.ticket_query import FILTERS
from desk.api.tickets import TicketController, tag_list
from desk.api.webhooks import webhook_router
from desk.api.widget_parts import Widget
from desk.help import routes as help_routes
from desk.help.readers import Readers
from desk.help.site import HelpCenterParts
from desk.runtime import running
from desk.settings import Settings
from desk.unit_of_work import Clock, utc_now
from desk.wiring import Desk, build


def create_app(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    strict: bool = False,
    desk: Desk | None = None,
    extra: Sequence[Any] = (),
) -> Litestar:
    """The desk's web process. With `settings.worker` it also runs jobs and takes mail in.

    `extra` are further route handlers, such as the demo's.
    """
    made = desk or build(settings, clock=clock, strict=strict)
    chat = Widget(made.chat, made.tokens)
    help_center = HelpCenterParts(
        made.core, made.library, made.shelf.blobs, made.chat,
        Readers(made.secret, made.chat, made.tokens),
    )  # fmt: skip

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with running(made, web=True, worker=settings.worker):
            yield

    return Litestar(
        route_handlers=[
            api_router(
                TicketController,
                MessageController,
                MessageStateController,
                ContactController,
                InboxController,
                IntakeController,
                DeliveryController,
                ConsentController,
                channels,
                composer,
                segments,
                open_with_message,
                tag_list,
                download,
                fetch_again,
                ArticleController,
                ArticleTextController,
                ArticleReviewController,
                CategoryController,
                KnowledgeController,
                TicketArticleController,
                TicketBotController,
                BotController,
                BotIntentController,
                BotTryController,
                SlaController,
                RoutingController,
                live_board,
                look_ahead,
                ticket_clocks,
                StartController,
                InvitationController,
            ),
            public_router(),
            webhook_router(settings.max_message_bytes),
            api_router(
                upload,
                ArticleFileController,
                article_files.set_logo,
                article_files.remove_logo,
                article_files.export,
                max_body=settings.max_attachment_bytes + 64 * 1024,
            ),
            api_router(ArticleImportController, max_body=article_imports.IMPORT_BYTES),
            *widget.handlers(settings.max_attachment_bytes + 64 * 1024),
            *help_routes.handlers(),
            *pages.HANDLERS,
            socket_route(made.sio),
            *extra,
        ],
        dependencies={
            **FILTERS,
            "bot_walk": Provide(lambda: made.bot, use_cache=True, sync_to_thread=False),
            "help_center": Provide(lambda: help_center, use_cache=True, sync_to_thread=False),
            "library": Provide(lambda: made.library, use_cache=True, sync_to_thread=False),
            "shelf": Provide(lambda: made.shelf, use_cache=True, sync_to_thread=False),
            "widget": Provide(lambda: chat, use_cache=True, sync_to_thread=False),
        },
        plugins=[DeskCore(made.core)],
        lifespan=[lifespan],
    )
