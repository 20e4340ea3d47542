"""HTML from strangers: made safe to show (nh3), and turned into text (inscriptis)."""

from __future__ import annotations

import html as entities
import re

import nh3
from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError

from channels.email.quotes import announces_quote

MAX_HTML_CHARS = 2_000_000
_MAX_ELEMENTS = 20_000
_MAX_NESTING = 300  # for the text: inscriptis recurses
_MAX_SHOWN_NESTING = 2000  # for nh3, whose cost grows with the square of it

_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
_DROPPED_WITH_CONTENT = frozenset(
    [
        "script",
        "style",
        "title",
        "head",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "applet",
        "svg",
        "math",
        "form",
        "input",
        "button",
        "select",
        "textarea",
        "option",
        "audio",
        "video",
        "canvas",
    ]
) - {"head"}
_ATTRIBUTES = {
    "*": {"dir", "lang", "title", "align", "valign", "style"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "td": {"colspan", "rowspan", "width", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "bgcolor", "scope"},
    "ol": {"start", "type"},
    "time": {"datetime"},
}
_STYLES = frozenset(
    [
        "color",
        "background-color",
        "font-weight",
        "font-style",
        "text-align",
        "text-decoration",
        "direction",
        "white-space",
    ]
)
_SAFE_IMAGE = re.compile(r"(?:cid:|data:image/(?:png|jpe?g|gif|webp)[;,])", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_LINK = re.compile(r"(?:https?:|mailto:|tel:)", re.IGNORECASE)
_REMOTE_MARK = "https://remote-image.invalid/?"
_TEXT_CONFIG = ParserConfig(css=CSS_PROFILES["strict"], display_links=False, display_images=False)
# Private use: in no text of value.
_OPEN, _CLOSE, _WRAP, _UNWRAP = "\ue000", "\ue001", "\ue002", "\ue003"
_BLOCK = re.compile(r"<(/?)(blockquote|div)\b([^>]*)>", re.IGNORECASE)
# What mail programs put around the quote or the line above it, in whatever language that is.
_WRAPPER = re.compile(
    r"(?:class|id)=[\"']?[^\"'>]*\b(?:gmail_attr|moz-cite-prefix|yahoo_quoted\w*|protonmail_quote|"
    r"zmail_extra|tutanota_quote)\b",
    re.IGNORECASE,
)
_CITED = re.compile(r"type=[\"']?cite|class=[\"']?[^\"'>]*quote|border-left", re.IGNORECASE)
_DROPPED_BLOCK = re.compile(
    r"<(script|style|head|title|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        if _SAFE_IMAGE.match(value):
            return value
        return _REMOTE_MARK + value if _REMOTE.match(value) else None
    if tag == "a" and attribute == "href":
        return value if _LINK.match(value) else None
    return value


def sanitise(html: str) -> str:
    """HTML that is safe to show.

    No scripts, forms, style sheets or foreign content; a remote image's `src` becomes `data-src`,
    so that showing the mail tells its sender nothing; `cid:` images stay for the desk to fill in.
    """
    html = html[:MAX_HTML_CHARS]
    if _nesting(html) > _MAX_SHOWN_NESTING:
        return from_text(_crude_text(_DROPPED_BLOCK.sub("", html)).strip())
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_keep,
        filter_style_properties=set(_STYLES),
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )
    return clean.replace(f' src="{_REMOTE_MARK}', ' data-src="')


def _mark_quotes(html: str) -> str:
    """Put a sign around each cited block, since its text alone would not tell that it is one."""
    stacks: dict[str, list[str]] = {"blockquote": [], "div": []}

    def mark(match: re.Match[str]) -> str:
        stack = stacks[match[2].lower()]
        if match[1]:
            return f"{stack.pop() if stack else ''}{match[0]}"
        if match[2].lower() == "blockquote" and _CITED.search(match[3]):
            opening, closing = _OPEN, _CLOSE
        elif match[2].lower() == "div" and _WRAPPER.search(match[3]):
            opening, closing = _WRAP, _UNWRAP
        else:
            stack.append("")
            return match[0]
        stack.append(f"<div>{closing}</div>")
        return f"{match[0]}<div>{opening}</div>"

    return _BLOCK.sub(mark, html)


def _quote_lines(lines: list[str]) -> list[str]:
    """Write "> " before the lines of cited blocks, as in plain mail."""
    out: list[str] = []
    depth = 0
    wrapped: list[int] = []  # where the lines of open wrappers begin
    for line in lines:
        signs = [char for char in line if char in (_OPEN, _CLOSE, _WRAP, _UNWRAP)]
        if not signs:
            out.append(("> " * min(depth, 10) + line.strip()).rstrip() if depth else line)
            continue
        rest = re.sub(f"[{_OPEN}{_CLOSE}{_WRAP}{_UNWRAP}]", "", line).strip()
        depth = max(0, depth + signs.count(_OPEN) - signs.count(_CLOSE))
        wrapped += [len(out)] * signs.count(_WRAP)
        if rest:
            out.append(("> " * min(depth, 10) + rest) if depth else rest)
        for _ in range(signs.count(_UNWRAP)):
            _mark_wrapped(out, wrapped.pop() if wrapped else len(out))
    return out


def _mark_wrapped(out: list[str], start: int) -> None:
    """Mark the lines of a wrapper, unless their words alone tell what they are."""
    if not announces_quote(out[start:]):
        out[start:] = [f"> {line}".rstrip() if line.strip() else line for line in out[start:]]


def _crude_text(html: str) -> str:
    """Text without a parser, for HTML that no parser wants."""
    text = re.sub(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]*>", "\n", html, flags=re.IGNORECASE)
    return entities.unescape(re.sub(r"<[^>]*>", " ", text))


def to_text(html: str) -> str:
    """The text a reader of this HTML sees, with its lists and tables laid out."""
    # An XML declaration with an encoding makes lxml refuse text.
    body = _DROPPED_BLOCK.sub("", re.sub(r"^\s*<\?xml[^>]*>", "", html[:MAX_HTML_CHARS]))
    body = _mark_quotes(re.sub(f"[\x00{_OPEN}{_CLOSE}{_WRAP}{_UNWRAP}]", "", body))
    if len(
        re.findall(r"<(?:div|table|blockquote|span|font)\b", body, re.IGNORECASE)
    ) > _MAX_ELEMENTS or (_nesting(body) > _MAX_NESTING):
        text = _crude_text(body)
    else:
        try:
            text = get_text(body, _TEXT_CONFIG) if body.strip() else ""
        except (LxmlError, ValueError, RecursionError, AssertionError, IndexError, KeyError):
            text = _crude_text(body)
    lines = _quote_lines([line.rstrip() for line in text.replace("\xa0", " ").splitlines()])
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _nesting(html: str) -> int:
    """How deeply elements are nested at most, about."""
    depth = deepest = 0
    for match in re.finditer(r"<(/?)([a-z][a-z0-9]*)", html, re.IGNORECASE):
        if match[2].lower() in ("br", "img", "hr", "meta", "link", "p", "li", "input", "col"):
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def from_text(text: str) -> str:
    """Plain text as HTML that looks the same."""
    return f'<div style="white-space: pre-wrap">{entities.escape(text)}</div>'
