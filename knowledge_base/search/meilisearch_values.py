"""What Meilisearch is sent: documents, settings, filters, queries."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from knowledge_base.search.engine import (
    REACH,
    Filters,
    Lexicon,
    SearchDocument,
)
from knowledge_base.search.fingerprint import fingerprint
from knowledge_base.search.forms import stems
from knowledge_base.search.normalise import tokens
from knowledge_base.search.query import LONGEST
from knowledge_base.search.stopwords import stop_words
from knowledge_base.search.store import storable

# The server takes letters, digits, - and _ in keys and names.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,255}")
_CODED, _HASHED = "x_", "h_"
_LONGEST_KEY = 511
FACET_VALUES = 1000
_SHOWN = ["id", "title", "body", "parent", "category"]

# The languages that the server has rules of its own for, as it names them.
_LANGUAGES = frozenset(
    [
        "af",
        "ak",
        "am",
        "ar",
        "az",
        "be",
        "bn",
        "bg",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "eo",
        "et",
        "fi",
        "fr",
        "gu",
        "he",
        "hi",
        "hr",
        "hu",
        "hy",
        "id",
        "it",
        "jv",
        "ja",
        "kn",
        "ka",
        "km",
        "ko",
        "la",
        "lv",
        "lt",
        "ml",
        "mr",
        "mk",
        "my",
        "ne",
        "nl",
        "nb",
        "or",
        "pa",
        "fa",
        "pl",
        "pt",
        "ro",
        "ru",
        "si",
        "sk",
        "sl",
        "sn",
        "es",
        "sr",
        "sv",
        "ta",
        "te",
        "tl",
        "th",
        "tk",
        "tr",
        "uk",
        "ur",
        "uz",
        "vi",
        "yi",
        "zh",
        "zu",
    ]
)
_FORMED = re.compile("[\u0590-\u06ff]")  # scripts whose words carry proclitics


def key(id_: str) -> str:
    """A document's primary key."""
    if _PLAIN.fullmatch(id_) and not id_.startswith((_CODED, _HASHED)):
        return id_
    raw = id_.encode("utf-8", "surrogatepass")
    coded = _CODED + raw.hex()
    return coded if len(coded) <= _LONGEST_KEY else _HASHED + sha256(raw).hexdigest()


def index_name(prefix: str, locale: str) -> str:
    """The name of a locale's index."""
    return f"{prefix}-{re.sub('[^A-Za-z0-9_-]', '_', locale) or 'und'}"


def _language(locale: str) -> str:
    """As the server names it; it knows one Norwegian."""
    language = locale.partition("-")[0].lower()
    return "nb" if language in {"no", "nn"} else language


def has_words(query: str) -> bool:
    """Without one the server would return everything."""
    return bool(tokens(query[:LONGEST]))


def packed(document: SearchDocument) -> dict[str, Any]:
    """The document as stored."""
    text = f"{document.title} {document.body}"
    words = {token.text for token in tokens(text)} if _FORMED.search(text) else set()
    forms = sorted({form for word in words for form in stems(word, document.locale)})
    return {
        "key": key(document.id),
        "id": storable(document.id),
        "title": storable(document.title),
        "body": storable(document.body),
        "summary": storable(document.summary),
        "keywords": [storable(word) for word in document.keywords],
        "tags": [storable(tag) for tag in document.tags],
        "category": storable(document.category),
        "section": storable(document.section),
        "audience": storable(document.audience),
        "parent": storable(document.parent),
        "forms": " ".join(forms),
        "updated": document.updated_at.timestamp() if document.updated_at else 0,
        "boost": document.boost,
        "fingerprint": fingerprint(document),
    }


def settings(locale: str, lexicon: Lexicon) -> dict[str, Any]:
    """The settings of a locale's index."""
    language = _language(locale)
    taught = lexicon.stop_words.get(locale)
    return {
        "searchableAttributes": ["title", "keywords", "summary", "tags", "body", "forms"],
        "filterableAttributes": ["key", "audience", "category", "section", "tags", "parent"],
        "sortableAttributes": ["updated", "boost"],
        "rankingRules": [
            "words",
            "typo",
            "proximity",
            "attribute",
            "sort",
            "exactness",
            "boost:desc",
            "updated:desc",
        ],
        "stopWords": sorted(stop_words(locale) if taught is None else taught),
        "synonyms": _synonyms(lexicon, locale),
        "typoTolerance": {
            "enabled": True,
            "minWordSizeForTypos": {"oneTypo": 4, "twoTypos": 8},
            "disableOnNumbers": True,
        },
        "localizedAttributes": (
            [{"attributePatterns": ["*"], "locales": [language]}]
            if language in _LANGUAGES
            else None
        ),
        "pagination": {"maxTotalHits": REACH},
        "faceting": {"maxValuesPerFacet": FACET_VALUES},
    }


def _synonyms(lexicon: Lexicon, locale: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for synonym in lexicon.synonyms.get(locale, ()):
        heads = synonym.words[:1] if synonym.one_way else synonym.words
        for head in heads:
            others = [word for word in synonym.words if word != head]
            found.setdefault(head, []).extend(others)
    return found


def one_of(attribute: str, wanted: Collection[str]) -> str:
    """A filter expression; values are quoted, so that none can end it."""
    quoted = ", ".join(json.dumps(storable(value), ensure_ascii=False) for value in wanted)
    return f"{attribute} IN [{quoted}]"


def filtered(filters: Filters) -> str:
    """All fields must agree."""
    expressions = [one_of("audience", filters.audiences)]
    for attribute, wanted in (
        ("category", filters.categories),
        ("section", filters.sections),
        ("tags", filters.tags),
        ("parent", filters.parents),
    ):
        if wanted:
            expressions.append(one_of(attribute, wanted))
    return " AND ".join(expressions)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One search."""

    query: str
    filters: Filters
    limit: int
    offset: int
    facets: tuple[str, ...]

    @property
    def paged(self) -> bool:
        """Whether the server can count exactly: it does so for whole pages only."""
        return self.limit > 0 and self.offset % self.limit == 0

    def query_for(self, uid: str, locale: str) -> dict[str, Any]:
        """For one locale's index. With several, each is asked for all that might be shown."""
        language = _language(locale)
        query: dict[str, Any] = {
            "indexUid": uid,
            "q": storable(self.query[:LONGEST]),
            "filter": filtered(self.filters),
            "attributesToRetrieve": _SHOWN,
            "showMatchesPosition": True,
            "showRankingScore": True,
        }
        if language in _LANGUAGES:
            query["locales"] = [language]
        if self.facets:
            query["facets"] = list(self.facets)
        if self.filters.locales:
            query |= {"offset": 0, "limit": self.offset + self.limit}
        elif self.paged:
            query |= {"page": self.offset // self.limit + 1, "hitsPerPage": self.limit}
        else:
            query |= {"offset": self.offset, "limit": self.limit}
        return query
