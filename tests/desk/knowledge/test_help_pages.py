"""The help center from outside: without a script, found by search engines, in every language."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from desk.help.words import FOLDER, LANGUAGES
from tests.desk.knowledge.conftest import API, Desk

MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
async def open_in_two(kb: Desk) -> Desk:
    """A help center in English and Hebrew."""
    answer = await kb.editor.patch(
        f"{API}/kb/help-center",
        json={"locales": ["en", "he"], "title": "Fjell & Sand", "accent": "#ffcc00"},
    )
    assert answer.status_code == 200, answer.text
    return kb


async def translated(kb: Desk, **fields: Any) -> tuple[dict[str, Any], str, str]:
    article = await kb.write("Returns abroad", "You have **60 days**.", **fields)
    answer = await kb.editor.post(
        f"{API}/articles/{article['id']}/locales/he",
        json={"title": "החזרות מחו״ל", "body": "יש לכם **60 יום**."},
    )
    assert answer.status_code == 201, answer.text
    await kb.publish(article["id"], "he")
    return article, article["locales"][0]["slug"], answer.json()["slug"]


async def test_an_article_says_where_its_translations_are(open_in_two: Desk) -> None:
    _, english, hebrew = await translated(open_in_two)
    page = (await open_in_two.stranger.get(f"/help/he/articles/{hebrew}")).text
    assert '<html lang="he" dir="rtl">' in page
    assert "<strong>60 יום</strong>" in page
    assert re.search(rf'hreflang="en" href="[^"]+/help/en/articles/{english}"', page)
    assert re.search(r'hreflang="x-default" href="[^"]+/help/en/', page)
    canonical = re.search(r'rel="canonical" href="([^"]+)"', page)
    assert canonical is not None
    assert canonical[1].startswith(open_in_two.whole.desk.settings.public_url)
    found = re.search(r'application/ld\+json">(.*?)</script>', page)
    assert found is not None
    kinds = {item["@type"] for item in json.loads(found[1])}
    assert kinds == {"BreadcrumbList", "Article"}


async def test_nothing_inline_and_nothing_foreign(open_in_two: Desk) -> None:
    _, english, _ = await translated(open_in_two)
    page = await open_in_two.stranger.get(f"/help/en/articles/{english}")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert " style=" not in page.text
    assert "<style" not in page.text
    assert not re.search(r"\son\w+=", page.text)
    scripts = re.findall(r"<script[^>]*>", page.text)
    assert all("src=" in tag or "ld+json" in tag for tag in scripts)
    assert "set-cookie" not in page.headers


async def test_what_an_author_writes_cannot_run(open_in_two: Desk) -> None:
    body = (
        "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n"
        "[x](javascript:alert(1)) [y](data:text/html,x)\n\n"
        "> [!NOTE]\n> </aside><svg onload=alert(1)>"
    )
    article = await open_in_two.write("</script><script>alert(2)</script>", body)
    page = await open_in_two.stranger.get(f"/help/en/articles/{article['locales'][0]['slug']}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<svg onload" not in page.text
    assert 'href="javascript' not in page.text
    assert 'href="data:' not in page.text


async def test_an_edit_is_on_the_page_in_search_and_in_the_site_map_at_once(
    open_in_two: Desk,
) -> None:
    kb = open_in_two
    article = await kb.write("Parcel lockers", "They open with a code.")
    slug = article["locales"][0]["slug"]
    await kb.save(article["id"], "They open with a flamingo.")
    await kb.publish(article["id"])
    assert "flamingo" in (await kb.stranger.get(f"/help/en/articles/{slug}")).text
    found = (await kb.stranger.get("/help/en/suggest?q=flamingo")).json()
    assert [item["url"].partition("?")[0] for item in found["items"]] == [
        f"/help/en/articles/{slug}"
    ]
    assert "<mark>flamingo</mark>" in found["items"][0]["snippet"]
    site_map = (await kb.stranger.get("/help/en/sitemap.xml")).text
    assert f"/help/en/articles/{slug}" in site_map
    await kb.post(f"/articles/{article['id']}/locales/en/unpublish")
    assert (await kb.stranger.get(f"/help/en/articles/{slug}")).status_code == 404
    assert (await kb.stranger.get("/help/en/suggest?q=flamingo")).json()["items"] == []
    assert f"articles/{slug}" not in (await kb.stranger.get("/help/en/sitemap.xml")).text


async def test_a_known_page_is_not_sent_again(open_in_two: Desk) -> None:
    article = await open_in_two.write("Steady")
    path = f"/help/en/articles/{article['locales'][0]['slug']}"
    first = await open_in_two.stranger.get(path)
    again = await open_in_two.stranger.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_changed_address_leads_on_and_never_in_a_circle(open_in_two: Desk) -> None:
    kb = open_in_two
    article = await kb.write("Round trip")
    first = article["locales"][0]["slug"]
    path = f"{API}/articles/{article['id']}/locales/en/slug"
    for slug in ("second-stop", "third-stop", first, "second-stop"):
        answer = await kb.editor.put(path, json={"slug": slug})
        assert answer.status_code == 200, answer.text
        for old in {first, "second-stop", "third-stop"} - {slug}:
            moved = await kb.stranger.get(f"/help/en/articles/{old}")
            if moved.status_code != 404:  # it never had that address yet
                assert moved.status_code == 301
                assert moved.headers["location"] == f"/help/en/articles/{slug}"
        assert (await kb.stranger.get(f"/help/en/articles/{slug}")).status_code == 200


async def test_another_article_may_take_a_former_address(open_in_two: Desk) -> None:
    kb = open_in_two
    old = await kb.write("Taken over")
    slug = old["locales"][0]["slug"]
    await kb.editor.put(f"{API}/articles/{old['id']}/locales/en/slug", json={"slug": "moved-away"})
    new = await kb.write("Successor", "I live here now.")
    await kb.editor.put(f"{API}/articles/{new['id']}/locales/en/slug", json={"slug": slug})
    assert "I live here now." in (await kb.stranger.get(f"/help/en/articles/{slug}")).text


async def test_a_language_switched_by_hand_finds_the_translation(open_in_two: Desk) -> None:
    _, english, hebrew = await translated(open_in_two)
    answer = await open_in_two.stranger.get(f"/help/he/articles/{english}")
    assert answer.status_code == 302
    from urllib.parse import unquote

    assert unquote(answer.headers["location"]) == f"/help/he/articles/{hebrew}"


async def test_the_front_door_speaks_the_readers_language(open_in_two: Desk) -> None:
    for wanted, expected in (("he-IL,en;q=0.5", "he"), ("fr", "en"), ("iw;q=0.1, en", "en")):
        answer = await open_in_two.stranger.get("/help", headers={"accept-language": wanted})
        assert answer.headers["location"] == f"/help/{expected}"


async def test_site_maps_are_whole(open_in_two: Desk) -> None:
    _, english, _ = await translated(open_in_two)
    index = ET.fromstring((await open_in_two.stranger.get("/help/sitemap.xml")).text)
    maps = [node.findtext(f"{MAPS}loc") or "" for node in index]
    assert [url.rpartition("/help/")[2] for url in maps] == ["en/sitemap.xml", "he/sitemap.xml"]
    text = (await open_in_two.stranger.get("/help/en/sitemap.xml")).text
    urls = ET.fromstring(text)
    entry = next(
        node for node in urls if (node.findtext(f"{MAPS}loc") or "").endswith(f"/{english}")
    )
    assert entry.findtext(f"{MAPS}lastmod")
    assert {link.get("hreflang") for link in entry if link.tag.endswith("link")} == {"en", "he"}
    robots = (await open_in_two.stranger.get("/robots.txt")).text
    assert "Sitemap: " in robots
    assert "Disallow: /api/" in robots


async def test_a_vote_counts_once_a_day_and_a_no_may_say_why(open_in_two: Desk) -> None:
    kb = open_in_two
    article = await kb.write("Votes")
    path = f"/help/en/articles/{article['locales'][0]['slug']}"
    for _ in range(2):
        answer = await kb.stranger.post(f"{path}/feedback", data={"helpful": "no"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?rated=no#rate")
    assert "What was missing?" in (await kb.stranger.get(f"{path}?rated=no")).text
    await kb.stranger.post(
        f"{path}/feedback",
        data={"helpful": "no", "told": "1", "reason": "outdated", "text": "Prices are old"},
    )
    report = await kb.get("/kb/analytics")
    mine = next(a for a in report["articles"] if a["article_id"] == article["id"])
    assert (mine["helpful"], mine["not_helpful"]) == (0, 1)


async def test_searches_are_counted_without_personal_data(open_in_two: Desk) -> None:
    kb = open_in_two
    await kb.stranger.get("/help/en/search?q=Where is 4711 0815 99 of anna@example.com")
    queries = {row["query"] for row in (await kb.get("/kb/analytics"))["queries"]}
    assert "where is … of …" in queries
    assert not any("anna" in query or "4711" in query for query in queries)


async def test_failed_searches_become_work_for_editors(open_in_two: Desk) -> None:
    kb = open_in_two
    for number in range(3):
        client = kb.whole.client(**{"user-agent": f"browser {number}"})
        await client.get("/help/en/search?q=zeppelin rental")
    tasks = (await kb.get("/kb/work"))["items"]
    task = next(task for task in tasks if task["query"] == "zeppelin rental")
    assert (task["kind"], task["params"]) == ("failed_search", {"count": 3})


async def test_a_click_on_a_result_is_known_with_its_place(open_in_two: Desk) -> None:
    kb = open_in_two
    article = await kb.write("Rucksack straps", "Adjust the marmalade buckle.")
    found = (await kb.stranger.get("/help/en/suggest?q=marmalade buckle")).json()
    await kb.stranger.get(found["items"][0]["url"])
    rows = (await kb.get("/kb/analytics"))["queries"]
    row = next(row for row in rows if row["query"] == "marmalade buckle")
    assert (row["without_click"], row["position"]) == (0, 1.0)
    report = (await kb.get("/kb/analytics"))["articles"]
    assert next(a for a in report if a["article_id"] == article["id"])["clicks"] == 1


async def test_a_brand_colour_is_made_readable(open_in_two: Desk) -> None:
    from desk.knowledge.colour import contrast

    shades = (await open_in_two.get("/kb/help-center"))["shades"]
    assert contrast(shades["light"], "#ffffff") >= 4.5
    assert contrast(shades["dark"], "#15171b") >= 4.5
    assert contrast(shades["solid"], "#ffffff") >= 4.5
    style = (await open_in_two.stranger.get("/help/brand.css")).text
    assert shades["light"] in style


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_has_every_word_with_the_same_values(tag: str) -> None:
    english = json.loads((FOLDER / "en.json").read_text("utf-8"))
    own = json.loads((FOLDER / f"{tag}.json").read_text("utf-8"))
    assert own.keys() == english.keys()
    for key, text in english.items():
        assert own[key].strip(), key
        assert set(re.findall(r"{\w+}", own[key])) == set(re.findall(r"{\w+}", text)), key
