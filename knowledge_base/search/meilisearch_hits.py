"""What Meilisearch answers, as hits and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from knowledge_base.search.engine import REACH, Highlighted, Hit, Page, Why
from knowledge_base.search.highlight import window
from knowledge_base.search.meilisearch_values import Wanted
from knowledge_base.search.normalise import tokens
from knowledge_base.search.query import LONGEST


def page(results: Sequence[Mapping[str, Any]], locales: Sequence[str], wanted: Wanted) -> Page:
    """The server's answers, one for each locale in order, as one page."""
    hits: list[Hit] = []
    facets: dict[str, dict[str, int]] = {name: {} for name in wanted.facets}
    total, exact = 0, True
    for result, locale in zip(results, locales, strict=True):
        hits += [_hit(found, locale, wanted.query) for found in result["hits"]]
        exact = exact and "totalHits" in result
        total += result.get("totalHits", result.get("estimatedTotalHits", 0))
        for name, counted in (result.get("facetDistribution") or {}).items():
            for value, count in counted.items():
                if value:
                    facets[name][value] = facets[name].get(value, 0) + count
    if wanted.filters.locales:
        hits = hits[wanted.offset : wanted.offset + wanted.limit]
    return Page(hits, total, facets, exact and total < REACH)


def _hit(found: Mapping[str, Any], locale: str, query: str) -> Hit:
    positions = found.get("_matchesPosition") or {}
    title, body = found["title"], found["body"]
    in_title = _characters(title, positions.get("title", ()))
    in_body = _characters(body, positions.get("body", ()))
    snippet, offset = window(body, in_body)
    marked = [title[start:end] for start, end in in_title]
    marked += [body[start:end] for start, end in in_body]
    return Hit(
        id=found["id"],
        locale=locale,
        title=Highlighted(title, in_title),
        snippet=snippet,
        score=found.get("_rankingScore") or 0.0,
        why=_why(query, marked),
        parent=found["parent"],
        category=found["category"],
        offset=offset,
    )


def without_snippet(hit: Hit) -> Hit:
    """For suggestions."""
    return replace(hit, snippet=Highlighted(""), offset=0)


def _characters(text: str, bounds: Sequence[Mapping[str, int]]) -> list[tuple[int, int]]:
    """From the server's ranges of UTF-8 bytes to ranges of characters, in order, merged."""
    raw = text.encode("utf-8", "surrogatepass")
    ranges: list[tuple[int, int]] = []
    for bound in sorted(bounds, key=lambda one: one["start"]):
        start = len(raw[: bound["start"]].decode("utf-8", "ignore"))
        end = len(raw[: bound["start"] + bound["length"]].decode("utf-8", "ignore"))
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        elif end > start:
            ranges.append((start, end))
    return ranges


def _why(query: str, marked: Sequence[str]) -> Why:
    """The server does not say how each word matched; what it marked does."""
    words = [token.text for token in tokens(query[:LONGEST])]
    found = {token.text for text in marked for token in tokens(text)}
    weakest: Why = "exact"
    for mark in found:
        if mark in words:
            continue
        if any(word in mark or mark in word for word in words):
            weakest = "prefix" if weakest == "exact" else weakest
        else:
            weakest = "typo"
    return weakest
