from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from knowledge_base.exchange import csv_table, html_folder, zendesk
from knowledge_base.exchange.articles import ImportRefused
from knowledge_base.exchange.html_markdown import to_markdown

PAGE = """<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Site</title>
<meta name="description" content="Kurz."><meta name="keywords" content="a, b"></head><body>
<nav><a href="/x">Menu</a></nav><main><h1>Rückgabe &amp; mehr</h1>
<p>Siehe <a href="pay.html#c">Zahlung</a>, <a href="gone.html">weg</a>.</p>
<p><img src="img/a.png" alt="Ein Bild" onerror="alert(1)"></p>
<script>alert(2)</script><footer>Fuß</footer></main></body></html>"""


def test_an_html_page() -> None:
    imported = html_folder.read_files(
        {"shop/r.html": PAGE.encode(), "shop/pay.html": b"<h1>Pay</h1>", "shop/img/a.png": b"png"}
    )
    article = next(one for one in imported.articles if one.source == "shop/r.html")
    assert (article.title, article.locale, article.summary) == ("Rückgabe & mehr", "de", "Kurz.")
    assert (article.tags, article.category) == (("a", "b"), "shop")
    assert article.body == (
        "Siehe [Zahlung](article:shop/pay#c), [weg](gone.html).\n\n"
        "![Ein Bild](file:shop/img/a.png)\n"
    )
    assert [file.path for file in article.files] == ["shop/img/a.png"]
    [problem] = imported.problems
    assert (problem.source, problem.line) == ("shop/r.html", 4)


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ("<meta charset=windows-1255><h1>שלום</h1>".encode("windows-1255"), "שלום"),
        ('<meta charset="no-such"><h1>Grüße</h1>'.encode(), "Grüße"),
        ("<h1>Grüße</h1>".encode(), "Grüße"),
    ],
)
def test_pages_in_other_encodings(data: bytes, title: str) -> None:
    assert html_folder.read_files({"a.html": data}).articles[0].title == title


def test_an_empty_page_is_a_problem_not_a_crash() -> None:
    imported = html_folder.read_files({"a.html": b""})
    assert imported.articles == []
    assert "cannot be read" in imported.problems[0].text


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2>A</h2><p>b <strong>c</strong> <em>d</em></p>", "## A\n\nb **c** *d*\n"),
        ("<ol start=3><li>a</li><li>b<ul><li>c</li></ul></li></ol>", "3. a\n4. b\n   - c\n"),
        ("<pre><code class='language-py'>x = 1\n</code></pre>", "```py\nx = 1\n```\n"),
        ("<table><tr><th>A</th></tr><tr><td>1</td></tr></table>", "| A |\n| --- |\n| 1 |\n"),
        ("<p onclick='x()'>a<script>b</script><style>c</style></p>", "a\n"),
        ("<a href='javascript:alert(1)'>x</a>", "x\n"),
        ("<iframe src='https://evil.example'>y</iframe>z", "z\n"),
        ("<p>a<br>b</p>", "a\\\nb\n"),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert to_markdown(html) == markdown


def zendesk_files() -> dict[str, bytes]:
    articles = {
        "articles": [
            {
                "id": 360001,
                "locale": "en-us",
                "title": "Returns",
                "body": "<p>See <a href='https://shop.zendesk.com/hc/en-us/articles/360002-Pay#x'>"
                "pay</a>.</p>",
                "section_id": 20,
                "label_names": ["refund"],
                "draft": False,
                "user_segment_id": None,
                "updated_at": "2026-03-01T10:00:00Z",
            },
            {
                "id": 360002,
                "locale": "en-us",
                "title": "Pay",
                "body": "<p>Card</p>",
                "section_id": 20,
                "draft": True,
                "user_segment_id": 7,
                "translations": [
                    {"id": 2, "locale": "pt-br", "title": "Pagar", "body": "<p>C</p>"}
                ],
            },
            {"title": "no id"},
        ],
        "next_page": None,
    }
    others = {
        "sections": [{"id": 20, "name": "After buying", "category_id": 30}],
        "categories": [{"id": 30, "name": "Orders"}],
        "translations": [
            {
                "id": 1,
                "source_id": 360001,
                "source_type": "Article",
                "locale": "he",
                "title": "החזרות",
                "body": "<p>שלום</p>",
            }
        ],
    }
    return {"articles.json": json.dumps(articles).encode(), "o.json": json.dumps(others).encode()}


def test_the_export_of_zendesk() -> None:
    imported = zendesk.read_files(zendesk_files())
    by_key = {one.key: one for one in imported.articles}
    assert set(by_key) == {
        ("zendesk:360001", "en"),
        ("zendesk:360001", "he"),
        ("zendesk:360002", "en"),
        ("zendesk:360002", "pt-BR"),
    }
    english = by_key["zendesk:360001", "en"]
    assert english.body == "See [pay](article:zendesk:360002#x).\n"
    assert (english.category, english.section, english.tags) == (
        "Orders",
        "After buying",
        ("refund",),
    )
    assert english.updated_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert by_key["zendesk:360001", "he"].title == "החזרות"
    # Restricted to a segment there is not public here; a draft stays one.
    paying = by_key["zendesk:360002", "en"]
    assert (paying.audience, paying.state) == ("signed-in", "draft")
    assert ["has no id" in one.text for one in imported.problems] == [True]


def test_json_that_is_no_export_is_refused_with_what_is_expected() -> None:
    with pytest.raises(ImportRefused, match="expected JSON with a list `articles`"):
        zendesk.read_files({"a.json": b"{}"})
    imported = zendesk.read_files({"a.json": b'{\n"articles": ['})
    assert imported.problems[0].line == 2


def test_a_table() -> None:
    data = (
        "\ufeffID;Title;Content;Language;Labels;Visibility\r\n"
        '1;Returns;"Line one\nline; two";de;"a, b";internal\r\n'
        ";;empty;;;\r\n"
        "2;Pay;<p>Card</p>;;;everyone\r\n"
    ).encode()
    imported = csv_table.read_table(data, "kb.csv")
    first, second = imported.articles
    assert (first.external_id, first.locale, first.tags) == ("1", "de", ("a", "b"))
    assert (first.body, first.audience, first.line) == ("Line one\nline; two", "internal", 2)
    assert (second.body, second.locale, second.audience) == ("Card\n", "en", "internal")
    assert [(one.line, one.text[:21]) for one in imported.problems] == [
        (4, "a row without a title"),
        (5, "audience 'everyone' i"),
    ]


def test_tables_that_are_none() -> None:
    with pytest.raises(ImportRefused, match="the header has no body"):
        csv_table.read_table(b"title,x\na,b\n")
    with pytest.raises(ImportRefused, match=":2 is not UTF-8"):
        csv_table.read_table(b"title,body\na,\xff\n")
    imported = csv_table.read_table(b'title,body\na,b\nc,"d" e\n')
    assert len(imported.articles) == 1
    assert "breaks off here" in imported.problems[0].text
