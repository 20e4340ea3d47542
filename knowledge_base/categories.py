"""Topics and their sections, in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import locales, slugs
from knowledge_base.errors import Clash, Refused, Unknown
from knowledge_base.models import Article, Category, CategoryLocale
from persistence.base import new_id


@dataclass(frozen=True, slots=True)
class Name:
    """A category in one language."""

    title: str
    description: str = ""


@dataclass(slots=True)
class Node:
    """A category with its names and its sections."""

    row: Category
    names: dict[str, Name]
    sections: list[Node] = field(default_factory=list)

    def name(self, tag: str, default: str) -> Name:
        """The name in this language, in the default one, or any."""
        for wanted in (tag, default):
            if wanted in self.names:
                return self.names[wanted]
        return next(iter(self.names.values()), Name(self.row.slug))


async def tree(session: AsyncSession) -> list[Node]:
    """Every category, in order."""
    rows = (await session.scalars(select(Category).order_by(Category.position, Category.id))).all()
    names: dict[UUID, dict[str, Name]] = {}
    for name in await session.scalars(select(CategoryLocale).order_by(CategoryLocale.locale)):
        names.setdefault(name.category_id, {})[name.locale] = Name(name.title, name.description)
    nodes = {row.id: Node(row, names.get(row.id, {})) for row in rows}
    for node in nodes.values():
        if node.row.parent_id in nodes:
            nodes[node.row.parent_id].sections.append(node)
    return [node for node in nodes.values() if node.row.parent_id is None]


async def get(session: AsyncSession, category_id: UUID) -> Category:
    """A category. Raises Unknown."""
    row = await session.get(Category, category_id)
    if row is None:
        raise Unknown("There is no such category.")
    return row


async def create(
    session: AsyncSession,
    now: datetime,
    *,
    names: Mapping[str, Name],
    slug: str = "",
    parent_id: UUID | None = None,
    icon: str = "",
    position: int = 0,
) -> Category:
    """A new topic, or a section of one. Raises Refused."""
    if not names:
        raise Refused(("names", "give the category a name in at least one language"))
    row = Category(
        id=new_id(),
        slug=await _slug(session, slug or slugs.slugify(next(iter(names.values())).title)),
        parent_id=await _parent(session, parent_id, None),
        icon=icon[:40],
        position=position,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    await _rename(session, row, names)
    return row


async def change(
    session: AsyncSession, now: datetime, category_id: UUID, patch: Mapping[str, object]
) -> Category:
    """Change `slug`, `parent_id`, `icon`, `position` or `names` (all of them). Raises Refused."""
    row = await get(session, category_id)
    if "slug" in patch and patch["slug"] != row.slug:
        row.slug = await _slug(session, str(patch["slug"]))
    if "parent_id" in patch:
        parent = patch["parent_id"]
        row.parent_id = await _parent(session, parent if isinstance(parent, UUID) else None, row)
    if "icon" in patch:
        row.icon = str(patch["icon"])[:40]
    if isinstance(position := patch.get("position"), int):
        row.position = position
    names = patch.get("names")
    if isinstance(names, Mapping):
        await _rename(session, row, names)
    row.updated_at = now
    await session.flush()
    return row


async def remove(session: AsyncSession, category_id: UUID) -> None:
    """Delete an empty category; its articles must be moved first. Raises Clash."""
    row = await get(session, category_id)
    used = await session.scalar(select(Article.id).where(Article.category_id == row.id).limit(1))
    child = await session.scalar(select(Category.id).where(Category.parent_id == row.id).limit(1))
    if used is not None or child is not None:
        raise Clash("There are articles or sections in this category; move them first.")
    await session.execute(delete(CategoryLocale).where(CategoryLocale.category_id == row.id))
    await session.delete(row)
    await session.flush()


async def reorder(session: AsyncSession, now: datetime, ids: Sequence[UUID]) -> None:
    """Put categories in this order."""
    for position, category_id in enumerate(ids):
        await session.execute(
            update(Category)
            .where(Category.id == category_id)
            .values(position=position, updated_at=now)
        )


async def articles_of(session: AsyncSession, category_id: UUID) -> list[UUID]:
    """The articles in a category or in its sections."""
    inside = select(Category.id).where(
        (Category.id == category_id) | (Category.parent_id == category_id)
    )
    return list(await session.scalars(select(Article.id).where(Article.category_id.in_(inside))))


async def _parent(
    session: AsyncSession, parent_id: UUID | None, row: Category | None
) -> UUID | None:
    if parent_id is None:
        return None
    parent = await get(session, parent_id)
    if parent.parent_id is not None or (row is not None and parent.id == row.id):
        raise Refused(("parent_id", "a section belongs to a topic, not to another section"))
    if row is not None and await session.scalar(
        select(Category.id).where(Category.parent_id == row.id).limit(1)
    ):
        raise Refused(("parent_id", "a topic with sections cannot become a section"))
    return parent.id


async def _slug(session: AsyncSession, slug: str) -> str:
    if not slugs.is_slug(slug):
        raise Refused(("slug", "write small letters and digits, joined by hyphens"))
    if await session.scalar(select(Category.id).where(Category.slug == slug)) is not None:
        raise Refused(("slug", "another category has this address"))
    return slug


async def _rename(session: AsyncSession, row: Category, names: Mapping[str, Name]) -> None:
    for tag, name in names.items():
        if not locales.is_locale(tag):
            raise Refused(("names", f"{tag!r} is no language tag; write en, pt-BR or zh-Hant"))
        if not name.title.strip():
            raise Refused(("names", f"the name in {tag} is empty"))
    await session.execute(delete(CategoryLocale).where(CategoryLocale.category_id == row.id))
    session.add_all(
        CategoryLocale(
            category_id=row.id,
            locale=tag,
            title=name.title[:200],
            description=name.description[:500],
        )
        for tag, name in names.items()
    )
    await session.flush()
