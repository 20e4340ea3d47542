"""Calls to the Graph API: version, token, proof of the app secret."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from channels.contract import ChannelConfig, ChannelError
from channels.graph.errors import explain
from channels.http import ApiClient, api_client
from channels.signing import hmac_hex
from channels.values import Json, obj

FACEBOOK: Final = "https://graph.facebook.com"
INSTAGRAM: Final = "https://graph.instagram.com"
VERSION: Final = "v23.0"

OPTIONS: Final[Mapping[str, str]] = {
    "api_version": f"Version of the Graph API; {VERSION} when left empty.",
    "api_url": "Address of the Graph API, for a stand-in; Meta's own when left empty.",
    "app_id": "Number of the Meta app; with it, webhooks can be set up from here.",
}
SECRETS: Final[Mapping[str, str]] = {
    "access_token": "Token with which we call Meta.",
    "app_secret": "Secret of the Meta app; it signs the webhooks.",
    "verify_token": "Any long random text; Meta repeats it when it checks the webhook's address.",
}


class Graph:
    """Calls as one token. Use it as a context manager; every failure is a `ChannelError`."""

    def __init__(
        self, config: ChannelConfig, *, token: str | None = None, prove: bool = True
    ) -> None:
        """`token` in place of the inbox's own; `prove` adds the proof of the app secret."""
        self.version = str(config.options.get("api_version") or VERSION)
        token = config.secrets.get("access_token", "") if token is None else token
        if not token:
            raise ChannelError(
                "no access_token is set for this inbox", retryable=False, code="token"
            )
        # Tokens of the Instagram login speak to a host of their own.
        base = INSTAGRAM if token.startswith("IG") else FACEBOOK
        secret = config.secrets.get("app_secret", "")
        self._proof = (
            {"appsecret_proof": hmac_hex(secret, token.encode())}
            if secret and prove and base == FACEBOOK
            else {}
        )
        self._api: ApiClient = api_client(
            config, base, headers={"authorization": f"Bearer {token}"}, explain=explain
        )

    async def __aenter__(self) -> Self:
        await self._api.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None = None,
                        error: BaseException | None = None,
                        trace: TracebackType | None = None) -> None:  # fmt: skip
        await self._api.__aexit__(kind, error, trace)

    async def get(self, path: str, **params: str) -> Json:
        """Read a node or an edge."""
        return await self._call("GET", path, params)

    async def post(self, path: str, **request: Any) -> Json:  # noqa: ANN401 - httpx's own arguments
        """Make or change something; arguments as httpx has them (json, data, files, params)."""
        params = request.pop("params", {})
        return await self._call("POST", path, params, **request)

    async def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        **request: Any,  # noqa: ANN401 - httpx's own arguments
    ) -> Json:
        answer = await self._api.json(
            method, f"{self.version}/{path}", params={**params, **self._proof}, **request
        )
        return obj(answer)
