"""HTML to Markdown: sanitised first, converted by markdownify, with its links in neutral form."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import nh3
from markdownify import ATX, MarkdownConverter

_TAGS = {
    "a", "b", "blockquote", "br", "caption", "code", "del", "div", "em", "figcaption", "figure",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "kbd", "li", "ol", "p", "pre", "s",
    "section", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "td": {"colspan"},
    "th": {"colspan"},
    "code": {"class"},
    "pre": {"class"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_LANGUAGE = re.compile(r"(?:language|lang|highlight)-([\w+#-]+)")
_BLANKS = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)


class _Converter(MarkdownConverter):
    """With pictures everywhere, also in table cells and headings."""

    def convert_img(self, el: Any, text: str, parent_tags: Any) -> str:  # noqa: ANN401, ARG002
        """A picture; one without a source is only its description."""
        alt = " ".join((el.attrs.get("alt") or "").split()).replace("[", "\\[").replace("]", "\\]")
        source = (el.attrs.get("src") or "").strip()
        return f"![{alt}]({_target(source)})" if source else alt


def _target(source: str) -> str:
    return source if re.fullmatch(r"[^\s()<>]*", source) else f"<{source.replace('>', '%3E')}>"


def _language(element: Any) -> str:  # noqa: ANN401 - an element of the parser
    """The language of a code block, where its class names it."""
    for one in (element, element.find("code")):
        classes = " ".join(one.get("class") or ()) if one else ""
        if match := _LANGUAGE.search(classes):
            return match[1]
    return ""


def to_markdown(html: str, rewrite: Callable[[str, str], str] = lambda _tag, url: url) -> str:
    """Markdown of a page or a part of one. `rewrite(tag, url)` replaces addresses.

    Scripts, styles, frames, forms and event handlers are gone; so are addresses of other schemes.
    """

    def attribute(tag: str, name: str, value: str) -> str | None:
        return rewrite(tag, value) if name in {"href", "src"} else value

    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES | {"article", "file"},
        attribute_filter=attribute,
        link_rel=None,
        clean_content_tags={"script", "style", "template", "noscript", "iframe", "title"},
    )
    converter = _Converter(
        heading_style=ATX,
        bullets="-",
        code_language_callback=_language,
        escape_misc=False,
        newline_style="backslash",
    )
    markdown = _TRAILING.sub("", str(converter.convert(clean)))
    return _BLANKS.sub("\n\n", markdown).strip() + "\n"
