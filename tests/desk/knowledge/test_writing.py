"""Writing an article: drafts, saves, conflicts, versions, what was typed and not saved."""

from __future__ import annotations

from tests.desk.knowledge.conftest import API, Desk


async def test_an_article_begins_as_a_draft_with_one_version(kb: Desk) -> None:
    article = await kb.write("Returns", "How it works.", publish=False, tags=["Shop", "shop"])
    (locale,) = article["locales"]
    assert (locale["state"], locale["live"], locale["number"]) == ("draft", False, 1)
    assert article["tags"] == ["shop"]
    text = await kb.get(f"/articles/{article['id']}/locales/en")
    assert (text["title"], text["body"], text["version"]) == ("Returns", "How it works.", 1)


async def test_saves_of_one_sitting_are_one_version_and_a_published_one_never_changes(
    kb: Desk,
) -> None:
    article = await kb.write(body="One.", publish=False)
    path = f"/articles/{article['id']}/locales/en"
    for body in ("Two.", "Three."):
        assert (await kb.save(article["id"], body)).status_code == 200
    assert (await kb.get(path))["number"] == 1
    await kb.publish(article["id"])
    assert (await kb.save(article["id"], "Four.")).json()["number"] == 2
    assert (await kb.get(f"{path}/versions/1"))["body"] == "Three."
    text = await kb.get(path)
    assert (text["state"], text["live"], text["has_changes"]) == ("draft", True, True)


async def test_another_day_is_another_version(kb: Desk) -> None:
    article = await kb.write(body="One.", publish=False)
    kb.whole.clock.forward(hours=2)
    assert (await kb.save(article["id"], "Two.")).json()["number"] == 2


async def test_two_who_edit_at_once_both_get_to_see_both_texts(kb: Desk) -> None:
    article = await kb.write("Old", "Old text.", publish=False)
    path = f"{API}/articles/{article['id']}/locales/en"
    first = {"title": "Mine", "summary": "", "body": "My text.", "version": 1}
    second = {"title": "Yours", "summary": "", "body": "Your text.", "version": 1}
    assert (await kb.editor.put(path, json=first)).status_code == 200
    answer = await kb.agent.put(path, json=second)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["theirs"]["body"] == "My text."
    assert problem["yours"]["body"] == "Your text."
    # With the version of the refusal the second save goes through, as a version of its own.
    answer = await kb.agent.put(path, json=second | {"version": problem["version"]})
    assert (answer.status_code, answer.json()["number"]) == (200, 2)


async def test_saving_the_same_text_changes_nothing(kb: Desk) -> None:
    article = await kb.write(body="Same.", publish=False)
    answer = await kb.save(article["id"], "Same.")
    assert answer.json()["version"] == 1


async def test_what_is_typed_is_there_again_and_nobody_elses_business(kb: Desk) -> None:
    article = await kb.write(publish=False)
    path = f"{API}/articles/{article['id']}/locales/en"
    typed = {"title": "Half a ti", "body": "Half a sen", "version": 1}
    assert (await kb.editor.put(f"{path}/typed", json=typed)).status_code == 204
    mine, other = (await kb.editor.get(path)).json(), (await kb.agent.get(path)).json()
    assert mine["typed"]["body"] == "Half a sen"
    assert other["typed"] is None
    assert len(other["editing"]) == 1
    await kb.save(article["id"], "A whole sentence.")
    assert (await kb.editor.get(path)).json()["typed"] is None


async def test_restoring_makes_a_new_version_and_loses_none(kb: Desk) -> None:
    article = await kb.write("First", "First text.")
    await kb.save(article["id"], "Second text.", title="Second")
    path = f"/articles/{article['id']}/locales/en"
    now = await kb.get(path)
    restored = await kb.post(f"{path}/versions/1/restore", version=now["version"])
    assert (restored["number"], restored["title"], restored["body"]) == (3, "First", "First text.")
    history = (await kb.get(f"{path}/versions"))["items"]
    assert [(row["number"], row["restored_from"]) for row in history] == [
        (3, 1),
        (2, None),
        (1, None),
    ]
    assert [row["live"] for row in history] == [False, False, True]
    page = await kb.stranger.get(f"/help/en/articles/{restored['slug']}")
    assert "First text." in page.text


async def test_the_history_shows_what_changed_word_by_word(kb: Desk) -> None:
    article = await kb.write("Returns", "You have 30 days.")
    await kb.save(article["id"], "You have 60 days.")
    found = await kb.get(f"/articles/{article['id']}/locales/en/diff", before=1, after=2)
    kinds = [(piece["kind"], piece["text"]) for piece in found["body"]]
    assert kinds == [
        ("same", "You have "),
        ("removed", "30"),
        ("added", "60"),
        ("same", " days."),
    ]


async def test_lists_page_and_filter(kb: Desk) -> None:
    tag = "paging"
    made = [await kb.write(f"Paged {n}", publish=n % 2 == 0, tags=[tag, "ש"]) for n in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = await kb.get("/articles", tag=tag, limit=2, cursor=cursor)
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(article["id"] for article in made)
    drafts = await kb.get("/articles", tag="ש", state="draft")
    assert {row["locales"][0]["title"] for row in drafts["items"]} >= {"Paged 1", "Paged 3"}
    assert (await kb.get("/articles", q="aged 3", tag=tag))["items"][0]["id"] == made[3]["id"]
    assert (await kb.get("/articles", tag="pag"))["items"] == []
    assert len((await kb.get("/articles", tag=tag, missing_locale="he"))["items"]) == 5


async def test_bad_input_is_told_in_words(kb: Desk) -> None:
    answer = await kb.editor.post(f"{API}/articles", json={"locale": "english", "title": "x"})
    assert answer.status_code == 422
    answer = await kb.editor.post(
        f"{API}/articles", json={"locale": "en", "title": "x", "slug": "Not a slug"}
    )
    assert answer.json()["errors"][0]["field"] == "slug"
    article = await kb.write(publish=False)
    answer = await kb.editor.patch(
        f"{API}/articles/{article['id']}", json={"category_id": article["id"]}
    )
    assert answer.status_code == 404
