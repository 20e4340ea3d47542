"""What is exported and imported again is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.exchange.articles import (
    AUDIENCES,
    STATES,
    Imported,
    ImportedArticle,
    ImportedFile,
)
from knowledge_base.exchange.export import FILES, export
from knowledge_base.exchange.markdown_folder import read_files
from knowledge_base.exchange.plan import Known, plan

line = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30
).map(str.strip)
word = line.filter(bool)
body = st.lists(
    st.one_of(
        line, st.sampled_from(("# Heading", "---", "```", "- item", "[a](b)", "<b>", "![]()"))
    ),
    max_size=6,
).map("\n".join)


@st.composite
def articles(draw: st.DrawFn) -> list[ImportedArticle]:
    keys = draw(
        st.lists(
            st.tuples(word, st.sampled_from(("en", "de", "pt-BR", "he"))),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    return [
        ImportedArticle(
            external_id=id_,
            locale=locale,
            title=draw(word),
            body=draw(body),
            slug=draw(line),
            summary=draw(line),
            category=draw(line),
            section=draw(line),
            tags=tuple(draw(st.lists(word, max_size=3))),
            audience=draw(st.sampled_from(AUDIENCES)),
            state=draw(st.sampled_from(STATES)),
            updated_at=draw(
                st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1))  # noqa: DTZ001 - the zone is given apart
            ),
        )
        for id_, locale in keys
    ]


def sorted_by_key(found: list[ImportedArticle]) -> list[ImportedArticle]:
    return sorted(found, key=lambda one: one.key)


@settings(max_examples=150, deadline=None)
@given(articles())
def test_articles_come_back_as_they_went(given_articles: list[ImportedArticle]) -> None:
    imported = read_files(export(given_articles), default_locale="xx")
    assert sorted_by_key(list(imported.articles)) == sorted_by_key(given_articles)


def with_picture() -> list[ImportedArticle]:
    file = ImportedFile("img/box.png", b"png")
    place = f"{FILES}/{file.sha256[:16]}/box.png"
    file = replace(file, path=place)
    return [
        ImportedArticle(
            "a 1",
            "en",
            "One",
            f"![b](file:{place})\n\n[two](article:b%20%C3%BC#part)",
            files=(file,),
        ),
        ImportedArticle(
            "b ü", "en", "Two", "`article:a` [x](article:gone)", category="Shop & more"
        ),
        ImportedArticle("b ü", "de", "Zwei", "[eins](article:a%201)", category="Shop & more"),
    ]


def test_links_and_pictures_work_in_the_exported_folder_and_come_back() -> None:
    files = export(with_picture())
    assert set(files) >= {"articles/One.en.md", "Shop-more/Two.en.md", "Shop-more/Zwei.de.md"}
    text = files["articles/One.en.md"].decode()
    assert "[two](../Shop-more/Two.en.md#part)" in text
    assert "![b](../files/" in text
    assert "[eins](../articles/One.en.md)" in files["Shop-more/Zwei.de.md"].decode()
    imported = read_files(files)
    assert sorted_by_key(list(imported.articles)) == sorted_by_key(with_picture())


def test_names_that_collide_get_files_of_their_own() -> None:
    same = [ImportedArticle(str(n), "en", "Same / title", "x") for n in range(3)]
    same.append(ImportedArticle("odd", "en", "../../etc", "x", category="../.."))
    files = export(same)
    assert len(files) == 4
    assert not [path for path in files if ".." in path.split("/")]


def test_the_same_import_again_changes_nothing() -> None:
    first = plan(read_files(export(with_picture())), {})
    assert (len(first.new), len(first.unchanged)) == (3, 0)
    known = {one.key: Known(one.fingerprint, edited=False) for one in first.new}
    again = plan(read_files(export(with_picture())), known)
    assert (len(again.new), len(again.changed), len(again.unchanged)) == (0, 0, 3)


def test_the_dry_run_tells_new_changed_conflicting_and_double_ones() -> None:
    old = [ImportedArticle(name, "en", name, "old", source=f"{name}.md") for name in "abc"]
    known = {one.key: Known(one.fingerprint, edited=one.title == "b") for one in old}
    now = [replace(one, body="new") for one in old[:2]]
    now += [
        old[2],
        ImportedArticle("d", "en", "d", "", source="d.md"),
        replace(old[2], source="e.md", line=7),
    ]
    report = plan(Imported(now), known)
    assert [one.title for one in report.changed] == ["a"]
    assert [one.title for one in report.conflicts] == ["b"]
    assert [one.title for one in report.unchanged] == ["c"]
    assert [one.title for one in report.new] == ["d"]
    assert report.summary() == "1 new, 1 changed, 1 unchanged, 1 conflicts, 1 problems"
    assert "e.md:7: the id 'c' in en was used before, in c.md:1" in report.report()
