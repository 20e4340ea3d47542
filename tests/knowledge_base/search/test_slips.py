"""Of several words that a query may be a slip of, the likelier ones cost less."""

from __future__ import annotations

import pytest

from knowledge_base.search.analysis import deletions
from knowledge_base.search.slips import ANY, LIKELY, NEIGHBOUR, cost


@pytest.mark.parametrize(
    ("typed", "meant", "price"),
    [
        ("pasword", "password", LIKELY),  # dropped
        ("passwrod", "password", LIKELY),  # swapped
        ("passsword", "password", LIKELY),  # hit twice
        ("passqord", "password", NEIGHBOUR),  # q is beside w
        ("passwoprd", "password", NEIGHBOUR),  # p is beside o
        ("passkord", "password", ANY),
        ("xpassword", "password", ANY),
        ("חשביו", "חשבונ", None),
        ("חשבינ", "חשבונ", NEIGHBOUR),
        ("חשבוב", "חשבומ", ANY),
        ("قاتوره", "فاتوره", NEIGHBOUR),
        ("лароль", "пароль", ANY),
        ("паполь", "пароль", NEIGHBOUR),
        ("engstoaefl", "engstofael", LIKELY),  # æ is one key, though it folds to two letters
        ("lrer", "laerer", LIKELY),
        ("password", "passport", None),
        ("password", "password", None),
    ],
)
def test_what_a_slip_costs(typed: str, meant: str, price: float | None) -> None:
    assert cost(typed, meant) == price


def test_words_that_differ_by_a_letter_that_folds_to_two_share_a_key() -> None:
    assert deletions("engstoaefl") & deletions("engstofael")
    assert "lrer" in deletions("laerer")
