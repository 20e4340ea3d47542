"""Signatures are those of the RFC, and a comparison is never won by an empty string."""

from __future__ import annotations

import pytest

from channels.signing import hmac_base64, hmac_hex, same, same_hex


def test_the_vector_of_rfc_4231() -> None:
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hmac_hex("Jefe", b"what do ya want for nothing?") == digest
    assert hmac_base64(b"Jefe", b"what do ya want for nothing?").startswith("W9zBRr9gdU5qBCQm")


def test_a_missing_secret_signs_nothing() -> None:
    with pytest.raises(ValueError, match="secret"):
        hmac_hex("", b"body")


@pytest.mark.parametrize(
    ("ours", "theirs", "equal"),
    [("ab", "ab", True), ("ab", "aB", False), ("", "", False), ("ab", "", False),
     ("ab", "\udcff", False), ("é", "é", True)],
)  # fmt: skip
def test_comparison(ours: str, theirs: str, *, equal: bool) -> None:
    assert same(ours, theirs) == equal


def test_hex_digits_have_no_case() -> None:
    assert same_hex("0aff", " 0AFF ")
    assert not same_hex("", "")
