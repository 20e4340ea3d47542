"""Markdown to HTML that is safe to show, with its table of contents, links and pictures. Pure.

CommonMark with tables, strike-through, task lists, callouts (`> [!NOTE]`, also TIP, IMPORTANT,
WARNING, CAUTION) and figures: a picture alone in a paragraph, its title as the caption. A numbered
list is a list of steps. Raw HTML is shown as text. What comes out went through nh3 once more.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final
from uuid import UUID

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge_base import callouts, slugs

_TAGS: Final = frozenset(
    {"a", "aside", "blockquote", "br", "code", "div", "em", "figcaption", "figure", "h2", "h3"}
    | {"h4", "hr", "img", "input", "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td"}
    | {"th", "thead", "tr", "ul"}
)
_ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "aside": {"class", "role", "aria-label"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "code": {"class"},
    "figure": {"class"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "img": {"src", "alt", "loading", "decoding", "width", "height"},
    "input": {"type", "checked", "disabled", "aria-label"},
    "li": {"class"},
    "ol": {"class", "start"},
    "td": {"class"},
    "th": {"class", "scope"},
    "ul": {"class"},
}
_SCHEMES: Final = {"http", "https", "mailto", "tel"}
_TASK: Final = re.compile(r"\[([ xX])\] ")
_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
WORDS_PER_MINUTE: Final = 220
CHARACTERS_PER_MINUTE: Final = 500  # Chinese and Japanese


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of the table of contents."""

    level: int  # 2, 3 or 4
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as stored: its size keeps the page from jumping while it loads."""

    src: str
    alt: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """An article's text, ready to show."""

    html: str
    headings: tuple[Heading, ...] = ()
    links: tuple[str, ...] = ()  # as written, in order
    images: tuple[tuple[str, str], ...] = ()  # (source, alternative text), as written
    minutes: int = 1  # to read


@dataclass(slots=True)
class _Found:
    headings: list[Heading] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)


FindPicture = Callable[[str], Picture | None]  # by the source as written
Words = Mapping[str, str]  # labels of callouts and of what is read aloud; see `callouts.WORDS`


def _nothing(_source: str) -> Picture | None:
    return None


def parser() -> MarkdownIt:
    """The dialect that articles are written in."""
    return (
        MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
        .enable(["table", "strikethrough"])
        .use(callouts.plugin)
    )


def render(
    markdown: str, *, picture: FindPicture = _nothing, words: Words = callouts.WORDS
) -> Rendered:
    """The HTML of a body. Never raises."""
    md = parser()
    tokens = md.parse(markdown)
    found = _Found()
    _top_headings(tokens)
    _walk(tokens, found, words)
    md.add_render_rule("image", _image(picture))
    md.add_render_rule("table_open", _table_open(words))
    md.add_render_rule("table_close", lambda *_: "</table></div>")
    html = _clean(md.renderer.render(tokens, md.options, {}))
    return Rendered(
        html=html,
        headings=tuple(found.headings),
        links=tuple(found.links),
        images=tuple(found.images),
        minutes=reading_minutes(markdown),
    )


def reading_minutes(text: str) -> int:
    """How long it takes to read, in minutes; at least one."""
    characters = len(_CJK.findall(text))
    words = len(_CJK.sub(" ", text).split())
    return max(1, round(words / WORDS_PER_MINUTE + characters / CHARACTERS_PER_MINUTE))


def plain(markdown: str) -> str:
    """The text alone, a line for each block."""
    lines: list[str] = []
    for token in parser().parse(markdown):
        if token.type == "inline" and token.children:
            lines.append(_plain(token.children))
        elif token.type in {"fence", "code_block"}:
            lines.append(token.content.rstrip())
    return "\n".join(line for line in lines if line)


def excerpt(markdown: str, chars: int = 200) -> str:
    """The beginning as plain text, cut at a word."""
    flat = " ".join(plain(markdown).split())
    if len(flat) <= chars:
        return flat
    cut = flat[: chars - 1]
    return (cut.rpartition(" ")[0] or cut) + "…"


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        strip_comments=True,
    )


def _top_headings(tokens: Sequence[Token]) -> None:
    """The page's own title is the only h1; deeper levels end at h4."""
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(max(int(token.tag[1]), 2), 4)}"


def _walk(tokens: Sequence[Token], found: _Found, words: Words) -> None:
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            _heading(token, tokens[index + 1], found)
        elif token.type == "ordered_list_open":
            token.attrJoin("class", "steps")
        elif token.type == "paragraph_open":
            _figure(tokens, index)
        elif token.type == "blockquote_open" and token.tag == "aside":
            kind = str(token.attrGet("class")).rpartition(" ")[2]
            token.attrSet("aria-label", words[kind])
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type in {"th_open", "td_open"}:
            _aligned(token)
        if token.type == "inline":
            if _in_item(tokens, index):
                _task(tokens, index, words)
            _inline(token.children or (), found)


def _heading(opening: Token, inline: Token, found: _Found) -> None:
    text = _plain(inline.children or ())
    anchor = slugs.slugify(text) if text else "section"
    found.anchors[anchor] = count = found.anchors.get(anchor, 0) + 1
    if count > 1:
        anchor = f"{anchor}-{count}"
    opening.attrSet("id", anchor)
    found.headings.append(Heading(int(opening.tag[1]), anchor, text))


def _plain(children: Sequence[Token]) -> str:
    return "".join(
        child.content
        if child.type in {"text", "code_inline", "image"}
        else (" " if child.type in {"softbreak", "hardbreak"} else "")
        for child in children
    ).strip()


def _inline(children: Sequence[Token], found: _Found) -> None:
    for child in children:
        if child.type == "link_open":
            found.links.append(str(child.attrGet("href") or ""))
        elif child.type == "image":
            found.images.append((str(child.attrGet("src") or ""), child.content))


def _figure(tokens: Sequence[Token], index: int) -> None:
    """A paragraph that is nothing but a picture becomes a figure."""
    inline = tokens[index + 1]
    children = inline.children or []
    if len(children) == 1 and children[0].type == "image" and not tokens[index].hidden:
        tokens[index].tag = tokens[index + 2].tag = "figure"
        tokens[index].attrJoin("class", "fig")
        children[0].meta["figure"] = True


def _aligned(token: Token) -> None:
    """Alignment as a class: the pages allow no style attribute."""
    style = str(token.attrGet("style") or "")
    token.attrs.pop("style", None)
    side = style.removeprefix("text-align:")
    if side in {"center", "right"}:
        token.attrJoin("class", "middle" if side == "center" else "end")


def _in_item(tokens: Sequence[Token], index: int) -> bool:
    return (
        index >= 2  # noqa: PLR2004 - the item and its paragraph
        and tokens[index - 1].type == "paragraph_open"
        and tokens[index - 2].type == "list_item_open"
    )


def _task(tokens: Sequence[Token], index: int, words: Words) -> None:
    children = tokens[index].children or []
    if not children or children[0].type != "text":
        return
    match = _TASK.match(children[0].content)
    if match is None:
        return
    done = match.group(1) != " "
    children[0].content = children[0].content[match.end() :]
    box = Token("html_inline", "", 0)
    label = escape(words["done"] if done else words["open"])
    checked = " checked" if done else ""
    box.content = f'<input type="checkbox" disabled{checked} aria-label="{label}"> '
    children.insert(0, box)
    tokens[index - 2].attrJoin("class", "task")


def _image(picture: FindPicture) -> Callable[..., str]:
    def rule(_renderer: object, tokens: Sequence[Token], index: int, *_: object) -> str:
        token = tokens[index]
        source = str(token.attrGet("src") or "")
        stored = picture(source)
        src = stored.src if stored else source
        alt = token.content or (stored.alt if stored else "")
        size = ""
        if stored and stored.width and stored.height:
            size = f' width="{stored.width}" height="{stored.height}"'
        html = (
            f'<img src="{escape(src)}" alt="{escape(alt)}" loading="lazy" decoding="async"{size}>'
        )
        caption = str(token.attrGet("title") or "")
        if token.meta.get("figure") and caption:
            html += f"<figcaption>{escape(caption)}</figcaption>"
        return html

    return rule


def _table_open(words: Words) -> Callable[..., str]:
    label = escape(words["table"])

    def rule(*_: object) -> str:
        return f'<div class="tbl" tabindex="0" role="group" aria-label="{label}"><table>'

    return rule


class Renderer:
    """Renders each version once: a published version never changes."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[UUID, str], Rendered] = OrderedDict()

    def of(self, version_id: UUID, flavour: str, make: Callable[[], Rendered]) -> Rendered:
        """The rendered version. `flavour` tells apart what else it depends on: pictures, words."""
        key = (version_id, flavour)
        known = self._kept.get(key)
        if known is None:
            known = self._kept[key] = make()
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return known
