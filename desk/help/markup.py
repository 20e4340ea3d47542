"""What search engines are told about a page, as schema.org objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desk.help.site import Site
from knowledge_base.reading import Entry, Shown


def breadcrumb(here: Site, trail: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The way to the page."""
    steps = [(here.words("help_center"), here.url("home")), *trail]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": name,
                "item": url if url.startswith("http") else here.base + url,
            }
            for position, (name, url) in enumerate(steps, 1)
        ],
    }


def article(here: Site, shown: Shown, description: str, url: str) -> dict[str, Any]:
    """An article."""
    row = shown.row
    return {
        "@type": "Article",
        "headline": shown.version.title,
        "description": description,
        "inLanguage": row.locale,
        "url": url,
        "mainEntityOfPage": url,
        "datePublished": row.first_published_at,
        "dateModified": row.published_at,
        "author": {"@type": "Organization", "name": here.settings.title},
        "publisher": {"@type": "Organization", "name": here.settings.title},
    }


def faq(entries: Sequence[Entry], locale: str) -> dict[str, Any]:
    """A topic's articles as questions with their summaries as answers."""
    return {
        "@type": "FAQPage",
        "inLanguage": locale,
        "mainEntity": [
            {
                "@type": "Question",
                "name": entry.title,
                "acceptedAnswer": {"@type": "Answer", "text": entry.summary},
            }
            for entry in entries
            if entry.summary and entry.audience == "public"
        ],
    }
