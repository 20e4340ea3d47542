"""What is exported can be read again, as it was."""

from __future__ import annotations

import io
import zipfile

from knowledge_base.exchange.markdown_folder import read_files
from tests.desk.knowledge.conftest import API, Desk
from tests.desk.knowledge.test_leaks import PNG


async def test_the_archive_reads_back_as_the_articles_were(kb: Desk) -> None:
    article = await kb.write("Exported tent", "Draft.", tags=["tents"], summary="In short")
    uploaded = await kb.editor.post(
        f"{API}/articles/{article['id']}/files",
        files={"file": ("my tent.png", PNG, "image/png")},
        data={"alt": "A tent"},
    )
    body = f"Look:\n\n{uploaded.json()['markdown']}\n\n## Then\n\n- [x] done"
    await kb.save(article["id"], body)
    await kb.publish(article["id"])
    await kb.save(article["id"], "Not published yet.")
    answer = await kb.editor.get(f"{API}/kb/export")
    assert answer.status_code == 200, answer.text
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    read = read_files({name: packed.read(name) for name in packed.namelist()})
    assert read.problems == []
    mine = next(one for one in read.articles if one.external_id == article["id"])
    assert (mine.title, mine.summary, list(mine.tags)) == ("Exported tent", "In short", ["tents"])
    assert (mine.locale, mine.state, mine.audience) == ("en", "published", "public")
    assert "## Then" in mine.body
    assert "Not published yet." not in mine.body
    assert [file.data for file in mine.files] == [PNG]


async def test_agents_may_not_export(kb: Desk) -> None:
    assert (await kb.agent.get(f"{API}/kb/export")).status_code == 403


async def test_an_export_is_narrowed_as_the_list_is(kb: Desk) -> None:
    inside = await kb.write("Narrow inside", audience="internal", tags=["narrow"])
    draft = await kb.write("Narrow draft", publish=False, tags=["narrow"])
    shown = await kb.write("Narrow shown", tags=["narrow"])
    he = {"title": "צר", "body": "טקסט."}
    await kb.post(f"/articles/{shown['id']}/locales/he", 201, **he)

    async def exported(**query: str | bool) -> set[tuple[str, str]]:
        answer = await kb.editor.get(f"{API}/kb/export", params={"tag": "narrow", **query})
        assert answer.status_code == 200, answer.text
        packed = zipfile.ZipFile(io.BytesIO(answer.content))
        read = read_files({name: packed.read(name) for name in packed.namelist()})
        return {(one.external_id, one.locale) for one in read.articles}

    every = {(one["id"], "en") for one in (inside, draft, shown)} | {(shown["id"], "he")}
    assert await exported() == every
    assert await exported(audience="internal") == {(inside["id"], "en")}
    assert await exported(locale="he") == {(shown["id"], "he")}
    assert await exported(published=True) == {(inside["id"], "en"), (shown["id"], "en")}
