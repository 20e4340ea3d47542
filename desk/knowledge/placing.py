"""Where an imported article belongs: its topic and section, and what its links lead to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, unquote
from uuid import UUID

from desk.db.text import storable
from desk.knowledge import editing
from desk.knowledge.errors import told
from desk.knowledge.library import Library
from desk.unit_of_work import UnitOfWork
from knowledge_base import categories, slugs
from knowledge_base.categories import Name, Node
from knowledge_base.exchange.articles import ARTICLE, FILE, ImportedArticle, Problem
from knowledge_base.exchange.markdown_links import rewrite

_PICTURE: Final = r"!\[((?:\\.|[^\]\\])*)\]\(<?{}[\s)>]"
_TITLE: Final = 200


async def place(
    work: UnitOfWork, library: Library, texts: Sequence[ImportedArticle], *, make: bool
) -> UUID | None:
    """The category that the first text with one names; made when it is missing and may be.

    Other languages give it their names where it has none.
    """
    named = [one for one in texts if one.category.strip()]
    if not named:
        return None
    tree = await categories.tree(work.session)
    first = named[0]
    topic = _find(tree, first.locale, first.category)
    if topic is None and not make:
        return None
    if topic is None:
        topic = await _made(work, library, first.locale, first.category, None)
    elif make:
        await _name(work, library, topic, {one.locale: one.category for one in named})
    section = first.section.strip()
    if not section:
        return topic.row.id
    found = _find(topic.sections, first.locale, section)
    if found is None and not make:
        return None
    if found is None:
        found = await _made(work, library, first.locale, section, topic.row.id)
    elif make:
        sections = {one.locale: one.section for one in named if one.section.strip()}
        await _name(work, library, found, sections)
    return found.row.id


def _find(nodes: Sequence[Node], tag: str, name: str) -> Node | None:
    """By its name in this language, by its address, or by its name in any."""
    plain = _plain(name)
    for node in nodes:
        if tag in node.names and _plain(node.names[tag].title) == plain:
            return node
    for node in nodes:
        if node.row.slug == name.strip():
            return node
    for node in nodes:
        if any(_plain(one.title) == plain for one in node.names.values()):
            return node
    return None


async def _made(
    work: UnitOfWork, library: Library, tag: str, name: str, parent: UUID | None
) -> Node:
    names = {tag: Name(storable(" ".join(name.split()))[:_TITLE])}
    taken = {
        node.row.slug
        for topic in await categories.tree(work.session)
        for node in (topic, *topic.sections)
    }
    slug, number = slugs.slugify(name), 1
    while (slugs.numbered(slug, number) if number > 1 else slug) in taken:
        number += 1
    slug = slugs.numbered(slug, number) if number > 1 else slug
    fields = {"names": names, "slug": slug, "parent_id": parent}
    row = await editing.save_category(work, library, None, fields)
    return Node(row, names)


async def _name(work: UnitOfWork, library: Library, node: Node, given: Mapping[str, str]) -> None:
    missing = {
        tag: Name(storable(" ".join(name.split()))[:_TITLE])
        for tag, name in given.items()
        if tag not in node.names and name.strip()
    }
    if missing:
        with told():
            await editing.save_category(
                work, library, node.row.id, {"names": {**node.names, **missing}}
            )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


class Links:
    """The neutral links of one imported text."""

    def __init__(self, text: ImportedArticle, problems: list[Problem]) -> None:
        """`problems` gets what cannot be resolved."""
        self.text = text
        self.problems = problems

    def named(self, kind: str) -> set[str]:
        """The ids or paths that the body names."""
        found: set[str] = set()

        def look(target: str, _at: int) -> str:
            if target.startswith(kind):
                found.add(unquote(target.removeprefix(kind).partition("#")[0]))
            return target

        rewrite(self.text.body, look)
        return found

    def alt(self, path: str) -> str:
        """What the text says of a picture, where it shows it for the first time."""
        for written in (quote(path), path):
            match = re.search(_PICTURE.format(re.escape(FILE + written)), self.text.body)
            if match and match[1].strip():
                return " ".join(re.sub(r"\\(.)", r"\1", match[1]).split())
        return ""

    def complain(self, target: str, what: str) -> None:
        """Once, with the line."""
        line = next(
            (
                number
                for number, row in enumerate(self.text.body.split("\n"))
                if target in row or quote(target) in row
            ),
            0,
        )
        problem = Problem(self.text.source, self.text.line + line, f"{target}: {what}")
        if problem not in self.problems:
            self.problems.append(problem)

    def resolved(self, articles: Mapping[str, Mapping[str, str]], files: Mapping[str, str]) -> str:
        """The body with addresses of the desk. `articles`: id -> locale -> address."""

        def target(found: str, _at: int) -> str:
            if found.startswith(FILE):
                return files.get(unquote(found.removeprefix(FILE)), found)
            if not found.startswith(ARTICLE):
                return found
            name, mark, fragment = found.removeprefix(ARTICLE).partition("#")
            there = articles.get(unquote(name))
            if not there:
                self.complain(unquote(name), "the link leads to no article")
                return found
            tag = self.text.locale if self.text.locale in there else min(there)
            return f"/help/{tag}/articles/{there[tag]}{mark}{fragment}"

        return rewrite(self.text.body, target)
