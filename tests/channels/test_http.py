"""Files are fetched from the open internet only, and providers' refusals are read right."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.addresses import is_public
from channels.contract import ChannelConfig, ChannelError
from channels.http import api_client, fetch_file, retry_after
from tests.support.certificates import write_certificate

PUBLIC = "93.184.216.34"
Answers = Callable[[str, dict[str, str]], bytes]


@asynccontextmanager
async def server(answers: Answers, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Answers each request with raw bytes and hangs up; after b"..." it trickles for a while."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        reply = answers(head[0].split()[1], headers)
        writer.write(reply)
        if reply.endswith(b"..."):
            for _ in range(200):
                if writer.is_closing():
                    break
                writer.write(b".")
                await asyncio.sleep(0.02)
        writer.close()

    listener = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def moved(location: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


class Wire(httpx.AsyncBaseTransport):
    """Stands for the internet: every address is the loopback server, and is written down."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.went_to: list[str] = []
        self.inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.went_to.append(request.url.host)
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        request.extensions.pop("sni_hostname", None)
        return await self.inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self.inner.aclose()


class Names:
    """A resolver; a name with several answers gives them one after the other (rebinding)."""

    def __init__(self, **answers: Sequence[str]) -> None:
        self.answers = {name.replace("_", "."): list(found) for name, found in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        found = self.answers.get(host)
        if found is None:
            raise OSError("Name or service not known")
        return [found.pop(0) if len(found) > 1 else found[0]]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.127.255.254", "192.0.2.1", "198.18.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "2002:7f00:1::1", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
        "2001:db8::1", "::7f00:1", "not an address", "",
    ],
)  # fmt: skip
def test_addresses_inside(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8",
                                     "64:ff9b::8.8.8.8"])  # fmt: skip
def test_addresses_outside(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(address: object) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address))


NAMED = "Content-Disposition: attachment; filename*=UTF-8''%D7%A9%D7%9C%D7%95%D7%9D.png"


async def test_a_public_file_arrives_with_its_name_and_type() -> None:
    seen: list[dict[str, str]] = []

    def answer(_path: str, headers: dict[str, str]) -> bytes:
        seen.append(headers)
        return ok(b"PNG", "Content-Type: image/png; charset=binary", NAMED)

    async with server(answer) as port:
        wire, names = Wire(port), Names(cdn_example=[PUBLIC])
        file = await fetch_file("https://cdn.example/x/y.bin?sig=1", max_bytes=3,
                                headers={"authorization": "Bearer t"},
                                resolve=names, transport=wire)  # fmt: skip
    assert (file.filename, file.content_type, file.data) == ("שלום.png", "image/png", b"PNG")
    assert wire.went_to == [PUBLIC]
    assert seen[0]["host"] == "cdn.example"
    assert seen[0]["authorization"] == "Bearer t"


async def test_a_name_that_changes_its_mind_reaches_nothing_inside() -> None:
    async with server(lambda _path, _headers: ok(b"x")) as port:
        wire, names = Wire(port), Names(evil_example=[PUBLIC, "127.0.0.1"])
        await fetch_file("https://evil.example/a", max_bytes=9, resolve=names, transport=wire)
        # Asked once, connected to what was checked: the second answer has no say.
        assert names.asked == ["evil.example"]
        assert wire.went_to == [PUBLIC]
        with pytest.raises(ChannelError, match="private network") as caught:
            await fetch_file("https://evil.example/a", max_bytes=9, resolve=names, transport=wire)
    assert caught.value.code == "private-address"
    assert not caught.value.retryable
    assert wire.went_to == [PUBLIC]


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def both(_host: str, _port: int) -> Sequence[str]:
        return [PUBLIC, "10.0.0.7"]

    wire = Wire(1)
    with pytest.raises(ChannelError, match="private network"):
        await fetch_file("https://two.example/", max_bytes=9, resolve=both, transport=wire)
    assert wire.went_to == []


async def test_a_redirect_to_the_metadata_service_is_not_followed() -> None:
    for target in (
        "https://169.254.169.254/latest/meta-data/",
        "https://inside.example/",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "//[::ffff:a9fe:a9fe]/",
    ):
        names = Names(cdn_example=[PUBLIC], inside_example=["192.168.0.5"],
                      **{"169_254_169_254": ["169.254.169.254"]})  # fmt: skip
        names.answers["::ffff:a9fe:a9fe"] = ["::ffff:169.254.169.254"]
        async with server(lambda _path, _headers, to=target: moved(to)) as port:  # type: ignore[misc]
            wire = Wire(port)
            with pytest.raises(ChannelError) as caught:
                await fetch_file("https://cdn.example/", max_bytes=9, resolve=names, transport=wire)
        assert caught.value.code in {"private-address", "not-https", "bad-url"}, target
        assert not caught.value.retryable
        assert wire.went_to == [PUBLIC]


async def test_a_redirect_elsewhere_is_followed_without_the_token() -> None:
    seen: list[dict[str, str]] = []

    def answer(path: str, headers: dict[str, str]) -> bytes:
        seen.append(headers)
        return moved("https://b.example/file.txt") if path == "/start" else ok(b"text")

    async with server(answer) as port:
        names = Names(a_example=[PUBLIC], b_example=["8.8.8.8"])
        wire = Wire(port)
        file = await fetch_file("https://a.example/start", max_bytes=9, resolve=names,
                                headers={"authorization": "Bearer t"}, transport=wire)  # fmt: skip
    assert (file.filename, file.data) == ("file.txt", b"text")
    assert wire.went_to == [PUBLIC, "8.8.8.8"]
    assert [headers.get("authorization") for headers in seen] == ["Bearer t", None]


async def test_redirects_end() -> None:
    async with server(lambda _path, _headers: moved("/again")) as port:
        wire = Wire(port)
        with pytest.raises(ChannelError, match="without end"):
            await fetch_file("https://a.example/", max_bytes=9,
                             resolve=Names(a_example=[PUBLIC]), transport=wire)  # fmt: skip
    assert len(wire.went_to) == 6


@pytest.mark.parametrize("declared", [True, False])
async def test_a_file_too_large_is_refused_early(*, declared: bool) -> None:
    sent = ["Content-Length: 2000"] if declared else []
    async with server(lambda _path, _headers: ok(b"x" * 2000, *sent)) as port:
        with pytest.raises(ChannelError, match="larger than 100 bytes") as caught:
            await fetch_file("https://a.example/", max_bytes=100, transport=Wire(port),
                             resolve=Names(a_example=[PUBLIC]))  # fmt: skip
    assert not caught.value.retryable


async def test_a_compressed_answer_cannot_blow_up() -> None:
    async with server(lambda _path, _headers: ok(b"\x1f\x8b", "Content-Encoding: gzip")) as port:
        with pytest.raises(ChannelError, match="compressed"):
            await fetch_file("https://a.example/", max_bytes=100, transport=Wire(port),
                             resolve=Names(a_example=[PUBLIC]))  # fmt: skip


async def test_a_body_that_trickles_does_not_hold_us() -> None:
    async with server(lambda _path, _headers: ok(b"...")) as port:
        with pytest.raises(ChannelError, match="in time") as caught:
            await fetch_file("https://a.example/", max_bytes=10_000, timeout=0.2,
                             transport=Wire(port), resolve=Names(a_example=[PUBLIC]))  # fmt: skip
    assert caught.value.retryable


async def test_the_inboxs_own_server_may_be_on_this_machine() -> None:
    def answer(path: str, _headers: dict[str, str]) -> bytes:
        return moved("https://127.0.0.1:1/inside") if path == "/out" else ok(b"media")

    async with server(answer) as port:
        origin = f"http://127.0.0.1:{port}"
        file = await fetch_file(f"{origin}/m/1", max_bytes=9, trusted_origin=f"{origin}/v1")
        assert file.data == b"media"
        # Trust is for that origin, not for where it sends us, nor for another port.
        for url in (f"{origin}/out", f"https://127.0.0.1:{port + 1}/m/1"):
            with pytest.raises(ChannelError, match="private network"):
                await fetch_file(url, max_bytes=9, trusted_origin=origin)
        with pytest.raises(ChannelError, match="https only"):
            await fetch_file(f"{origin}/m/1", max_bytes=9)


async def test_a_redirect_back_to_the_trusted_server_is_not_trusted() -> None:
    async with server(lambda _path, _headers: moved("http://127.0.0.1:9/admin")) as port:
        with pytest.raises(ChannelError, match="https only"):
            await fetch_file("https://evil.example/", max_bytes=9, transport=Wire(port),
                             trusted_origin="http://127.0.0.1:9",
                             resolve=Names(evil_example=[PUBLIC]))  # fmt: skip


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://a.example/", "https://", "https://user:pw@a.example/", "https://a\n.example/",
     "data:text/plain,x", "https://[::1", "https://a.example:99999/"],
)  # fmt: skip
async def test_what_is_not_a_plain_url(url: str) -> None:
    with pytest.raises(ChannelError) as caught:
        await fetch_file(url, max_bytes=9, resolve=Names(a_example=[PUBLIC]), transport=Wire(1))
    assert caught.value.code == "bad-url"


async def test_numbers_in_disguise_are_resolved_before_they_are_judged() -> None:
    # The system's own resolver reads these as 127.0.0.1.
    for host in ("2130706433", "0x7f.1", "127.1", "localhost"):
        with pytest.raises(ChannelError) as caught:
            await fetch_file(f"https://{host}/", max_bytes=9)
        assert caught.value.code in {"private-address", "dns", "bad-url"}, host


async def test_a_file_that_is_gone_is_not_asked_for_again() -> None:
    def answer(path: str, _headers: dict[str, str]) -> bytes:
        status = path.strip("/")
        return f"HTTP/1.1 {status} X\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n".encode()

    async with server(answer) as port:
        for status, again in (("404", False), ("403", False), ("429", True), ("503", True)):
            with pytest.raises(ChannelError) as caught:
                await fetch_file(
                    f"https://a.example/{status}",
                    max_bytes=9,
                    transport=Wire(port),
                    resolve=Names(a_example=[PUBLIC]),
                )
            assert (caught.value.code, caught.value.retryable) == (status, again)
            assert caught.value.retry_after == timedelta(seconds=7)


async def test_an_unknown_name_may_be_known_later() -> None:
    with pytest.raises(ChannelError) as caught:
        await fetch_file("https://nowhere.example/", max_bytes=9, resolve=Names(),
                         transport=Wire(1))  # fmt: skip
    assert (caught.value.code, caught.value.retryable) == ("dns", True)


class Pinned(httpx.AsyncBaseTransport):
    """Real TLS to the loopback server, whatever public address was chosen."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        self.port = port
        self.inner = httpx.AsyncHTTPTransport(verify=context)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(host="127.0.0.1", port=self.port)
        return await self.inner.handle_async_request(request)


async def test_the_certificate_is_checked_against_the_name(tmp_path: Path) -> None:
    authority, context = write_certificate(tmp_path)  # for localhost
    trusted = ssl.create_default_context(cafile=str(authority))
    names = Names(localhost=[PUBLIC], other_example=[PUBLIC])
    async with server(lambda _path, _headers: ok(b"x"), context) as port:
        file = await fetch_file("https://localhost/", max_bytes=9, resolve=names,
                                transport=Pinned(port, trusted))  # fmt: skip
        assert file.data == b"x"
        with pytest.raises(ChannelError, match="certificate"):
            await fetch_file("https://other.example/", max_bytes=9, resolve=names,
                             transport=Pinned(port, trusted))  # fmt: skip


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    class Half(Wire):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if ":" in request.url.host:
                self.went_to.append(request.url.host)
                raise httpx.ConnectError("no route")
            return await super().handle_async_request(request)

    async def both(_host: str, _port: int) -> Sequence[str]:
        return ["2606:4700::1111", PUBLIC]

    async with server(lambda _path, _headers: ok(b"x")) as port:
        wire = Half(port)
        await fetch_file("https://a.example/", max_bytes=9, resolve=both, transport=wire)
    assert wire.went_to == ["2606:4700::1111", PUBLIC]


# --- calls to a provider


def inbox(port: int) -> ChannelConfig:
    return ChannelConfig("i", "", "", options={"api_url": f"http://127.0.0.1:{port}/v1"})


def status(code: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {code} Words", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("code", "again"),
    [(400, False), (401, False), (404, False), (408, True), (429, True), (500, True), (503, True)],
)
async def test_refusals_by_status(code: int, *, again: bool) -> None:
    async with (
        server(lambda _path, _headers: status(code, "Retry-After: 120")) as port,
        api_client(inbox(port), "https://unused.example") as api,
    ):
        with pytest.raises(ChannelError) as caught:
            await api.call("POST", "/messages", json={})
    assert (caught.value.code, caught.value.retryable) == (str(code), again)
    assert caught.value.retry_after == timedelta(minutes=2)
    assert "/messages" not in caught.value.reason


async def test_the_providers_own_words_come_first() -> None:
    def explain(answer: httpx.Response) -> ChannelError | None:
        return ChannelError(answer.json()["why"], retryable=False, code="77")

    async with (
        server(lambda _path, _headers: status(503, body=b'{"why": "closed"}')) as port,
        api_client(inbox(port), "https://unused.example", explain=explain) as api,
    ):
        with pytest.raises(ChannelError, match="closed") as caught:
            await api.json("GET", "/x")
    assert caught.value.code == "77"


async def test_an_answer_is_read(tmp_path: Path) -> None:
    seen: list[tuple[str, dict[str, str]]] = []

    def answer(path: str, headers: dict[str, str]) -> bytes:
        seen.append((path, headers))
        return status(200, "Content-Type: application/json", body=b'{"a": [1]}')

    async with (
        server(answer) as port,
        api_client(
            inbox(port), "https://unused.example", auth=("u", "p"), headers={"x-key": "k"}
        ) as api,  # fmt: skip
    ):
        assert await api.json("GET", "/x", params={"q": "1"}) == {"a": [1]}
    ((path, headers),) = seen
    assert path == "/v1/x?q=1"
    assert headers["x-key"] == "k"
    assert headers["authorization"].startswith("Basic ")


async def test_not_reached_and_not_answered_are_told_apart() -> None:
    async with api_client(inbox(1), "https://unused.example") as api:
        with pytest.raises(ChannelError) as caught:
            await api.call("GET", "/")
    assert (caught.value.code, caught.value.retryable) == ("connection", True)
    async with (
        server(lambda _path, _headers: b"") as port,
        api_client(inbox(port), "https://unused.example") as api,
    ):
        with pytest.raises(ChannelError) as caught:
            await api.call("POST", "/")
    assert (caught.value.code, caught.value.retryable) == ("unanswered", True)
    async with (
        server(lambda _path, _headers: ok(b"...")) as port,
        api_client(inbox(port), "https://unused.example", timeout=0.01) as api,
    ):
        with pytest.raises(ChannelError) as caught:
            await api.call("POST", "/")
    assert caught.value.code == "unanswered"
    async with (
        server(lambda _path, _headers: status(200, body=b"<html>")) as port,
        api_client(inbox(port), "https://unused.example") as api,
    ):
        with pytest.raises(ChannelError, match="not JSON"):
            await api.json("POST", "/")


def test_retry_after_as_a_date_is_counted_from_the_answers_own() -> None:
    def wait(**headers: str) -> timedelta | None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return retry_after(httpx.Response(429, headers=named))

    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    assert wait(retry_after="Wed, 21 Oct 2015 07:30:00 GMT", date=date) == timedelta(minutes=2)
    assert wait(retry_after="Wed, 21 Oct 2015 07:20:00 GMT", date=date) == timedelta(0)
    assert wait(retry_after="Wed, 21 Oct 2015 07:30:00 GMT") is None
    assert wait(retry_after="soon", date=date) is None
    assert wait(retry_after="-5") is None
    assert wait() is None
