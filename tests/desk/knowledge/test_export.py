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
