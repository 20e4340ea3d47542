"""Customers whom a site has signed in read what is for them, and nobody else does."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt

from desk.inboxes.models import Inbox
from desk.intake.visitors import Visitor
from tests.desk.knowledge.conftest import API, Desk
from tests.desk.knowledge.test_leaks import PNG
from tests.desk.whole import SECRET

WIDGET = "/api/widget/v1/articles"


def token(kb: Desk, inbox: Inbox, account: str | None = "u-1") -> dict[str, str]:
    made = kb.whole.desk.tokens.issue(Visitor("v", inbox.id, account=account))
    return {"authorization": f"Bearer {made}"}


def identity(**claims: Any) -> str:
    body = {"sub": "u-1", "exp": time.time() + 300, **claims}
    return jwt.encode(body, claims.pop("secret", SECRET), algorithm="HS256")


def stranger(kb: Desk) -> httpx.AsyncClient:
    """A browser of its own, with its own cookies."""
    return kb.whole.client()


async def refunds(kb: Desk, word: str) -> tuple[dict[str, Any], str]:
    """An article for customers, with a picture."""
    article = await kb.write(f"Refunds {word}", publish=False, audience="signed-in")
    file = await kb.editor.post(
        f"{API}/articles/{article['id']}/files",
        files={"file": ("a.png", PNG, "image/png")},
        data={"alt": "A form"},
    )
    await kb.save(article["id"], f"For customers {word}.\n\n{file.json()['markdown']}")
    await kb.publish(article["id"])
    return article, file.json()["url"]


async def test_the_widget_shows_them_to_a_proven_visitor_only(kb: Desk) -> None:
    article, picture = await refunds(kb, "quokka")
    inbox = await kb.whole.chat_inbox()
    one = f"{WIDGET}/{article['id']}"
    for headers in (
        {},
        token(kb, inbox, None),
        {"authorization": "Bearer forged"},
        {"authorization": "Basic eDp5"},
    ):
        found = await kb.stranger.get(WIDGET, params={"q": "quokka"}, headers=headers)
        assert found.json()["items"] == []
        assert (await kb.stranger.get(one, headers=headers)).status_code == 404
        assert (
            "public" in found.headers["cache-control"]
            or "no-store" in (found.headers["cache-control"])
        )
    proven = token(kb, inbox)
    found = await kb.stranger.get(WIDGET, params={"q": "quokka"}, headers=proven)
    assert [item["id"] for item in found.json()["items"]] == [article["id"]]
    assert found.headers["cache-control"] == "private, no-store"
    text = await kb.stranger.get(one, headers=proven)
    assert "For customers quokka." in text.json()["html"]
    assert text.headers["cache-control"] == "private, no-store"
    # Its picture carries the proof, since the frame has no cookies.
    source = text.json()["html"].split('src="')[1].split('"')[0]
    assert source.startswith(picture + "?t=")
    shown = await stranger(kb).get(source)
    assert (shown.status_code, shown.content) == (200, PNG)
    assert shown.headers["cache-control"].startswith("private")
    assert (await stranger(kb).get(picture)).status_code == 404
    # The same visitor without a switched-on inbox is nobody.
    async with kb.whole.desk.units.write() as work:
        row = await work.session.get_one(Inbox, inbox.id)
        row.active = False
    assert (await kb.stranger.get(one, headers=proven)).status_code == 404
    assert (await stranger(kb).get(source)).status_code == 404


async def test_the_widgets_link_signs_in_to_the_help_center(kb: Desk) -> None:
    article, picture = await refunds(kb, "numbat")
    inbox = await kb.whole.chat_inbox()
    found = await kb.stranger.get(WIDGET, params={"q": "numbat"}, headers=token(kb, inbox))
    url = found.json()["items"][0]["url"]
    browser = stranger(kb)
    page = f"/help/en/articles/{article['locales'][0]['slug']}"
    assert (await browser.get(page)).status_code == 404
    entered = await browser.get(url)
    assert (entered.status_code, entered.headers["location"]) == (303, page)
    kept = entered.headers["set-cookie"]
    for word in ("HttpOnly", "Path=/help", "SameSite=lax"):
        assert word.lower() in kept.lower()
    assert "max-age" not in kept.lower()
    shown = await browser.get(page)
    assert "For customers numbat." in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    assert 'content="noindex, nofollow"' in shown.text
    assert page in (await browser.get("/help/en/search?q=numbat")).text
    assert page in (await browser.get("/help/en/suggest?q=numbat")).text
    assert (await browser.get(picture)).content == PNG
    # Nothing of it for anybody else, and none of what is for agents.
    assert (await stranger(kb).get(page)).status_code == 404
    assert page not in (await browser.get("/help/en/sitemap.xml")).text
    internal = await kb.write("Inside numbat", audience="internal")
    slug = internal["locales"][0]["slug"]
    assert (await browser.get(f"/help/en/articles/{slug}")).status_code == 404
    assert slug not in (await browser.get("/help/en/search?q=numbat")).text
    left = await browser.post("/help/leave")
    assert left.status_code == 303
    assert (await browser.get(page)).status_code == 404


async def test_a_link_is_good_for_minutes_and_is_no_cookie(kb: Desk) -> None:
    article, _ = await refunds(kb, "bilby")
    inbox = await kb.whole.chat_inbox()
    found = await kb.stranger.get(WIDGET, params={"q": "bilby"}, headers=token(kb, inbox))
    url = found.json()["items"][0]["url"]
    link = parse_qs(urlsplit(url).query)["t"][0]
    page = f"/help/en/articles/{article['locales'][0]['slug']}"
    swapped = await stranger(kb).get(page, headers={"cookie": f"parley_reader={link}"})
    assert swapped.status_code == 404
    entered = await stranger(kb).get(url)
    proof = entered.headers["set-cookie"].split("=", 1)[1].split(";")[0]
    answer = await stranger(kb).get("/help/enter", params={"t": proof, "to": page})
    assert "set-cookie" not in answer.headers
    # An exchanged identity secret ends what was signed with the former one.
    async with kb.whole.desk.units.write() as work:
        row = await work.session.get_one(Inbox, inbox.id)
        row.secrets = kb.whole.desk.shelf.box.seal({"identity_secret": "another one " * 4})
    cookie = {"cookie": f"parley_reader={proof}"}
    assert (await stranger(kb).get(page, headers=cookie)).status_code == 404
    assert "set-cookie" not in (await stranger(kb).get(url)).headers


async def test_a_site_signs_in_with_a_form(kb: Desk) -> None:
    article, _ = await refunds(kb, "potoroo")
    inbox = await kb.whole.chat_inbox()
    page = f"/help/en/articles/{article['locales'][0]['slug']}"
    forged = jwt.encode(
        {"sub": "u", "exp": time.time() + 300},
        "not the secret of this inbox, but as long as one",
        "HS256",
    )
    late = identity(exp=time.time() - timedelta(hours=1).total_seconds())
    for wrong in (forged, late, "x"):
        answer = await stranger(kb).post(
            "/help/enter", data={"inbox": inbox.address, "identity": wrong, "to": page}
        )
        assert answer.status_code == 401, answer.text
        assert "set-cookie" not in answer.headers
    browser = stranger(kb)
    answer = await browser.post(
        "/help/enter", data={"inbox": inbox.address, "identity": identity(), "to": page}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert (await browser.get(page)).status_code == 200


async def test_signing_in_leads_nowhere_else(kb: Desk) -> None:
    for to in (
        "https://evil.test/help", "//evil.test/help", "/help\\@evil.test", "/\\evil.test",
        "/app/", "/help/../app", "javascript:alert(1)", "/help/enter?t=x", "/helpers",
    ):  # fmt: skip
        answer = await stranger(kb).get("/help/enter", params={"to": to})
        assert answer.headers["location"] == "/help", to
