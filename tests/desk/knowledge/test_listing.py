"""The editors' list: every filter shows as many articles as the number beside it says."""

from __future__ import annotations

from typing import Any

from tests.desk.knowledge.conftest import API, Desk

TODAY = "2020-01-01"  # long ago: overdue


async def every(kb: Desk, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await kb.get("/articles", limit=2, **query, **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


async def library(kb: Desk, word: str) -> str:
    """Six articles that differ in everything one can filter by; the topic of one."""
    topic = await kb.post("/categories", 201, names={"en": {"title": f"Topic {word}"}})
    names = {"en": {"title": f"Section {word}"}}
    section = await kb.post("/categories", 201, names=names, parent_id=topic["id"])
    await kb.write(f"{word} draft", publish=False, category_id=topic["id"], tags=["tents"])
    await kb.write(f"{word} shown", category_id=section["id"], tags=["tents", "tent"])
    await kb.write(f"{word} inside", audience="internal", review_by=TODAY)
    mine = await kb.write(f"{word} owned", audience="signed-in")
    me = (await kb.get("/session"))["agent"]
    answer = await kb.editor.patch(f"{API}/articles/{mine['id']}", json={"owner_id": me["id"]})
    assert answer.status_code == 200, answer.text
    behind = await kb.write(f"{word} behind", "One.\n\nTwo.")
    he = {"title": f"{word} מפגר", "body": "אחת.\n\nשתיים."}
    await kb.post(f"/articles/{behind['id']}/locales/he", 201, **he)
    assert (await kb.save(behind["id"], "One.\n\nTwo and a half.")).status_code == 200
    await kb.publish(behind["id"])
    away = await kb.write(f"{word} away")
    await kb.post(f"/articles/{away['id']}/archive")
    return str(topic["id"])


async def test_each_number_is_what_its_filter_shows(kb: Desk) -> None:
    topic = await library(kb, "Counted")
    counts = await kb.get("/articles/counts", q="Counted")
    queries: dict[str, list[tuple[dict[str, Any], int]]] = {
        "views": [
            ({}, counts["views"]["all"]),
            ({"overdue": True}, counts["views"]["overdue"]),
            ({"archived": True}, counts["views"]["archived"]),
            *(({"state": one}, counts["views"].get(one, 0)) for one in ("draft", "published")),
        ],
        "locales": [({"locale": one}, n) for one, n in counts["locales"].items()],
        "missing": [({"missing_locale": one}, n) for one, n in counts["missing"].items()],
        "categories": [({"category_id": one}, n) for one, n in counts["categories"].items()],
        "audiences": [({"audience": one}, n) for one, n in counts["audiences"].items()],
        "tags": [({"tag": one}, n) for one, n in counts["tags"].items()],
        "owners": [({"owner": one}, n) for one, n in counts["owners"].items()],
    }
    for name, asked in queries.items():
        assert asked, name
        for query, number in asked:
            assert len(await every(kb, q="Counted", **query)) == number, query
    assert counts["views"]["all"] == 5
    assert counts["views"]["overdue"] == counts["views"]["archived"] == 1
    assert counts["categories"][topic] == 2  # its section's article, too
    assert counts["tags"] == {"tents": 2, "tent": 1}


async def test_numbers_follow_the_other_filters(kb: Desk) -> None:
    topic = await library(kb, "Narrowed")
    counts = await kb.get("/articles/counts", q="Narrowed", category_id=topic, tag="tent")
    assert counts["views"]["all"] == 1
    assert counts["tags"] == {"tents": 2, "tent": 1}  # the tag itself does not count
    assert counts["categories"][topic] == 1
    assert list(counts["owners"].values()) == [1]  # whoever writes an article owns it


async def test_articles_whose_translation_is_behind(kb: Desk) -> None:
    await library(kb, "Lagging")
    [found] = await every(kb, q="Lagging", stale=True)
    by_locale = {one["locale"]: one["stale"] for one in found["locales"]}
    assert by_locale["en"] == 0
    assert by_locale["he"] > 0
    page = await kb.get("/articles", q="Lagging", stale=True, limit=1)
    assert page["next_cursor"] is None


async def test_numbers_are_for_people_who_may_read(kb: Desk) -> None:
    answer = await kb.editor.get(f"{API}/articles/counts", params={"owner": "nobody"})
    assert answer.status_code == 404
    assert (await kb.stranger.get(f"{API}/articles/counts")).status_code == 401
