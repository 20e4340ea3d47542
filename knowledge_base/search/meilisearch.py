"""Meilisearch: the full engine, on a server of its own, through its official client.

One index for each locale, named `{prefix}-{locale}`. The client blocks, so it runs in a thread;
every change waits for the server's task and raises SearchError with the server's own words when
it fails. Searching asks all wanted locales in one request.

A change made while a rebuild runs goes to the index that the rebuild replaces: run both in one
lane of the job queue.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import meilisearch
from meilisearch.errors import (
    MeilisearchApiError,
    MeilisearchCommunicationError,
    MeilisearchTimeoutError,
)
from meilisearch.models.task import TaskInfo

from knowledge_base.search import meilisearch_hits as hits
from knowledge_base.search import meilisearch_values as values
from knowledge_base.search.engine import (
    FACETS,
    Filters,
    Hit,
    Lexicon,
    Page,
    Progress,
    Rebuilt,
    SearchDocument,
    SearchError,
)
from knowledge_base.search.sql import no_progress
from knowledge_base.search.store import batched

BATCH = 1000  # documents in a request
TASK_SECONDS = 600  # that the server may take for one task
POLL_MILLISECONDS = 25
REQUEST_SECONDS = 30
_INDEXES = 1000  # more locales than there are
_REBUILT = "rebuild"
_NO_LEXICON = Lexicon()
_MISSING = "index_not_found"

Answer = TypeVar("Answer")


class MeilisearchEngine:
    """See `SearchEngine`. What it writes is visible when the call returns."""

    def __init__(
        self, url: str, key: str = "", *, prefix: str = "article", lexicon: Lexicon = _NO_LEXICON
    ) -> None:
        self._client = meilisearch.Client(url, key or None, timeout=REQUEST_SECONDS)
        self._url = url
        self._prefix = prefix
        self._lexicon = lexicon

    async def index(self, documents: Iterable[SearchDocument]) -> None:
        """See `SearchEngine`."""
        await self._in_thread(self._index, list({one.id: one for one in documents}.values()))

    async def remove(self, ids: Iterable[str]) -> None:
        """See `SearchEngine`."""
        await self._in_thread(self._remove, list(ids))

    async def ids(self) -> Mapping[str, str]:
        """See `SearchEngine`."""
        return await self._in_thread(self._ids)

    async def search(
        self,
        query: str,
        locale: str,
        filters: Filters,
        limit: int = 10,
        offset: int = 0,
        *,
        facets: Collection[str] = (),
    ) -> Page:
        """See `SearchEngine`. The total is an estimate unless `offset` is a multiple of `limit`."""
        unknown = set(facets) - set(FACETS)
        if unknown:
            message = f"unknown facets {sorted(unknown)}: choose among {', '.join(FACETS)}"
            raise ValueError(message)
        if not filters.audiences or not values.has_words(query):
            return Page((), 0, {name: {} for name in facets})
        locales = list(dict.fromkeys((locale, *filters.locales)))
        wanted = values.Wanted(query, filters, limit, offset, tuple(facets))
        return await self._in_thread(self._search, wanted, locales)

    async def suggest(
        self, prefix: str, locale: str, filters: Filters, limit: int = 5
    ) -> Sequence[Hit]:
        """See `SearchEngine`."""
        page = await self.search(prefix, locale, filters, limit)
        return [hits.without_snippet(hit) for hit in page.hits]

    async def rebuild(
        self,
        batches: AsyncIterable[Sequence[SearchDocument]],
        progress: Progress = no_progress,
    ) -> Rebuilt:
        """See `SearchEngine`. New indexes are filled beside the old ones, then all are swapped."""
        before = await self.ids()
        await self._in_thread(self._drop_rebuilt)
        seen: set[str] = set()
        locales: set[str] = set()
        async for batch in batches:
            await self._in_thread(self._add, list(batch), _REBUILT)
            seen.update(one.id for one in batch)
            locales.update(one.locale for one in batch)
            progress(len(seen))
        await self._in_thread(self._swap, locales)
        return Rebuilt(len(seen), len(set(before) - seen))

    async def drop(self) -> None:
        """Delete all of this engine's indexes."""
        await self._in_thread(lambda: self._delete(self._uids()))

    def tenant_token(
        self, filters: Filters, *, api_key_uid: str, api_key: str, expires_at: datetime
    ) -> str:
        """A token with which a browser may search, and finds only what `filters` allow.

        The server applies only the most specific rule that fits an index, so each one, the
        catch-all included, repeats the filter.
        """
        if not filters.audiences:
            raise ValueError("a token for nobody: name the audiences")
        rule = {"filter": values.filtered(filters)}
        rules = dict.fromkeys((f"{self._prefix}-*", *self._uids()), rule)
        return self._client.generate_tenant_token(
            api_key_uid, rules, expires_at=expires_at, api_key=api_key
        )

    async def _in_thread(self, call: Callable[..., Answer], *arguments: object) -> Answer:
        try:
            return await asyncio.to_thread(call, *arguments)
        except MeilisearchApiError as error:
            raise SearchError(
                f"Meilisearch refused a request: {error.message} ({error.code}, {error.link})"
            ) from error
        except MeilisearchCommunicationError as error:
            raise SearchError(
                f"Meilisearch at {self._url} does not answer; check that it runs and that the "
                f"address is right ({error})"
            ) from error
        except MeilisearchTimeoutError as error:
            raise SearchError(f"Meilisearch did not finish in time: {error}") from error

    def _uid(self, locale: str, purpose: str = "") -> str:
        """The index of a locale; of a rebuild, another one beside it."""
        name = values.index_name(self._prefix, locale)
        return f"{name}--{purpose}" if purpose else name

    def _uids(self) -> list[str]:
        """The indexes that exist, rebuilds included."""
        found = self._client.get_indexes({"limit": _INDEXES})["results"]
        return sorted(one.uid for one in found if one.uid.startswith(f"{self._prefix}-"))

    def _live(self) -> list[str]:
        return [uid for uid in self._uids() if not uid.endswith(f"--{_REBUILT}")]

    def _wait(self, *tasks: TaskInfo) -> None:
        """Until they are done. Raises SearchError for one that failed or was canceled."""
        for info in tasks:
            task = self._client.wait_for_task(
                info.task_uid, timeout_in_ms=TASK_SECONDS * 1000, interval_in_ms=POLL_MILLISECONDS
            )
            if task.status == "succeeded":
                continue
            error = task.error or {}
            why = f"{error.get('message', 'no reason given')} ({error.get('code', task.status)}"
            raise SearchError(
                f"Meilisearch's task {task.uid} ({task.type} on {task.index_uid}) "
                f"{task.status}: {why}, {error.get('link', 'no link')})"
            )

    def _index(self, documents: list[SearchDocument]) -> None:
        """Add, and take a document out of the indexes of locales that it no longer has."""
        self._add(documents, "")
        for uid in self._live():
            elsewhere = [one.id for one in documents if self._uid(one.locale) != uid]
            self._delete_documents(uid, elsewhere)

    def _add(self, documents: list[SearchDocument], purpose: str) -> None:
        by_locale: dict[str, list[SearchDocument]] = defaultdict(list)
        for document in documents:
            by_locale[document.locale].append(document)
        known = self._uids()
        for locale, some in sorted(by_locale.items()):
            uid = self._uid(locale, purpose)
            if uid not in known:
                self._wait(self._client.create_index(uid, {"primaryKey": "key"}))
            settings = values.settings(locale, self._lexicon)
            self._wait(self._client.index(uid).update_settings(settings))
            for batch in batched(some, BATCH):
                packed = [values.packed(document) for document in batch]
                self._wait(self._client.index(uid).add_documents(packed))

    def _remove(self, ids: list[str]) -> None:
        for uid in self._live():
            self._delete_documents(uid, ids)

    def _delete_documents(self, uid: str, ids: Sequence[str]) -> None:
        for batch in batched(ids, BATCH):
            chosen = values.one_of("key", [values.key(id_) for id_ in batch])
            self._wait(self._client.index(uid).delete_documents(filter=chosen))

    def _ids(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for uid in self._live():
            offset = 0
            while True:
                page = self._client.index(uid).get_documents(
                    {"fields": ["id", "fingerprint"], "offset": offset, "limit": BATCH}
                )
                for document in page.results:
                    found[document.id] = document.fingerprint
                offset += BATCH
                if offset >= page.total:
                    break
        return found

    def _search(self, wanted: values.Wanted, locales: list[str]) -> Page:
        queries = [wanted.query_for(self._uid(locale), locale) for locale in locales]
        try:
            answer = self._client.multi_search(queries)
        except MeilisearchApiError as error:
            if error.code != _MISSING:
                raise
            known = self._uids()
            queries = [query for query in queries if query["indexUid"] in known]
            locales = [locale for locale in locales if self._uid(locale) in known]
            if not queries:
                return Page((), 0, {name: {} for name in wanted.facets})
            answer = self._client.multi_search(queries)
        return hits.page(answer["results"], locales, wanted)

    def _drop_rebuilt(self) -> None:
        """What a rebuild that was interrupted left behind."""
        self._delete([uid for uid in self._uids() if uid.endswith(f"--{_REBUILT}")])

    def _swap(self, locales: Collection[str]) -> None:
        """Put the new indexes in place of the old ones at once; then delete the old ones."""
        known = self._uids()
        pairs: list[Mapping[str, Any]] = []
        for locale in sorted(locales):
            uid, rebuilt = self._uid(locale), self._uid(locale, _REBUILT)
            if uid not in known:
                self._wait(self._client.create_index(uid, {"primaryKey": "key"}))
            pairs.append({"indexes": [uid, rebuilt]})
        if pairs:
            self._wait(self._client.swap_indexes(pairs))
        kept = {self._uid(locale) for locale in locales}
        self._delete([uid for uid in self._uids() if uid not in kept])

    def _delete(self, uids: Sequence[str]) -> None:
        self._wait(*[self._client.delete_index(uid) for uid in uids])
