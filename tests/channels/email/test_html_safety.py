"""HTML from strangers: nothing runs, nothing is loaded, nothing covers the desk, nothing is asked."""
# ruff: noqa: E501 - samples stay in one piece

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from channels.email.html import sanitise, to_text

EVIL = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)><a href='javascript:alert(1)'><circle/></a></svg>",
    "<svg><style>@import 'https://t.example/a'</style></svg>", "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<a href='javascript:alert(1)'>x</a>", "<a href='  java\tscript:alert(1)'>x</a>", "<a href='vbscript:x'>x</a>", "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe src='https://t.example'></iframe>", "<object data='https://t.example'></object>", "<embed src='https://t.example'>", "<base href='https://t.example/'>",
    "<meta http-equiv=refresh content='0;url=https://t.example'>", "<link rel=stylesheet href='https://t.example'>", "<link rel=prefetch href='https://t.example'>",
    "<style>@import url(https://t.example/a.css); body{background:url(https://t.example/b)}</style>", "<form action='https://t.example'><input name=password><button>Log in</button></form>",
    "<input type=image src='https://t.example/a'>", "<textarea>x</textarea>", "<select><option>x</select>", "<div style='position:fixed;top:0;left:0;width:100%;height:100%;z-index:99999'>Log in again</div>",
    "<div style='background:url(https://t.example/a)'>x</div>", "<div style='background-image:\\75rl(https://t.example/a)'>x</div>", "<p style='width:expression(alert(1))'>x</p>",
    "<p style='behavior:url(x.htc);-moz-binding:url(x)'>x</p>", "<p style='color:red;content:url(https://t.example/a)'>x</p>", "<p style='cursor:url(https://t.example/a),auto'>x</p>",
    "<p style='list-style-image:url(https://t.example/a)'>x</p>", "<img srcset='https://t.example/a 2x' src=cid:a>", "<picture><source srcset='https://t.example/a'><img src=cid:a></picture>",
    "<table background='https://t.example/a'><tr><td background='https://t.example/b'>x</table>", "<body background='https://t.example/a'>x", "<img src='https://t.example/a' lowsrc='https://t.example/b' dynsrc='https://t.example/c'>",
    "<video poster='https://t.example/a' src='https://t.example/b'></video>", "<audio src='https://t.example/a'></audio>", "<img src='//t.example/a'>", "<img src='\\\\t.example\\a'>", "<img src=' https://t.example/a'>",
    "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+'>", "<img src='ftp://t.example/a'>", "<a href='https://t.example' ping='https://t.example/p' target=_self>x</a>", "<bgsound src='https://t.example/a'>",
    "<template><img src=x onerror=alert(1)></template>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<xmp><img src=x onerror=alert(1)></xmp>", "<plaintext><img src=x onerror=alert(1)>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->", "<div onclick=alert(1) ONMOUSEOVER=alert(1)>x</div>", "<p id=app class=modal name=x>x</p>", "<dialog open>x</dialog>", "<marquee onstart=alert(1)>x</marquee>",
    "<details ontoggle=alert(1) open>x</details>", "<font size=7 face='x' color='red;position:fixed'>x</font>", "<td style='text-align:center;float:left;margin:-9999px'>x</td>",
)  # fmt: skip
_LOADS = frozenset(["src", "srcset", "background", "poster", "data", "action", "ping", "lowsrc", "dynsrc", "xlink:href", "formaction"])  # fmt: skip
_STYLES = frozenset(["color", "background-color", "font-weight", "font-style", "text-align", "text-decoration", "direction", "white-space"])  # fmt: skip


def check(shown: str) -> None:
    """What must hold of everything that is shown."""
    shown = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", shown)  # lxml takes none
    tree = lxml_html.fragment_fromstring(shown, create_parent="div")
    for element in tree.iter():
        assert isinstance(element.tag, str)
        assert element.tag not in {
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "button",
            "base",
            "meta",
            "link",
            "svg",
            "math",
            "video",
            "audio",
            "template",
            "select",
            "textarea",
            "dialog",
        }
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in {"id", "class", "name"}
            if name in _LOADS:
                assert (element.tag, name) == ("img", "src")
                assert re.match(
                    r"cid:|data:image/(?:png|jpe?g|gif|webp)[;,]", value, re.IGNORECASE
                ), value
            if name == "href":
                assert re.match(r"(?:https?:|mailto:|tel:)", value, re.IGNORECASE), value
                assert element.get("target") == "_blank"
                assert "noopener" in (element.get("rel") or "")
            if name == "style":
                assert "url" not in value.lower()
                for rule in filter(str.strip, value.split(";")):
                    assert rule.partition(":")[0].strip().lower() in _STYLES, value


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_runs_loads_covers_or_asks(evil: str) -> None:
    for wrapped in (
        evil,
        f"<div>{evil}</div>",
        f"<table><tr><td>{evil}",
        f"<p>Hello</p>{evil}<p>Bye</p>",
    ):
        shown = sanitise(wrapped)
        check(shown)
        assert "alert(1)" not in re.sub(r">[^<]*<", "><", f">{shown}<")
        to_text(wrapped)


def test_remote_images_wait_for_a_click_and_those_that_came_along_do_not() -> None:
    shown = sanitise(
        '<img src="https://t.example/a.png" alt="A"><img src="cid:logo"><img src="data:image/png;base64,AA==">'
    )
    assert 'data-src="https://t.example/a.png"' in shown
    assert ' src="cid:logo"' in shown
    assert ' src="data:image/png;base64,AA=="' in shown
    assert 'alt="A"' in shown


_TOKENS = st.sampled_from([*EVIL, "<", ">", "</", "'", '"', "<div ", "style='", "<!--", "-->", "<![CDATA[", "&#x6a;avascript:", "\x00", "<a href=", "<img src="])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(_TOKENS, st.text(max_size=5)), max_size=8))
def test_mixtures_are_as_safe(pieces: list[str]) -> None:
    check(sanitise("".join(pieces)) or "<p></p>")
