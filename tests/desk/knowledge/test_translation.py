"""Side by side: which paragraphs are stale, what changed, and saying that they still hold."""

from __future__ import annotations

from typing import Any

from tests.desk.knowledge.conftest import API, Desk

SOURCE = "You have 30 days.\n\nReturns are free.\n\nKeep the slip."
TARGET = "יש לכם 30 יום.\n\nההחזרה חינם.\n\nשמרו את הפתק."


async def pair(kb: Desk) -> dict[str, Any]:
    article = await kb.write("Returns", SOURCE, summary="In short")
    answer = await kb.editor.post(
        f"{API}/articles/{article['id']}/locales/he",
        json={"title": "החזרות", "summary": "בקצרה", "body": TARGET},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["stale"] == 0
    return article


async def rows(kb: Desk, article: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await kb.get(f"/articles/{article['id']}/locales/he/translation")
    )["rows"]
    return found


async def test_a_changed_paragraph_is_stale_and_shows_what_changed(kb: Desk) -> None:
    article = await pair(kb)
    await kb.save(article["id"], SOURCE.replace("30", "60"))
    assert [row["state"] for row in await rows(kb, article)] == ["current"] * 5  # still a draft
    await kb.publish(article["id"])
    found = await rows(kb, article)
    assert [row["state"] for row in found] == ["current", "current", "stale", "current", "current"]
    changes = [(piece["kind"], piece["text"]) for piece in found[2]["changes"]]
    assert ("removed", "30") in changes
    assert ("added", "60") in changes
    listed = (await kb.get(f"/articles/{article['id']}"))["locales"]
    assert {locale["locale"]: locale["stale"] for locale in listed} == {"en": 0, "he": 1}


async def test_still_right_and_retranslated_are_both_current(kb: Desk) -> None:
    article = await pair(kb)
    await kb.save(article["id"], SOURCE.replace("30", "60").replace("free", "free of charge"))
    await kb.publish(article["id"])
    stale = [row for row in await rows(kb, article) if row["state"] == "stale"]
    assert len(stale) == 2
    text = await kb.get(f"/articles/{article['id']}/locales/he")
    await kb.post(
        f"/articles/{article['id']}/locales/he/still-right",
        units=[stale[1]["target_index"]],
        version=text["version"],
    )
    assert [row["state"] for row in await rows(kb, article)].count("stale") == 1
    answer = await kb.save(article["id"], TARGET.replace("30", "60"), locale="he")
    assert answer.json()["stale"] == 0


async def test_a_new_paragraph_is_missing_and_a_removed_one_extra(kb: Desk) -> None:
    article = await pair(kb)
    await kb.save(article["id"], "You have 30 days.\n\nKeep the slip.\n\nAsk us anything.")
    await kb.publish(article["id"])
    states = [(row["state"], row["target"] or row["source"]) for row in await rows(kb, article)]
    assert ("current", "שמרו את הפתק.") in states
    assert ("missing", "Ask us anything.") in states
    assert ("extra", "ההחזרה חינם.") in states


async def test_a_touched_neighbour_does_not_hide_what_is_stale(kb: Desk) -> None:
    article = await pair(kb)
    await kb.save(article["id"], SOURCE.replace("30", "60"))
    await kb.publish(article["id"])
    await kb.save(article["id"], TARGET.replace("הפתק", "הקבלה"), locale="he")
    found = await rows(kb, article)
    assert [row["state"] for row in found].count("stale") == 1


async def test_links_are_looked_up(kb: Desk) -> None:
    there = await kb.write("Target", "## Part one\n\nText.")
    slug = there["locales"][0]["slug"]
    hidden = await kb.write("Hidden", publish=False)
    lines = [
        f"[a](/help/en/articles/{slug}#part-one)",
        f"[b](/help/en/articles/{slug}#part-two)",
        "[c](/help/en/articles/never-there)",
        f"[d](/help/en/articles/{hidden['locales'][0]['slug']})",
        "[e](https://elsewhere.example/x)",
        "[f](#here) [g](#there)",
        "[h](/help/en/contact)",
    ]
    article = await kb.write(body="\n\n".join(["## Here", *lines]))
    await kb.editor.put(
        f"{API}/articles/{there['id']}/locales/en/slug", json={"slug": f"{slug}-moved"}
    )
    found = await kb.get(f"/articles/{article['id']}/locales/en/links")
    assert [item["state"] for item in found["items"]] == [
        "moved", "moved", "broken", "hidden", "external", "ok", "broken", "ok",
    ]  # fmt: skip
