from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.search.analysis import analyse, deletions, keys, places
from knowledge_base.search.engine import Highlighted, SearchDocument
from knowledge_base.search.fold import compose, fold
from knowledge_base.search.forms import spellings, stems
from knowledge_base.search.normalise import tokens
from knowledge_base.search.stopwords import stop_words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ÅLESUND", "alesund"),
        ("Ærø", "aero"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("İSTANBUL", "istanbul"),
        ("ılık", "ilik"),
        ("Ёлка", "елка"),
        ("Йод", "йод"),  # another letter, not a mark
        ("ΆΝΟΙΞΗΣ", "ανοιξησ"),
        ("שָׁלוֹם", "שלומ"),
        ("أَحْمَد", "احمد"),
        ("مدرســة", "مدرسه"),
        ("إلى", "الي"),
        ("کتاب", "كتاب"),
        ("١٢٣ ۴۵", "123 45"),
        ("ＡＢＣ１", "abc1"),
        ("ﾊﾟｽ", "ぱす"),
        ("ﬁnd", "find"),
        ("한국어", "한국어"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_letters_that_readers_do_not_tell_apart(written: str, folded: str) -> None:
    assert fold(compose(written)[0]) == folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't", ["dont", "don"]),
        ("l'adresse d’été", ["ladresse", "adresse", "dete", "ete"]),
        ("e-mail", ["email", "mail"]),
        ("ann@example.com", ["ann@example.com", "ann", "example", "com"]),
        ("v2.3.1", ["v2.3.1", "v2", "3", "1"]),
        ("AB-1234", ["ab1234", "ab", "1234"]),
        ("iphone15", ["iphone15", "iphone", "15"]),
        ("C++ and C#", ["c++", "c", "and", "c#", "c"]),
        ("snake_case", ["snakecase", "snake", "case"]),
        ('צה"ל', ["צהל"]),
        ("计算机", ["计算", "算机", "机"]),
        ("ABC株式会社", ["abc", "株式", "式会", "会社", "社"]),
        ("می\u200cخواهم", ["ميخواهم"]),
        ("", []),
        ("—!?…", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert [token.text for token in tokens(text)] == expected


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_every_token_says_where_it_came_from(text: str) -> None:
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.text
        assert " " not in token.text
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, text)
        assert all(token.end <= len(other) for token in tokens(other))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.text(max_size=200))
def test_streams_and_places_agree(title: str, body: str) -> None:
    found = analyse(SearchDocument("1", "en", title, body))
    for stream, text in ((found.title, title), (found.body, body)):
        starts, ends = places(stream.places)
        assert len(starts) == len(ends) == len(stream.terms.split(" ") if stream.terms else [])
        assert all(start < end <= len(text) for start, end in zip(starts, ends, strict=True))


@given(st.text(alphabet="abcde", min_size=3, max_size=8), st.data())
def test_two_words_one_slip_apart_share_a_key(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from("abcde"))
    slipped = data.draw(
        st.sampled_from(
            (
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
    )
    assert ({word} | deletions(word)) & ({slipped} | deletions(slipped))


def test_forms_of_words() -> None:
    assert "כתובת" in stems("והכתובת", "he")
    assert {"حساب", "الحساب"} <= set(stems("للحساب", "ar"))
    assert stems("passwords", "en") == ["password"]
    assert stems("bus", "en") == []
    assert spellings("müller", "muller") == ["mueller"]
    assert "muller" in spellings("mueller", "mueller")
    assert not list(keys("送货", "zh"))
    assert not list(keys("ab-1234", "en"))
    assert "wie" in stop_words("de-AT")
    assert stop_words("xx") == frozenset()


def test_html_of_a_highlight_is_safe() -> None:
    marked = Highlighted('<a href="x">&</a>', ((3, 7), (12, 13)))
    assert marked.html == ("&lt;a <mark>href</mark>=&quot;x&quot;&gt;<mark>&amp;</mark>&lt;/a&gt;")


@pytest.mark.parametrize(
    "hard", ["a-" * 50_000, "'" * 100_000, "a." * 50_000 + "!", "\u0301" * 50_000]
)
def test_hard_texts_take_no_more_than_their_length(hard: str) -> None:
    began = time.process_time()
    tokens(hard)
    assert time.process_time() - began < 3
