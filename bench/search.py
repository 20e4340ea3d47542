"""Recall and speed of the search engines.

    python -m bench.search [articles] [seed] [words] [queries] [database] [misses shown]

By default 20000 articles, seed 1, the words `held-out`, 40 queries for each class and language on
`both` databases (or `sqlite`, `postgresql`), and none of the misses shown. The words may also be
`roots`, on which nothing was tuned either, or `tune`, or `short` and `long`: corpora of other
habits (`bench/search_habits.py`).

Builds an index on SQLite and on PostgreSQL, asks for articles in every way the classes name, and
prints how often the article was among the first five, the time of a query, and that of reading
the same page's rows by key: the floor.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from statistics import quantiles
from time import perf_counter, process_time

from rapidfuzz.distance import OSA
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bench.search_corpus import AMBIGUOUS, Asked, Corpus
from bench.search_habits import Habits
from desk.db import migrate
from desk.db.engine import create_engine
from knowledge_base.search.engine import Filters
from knowledge_base.search.fold import fold
from knowledge_base.search.sql import SqlSearch
from tests.support.services import Postgres, scratch_folder

PUBLIC = Filters(("public",))
BATCH = 500
STOCKS = ("tune", "held-out", "roots")


async def build(engine: AsyncEngine, corpus: Corpus | Habits) -> None:
    """Index everything, a transaction a batch, with a progress line."""
    began, documents = process_time(), [article.document for article in corpus.articles]
    for start in range(0, len(documents), BATCH):
        async with AsyncSession(engine.execution_options(desk_write=True)) as session:
            await SqlSearch(session).index(documents[start : start + BATCH])
            await session.commit()
        sys.stderr.write(f"\r{min(start + BATCH, len(documents)):,} of {len(documents):,}")
    sys.stderr.write("\n")
    print(f"indexed {len(documents):,} articles in {process_time() - began:.1f} s of CPU here")


_FLOOR = text(
    "SELECT num, id, title, title_places, body, body_places, parent, category "
    "FROM search_document JOIN search_text USING (num) WHERE kind = 'article' AND id IN "
    "(:a, :b, :c, :d, :e, :f, :g, :h, :i, :j)"
)


class Times:
    """Milliseconds of one operation, by the clock and of this process's CPU."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self._began = (0.0, 0.0)

    def __enter__(self) -> None:
        self._began = (perf_counter(), process_time())

    def __exit__(self, *_: object) -> None:
        self.wall.append((perf_counter() - self._began[0]) * 1000)
        self.cpu.append((process_time() - self._began[1]) * 1000)


def p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1]


def as_near(corpus: Corpus | Habits, asked: Asked) -> int:
    """How many titles have a word that is at most one slip from a query of one word.

    With more than a few of them, which article is meant cannot be told from the query.
    """
    word = fold(asked.text)
    if " " in word or asked.language in {"zh", "ja"}:
        return 0
    return sum(
        any(OSA.distance(word, fold(one), score_cutoff=1) <= 1 for one in article.title)
        for article in corpus.articles
        if article.document.locale == asked.language
    )


def ambiguous(corpus: Corpus | Habits, lost: Sequence[Asked]) -> str:
    """Of each class, how many of the missed are as near to the titles of other articles."""
    lines = ["missed, and of them those that are one slip from a word of many titles:"]
    for kind in dict.fromkeys(one.kind for one in lost):
        some = [one for one in lost if one.kind == kind]
        alike = sum(as_near(corpus, one) > AMBIGUOUS for one in some)
        lines.append(f"    {kind}: {len(some)}, {alike}")
    return "\n".join(lines)


async def ask(
    session: AsyncSession, queries: Sequence[Asked], corpus: Corpus | Habits, misses: int
) -> None:
    """Print the table. The floor is measured between the queries, under the same load."""
    ids = [article.document.id for article in corpus.articles]
    found: dict[str, list[bool]] = defaultdict(list)
    by_language: dict[tuple[str, str], list[bool]] = defaultdict(list)
    times: dict[str, Times] = defaultdict(Times)
    floor, everything, random = Times(), Times(), Random(0)
    lost: list[Asked] = []
    search = SqlSearch(session)
    for asked in queries:
        names = dict(zip("abcdefghij", random.sample(ids, 10), strict=True))
        with floor:
            (await session.execute(_FLOOR, names)).all()
        with everything, times[asked.kind]:
            page = await search.search(asked.text, asked.language, PUBLIC, 10)
        hit = asked.wanted in [hit.id for hit in page.hits[:5]]
        found[asked.kind].append(hit)
        by_language[asked.kind, asked.language].append(hit)
        if not hit:
            lost.append(asked)
        if not hit and misses:
            misses -= 1
            print("missed", asked, [(h.id, h.why, h.title.text) for h in page.hits[:5]])
    print("| Class | Queries | Recall@5 | Weakest language | p50 ms | p95 ms | CPU p95 ms |")
    print("|---|---|---|---|---|---|---|")
    for kind, hits in found.items():
        low, language = min(
            (sum(some) / len(some), language)
            for (name, language), some in by_language.items()
            if name == kind
        )
        wall, cpu = times[kind].wall, times[kind].cpu
        print(
            f"| {kind} | {len(hits)} | {sum(hits) / len(hits):.1%} | {language} {low:.1%} "
            f"| {quantiles(wall, n=2)[0]:.2f} | {p95(wall):.2f} | {p95(cpu):.2f} |"
        )
    print(ambiguous(corpus, lost))
    print("by language:")
    for (kind, language), hits in by_language.items():
        if all(hits):
            continue
        print(f"    {kind}, {language}: {sum(hits) / len(hits):.1%}")
    for name, one, base in (
        ("clock", everything.wall, floor.wall),
        ("CPU", everything.cpu, floor.cpu),
    ):
        print(
            f"{name}: p50 {quantiles(one, n=2)[0]:.2f} ms, p95 {p95(one):.2f} ms; floor p50 "
            f"{quantiles(base, n=2)[0]:.2f}, p95 {p95(base):.2f}: {p95(one) / p95(base):.1f} times"
        )


async def measure(url: str, corpus: Corpus | Habits, queries: Sequence[Asked], misses: int) -> None:
    """One database."""
    migrate.upgrade(url)
    engine = create_engine(url)
    print(f"\n{engine.dialect.name}")
    await build(engine, corpus)
    async with AsyncSession(engine) as session:
        await ask(session, queries, corpus, misses)
    await engine.dispose()


def main(arguments: list[str]) -> None:
    """Both databases."""
    given = [*arguments, *("20000", "1", "held-out", "40", "both", "0")[len(arguments) :]]
    size, seed, which, each, databases, misses = given
    corpus: Corpus | Habits
    if which in {"short", "long"}:
        corpus = Habits(which, int(size), 1, int(seed))
    else:
        corpus = Corpus(int(size), STOCKS.index(which), int(seed))
    queries = list(corpus.queries(int(each)))
    print(f"{size} articles, {len(queries)} queries, words: {which}, seed {seed}")
    if databases in {"both", "sqlite"}:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "search.sqlite3"
            asyncio.run(measure(f"sqlite+inline:///{path}", corpus, queries, int(misses)))
            print(f"index and texts: {path.stat().st_size / 1e6:.0f} MB")
    if databases in {"both", "postgresql"}:
        with scratch_folder() as folder:
            server = Postgres.start(folder)
            try:
                asyncio.run(measure(server.url("postgres"), corpus, queries, int(misses)))
            finally:
                server.stop()
    print(f"peak memory {getrusage(RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
