"""chatwoot 10026: a draft, an archived or an internal article reaches no customer, by no way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.desk.knowledge.conftest import API, Desk

SECRET = "Zugangsgeheimnis"


async def everything_public(kb: Desk, article: dict[str, Any], slug: str) -> str:
    """All that a stranger gets who asks everywhere for this article."""
    client = kb.stranger
    parts: list[str] = []
    for path in (
        f"/help/en/articles/{slug}",
        f"/help/de/articles/{slug}",
        "/help/en",
        "/help/en/topics/all",
        f"/help/en/search?q={SECRET}",
        f"/help/en/suggest?q={SECRET[:6]}",
        f"/help/en/search?q={slug}",
        "/help/sitemap.xml",
        "/help/en/sitemap.xml",
        "/robots.txt",
        f"/api/widget/v1/articles?q={SECRET}&locale=en",
        f"/api/widget/v1/articles/{article['id']}?locale=en",
        f"{API}/articles/{article['id']}",
        f"{API}/articles?q={SECRET}",
        f"{API}/kb/search?q={SECRET}",
    ):
        answer = await client.get(path, follow_redirects=True)
        text = answer.text.replace(f"“{SECRET}”", "").replace(f'value="{SECRET}"', "")
        parts.append(f"{path}: {text}")
    posted = await client.post(
        "/help/en/contact", data={"email": "a@b.example", "message": f"about {SECRET}"}
    )
    parts.append(posted.text.replace(f'value="about {SECRET}"', ""))
    voted = await client.post(f"/help/en/articles/{slug}/feedback", data={"helpful": "yes"})
    parts.append(f"{voted.status_code} {voted.headers.get('location', '')} {voted.text}")
    return "\n".join(parts)


@pytest.mark.parametrize("hidden", ["draft", "internal", "signed-in", "archived", "unpublished"])
async def test_what_is_not_public_is_nowhere(kb: Desk, hidden: str) -> None:
    audience = hidden if hidden in {"internal", "signed-in"} else "public"
    body = f"The {SECRET} is in the drawer."
    article = await kb.write(
        f"{hidden} {SECRET}", body, summary=SECRET, publish=hidden != "draft", audience=audience
    )
    slug = article["locales"][0]["slug"]
    if hidden == "archived":
        await kb.post(f"/articles/{article['id']}/archive")
    if hidden == "unpublished":
        await kb.post(f"/articles/{article['id']}/locales/en/unpublish")
    told = await everything_public(kb, article, slug)
    assert "drawer" not in told
    assert f"{hidden} {SECRET}" not in told
    assert article["id"] not in told.replace(f"articles/{article['id']}", "")


async def test_the_same_page_for_a_draft_and_for_nothing(kb: Desk) -> None:
    draft = await kb.write("Quiet draft", publish=False)
    pages = []
    for slug in (draft["locales"][0]["slug"], "never-there"):
        answer = await kb.stranger.get(f"/help/en/articles/{slug}")
        assert answer.status_code == 404
        assert "etag" not in answer.headers
        pages.append(answer.text.replace(slug.replace("-", " "), "X"))
    assert pages[0] == pages[1]


async def test_an_edited_article_shows_its_published_text_until_it_is_published_again(
    kb: Desk,
) -> None:
    article = await kb.write("Opening hours", "We open at nine.")
    await kb.save(article["id"], f"We open at ten. {SECRET}.", title=f"Hours {SECRET}")
    path = f"/help/en/articles/{article['locales'][0]['slug']}"
    before = await kb.stranger.get(path)
    assert "We open at nine." in before.text
    assert SECRET not in before.text
    assert SECRET not in (await kb.stranger.get("/help/en/suggest?q=open")).text
    await kb.publish(article["id"])
    after = await kb.stranger.get(path, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert "We open at ten." in after.text


async def test_a_redirect_of_a_hidden_article_leads_nowhere(kb: Desk) -> None:
    article = await kb.write("Old address")
    path = f"{API}/articles/{article['id']}"
    await kb.editor.put(f"{path}/locales/en/slug", json={"slug": "new-address-hidden"})
    await kb.editor.patch(path, json={"audience": "internal"})
    answer = await kb.stranger.get(f"/help/en/articles/{article['locales'][0]['slug']}")
    assert answer.status_code == 404
    assert "new-address-hidden" not in answer.text


async def test_a_file_is_fetched_by_readers_only_while_a_published_text_shows_it(kb: Desk) -> None:
    article = await kb.write(body="Nothing to see yet.")
    answer = await kb.editor.post(
        f"{API}/articles/{article['id']}/files",
        files={"file": ("tent.png", PNG, "image/png")},
        data={"alt": "A tent"},
    )
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert (file["width"], file["height"]) == (3, 2)
    assert (await kb.stranger.get(file["url"])).status_code == 404
    await kb.save(article["id"], f"Look:\n\n{file['markdown']}")
    assert (await kb.stranger.get(file["url"])).status_code == 404
    await kb.publish(article["id"])
    shown = await kb.stranger.get(file["url"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    page = await kb.stranger.get(f"/help/en/articles/{article['locales'][0]['slug']}")
    assert 'width="3" height="2"' in page.text
    await kb.editor.patch(f"{API}/articles/{article['id']}", json={"audience": "internal"})
    assert (await kb.stranger.get(file["url"])).status_code == 404


async def test_agents_read_internal_articles_in_the_help_center_uncached(kb: Desk) -> None:
    article = await kb.write("House rules", "For us alone.", audience="internal")
    page = await kb.agent.get(f"/help/en/articles/{article['locales'][0]['slug']}")
    assert "For us alone." in page.text
    assert "no-store" in page.headers["cache-control"]
    assert "noindex" in page.text


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000003000000020802000000121617"
    "4d0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
