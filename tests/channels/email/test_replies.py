"""What people's mail programs make of a reply: sixty of them, in thirty languages, in every style."""
# ruff: noqa: E501 - samples stay in one piece

from __future__ import annotations

import pytest

from channels.email.quotes import split_reply
from tests.channels.email.replies import BLOCKS, COPY, INTRODUCTIONS, REPLY, Case, cases, quoted

CASES = list(cases())


@pytest.mark.parametrize("program", sorted({case.name.partition(":")[0] for case in CASES}))
def test_a_reply_is_trimmed_exactly(program: str) -> None:
    mine = [case for case in CASES if case.name.partition(":")[0] == program]
    wrong = [case.name for case in mine if split_reply(case.text)[0] != case.fresh]
    assert wrong == []


def test_no_style_of_any_program_loses_a_line_of_the_reply() -> None:
    def lost(case: Case) -> bool:
        fresh = split_reply(case.text)[0]
        return any(line not in fresh for line in case.fresh.split("\n"))

    assert [case.name for case in CASES if lost(case)] == []


@pytest.mark.parametrize("program", sorted(INTRODUCTIONS))
def test_answers_between_the_lines_are_kept_with_their_questions(program: str) -> None:
    intro = INTRODUCTIONS[program]
    text = f"Hello,\n\n{intro}\n> Which size?\n\nLarge, please.\n\n> And the colour?\n\nBlue.\n\n> Bye\n"
    fresh, folded = split_reply(text)
    for line in ("Which size?", "Large, please.", "And the colour?", "Blue."):
        assert line in fresh
    assert "> Bye" in folded


@pytest.mark.parametrize("program", sorted(BLOCKS))
def test_a_forward_without_words_of_ones_own_is_shown_whole(program: str) -> None:
    fresh, _ = split_reply(f"{BLOCKS[program]}\n\n{COPY}\n")
    assert "your parcel left us today" in fresh


PROSE = (
    "On 3 March 2026 at 14:05 I wrote to anna@example.org:\nPlease call me.\n\nNobody did.",
    "What happened on 03.03.2026 at 14:05 with max@example.org:\n- it rang\n- it stopped",
    "On Monday your colleague wrote:\nwe will pay you back.\n\nBut nothing came.",
    "Am Montag schrieb ich Ihnen:\nBitte stornieren.\n\nWas ist daraus geworden?",
    "Le 3 mars, j'ai écrit :\nBonjour\n\nEt depuis, rien.",
    "El lunes escribí:\nHola\n\nNo tengo respuesta.",
    "From: Berlin\nTo: Munich\nDate: Monday\nPlease book two seats.",
    "Von: Berlin\nAn: München\nDatum: Montag\nBitte buchen.",
    "My details:\nName: Anna\nDate: 3 March 2026\nTo: Anna Berg, Main Street 1\nThanks",
    "The reply above this line was cut off. Please send it again.",
    "I forwarded the message to you yesterday. Did you get the original message?",
    "Quoting your own page: delivery in three days.\nThat was a week ago.",
    "Zitat von Ihrer Seite: Lieferung in drei Tagen.\nDas war vor einer Woche.",
    "Sent from my office yesterday, the parcel should be there by now. Is it?",
    "Meeting on 03/03/2026, 14:05, with Bob <bob@example.org> and me.\nWill you come?",
    "I paid 30 > 20 euros.\n> is the sign for greater.\nThat is all.",
    "Subject: my order\nI would like to cancel it.",
    "Tel: 123\nFrom: 9 to 5\nTo: whom it may concern\nPlease call.",
    "今天写道：我的订单没有到。\n请帮忙。",
    "Вчера я писал:\nверните деньги.\n\nОтвета нет.",
    "אתמול כתבתי לכם:\nאיפה החבילה?\n\nאין תשובה.",
    "_____\nName of the product: lamp\n_____\nIt is broken.",
    "Step one\n***\nStep two\n***\nStep three",
    "Best price: 10\nBest date: 2026-03-03 14:05\nBest regards to Ann <ann@example.org>:\nshe was helpful.",
)  # fmt: skip


@pytest.mark.parametrize("text", PROSE)
def test_prose_that_looks_like_a_quote_stays(text: str) -> None:
    fresh, folded = split_reply(text)
    assert fresh == text
    assert folded == ""


@pytest.mark.parametrize("text", PROSE)
def test_prose_that_looks_like_a_quote_stays_above_a_real_one(text: str) -> None:
    fresh, folded = split_reply(f"{text}\n\n{INTRODUCTIONS['gmail en']}\n\n{quoted(COPY)}\n")
    assert fresh == text
    assert "your parcel left us today" in folded


def test_a_reply_in_the_middle_of_a_thread_keeps_what_was_answered_only() -> None:
    text = f"{REPLY}\n\n{INTRODUCTIONS['gmail de']}\n{quoted(COPY)}\n\n{BLOCKS['outlook de']}\n\n{COPY}\n"
    assert split_reply(text)[0] == REPLY
