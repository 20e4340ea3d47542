"""`/api/v1/categories`: topics and their sections."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy.ext.asyncio import AsyncSession

from desk.api.article_parts import InjectedLibrary, Locale, Position, given
from desk.api.core import Caller, InjectedCore
from desk.api.guards import requires
from desk.events import Kind
from desk.knowledge import editing
from knowledge_base import categories
from knowledge_base.categories import Node

Names = dict[Locale, dict[str, Annotated[str, Meta(max_length=500)]]]


class CategoryOut(msgspec.Struct, kw_only=True):
    """A topic, or a section of one. `names`: locale -> title, description."""

    id: UUID
    slug: str
    parent_id: UUID | None
    icon: str
    position: int
    names: dict[str, dict[str, str]]
    sections: list[CategoryOut]


class CategoryTree(msgspec.Struct):
    """Every topic with its sections, in order."""

    items: list[CategoryOut]


class NewCategory(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A new topic, or with a parent a section of it."""

    names: Annotated[Names, Meta(min_length=1)]
    slug: Annotated[str, Meta(max_length=120)] = ""
    parent_id: UUID | None = None
    icon: Annotated[str, Meta(max_length=40)] = ""
    position: Position = 0


class CategoryChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to change; `names` replaces all of them."""

    names: Names | UnsetType = UNSET
    slug: Annotated[str, Meta(min_length=1, max_length=120)] | UnsetType = UNSET
    parent_id: UUID | UnsetType | None = UNSET
    icon: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET
    position: Position | UnsetType = UNSET


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """Categories in the order they are to have."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=500)]


class CategoryController(Controller):
    """Topics."""

    path = "/categories"
    tags = ("Knowledge base",)

    @get(guards=[requires("kb.read")], summary="List categories")
    async def tree(self, core: InjectedCore) -> CategoryTree:
        """Every topic with its sections."""
        async with core.units.read() as session:
            return await _tree(session)

    @post(guards=[requires("kb.publish")], summary="Add a category")
    async def create(
        self,
        data: JSONBody[NewCategory],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> CategoryOut:
        """A new topic, or a section of one."""
        fields = given(data) | {"names": editing.names(data.names)}
        async with core.units.write(caller.actor) as work:
            row = await editing.save_category(work, library, None, fields)
            return await _one(work.session, row.id)

    @patch("/{category_id:uuid}", guards=[requires("kb.publish")], summary="Change a category")
    async def change(
        self,
        category_id: FromPath[UUID],
        data: JSONBody[CategoryChange],
        caller: Caller,
        core: InjectedCore,
        library: InjectedLibrary,
    ) -> CategoryOut:
        """Change a category; the search index follows."""
        fields = given(data)
        if "names" in fields:
            fields["names"] = editing.names(fields["names"])
        async with core.units.write(caller.actor) as work:
            row = await editing.save_category(work, library, category_id, fields)
            return await _one(work.session, row.id)

    @delete("/{category_id:uuid}", guards=[requires("kb.publish")], summary="Delete a category")
    async def remove(self, category_id: FromPath[UUID], caller: Caller, core: InjectedCore) -> None:
        """Delete an empty category."""
        async with core.units.write(caller.actor) as work:
            await editing.delete_category(work, category_id)

    @put("/order", guards=[requires("kb.publish")], summary="Order categories")
    async def order(
        self, data: JSONBody[Order], caller: Caller, core: InjectedCore
    ) -> CategoryTree:
        """Put categories in this order."""
        async with core.units.write(caller.actor) as work:
            await categories.reorder(work.session, work.now, data.ids)
            work.record(Kind.CATEGORY_CHANGED, data={"order": [str(i) for i in data.ids]})
            return await _tree(work.session)


async def _tree(session: AsyncSession) -> CategoryTree:
    return CategoryTree([_category(node) for node in await categories.tree(session)])


async def _one(session: AsyncSession, category_id: UUID) -> CategoryOut:
    for topic in await categories.tree(session):
        for node in (topic, *topic.sections):
            if node.row.id == category_id:
                return _category(node)
    raise LookupError(category_id)


def _category(node: Node) -> CategoryOut:
    return CategoryOut(
        id=node.row.id,
        slug=node.row.slug,
        parent_id=node.row.parent_id,
        icon=node.row.icon,
        position=node.row.position,
        names={
            tag: {"title": name.title, "description": name.description}
            for tag, name in node.names.items()
        },
        sections=[_category(section) for section in node.sections],
    )
