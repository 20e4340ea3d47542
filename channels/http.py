"""The one HTTP client of the adapters: calls to providers, and files from addresses we were sent.

`api_client` speaks to the provider that the inbox names, on a connection that is kept where the
process keeps them (`channels.connections`); its failures become `ChannelError`s.
`fetch_file` follows a URL that came in a message, so it guards the network around the desk: every
hop must resolve to public addresses only, and the connection goes to the address that was checked,
so that a name which changes its mind in between (DNS rebinding) reaches nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import unquote

import httpx

from channels.addresses import Resolve, is_public, resolve_host
from channels.connections import kept, new_client, tls
from channels.contract import Attachment, ChannelConfig, ChannelError

Explain = Callable[[httpx.Response], ChannelError | None]
"""Reads a provider's refusal; None leaves it to the status code."""

API_SECONDS: Final = 30.0
FILE_SECONDS: Final = 60.0  # for all of a file, redirects included
MAX_REDIRECTS: Final = 5
_AGENT: Final = "Parley"
_WAIT_STATUS: Final = frozenset({408, 409, 423, 425, 429})  # a later try can succeed
_SERVER_FAULT: Final = 500
_LAST_PORT: Final = 65_535


class ApiClient:
    """Calls to one provider; use it as a context manager. Every failure is a `ChannelError`.

    `code` is "connection" or "timeout" when the provider was not reached, "unanswered" when it
    was but nobody knows whether it did what was asked, else the status or what `explain` says.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        request: Mapping[str, Any],
        explain: Explain | None = None,
        *,
        shared: bool = False,
    ) -> None:
        """`request` goes with each call; a `shared` client stays open."""
        self._client = client
        self._request = {**request}
        self._headers = self._request.pop("headers", {})
        self._explain = explain
        self._shared = shared

    @property
    def base_url(self) -> str:
        """Where the calls go, without a slash at the end."""
        return str(self._client.base_url).rstrip("/")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None = None,
                        error: BaseException | None = None,
                        trace: TracebackType | None = None) -> None:  # fmt: skip
        if not self._shared:
            await self._client.aclose()

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own arguments
        """One call, with httpx's arguments (json, data, files, params, headers).

        Raises `ChannelError` unless the answer is a 2xx. The path is never part of the error:
        some providers want their token in it.
        """
        host = self._client.base_url.host
        try:
            headers = {**self._headers, **request.pop("headers", {})}
            request = {**self._request, **request, "headers": headers}
            answer = await self._client.request(method, path, **request)
        except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ChannelError(f"{host} did not answer in time", retryable=True,
                               code="timeout") from error  # fmt: skip
        except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.ProxyError) as error:
            raise ChannelError(f"{host} cannot be reached: {error}", retryable=True,
                               code="connection") from error  # fmt: skip
        except httpx.TransportError as error:
            raise ChannelError(f"{host} broke off before it answered; whether it did what was "
                               "asked is not known", retryable=True,
                               code="unanswered") from error  # fmt: skip
        if answer.is_success:
            return answer
        told = self._explain(answer) if self._explain else None
        raise told or refusal(answer)

    async def json(self, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401 - what the provider says
        """The same, and the answer read as JSON. Raises `ChannelError`."""
        answer = await self.call(method, path, **request)
        try:
            return answer.json()
        except ValueError as error:
            raise ChannelError(f"{self._client.base_url.host} answered something that is not JSON",
                               retryable=True, code="unanswered") from error  # fmt: skip


def api_client(
    config: ChannelConfig,
    base_url: str,
    *,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    timeout: float = API_SECONDS,
    explain: Explain | None = None,
) -> ApiClient:
    """A client for the provider's API at the inbox's option `api_url`, or at `base_url`.

    `timeout` in seconds for each step; `auth` is a user and a password.
    """
    base = str(config.options.get("api_url") or base_url)
    request = {
        "headers": {"user-agent": _AGENT, **(headers or {})},
        "auth": auth,
        "timeout": timeout,
    }
    pool = kept()
    client = pool.client(base) if pool is not None else new_client(base)
    return ApiClient(client, request, explain, shared=pool is not None)


def api_origin(config: ChannelConfig) -> str:
    """The inbox's own `api_url` for `fetch_file(trusted_origin=...)`; "" where none is set."""
    return str(config.options.get("api_url") or "")


def refusal(answer: httpx.Response) -> ChannelError:
    """What a status code means when the provider says no more."""
    status = answer.status_code
    words = " ".join(answer.text.split())[:300] if "json" in _type(answer) else ""
    return ChannelError(
        f"{answer.request.url.host} answered {status} {answer.reason_phrase}: {words}".rstrip(": "),
        retryable=status in _WAIT_STATUS or status >= _SERVER_FAULT,
        code=str(status),
        retry_after=retry_after(answer),
    )


def retry_after(answer: httpx.Response) -> timedelta | None:
    """How long the provider wants us to wait, RFC 9110, 10.2.3; None when it does not say."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value), 7 * 86_400))
    try:
        # A date is counted from the answer's own: our clock and theirs need not agree.
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return max(wait, timedelta(0))


async def fetch_file(
    url: str,
    *,
    max_bytes: int,
    timeout: float = FILE_SECONDS,  # noqa: ASYNC109 - for the whole file, hop by hop
    headers: Mapping[str, str] | None = None,
    trusted_origin: str = "",
    resolve: Resolve = resolve_host,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Attachment:
    """Get a file that a message points to. Raises `ChannelError`; `timeout` in seconds for all.

    Only https, and only to public addresses, except at `trusted_origin` (the inbox's `api_url`)
    until a redirect leaves it. `headers` go to the first origin alone. The content type is as the
    server declares it.
    """
    try:
        async with (
            asyncio.timeout(timeout),
            httpx.AsyncClient(
                transport=transport or httpx.AsyncHTTPTransport(verify=tls(), retries=0),
                timeout=timeout,
                trust_env=False,
            ) as client,
        ):
            return await _Fetch(client, resolve, max_bytes, trusted_origin).run(url, headers or {})
    except (TimeoutError, httpx.TimeoutException) as error:
        raise ChannelError("the file did not arrive in time", retryable=True,
                           code="timeout") from error  # fmt: skip
    except httpx.TransportError as error:
        raise ChannelError(f"the file cannot be fetched: {error}", retryable=True,
                           code="connection") from error  # fmt: skip


class _Fetch:
    """One file, hop by hop."""

    def __init__(self, client: httpx.AsyncClient, resolve: Resolve, max_bytes: int,
                 trusted_origin: str) -> None:  # fmt: skip
        self.client = client
        self.resolve = resolve
        self.max_bytes = max_bytes
        self.trusted = _origin(_url(trusted_origin)) if trusted_origin else None

    async def run(self, address: str, headers: Mapping[str, str]) -> Attachment:
        """Follow the URL to its file. Raises `ChannelError`."""
        url = _url(address)
        trusted = _origin(url) == self.trusted
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._open(url, headers, trusted=trusted)
            try:
                if not answer.has_redirect_location:
                    return await self._read(answer, url)
                onward = _url(str(url.join(answer.headers["location"])))
            finally:
                await answer.aclose()
            if _origin(onward) != _origin(url):
                headers = {}  # the token was meant for the first one
            trusted = trusted and _origin(onward) == self.trusted
            url = onward
        raise ChannelError(f"{url.host} redirects without end", retryable=False, code="redirects")

    async def _open(self, url: httpx.URL, headers: Mapping[str, str], *,
                    trusted: bool) -> httpx.Response:  # fmt: skip
        for_host = {"host": url.netloc.decode("ascii"), "user-agent": _AGENT,
                    "accept-encoding": "identity", **headers}  # fmt: skip
        if trusted:
            return await self.client.send(
                self.client.build_request("GET", url, headers=for_host), stream=True
            )
        addresses = await self._addresses(url)
        failed: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for address in addresses:
            # The name stays in Host and in the certificate's check; the connection is to the
            # address that was looked at, and the name is not resolved again.
            request = self.client.build_request(
                "GET",
                url.copy_with(host=address),
                headers=for_host,
                extensions={"sni_hostname": url.raw_host.decode("ascii")},
            )
            try:
                return await self.client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        raise failed or httpx.ConnectError(f"{url.host} has no address")

    async def _addresses(self, url: httpx.URL) -> Sequence[str]:
        if url.scheme != "https":
            raise ChannelError(f"files are fetched over https only, not from {url.scheme}://"
                               f"{url.host}", retryable=False, code="not-https")  # fmt: skip
        try:
            addresses = await self.resolve(url.raw_host.decode("ascii"), url.port or 443)
        except (OSError, UnicodeError) as error:
            raise ChannelError(f"{url.host} is not known: {error}", retryable=True,
                               code="dns") from error  # fmt: skip
        if not all(is_public(address) for address in addresses):
            raise ChannelError(f"{url.host} is an address inside a private network; the file is "
                               "not fetched", retryable=False, code="private-address")  # fmt: skip
        return addresses

    async def _read(self, answer: httpx.Response, url: httpx.URL) -> Attachment:
        if not answer.is_success:
            status = answer.status_code
            raise ChannelError(
                f"{url.host} answered {status} {answer.reason_phrase} in place of the file",
                retryable=status in _WAIT_STATUS or status >= _SERVER_FAULT,
                code=str(status),
                retry_after=retry_after(answer),
            )
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise ChannelError(f"{url.host} compressed the file although it was asked not to",
                               retryable=False, code="encoding")  # fmt: skip
        declared = answer.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > self.max_bytes:
            raise self._too_large()
        data = bytearray()
        async for chunk in answer.aiter_raw():
            data += chunk
            if len(data) > self.max_bytes:
                raise self._too_large()
        return Attachment(_filename(answer, url), _type(answer), bytes(data))

    def _too_large(self) -> ChannelError:
        return ChannelError(f"the file is larger than {self.max_bytes} bytes", retryable=False,
                            code="too-large")  # fmt: skip


def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
        bad = (
            url.scheme not in {"http", "https"}
            or not url.host
            or bool(url.userinfo)
            or (url.port or 0) > _LAST_PORT
        )
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise ChannelError("the file's address is not a URL", retryable=False,
                           code="bad-url") from error  # fmt: skip
    if bad:
        raise ChannelError("the file's address is not a plain http or https URL", retryable=False,
                           code="bad-url")  # fmt: skip
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _type(answer: httpx.Response) -> str:
    declared: str = answer.headers.get("content-type", "")
    return declared.partition(";")[0].strip().lower() or "application/octet-stream"


def _filename(answer: httpx.Response, url: httpx.URL) -> str:
    header = EmailMessage()
    try:
        header["content-disposition"] = answer.headers.get("content-disposition") or "attachment"
        name = header.get_filename()
    except (ValueError, IndexError, LookupError):
        name = None
    name = name or unquote(url.path.rpartition("/")[2])
    return name.replace("\\", "/").rpartition("/")[2].strip()[:255] or "file"
