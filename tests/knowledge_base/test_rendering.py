"""Markdown to HTML: what an author may use, and that nothing else comes through."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.callouts import WORDS
from knowledge_base.rendering import Picture, excerpt, plain, reading_minutes, render

BITS = st.lists(
    st.sampled_from(
        ["<script>", "</script>", "<img src=x onerror=y>", "[a](javascript:x)", "![", "](", ")",
         "> [!NOTE]\n", "\n\n", "1. ", "- [ ] ", "|a|b|\n|--|--|\n|1|2|\n", "```\n", "# ", "**",
         "<svg/onload=x>", "&lt;", "\\", "`", "'", '"', "https://a.example", "text "]
    ),
    max_size=25,
)  # fmt: skip


@given(BITS)
def test_nothing_that_runs_comes_through(bits: list[str]) -> None:
    html = render("".join(bits)).html
    tags = {tag.lower() for tag in re.findall(r"</?([a-zA-Z]+)", html)}
    assert not tags & {"script", "svg", "iframe", "style", "object", "form", "base", "meta"}
    for attributes in re.findall(r"<\w+((?:\s[^<>]*)?)>", html):
        assert not re.search(r"\son\w+\s*=", re.sub(r'"[^"]*"', '""', attributes))
    assert not re.search(r'(?:href|src)="\s*(?:javascript|data|vbscript):', html, re.IGNORECASE)


def test_callouts_figures_steps_tasks_and_tables() -> None:
    shown = render(
        '> [!WARNING]\n> Dry it.\n\n![A tent](/help/files/1 "The tent")\n\n1. First\n2. Second\n\n'
        "- [x] done\n\n| a | b |\n|---|--:|\n| 1 | 2 |",
        picture=lambda _: Picture("/help/files/1", "A tent", 30, 20),
    )
    assert (
        f'<aside class="callout warning" role="note" aria-label="{WORDS["warning"]}">' in shown.html
    )
    assert "<figcaption>The tent</figcaption>" in shown.html
    assert 'width="30" height="20"' in shown.html
    assert 'loading="lazy"' in shown.html
    assert '<ol class="steps">' in shown.html
    assert '<li class="task"><input type="checkbox" disabled' in shown.html
    assert '<th scope="col" class="end">b</th>' in shown.html
    assert " style=" not in shown.html


def test_headings_have_anchors_of_their_own_and_never_the_first_level() -> None:
    shown = render("# Top\n\n## Part\n\n## Part\n\n## חלק")
    assert [h.anchor for h in shown.headings] == ["top", "part", "part-2", "חלק"]
    assert "<h1" not in shown.html


def test_plain_text_and_excerpts() -> None:
    assert plain("## A\n\n**b** [c](/x)\n\n> [!TIP]\n> d") == "A\nb c\nd"
    assert excerpt("word " * 100, 20) == "word word word…"


def test_chinese_is_read_by_the_character() -> None:
    assert reading_minutes("退货" * 600) == 2
    assert reading_minutes("word " * 660) == 3
