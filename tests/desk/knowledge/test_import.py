"""Importing through the API: the dry run, the job, what is kept, what readers see."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import Any

from knowledge_base.exchange.tree import write_zip
from tests.desk.knowledge.conftest import API, Desk
from tests.desk.knowledge.test_leaks import PNG

IMPORTS = f"{API}/kb/imports"


def folder(word: str = "Pitch", number: str = "a") -> dict[str, bytes]:
    """Two articles that link to each other, one of them in two languages, with a picture."""
    return {
        f"tents-{number}/pitch.md": (
            f"---\nid: pitch-{number}\ntitle: {word} the tent {number}\nslug: pitch-{number}\n"
            f"tags: [Tents, poles]\n---\n\n{word} it.\n\n![The pole](img/pole.png)\n\n"
            f"[Then dry it](dry.md#afterwards)\n"
        ).encode(),
        f"tents-{number}/pitch.he.md": (
            f"---\nid: pitch-{number}\ntitle: הקמת האוהל {number}\n---\nמקימים.\n"
        ).encode(),
        f"tents-{number}/dry.md": (
            f"---\nid: dry-{number}\ntitle: Dry the tent {number}\n---\n"
            f"After [pitching](pitch.md).\n\n## Afterwards\n\nPack.\n"
        ).encode(),
        f"tents-{number}/img/pole.png": PNG,
        "notes.txt": b"A file beside the folder, so that the folder is a topic.",
    }


async def check(kb: Desk, files: dict[str, bytes], **form: str) -> dict[str, Any]:
    answer = await kb.editor.post(
        IMPORTS, files=[("files", ("docs.zip", write_zip(files), "application/zip"))], data=form
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def finished(kb: Desk, import_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(600):
        found = await kb.get(f"/kb/imports/{import_id}")
        if found["state"] != "running":
            assert found["state"] == "done", found
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def carry_out(kb: Desk, files: dict[str, bytes], **wishes: Any) -> dict[str, Any]:
    made = await check(kb, files)
    started = await kb.post(f"/kb/imports/{made['id']}/start", 202, **wishes)
    assert started["state"] == "running"
    return await finished(kb, made["id"])


async def imported(kb: Desk, title: str) -> dict[str, Any]:
    """The article with this title in any language, and its texts."""
    listed = await kb.get("/articles", q=title)
    row: dict[str, Any]
    [row] = [
        one for one in listed["items"] if any(text["title"] == title for text in one["locales"])
    ]
    return row


async def text(kb: Desk, title: str, locale: str = "en") -> dict[str, Any]:
    row = await imported(kb, title)
    return await kb.get(f"/articles/{row['id']}/locales/{locale}")


async def test_the_dry_run_reports_and_changes_nothing(kb: Desk) -> None:
    files = folder(number="dry-run") | {"tents-dry-run/bad.md": b"---\ntitle: Bad\n---\n[x](no.md)"}
    made = await check(kb, files)
    assert made["state"] == "checked"
    assert made["counts"]["new"] == 4
    assert {(one["title"], one["locale"]) for one in made["new"]} >= {
        ("Pitch the tent dry-run", "en"),
        ("הקמת האוהל dry-run", "he"),
    }
    [problem] = made["problems"]
    assert (problem["source"], problem["line"]) == ("tents-dry-run/bad.md", 4)
    assert (await kb.get("/articles", q="dry-run"))["items"] == []


async def test_nothing_is_published_without_being_asked(kb: Desk) -> None:
    done = await carry_out(kb, folder(number="quiet"))
    assert (done["counts"]["new"], done["counts"]["published"]) == (3, 0)
    assert done["counts"]["waiting"] == 3
    assert done["done"] == done["total"] > 0
    assert (await kb.stranger.get("/help/en/articles/pitch-quiet")).status_code == 404
    article = await imported(kb, "Pitch the tent quiet")
    assert [one["live"] for one in article["locales"]] == [False, False]
    # The same files, now with the wish to publish: nothing is written twice, all is shown.
    done = await carry_out(kb, folder(number="quiet"), publish=True)
    assert (done["counts"]["new"], done["counts"]["changed"]) == (0, 0)
    assert (done["counts"]["published"], done["counts"]["waiting"]) == (3, 0)
    assert (await kb.stranger.get("/help/en/articles/pitch-quiet")).status_code == 200


async def test_links_pictures_topics_and_tags_become_the_desks_own(kb: Desk) -> None:
    await carry_out(kb, folder(number="links"), publish=True)
    page = await kb.stranger.get("/help/en/articles/pitch-links")
    assert 'href="/help/en/articles/dry-the-tent-links#afterwards"' in page.text
    assert 'alt="The pole"' in page.text
    article = await imported(kb, "Pitch the tent links")
    assert article["tags"] == ["poles", "tents"]
    [file] = (await kb.get(f"/articles/{article['id']}/files"))["items"]
    assert file["alt"] == "The pole"
    assert (await kb.stranger.get(file["url"])).content == PNG
    topics = (await kb.get("/categories"))["items"]
    [topic] = [one for one in topics if one["id"] == article["category_id"]]
    assert topic["names"]["en"]["title"] == "tents-links"
    links = await kb.get(f"/articles/{article['id']}/locales/en/links")
    assert {link["state"] for link in links["items"]} == {"ok"}


async def test_the_same_import_again_does_nothing(kb: Desk) -> None:
    await carry_out(kb, folder(number="twice"), publish=True)
    before = await text(kb, "Pitch the tent twice")
    again = await check(kb, folder(number="twice"))
    assert (again["counts"]["unchanged"], again["counts"]["new"]) == (3, 0)
    done = await carry_out(kb, folder(number="twice"), publish=True)
    assert done["counts"]["unchanged"] == 3
    assert await text(kb, "Pitch the tent twice") == before


async def test_what_was_edited_here_is_not_overwritten(kb: Desk) -> None:
    await carry_out(kb, folder(number="both"), publish=True)
    row = await imported(kb, "Pitch the tent both")
    saved = await kb.save(row["id"], "Edited here.")
    assert saved.status_code == 200
    done = await carry_out(kb, folder("Raise", "both"), publish=True)
    assert [(one["external_id"], one["locale"]) for one in done["conflicts"]] == [
        ("pitch-both", "en")
    ]
    assert (await text(kb, "Pitch the tent both"))["body"] == "Edited here."
    done = await carry_out(
        kb, folder("Raise", "both"), overwrite=[{"external_id": "pitch-both", "locale": "en"}]
    )
    assert done["conflicts"] == []
    now = await text(kb, "Raise the tent both")
    assert now["body"].startswith("Raise it.")
    versions = await kb.get(f"/articles/{row['id']}/locales/en/versions")
    old = await kb.get(f"/articles/{row['id']}/locales/en/versions/{now['number'] - 1}")
    assert old["body"] == "Edited here.", versions


async def test_a_changed_source_is_a_new_version_beside_what_readers_have(kb: Desk) -> None:
    await carry_out(kb, folder(number="next"), publish=True)
    done = await carry_out(kb, folder("Raise", "next"))
    assert (done["counts"]["changed"], done["counts"]["published"]) == (1, 0)
    page = await kb.stranger.get("/help/en/articles/pitch-next")
    assert "Pitch it." in page.text
    assert "Raise it." not in page.text
    await carry_out(kb, folder("Raise", "next"), publish=True)
    assert "Raise it." in (await kb.stranger.get("/help/en/articles/pitch-next")).text


async def test_an_audience_is_not_widened_without_being_asked(kb: Desk) -> None:
    secret = {"plan.md": b"---\nid: plan\ntitle: The plan\naudience: internal\n---\nOurs.\n"}
    await carry_out(kb, secret, publish=True)
    opened = {"plan.md": secret["plan.md"].replace(b"internal", b"public")}
    done = await carry_out(kb, opened)
    assert (await imported(kb, "The plan"))["audience"] == "internal"
    assert done["counts"]["waiting"] == 1
    await carry_out(kb, opened, publish=True)
    assert (await imported(kb, "The plan"))["audience"] == "public"


async def test_a_picture_without_words_keeps_its_article_a_draft(kb: Desk) -> None:
    files = {"mute.md": b"---\ntitle: Mute picture\n---\nSee:\n\n![](a.png)\n", "a.png": PNG}
    done = await carry_out(kb, files, publish=True)
    assert done["counts"]["published"] == 0
    told = [one["text"] for one in done["problems"]]
    assert any("alternative text" in one and "a.png" in one for one in told), told
    assert any("not published" in one for one in told), told
    assert not (await text(kb, "Mute picture"))["live"]


async def test_one_article_that_is_refused_does_not_keep_the_others(kb: Desk) -> None:
    files = {
        "long.md": b"---\ntitle: Long\n---\n" + b"x" * 200_001,
        "short.md": b"---\ntitle: Short and good\n---\nText.\n",
    }
    done = await carry_out(kb, files)
    assert done["counts"]["new"] == 1
    [problem] = done["problems"]
    assert problem["source"] == "long.md"
    assert "200000 characters" in problem["text"]
    await text(kb, "Short and good")


async def test_other_sources(kb: Desk) -> None:
    table = b"id;title;body;locale\nc1;Csv one;<p>Hello <b>you</b></p>;en\n"
    zendesk = {
        "articles": [
            {"id": 7, "title": "Zen one", "locale": "en-us", "section_id": 3, "draft": False,
             "body": '<p>See <a href="https://x.zendesk.com/hc/en-us/articles/8">two</a></p>'},
            {"id": 8, "title": "Zen two", "locale": "en-us", "section_id": 3, "body": "<p>2</p>"},
        ],
        "sections": [{"id": 3, "name": "Paying", "category_id": 4}],
        "categories": [{"id": 4, "name": "Money zen"}],
    }  # fmt: skip
    page = b"<html lang=en><title>T</title><main><h1>Html one</h1><p>Hi</p></main></html>"
    for name, content, title in (
        ("t.csv", table, "Csv one"),
        ("zen.json", json.dumps(zendesk).encode(), "Zen one"),
        ("page.html", page, "Html one"),
    ):
        answer = await kb.editor.post(IMPORTS, files=[("files", (name, content))])
        assert answer.status_code == 201, answer.text
        await kb.post(f"/kb/imports/{answer.json()['id']}/start", 202, publish=True)
        done = await finished(kb, answer.json()["id"])
        assert done["problems"] == []
        assert (await text(kb, title))["live"]
    assert "/help/en/articles/zen-two" in (await text(kb, "Zen one"))["body"]
    assert (await text(kb, "Csv one"))["body"] == "Hello **you**"


async def test_what_cannot_be_read_is_refused_with_a_reason(kb: Desk) -> None:
    for name, content, what in (
        ("a.zip", b"PK\x03\x04broken", "cannot be read"),
        ("a.exe", b"MZ", "nothing here can be imported"),
        ("a.csv", b"name,price\nx,1\n", "header"),
    ):
        answer = await kb.editor.post(IMPORTS, files=[("files", (name, content))])
        assert answer.status_code == 422, (name, answer.text)
        assert what in answer.text


async def test_only_who_may_publish_imports(kb: Desk) -> None:
    made = await check(kb, folder(number="mine"))
    answer = await kb.agent.post(IMPORTS, files=[("files", ("a.md", b"# A\n"))])
    assert answer.status_code == 403
    assert (await kb.agent.get(f"{IMPORTS}/{made['id']}")).status_code == 403
    assert (await kb.agent.post(f"{IMPORTS}/{made['id']}/start", json={})).status_code == 403
    assert (await kb.stranger.get(IMPORTS)).status_code == 401


async def test_an_export_comes_back_unchanged_and_as_new_elsewhere(kb: Desk) -> None:
    """The round trip: the same desk has nothing to do; articles that were deleted come back."""
    await carry_out(kb, folder(number="round"), publish=True)
    written = await kb.write(
        "Written here", "See [the tent](/help/en/articles/pitch-round).", tags=["b"], summary="S"
    )
    uploaded = await kb.editor.post(
        f"{API}/articles/{written['id']}/files",
        files={"file": ("my tent.png", PNG, "image/png")},
        data={"alt": "A [tent]"},
    )
    await kb.save(
        written["id"],
        f"See [the tent](/help/en/articles/pitch-round).\n\n![]({uploaded.json()['url']})",
    )
    await kb.publish(written["id"])
    exported = (await kb.editor.get(f"{API}/kb/export")).content
    files = {
        info.filename: zipfile.ZipFile(io.BytesIO(exported)).read(info)
        for info in zipfile.ZipFile(io.BytesIO(exported)).infolist()
    }
    again = await check(kb, files)
    ours = [*again["new"], *again["changed"], *again["conflicts"]]
    assert ours == [], again
    before = await kb.stranger.get("/help/en/articles/written-here")
    answer = await kb.editor.delete(f"{API}/articles/{written['id']}")
    assert answer.status_code in {200, 204}, answer.text
    done = await carry_out(kb, files, publish=True)
    # The desk's other texts that waited are published with it.
    assert done["counts"]["new"] == 1, done
    assert done["counts"]["published"] >= 1, done
    after = await kb.stranger.get("/help/en/articles/written-here")
    assert after.status_code == 200
    assert 'href="/help/en/articles/pitch-round"' in after.text
    assert 'alt="A [tent]"' in after.text
    assert 'alt="A [tent]"' in before.text


async def test_a_report_leads_to_the_articles(kb: Desk) -> None:
    files = folder(number="named")
    made = await check(kb, files)
    assert {one["article_id"] for one in made["new"]} == {None}  # there are none yet
    done = await carry_out(kb, files)
    article = await imported(kb, "Pitch the tent named")
    named = {(one["title"], one["locale"]): one["article_id"] for one in done["new"]}
    assert len(named) == done["counts"]["new"] == 3
    assert named["Pitch the tent named", "en"] == article["id"]
    assert named["הקמת האוהל named", "he"] == article["id"]
    # A change leads to what it would change, already in the dry run.
    again = await check(kb, folder("Raise", "named"))
    assert article["id"] in {one["article_id"] for one in again["changed"]}
