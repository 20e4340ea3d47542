"""What agents' and teams' fields may hold."""

from __future__ import annotations

import pytest

from desk.agents.rules import check_agent, check_team_name, normalise_email
from desk.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Ada@Example.ORG\n", "ada@example.org"),
        ("JOSE\u0301@example.org", "jos\u00e9@example.org"),
    ],
)
def test_addresses_are_kept_in_one_form(typed: str, stored: str) -> None:
    assert normalise_email(typed) == stored


@pytest.mark.parametrize(
    "email", ["a@b.de", "first.last+tag@sub.example.org", "jos\u00e9@b\u00fccher.example"]
)
def test_usual_addresses_are_taken(email: str) -> None:
    check_agent({"email": email})


@pytest.mark.parametrize("email", ["", "a", "a@b", "a@@b.de", "a b@c.de", "<a@b.de>", "a@b.de."])
def test_what_is_no_address_is_not(email: str) -> None:
    with pytest.raises(Invalid):
        check_agent({"email": email})


def test_all_wrong_fields_are_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        check_agent({"email": "x", "name": "", "role": "x", "locale": "?", "timezone": "x"})
    errors = caught.value.extra["errors"]
    assert isinstance(errors, list)
    assert [error["field"] for error in errors] == ["email", "name", "role", "locale", "timezone"]


@pytest.mark.parametrize("locale", ["en", "pt-BR", "zh-Hant-TW", "de"])
def test_language_tags(locale: str) -> None:
    check_agent({"locale": locale})


def test_a_team_has_a_name() -> None:
    check_team_name("Billing")
    for name in ("", "   ", "x" * 201, "a\nb"):
        with pytest.raises(Invalid):
            check_team_name(name)
