"""Paragraphs, stamps and word differences, whatever the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base import diff, paragraphs

TEXTS = st.text(alphabet="ab \n`#שלום你好ñ.,", max_size=60)
PARAGRAPHS = st.lists(
    st.text(alphabet="abcdeשלו你", min_size=1, max_size=8), min_size=1, max_size=6, unique=True
)


@given(TEXTS, TEXTS)
def test_the_pieces_spell_both_texts(before: str, after: str) -> None:
    pieces = diff.words(before, after)
    assert "".join(p.text for p in pieces if p.kind != "added") == before
    assert "".join(p.text for p in pieces if p.kind != "removed") == after
    if before == after:
        assert {p.kind for p in pieces} <= {"same"}


def test_chinese_differs_by_the_character_and_words_by_the_word() -> None:
    assert [p.text for p in diff.words("退货需要三天", "退货需要五天") if p.kind != "same"] == [
        "三",
        "五",
    ]
    changed = [p.text for p in diff.words("thirty days", "sixty days") if p.kind != "same"]
    assert changed == ["thirty", "sixty"]


def test_fenced_code_is_one_block() -> None:
    text = "One\n\n```\na\n\nb\n```\n\nTwo"
    assert paragraphs.blocks(text) == ["One", "```\na\n\nb\n```", "Two"]


@given(TEXTS)
def test_no_text_is_lost_in_blocks(text: str) -> None:
    kept = "".join("".join(paragraphs.blocks(text)).split())
    assert kept == "".join(text.split())


@given(PARAGRAPHS, st.data())
def test_exactly_the_changed_paragraphs_are_stale(source: list[str], data: st.DataObject) -> None:
    before = ["T", "S", *source]
    target = [f"<{text}>" for text in before]
    stamps = paragraphs.restamp([], [], target, before)
    rows = paragraphs.compare(before, target, stamps, [before])
    assert {row.state for row in rows} == {"current"}

    changed = data.draw(st.sets(st.integers(2, len(before) - 1), max_size=3))
    after = [f"{text}!" if index in changed else text for index, text in enumerate(before)]
    rows = paragraphs.compare(after, target, stamps, [after, before])
    stale = {row.source_index for row in rows if row.state == "stale"}
    assert stale == changed
    assert {row.state for row in rows} <= {"current", "stale"}
    for row in rows:
        if row.state == "stale":
            assert "".join(p.text for p in row.changes if p.kind != "removed") == row.source


@given(PARAGRAPHS)
def test_an_untouched_translation_keeps_its_stamps(source: list[str]) -> None:
    units = ["T", "S", *source]
    stamps = paragraphs.restamp([], [], units, units)
    moved_on = [f"{text}?" for text in units]
    assert paragraphs.restamp(units, stamps, units, moved_on) == stamps
