"""The secrets: random, recognisable, and bound to their session."""

from __future__ import annotations

from uuid import uuid4

from desk.auth.tokens import csrf_matches, csrf_token, digest, looks_like_token, new_token


def test_tokens_are_long_random_and_recognisable() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(looks_like_token(token) and token.startswith("ply_") for token in tokens)
    assert not looks_like_token("ply_short")
    assert len(digest(tokens.pop())) == 64


def test_a_csrf_token_is_good_for_one_session_under_one_key() -> None:
    one, two = uuid4(), uuid4()
    token = csrf_token("key", one)
    assert csrf_matches("key", one, token)
    assert not csrf_matches("key", two, token)
    assert not csrf_matches("other key", one, token)
    assert not csrf_matches("key", one, "")
    assert not csrf_matches("key", one, "\udcff")
