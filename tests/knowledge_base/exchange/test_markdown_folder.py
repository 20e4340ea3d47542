from __future__ import annotations

from datetime import UTC, datetime

import pytest

from knowledge_base.exchange.articles import ImportedArticle
from knowledge_base.exchange.markdown_folder import read_files

PNG = b"\x89PNG\r\n\x1a\n"


def one(text: str, path: str = "returns.md") -> ImportedArticle:
    [article] = read_files({path: text.encode()}).articles
    return article


def test_front_matter() -> None:
    article = one(
        "---\nid: r-1\ntitle: 'Returns: how'\nlang: pt_BR\ntags: [a, b]\naudience: internal\n"
        "status: draft\nupdated: 2026-03-01\nsummary: Short.\n---\n# Not the title\n\nText.\n"
    )
    assert (article.external_id, article.locale, article.title) == ("r-1", "pt-BR", "Returns: how")
    assert (article.tags, article.audience, article.state) == (("a", "b"), "internal", "draft")
    assert article.updated_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert article.body == "# Not the title\n\nText.\n"
    assert article.line == 11


def test_without_front_matter_the_heading_is_the_title() -> None:
    article = one("# Returns #\n\nText.\n", "orders/returns.md")
    assert (article.title, article.body) == ("Returns", "Text.\n")
    assert (article.external_id, article.category, article.locale) == (
        "orders/returns",
        "orders",
        "en",
    )
    assert one("Text.", "opening-hours.md").title == "opening hours"


@pytest.mark.parametrize(
    ("path", "id_", "locale"),
    [
        ("returns.de.md", "returns", "de"),
        ("de/orders/returns.md", "orders/returns", "de"),
        ("orders/pt-BR/returns.md", "orders/returns", "pt-BR"),
        ("docs/v2.md", "docs/v2", "en"),
        ("zh-Hant/index.md", "index", "zh-Hant"),
        ("orders/README.md", "orders", "en"),
    ],
)
def test_translations_meet_by_their_path(path: str, id_: str, locale: str) -> None:
    article = one("# T\n", path)
    assert (article.external_id, article.locale) == (id_, locale)


def test_pictures_and_links_within_the_folder() -> None:
    files = {
        "orders/returns.md": (
            b"See [pay](../pay.md#cards), [site](https://x.example/a.md), [top](#top).\n\n"
            b'![A box](img/my%20box.png "Title")\n\n'
            b"`[code](../pay.md)`\n\n```\n![no](img/none.png)\n```\n\n"
            b"[gone](nowhere.md) and [ref]\n\n[ref]: ../pay.md\n"
        ),
        "orders/img/my box.png": PNG,
        "pay.md": b"# Pay\n",
    }
    imported = read_files(files)
    article = imported.articles[0]
    assert "[pay](article:pay#cards)" in article.body
    assert "[site](https://x.example/a.md), [top](#top)" in article.body
    assert '![A box](file:orders/img/my%20box.png "Title")' in article.body
    assert "`[code](../pay.md)`" in article.body
    assert "![no](img/none.png)" in article.body
    assert "[ref]: article:pay" in article.body
    assert [(file.path, file.data) for file in article.files] == [("orders/img/my box.png", PNG)]
    [problem] = imported.problems
    assert (problem.source, problem.line) == ("orders/returns.md", 11)
    assert "nowhere.md leads to nothing" in problem.text


def test_what_cannot_be_read_is_named_by_file_and_line() -> None:
    imported = read_files(
        {
            "a.md": b"---\ntitle: x\nbad: [1\n---\nBody\n",
            "b.md": b"ok\nnot \xff utf-8",
            "c.md": b"---\naudience: everyone\nstate: live\ndate: soon\n---\nText",
            "d.md": b"---\n- a list\n---\nText",
        }
    )
    assert [(one.source, one.line) for one in imported.problems][:2] == [("a.md", 4), ("b.md", 2)]
    texts = " | ".join(one.text for one in imported.problems)
    for part in ("front matter cannot be read", "not UTF-8", "'everyone'", "'live'", "2026-03-01"):
        assert part in texts
    by_source = {one.source: one for one in imported.articles}
    assert by_source["a.md"].body == "Body\n"
    # What is not understood is neither public nor published.
    assert (by_source["c.md"].audience, by_source["c.md"].state) == ("internal", "draft")


def test_a_link_cannot_leave_the_folder() -> None:
    imported = read_files({"a.md": b"![x](../../etc/passwd) ![y](/../etc/passwd)"})
    assert imported.articles[0].files == ()
    assert len(imported.problems) == 2
