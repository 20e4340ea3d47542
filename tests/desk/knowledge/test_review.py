"""From draft to reader: review, scheduling, who may do what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.desk.knowledge.conftest import API, Desk


async def test_a_draft_is_reviewed_commented_and_approved(kb: Desk) -> None:
    article = await kb.write(publish=False)
    path = f"/articles/{article['id']}/locales/en"
    assert (await kb.post(f"{path}/submit", text="Please read"))["state"] == "review"
    comment = await kb.post(f"{path}/comments", 201, text="A typo", quote="Txt")
    back = await kb.post(f"{path}/request-changes", text="See the comment")
    assert back["state"] == "draft"
    await kb.save(article["id"], "Better text.")
    await kb.post(f"{path}/submit", text="")
    assert (await kb.post(f"{path}/approve", text=""))["approved"] is True
    answer = await kb.editor.patch(f"{API}{path}/comments/{comment['id']}", json={"resolved": True})
    assert answer.json()["resolved_at"] is not None
    kinds = [item["kind"] for item in (await kb.get(f"{path}/comments"))["items"]]
    assert kinds == ["request", "comment", "changes", "request", "approval"]
    assert (await kb.publish(article["id"]))["state"] == "published"


async def test_steps_out_of_order_are_refused_in_words(kb: Desk) -> None:
    article = await kb.write(publish=False)
    answer = await kb.editor.post(
        f"{API}/articles/{article['id']}/locales/en/approve", json={"text": ""}
    )
    assert answer.status_code == 409
    assert "'draft'" in answer.json()["detail"]


async def test_what_nobody_has_read_is_not_published_in_its_place(kb: Desk) -> None:
    article = await kb.write(publish=False)
    await kb.save(article["id"], "Slipped in after the review.")
    answer = await kb.editor.post(
        f"{API}/articles/{article['id']}/locales/en/publish", json={"version": 1}
    )
    assert answer.status_code == 409


async def test_a_scheduled_text_goes_out_on_time_and_not_before(kb: Desk) -> None:
    article = await kb.write("Scheduled", "Now it is time.", publish=False)
    at = kb.whole.clock() + timedelta(hours=3)
    path = f"/articles/{article['id']}/locales/en"
    planned = await kb.post(f"{path}/schedule", at=at.isoformat())
    assert planned["state"] == "scheduled"
    page = f"/help/en/articles/{planned['slug']}"
    await kb.whole.settled()
    assert (await kb.stranger.get(page)).status_code == 404
    kb.whole.clock.forward(hours=4)
    kb.whole.desk.queue.wake()
    await kb.whole.settled()
    assert "Now it is time." in (await kb.stranger.get(page)).text
    assert (await kb.get(path))["state"] == "published"


async def test_saving_calls_a_schedule_off(kb: Desk) -> None:
    article = await kb.write("Called off", publish=False)
    path = f"/articles/{article['id']}/locales/en"
    at = kb.whole.clock() + timedelta(hours=1)
    await kb.post(f"{path}/schedule", at=at.isoformat())
    assert (await kb.save(article["id"], "Not finished yet.")).json()["state"] == "draft"
    kb.whole.clock.forward(hours=2)
    kb.whole.desk.queue.wake()
    await kb.whole.settled()
    assert (await kb.get(path))["live"] is False


async def test_a_wall_clock_time_is_that_of_its_zone(kb: Desk) -> None:
    article = await kb.write(publish=False)
    year = kb.whole.clock().year + 1
    planned = await kb.post(
        f"/articles/{article['id']}/locales/en/schedule",
        wall=f"{year}-07-01T09:00:00",
        timezone="Europe/Oslo",
    )
    at = datetime.fromisoformat(planned["scheduled_at"])
    assert at == datetime(year, 7, 1, 7, 0, tzinfo=UTC)


async def test_a_picture_without_words_is_not_published(kb: Desk) -> None:
    article = await kb.write(body="![](https://shop.example/tent.png)", publish=False)
    answer = await kb.editor.post(f"{API}/articles/{article['id']}/locales/en/publish", json={})
    assert answer.status_code == 422
    assert "alternative text" in answer.json()["detail"]


WRITE = {"agent", "lead", "editor", "admin"}
PUBLISH = {"editor", "admin"}
ROUTES: list[tuple[str, str, Any, set[str]]] = [
    ("GET", "/articles", None, WRITE),
    ("POST", "/articles", {"locale": "en", "title": "By whoever may"}, WRITE),
    ("GET", "/articles/{id}", None, WRITE),
    ("PATCH", "/articles/{id}", {"tags": ["a"]}, PUBLISH),  # it is published
    ("PUT", "/articles/{id}/locales/en/slug", {"slug": "somewhere-else"}, PUBLISH),
    ("POST", "/articles/{id}/locales/en/publish", {}, PUBLISH),
    ("POST", "/articles/{id}/locales/en/unpublish", {}, PUBLISH),
    ("POST", "/articles/{id}/locales/en/schedule", {"at": "2099-01-01T00:00:00Z"}, PUBLISH),
    ("DELETE", "/articles/{id}/locales/en/schedule", None, PUBLISH),
    ("POST", "/articles/{id}/locales/en/submit", {}, WRITE),
    ("POST", "/articles/{id}/locales/en/approve", {}, PUBLISH),
    ("POST", "/articles/{id}/redirects", {"locale": "en", "slug": "x"}, PUBLISH),
    ("GET", "/categories", None, WRITE),
    ("POST", "/categories", {"names": {"en": {"title": "T"}}}, PUBLISH),
    ("GET", "/kb/search?q=x", None, WRITE),
    ("GET", "/kb/work", None, WRITE),
    ("GET", "/kb/analytics", None, WRITE),
    ("PATCH", "/kb/help-center", {}, PUBLISH),
    ("POST", "/articles/{id}/archive", None, PUBLISH),
    ("DELETE", "/articles/{id}", None, PUBLISH),
]


@pytest.mark.parametrize("role", ["agent", "lead", "editor", "admin"])
async def test_each_role_gets_where_it_may_and_nowhere_else(kb: Desk, role: str) -> None:
    _, client = await kb.whole.agent(role)
    for method, path, body, allowed in ROUTES:
        article = await kb.write()
        answer = await client.request(method, API + path.replace("{id}", article["id"]), json=body)
        if role in allowed:
            assert answer.status_code in {200, 201, 204, 409, 422}, (method, path, answer.text)
        else:
            assert answer.status_code == 403, (method, path, answer.text)
        stranger = await kb.stranger.request(
            method, API + path.replace("{id}", article["id"]), json=body
        )
        assert stranger.status_code == 401, (method, path)
