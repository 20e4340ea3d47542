"""The demo shop's help center: its articles in ten languages, made through the desk's services."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from desk.agents.models import Agent
from desk.events import Actor
from desk.inboxes.models import Inbox
from desk.knowledge import brand, editing
from desk.knowledge.library import Library
from desk.unit_of_work import UnitOfWork
from knowledge_base import categories, repository
from knowledge_base.categories import Name
from knowledge_base.drafts import Text

FOLDER: Final = Path(__file__).parent / "data" / "articles"
LOCALES: Final = ("en", "he", "ar", "es", "de", "fr", "nb", "hu", "zh", "ja")
AGE: Final = timedelta(days=150)  # after the contacts, before the first conversation
CHANGED: Final = timedelta(days=100)  # the sources that translations have not followed yet
OUTGROWN: Final = "refund"
TAGLINES: Final = {
    "en": "Orders, returns, sizing, repairs and care.",
    "he": "הזמנות, החזרות, מידות, תיקונים וטיפול.",
    "ar": "الطلبات والإرجاع والمقاسات والإصلاح والعناية.",
    "es": "Pedidos, devoluciones, tallas, reparaciones y cuidado.",
    "de": "Bestellung, Rückgabe, Größen, Reparatur und Pflege.",
    "fr": "Commandes, retours, tailles, réparations et entretien.",
    "nb": "Bestilling, retur, størrelser, reparasjon og stell.",
    "hu": "Rendelés, visszaküldés, méretek, javítás és ápolás.",
    "zh": "订单、退货、尺码、维修与保养。",
    "ja": "注文、返品、サイズ、修理、手入れ。",
}
NOTICE: Final = "Snow on the E6: parcels to Troms and Finnmark take two days longer this week."


class _Card(msgspec.Struct):
    key: str
    category: str
    tags: list[str]
    featured: bool = False
    audience: str = "public"
    state: str = "published"


class _Book(msgspec.Struct):
    categories: list[dict[str, Any]]
    articles: list[_Card]


async def publish(
    session: AsyncSession,
    now: datetime,
    agents: list[Agent],
    inboxes: dict[str, Inbox],
    library: Library,
) -> dict[str, UUID]:
    """Write, translate and publish everything; the articles by their key."""
    book = msgspec.json.decode((FOLDER / "articles.json").read_bytes(), type=_Book)
    editor = next(agent for agent in agents if agent.role == "editor")
    actor = Actor("agent", editor.id, editor.name)
    work = UnitOfWork(session, now - AGE, actor)
    await _settle(work, inboxes)
    places = await _categories(work, book)
    written: dict[str, UUID] = {}
    for position, card in enumerate(book.articles):
        work.now = now - AGE + timedelta(hours=2 * position)
        written[card.key] = await _article(
            work, library, card, places[card.category], position, now
        )
    await _outgrow(work, library, written[OUTGROWN], now)
    await work.flush_events()
    return written


async def _settle(work: UnitOfWork, inboxes: dict[str, Inbox]) -> None:
    await brand.change(
        work,
        {
            "title": "Fjell & Sand",
            "locales": list(LOCALES),
            "taglines": TAGLINES,
            "notices": {
                "en": {
                    "text": NOTICE,
                    "url": "/help/en/articles/how-long-delivery-takes",
                    "label": "What to expect",
                }
            },
            "mail_inbox_id": inboxes["support"].id,
            "chat_inbox_id": inboxes["chat"].id,
        },
    )


async def _categories(work: UnitOfWork, book: _Book) -> dict[str, UUID]:
    made: dict[str, UUID] = {}
    for position, card in enumerate(book.categories):
        names = {tag: Name(**name) for tag, name in card["names"].items()}
        row = await categories.create(
            work.session, work.now, names=names, slug=card["slug"], icon=card["icon"],
            position=position,
        )  # fmt: skip
        made[card["slug"]] = row.id
    return made


def read(key: str, tag: str) -> Text | None:
    """A text of the demo: title, summary, an empty line, the body."""
    path = FOLDER / f"{key}.{tag}.md"
    if not path.is_file():
        return None
    title, summary, body = path.read_text("utf-8").split("\n", 2)
    return Text(title, summary, body.strip())


async def _article(
    work: UnitOfWork, library: Library, card: _Card, category: UUID, position: int, now: datetime
) -> UUID:
    source = read(card.key, "en")
    assert source is not None  # noqa: S101 - our own data
    fields = {
        "category_id": category,
        "tags": card.tags,
        "featured": card.featured,
        "audience": card.audience,
        "position": position,
        "review_by": (now + timedelta(days=10 * (position - 4))).date(),
    }
    article, _ = await editing.create(work, library, "en", source, fields=fields)
    if card.state != "published":
        return article.id
    await editing.publish(work, library, article.id, "en")
    for tag in LOCALES[1:]:
        text = read(card.key, tag)
        if text is not None:
            await editing.translate(work, library, article.id, tag, text)
            await editing.publish(work, library, article.id, tag)
    return article.id


async def _outgrow(work: UnitOfWork, library: Library, article_id: UUID, now: datetime) -> None:
    """Change the source after it was translated: the translations are stale since."""
    source = read(OUTGROWN, "en")
    assert source is not None  # noqa: S101 - our own data
    work.now = now - CHANGED
    changed = Text(
        source.title, source.summary, source.body.replace("two working days", "one working day")
    )
    row = await repository.locale(work.session, article_id, "en")
    row, _ = await editing.save(
        work, library, article_id, "en", changed, base=row.version,
        note="The warehouse is faster now",
    )  # fmt: skip
    await editing.publish(work, library, article_id, "en", row.version)
