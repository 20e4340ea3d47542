"""A desk with a knowledge base, and short ways to write into it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.desk.core.conftest import desk
from tests.desk.whole import Whole

__all__ = ["desk"]

COUNT = itertools.count(1)
API = "/api/v1"


@dataclass
class Desk:
    """The running desk, an editor and a stranger."""

    whole: Whole
    editor: httpx.AsyncClient
    agent: httpx.AsyncClient
    stranger: httpx.AsyncClient

    async def write(
        self,
        title: str = "",
        body: str = "Text.",
        *,
        locale: str = "en",
        summary: str = "",
        publish: bool = True,
        **fields: Any,
    ) -> dict[str, Any]:
        """An article, published unless said otherwise."""
        number = next(COUNT)
        answer = await self.editor.post(
            f"{API}/articles",
            json={
                "locale": locale,
                "title": title or f"Article {number}",
                "summary": summary,
                "body": body,
                **fields,
            },
        )
        assert answer.status_code == 201, answer.text
        article: dict[str, Any] = answer.json()
        if publish:
            await self.publish(article["id"], locale)
        return article

    async def publish(self, article_id: str, locale: str = "en") -> dict[str, Any]:
        return await self.post(f"/articles/{article_id}/locales/{locale}/publish")

    async def save(
        self, article_id: str, body: str, *, locale: str = "en", title: str = "", **more: Any
    ) -> httpx.Response:
        """Save on the version that is there."""
        now = await self.get(f"/articles/{article_id}/locales/{locale}")
        return await self.editor.put(
            f"{API}/articles/{article_id}/locales/{locale}",
            json={
                "title": title or now["title"],
                "summary": now["summary"],
                "body": body,
                "version": now["version"],
                **more,
            },
        )

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.editor.get(API + path, params=params)
        assert answer.status_code == 200, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def post(self, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
        answer = await self.editor.post(API + path, json=body)
        assert answer.status_code == status, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def kb(desk: Whole) -> Desk:
    _, editor = await desk.agent("editor")
    _, agent = await desk.agent("agent")
    return Desk(desk, editor, agent, desk.client())
