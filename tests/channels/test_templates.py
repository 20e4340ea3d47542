"""Texts with variables say what they should, and can do nothing else."""

from __future__ import annotations

import pytest

from channels.templates import TemplateProblem, check, render

VALUES = {
    "agent": {"name": "Kari"},
    "contact": {"name": "Anna <b>"},
    "ticket": {"number": "1001", "subject": "Lamp"},
    "inbox": {"name": "Shop", "address": "support@shop.example"},
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (
            "Hello {{ contact.name }}, this is #{{ ticket.number }}.",
            "Hello Anna <b>, this is #1001.",
        ),
        (
            "{% if agent.name %}{{ agent.name }} of {% endif %}{{ inbox.name | upper }}",
            "Kari of SHOP",
        ),
        ("{{ contact.name or 'there' }}", "Anna <b>"),
        ("no variables { at all }", "no variables { at all }"),
        ("{{ ticket.subject | truncate(3, true, '', 0) }}", "Lam"),
    ],
)
def test_variables_are_filled_in(template: str, text: str) -> None:
    assert check(template) == ""
    assert render(template, VALUES) == text


def test_what_is_not_known_yet_is_empty() -> None:
    assert render("{{ agent.name or inbox.name }}", {"inbox": {"name": "Shop"}}) == "Shop"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("Hello {{ contact.nmae }}", "line 1: there is no contact.nmae"),
        ("Hello {{ customer.name }}", "customer"),
        ("Hello {{ contact.name", "line 1"),
        ("{% for x in contact.name %}x{% endfor %}", "for is not available"),
        ("{{ contact.name.__class__ }}", "there is no"),
        ("{{ ''.__class__.__mro__ }}", "there is no"),
        ("{{ contact.name.upper() }}", "call is not available"),
        ("{{ 'a' * 999999999 }}", "mul is not available"),
        ("{{ 2 ** 99999 }}", "pow is not available"),
        ("{% include 'x' %}", "include is not available"),
        ("{{ contact['name'] }}", "getitem is not available"),
        ("{{ contact.name | attr('upper') }}", "there is no filter attr"),
        ("{{ cycler }}", "there is no"),
        ("x" * 10_001, "is longer than"),
    ],
)
def test_anything_else_is_refused_with_the_reason(template: str, said: str) -> None:
    assert said in check(template)
    if "{" in template:
        with pytest.raises(TemplateProblem):
            render(template, VALUES)
