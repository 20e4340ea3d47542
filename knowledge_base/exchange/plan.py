"""The dry run: what an import would do, before it does it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge_base.exchange.articles import Imported, ImportedArticle, Problem


@dataclass(frozen=True, slots=True)
class Known:
    """An article that an earlier import made."""

    imported: str  # the fingerprint of what was imported last
    edited: bool  # somebody has changed it in the desk since


@dataclass(frozen=True, slots=True)
class Plan:
    """The report. Applying it means `new` and `changed`; conflicts wait for a person."""

    new: Sequence[ImportedArticle]
    changed: Sequence[ImportedArticle]
    unchanged: Sequence[ImportedArticle]
    conflicts: Sequence[ImportedArticle]  # changed there and here
    problems: Sequence[Problem]

    def summary(self) -> str:
        """One line."""
        return (
            f"{len(self.new)} new, {len(self.changed)} changed, {len(self.unchanged)} unchanged, "
            f"{len(self.conflicts)} conflicts, {len(self.problems)} problems"
        )

    def report(self) -> str:
        """All of it, a line each."""
        lines = [self.summary()]
        for name, articles in (
            ("new", self.new),
            ("changed", self.changed),
            ("conflict", self.conflicts),
        ):
            lines += [
                f"{name}: {one.title} [{one.locale}] ({one.source}:{one.line})" for one in articles
            ]
        lines += [f"{one.source}:{one.line}: {one.text}" for one in self.problems]
        return "\n".join(lines)


def plan(imported: Imported, known: Mapping[tuple[str, str], Known]) -> Plan:
    """Compare with what is there, by external id and locale. The same import again does nothing."""
    new: list[ImportedArticle] = []
    changed: list[ImportedArticle] = []
    unchanged: list[ImportedArticle] = []
    conflicts: list[ImportedArticle] = []
    problems = list(imported.problems)
    seen: dict[tuple[str, str], ImportedArticle] = {}
    for article in imported.articles:
        first = seen.setdefault(article.key, article)
        if first is not article:
            text = (
                f"the id {article.external_id!r} in {article.locale} was used before, in "
                f"{first.source}:{first.line}; give one of the two another id"
            )
            problems.append(Problem(article.source, article.line, text))
            continue
        there = known.get(article.key)
        if there is None:
            new.append(article)
        elif there.imported == article.fingerprint:
            unchanged.append(article)
        elif there.edited:
            conflicts.append(article)
        else:
            changed.append(article)
    return Plan(new, changed, unchanged, conflicts, problems)
