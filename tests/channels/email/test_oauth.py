"""Mailboxes that take tokens in place of passwords: Dovecot itself asks whether they are good."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from channels.contract import ChannelConfig, ChannelError
from channels.email.adapter import EmailChannel
from channels.email.mailbox import MailboxConfig, connect, leave
from channels.email.oauth import OAuth, Tokens
from tests.channels.email.test_imap import Desk, mail, watching
from tests.channels.email.test_send import Sink, inbox, outbound
from tests.support.certificates import write_certificate
from tests.support.dovecot import Dovecot, is_installed

USER = "support@desk.example"
needs_dovecot = pytest.mark.skipif(not is_installed(), reason="Dovecot is not installed")


class Provider:
    """Gives tokens for a refresh token, and tells a mail server whose they are."""

    def __init__(self) -> None:
        self.given = 0
        self.valid: set[str] = set()
        self.refusal: dict[str, str] = {}
        self.life = 3600
        self.asked: list[dict[str, list[str]]] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
                status, answer = provider.answer(self.path, parse_qs(body))
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str, fields: dict[str, list[str]]) -> tuple[int, dict[str, object]]:
        if path == "/introspect":
            token = fields.get("token", [""])[0]
            active = token in self.valid
            return 200, {"active": active, **({"email": USER} if active else {})}
        self.asked.append(fields)
        if self.refusal:
            return 400, dict(self.refusal)
        self.given += 1
        token = f"token-{self.given}"
        self.valid.add(token)
        return 200, {"access_token": token, "expires_in": self.life, "token_type": "Bearer"}


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


def config(provider: Provider, **options: object) -> ChannelConfig:
    found = {"oauth_token_url": f"{provider.url}/token", "oauth_client_id": "desk", **options}
    secrets = {"oauth_refresh_token": "refresh-1", "oauth_client_secret": "client-secret"}
    return ChannelConfig("i", USER, "Support", found, {"hash_secret": "h" * 20, **secrets})


def oauth_of(provider: Provider) -> OAuth:
    found = OAuth.of(config(provider))
    assert found is not None
    return found


def test_a_token_is_fetched_once_and_again_when_it_ends(provider: Provider) -> None:
    tokens, oauth = Tokens(), oauth_of(provider)
    assert [tokens.get(oauth), tokens.get(oauth)] == ["token-1", "token-1"]
    (asked,) = provider.asked
    assert {name: values[0] for name, values in asked.items()} == {
        "grant_type": "refresh_token",
        "client_id": "desk",
        "client_secret": "client-secret",
        "refresh_token": "refresh-1",
    }
    tokens.forget(oauth)
    provider.life = 0
    assert [tokens.get(oauth), tokens.get(oauth)] == ["token-2", "token-3"]


def test_a_consent_that_was_taken_back_asks_for_a_person(provider: Provider) -> None:
    provider.refusal = {"error": "invalid_grant", "error_description": "Token has been revoked."}
    with pytest.raises(ChannelError, match="authorise again") as caught:
        Tokens().get(oauth_of(provider))
    assert not caught.value.retryable
    provider.server.shutdown()
    provider.server.server_close()
    with pytest.raises(ChannelError) as caught:
        Tokens().get(oauth_of(provider))
    assert caught.value.retryable
    assert "refresh-1" not in caught.value.reason


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({"oauth_provider": "google"}, "https://oauth2.googleapis.com/token"),
        (
            {"oauth_provider": "microsoft", "oauth_tenant": "contoso.example"},
            "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token",
        ),
    ],
)
def test_presets(options: dict[str, object], url: str) -> None:
    secrets = {"oauth_refresh_token": "r"}
    found = OAuth.of(ChannelConfig("i", USER, "S", {"oauth_client_id": "c", **options}, secrets))
    assert found is not None
    assert found.token_url == url
    assert "r" not in repr(found).replace("token_url", "").split("refresh_token=")[1:]
    assert OAuth.of(ChannelConfig("i", USER, "S", options)) is None
    for bad in ({}, {"oauth_client_id": "c", "oauth_token_url": "http://tokens.example/"}):
        with pytest.raises(ChannelError):
            OAuth.of(ChannelConfig("i", USER, "S", bad, secrets))


@needs_dovecot
@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_a_mailbox_with_tokens_over_tls(tmp_path: Path, provider: Provider, tls: str) -> None:
    trusted, _ = write_certificate(tmp_path)
    # Not tmp_path: its parents are closed to the ordinary user that the server runs as.
    base = _open_folder()
    (base / "oauth2.conf").write_text(
        f"introspection_mode = post\nintrospection_url = {provider.url}/introspect\n"
        "username_attribute = email\nactive_attribute = active\nactive_value = true\n"
    )
    for name in ("ca.pem", "key.pem"):
        (base / name).write_bytes((tmp_path / name).read_bytes())
    more = f"""
ssl = yes
ssl_cert = <{base}/ca.pem
ssl_key = <{base}/key.pem
auth_mechanisms = plain xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
"""
    if tls == "tls":
        more += "service imap-login {\n  inet_listener imap {\n    ssl = yes\n  }\n}\n"
    server = Dovecot(base, more=more, encrypted=tls == "tls")
    await asyncio.to_thread(server.start)
    try:
        options = {"imap_host": "127.0.0.1", "imap_port": server.port, "imap_tls": tls}
        using = config(provider, tls_ca_file=str(trusted), **options)
        settings = MailboxConfig.of(using)
        box = await asyncio.to_thread(connect, settings)
        box.append(mail("by token"), "INBOX")
        leave(box)
        desk = Desk()
        async with watching(settings, desk):
            await desk.until(1)
        assert desk.subjects() == ["by token"]
        assert provider.given == 1
        # Dovecot asks the provider: a token that was taken back does not get in any more.
        provider.valid.clear()
        with pytest.raises(ChannelError, match="access token"):
            await asyncio.to_thread(connect, settings)
        leave(await asyncio.to_thread(connect, settings))  # and the next one does
        stranger = MailboxConfig.of(config(provider, **options))
        with pytest.raises(ChannelError, match="not trusted"):
            await asyncio.to_thread(connect, stranger)
    finally:
        await asyncio.to_thread(server.stop)
        shutil.rmtree(base, ignore_errors=True)


def _open_folder() -> Path:
    base = Path(tempfile.mkdtemp(prefix="parley-oauth-"))
    base.chmod(0o755)
    return base


class OAuthSink(Sink):
    """A mail server that takes one token, and says no as Google does."""

    token = "token-1"

    def __init__(self) -> None:
        super().__init__()
        self.said: list[bytes] = []

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        given = base64.b64decode(args[1])
        self.said.append(given)
        if given == f"user={USER}\x01auth=Bearer {self.token}\x01\x01".encode():
            return AuthResult(success=True, auth_data=USER)
        challenge = base64.b64encode(b'{"status":"401","schemes":"bearer"}')
        await server.push(b"334 " + challenge)
        await server._reader.readline()
        await server.push("535 5.7.8 Username and Password not accepted")
        return AuthResult(success=False, handled=True)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _s: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"


async def test_sending_with_a_token(provider: Provider) -> None:
    sink = OAuthSink()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, loop=loop, auth_require_tls=False), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    options = {**inbox(port).options, "smtp_user": USER}
    channel, using = EmailChannel(), config(provider, **options)
    for _ in range(2):
        await channel.send(outbound(), using)
    assert len(sink.mails) == 2
    assert provider.given == 1
    sink.token = "token-2"  # the server has forgotten the first one
    with pytest.raises(ChannelError) as caught:
        await channel.send(outbound(), using)
    assert caught.value.retryable
    await channel.send(outbound(), using)
    assert len(sink.mails) == 3
    server.close()
    await server.wait_closed()
