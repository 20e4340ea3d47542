"""Replies as HTML, by the mark-up that mail programs put around what they quote."""
# ruff: noqa: E501 - samples stay in one piece

from __future__ import annotations

import pytest

from channels.email.parse import parse_email
from tests.channels.email.replies import INTRODUCTIONS, MAIL

STRANGE = f"Ar an Máirt, d'scríobh Support &lt;{MAIL}&gt;:"  # a language that no table knows
SHOP = "Your parcel left us today."


def html(body: str) -> bytes:
    return f"From: a@example.org\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>{body}</body></html>".encode()


def quote(intro: str) -> dict[str, str]:
    block = "<b>From:</b> Support &lt;support@desk.example&gt;<br><b>Sent:</b> Tuesday, March 3, 2026 2:05 PM<br><b>To:</b> Anna<br><b>Subject:</b> Order<br>"
    return {
        "gmail": f'<div dir="ltr">It came.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">{intro}<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid"><div>{SHOP}</div></blockquote></div>',
        "apple": f'It came.<div><br><blockquote type="cite"><div>{intro}</div><br><div>{SHOP}</div></blockquote></div>',
        "thunderbird": f'<p>It came.</p><div class="moz-cite-prefix">{intro}<br></div><blockquote type="cite" cite="mid:x"><p>{SHOP}</p></blockquote>',
        "yahoo": f'<div class="ydp1yahoo-style-wrap"><div>It came.</div></div><div id="yahoo_quoted_1" class="yahoo_quoted"><div><div>{intro}</div><div><br></div><div>{SHOP}</div></div></div>',
        "proton": f'<div>It came.</div><div class="protonmail_quote">{intro}<br><blockquote class="protonmail_quote" type="cite">{SHOP}</blockquote></div>',
        "outlook web": f'<div>It came.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg" dir="ltr">{block}</div><div>{SHOP}</div>',
        "outlook desktop": f'<div class=WordSection1><p class=MsoNormal>It came.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class=MsoNormal>{block}</p></div><p class=MsoNormal>{SHOP}</p></div>',
        "outlook mac": f'<div>It came.</div><span id="OLK_SRC_BODY_SECTION"><div>{block}</div><div>{SHOP}</div></span>',
        "outlook mobile": f'<div>It came.</div><div id="ms-outlook-mobile-signature"><div>Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div></div><hr><div id="divRplyFwdMsg">{block}</div>{SHOP}',
        "tutanota": f'<div>It came.</div><div>{intro}</div><blockquote class="tutanota_quote">{SHOP}</blockquote>',
        "zmail": f'<div>It came.</div><div class="zmail_extra">---- {intro} ----<br><blockquote style="border-left:1px solid #cccccc">{SHOP}</blockquote></div>',
        "gmx": f'<div>It came.</div><div name="quote" style="border-left:2px solid #C3D9E5"><div>{block}</div><div name="quoted-content">{SHOP}</div></div>',
    }  # fmt: skip


@pytest.mark.parametrize("program", sorted(quote("")))
def test_the_reply_alone_is_shown(program: str) -> None:
    intro = INTRODUCTIONS["gmail en"].replace("<", "&lt;").replace(">", "&gt;")
    mail = parse_email(html(quote(intro)[program]))
    assert mail.reply_text == "It came."
    assert SHOP in mail.quoted


@pytest.mark.parametrize("program", ["gmail", "apple", "thunderbird", "yahoo", "proton", "zmail"])
def test_mark_up_tells_in_every_language(program: str) -> None:
    mail = parse_email(html(quote(STRANGE)[program]))
    assert mail.reply_text == "It came."
    assert SHOP in mail.quoted


def test_a_forward_by_gmail_is_the_message() -> None:
    body = f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>From: <strong>Anna</strong> &lt;anna@example.org&gt;<br>Date: Tue, 3 Mar 2026<br>Subject: Order<br>To: me<br></div><br>{SHOP}</div>'
    assert SHOP in parse_email(html(body)).reply_text


def test_answers_between_html_quotes_stay() -> None:
    body = f'<div class="moz-cite-prefix">{STRANGE}</div><blockquote type="cite">Which size?</blockquote><p>Large.</p><blockquote type="cite">Colour?</blockquote><p>Blue.</p><blockquote type="cite">Bye</blockquote>'
    fresh = parse_email(html(body)).reply_text
    for line in ("Which size?", "Large.", "Colour?", "Blue."):
        assert line in fresh
