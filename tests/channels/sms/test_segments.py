"""Segments are counted as the networks bill them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.segments import count, smart_encode, width


@pytest.mark.parametrize(
    ("text", "encoding", "segments", "units", "remaining"),
    [
        ("", "GSM-7", 0, 0, 160),
        ("a", "GSM-7", 1, 1, 159),
        ("a" * 160, "GSM-7", 1, 160, 0),
        ("a" * 161, "GSM-7", 2, 161, 145),
        ("a" * 306, "GSM-7", 2, 306, 0),
        ("a" * 307, "GSM-7", 3, 307, 152),
        ("€" * 80, "GSM-7", 1, 160, 0),
        ("a" * 159 + "€", "GSM-7", 2, 161, 145),
        # The euro sign's escape would be cut after septet 153: it moves over as a whole.
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3, 306, 152),
        ("é à ñ Ø Ξ", "GSM-7", 1, 9, 151),
        ("ç", "UCS-2", 1, 1, 69),  # only the capital is in the alphabet
        ("ш" * 70, "UCS-2", 1, 70, 0),
        ("ш" * 71, "UCS-2", 2, 71, 63),
        ("😀" * 35, "UCS-2", 1, 70, 0),
        ("😀" * 36, "UCS-2", 2, 72, 61),  # 33 pairs fit into 67 units, not 33 and a half
        ("שלום", "UCS-2", 1, 4, 66),
    ],
)
def test_the_counts(text: str, encoding: str, segments: int, units: int, remaining: int) -> None:
    found = count(text)
    assert (found.encoding, found.segments, found.units, found.remaining) == (
        encoding,
        segments,
        units,
        remaining,
    )


def test_it_names_what_makes_a_text_expensive() -> None:
    assert count("It’s “here” ’").non_gsm == ("’", "“", "”")
    assert count("plain").non_gsm == ()


def test_typographic_characters_are_replaced_only_where_that_helps() -> None:
    assert smart_encode("It’s “here” – …") == 'It\'s "here" - ...'
    assert smart_encode("It’s 📦") == "It’s 📦"


@given(st.text(max_size=700))
def test_every_unit_is_in_a_segment_and_no_segment_is_wasted(text: str) -> None:
    found = count(text)
    alone, each = (160, 153) if found.encoding == "GSM-7" else (70, 67)
    assert found.units == sum(width(c, found.encoding) for c in text)
    if found.segments <= 1:
        assert found.units + found.remaining == alone
        return
    # At most one unit a segment is left over, where a pair would have been cut.
    room = found.segments * each
    assert room - found.segments < found.units + found.remaining <= room
    assert count(text[:-1]).segments <= found.segments
    if found.encoding == "UCS-2":
        assert found.units == len(text.encode("utf-16-le", "surrogatepass")) // 2
