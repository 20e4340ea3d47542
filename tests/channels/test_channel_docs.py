"""The pages about channels are complete, and what they show works when it is run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.request import Request as HttpRequest

import pytest

from channels.contract import (
    Address,
    BadSignature,
    ChannelConfig,
    InboundMessage,
    OutboundMessage,
    RawPayload,
)
from channels.emulators import partner
from channels.emulators.asgi import Answer, Emulator, Request, Sent
from channels.manifest import Manifest
from channels.open import parse
from channels.open.adapter import OpenChannel
from channels.registry import MANIFESTS
from channels.signing import hmac_hex
from tests.channels import cases, test_contract, test_contract_sending
from tests.channels.open.samples import CONFIG
from tests.support.serving import served
from tools import channels as page

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "channels"
OPEN = (DOCS / "open.md").read_text()
TUTORIAL = (DOCS / "adapter.md").read_text()
channel = OpenChannel()


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def fields(section: str) -> set[str]:
    """The names in the first column of the tables of a section of the open channel's page."""
    part = OPEN.partition(section)[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?`) \|", part, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}


def test_every_channel_option_and_secret_is_listed() -> None:
    text = (DOCS / "README.md").read_text()
    assert text == page.page(), "run `make settings`"
    for manifest in MANIFESTS:
        assert f"`{manifest.kind}`" in text
        for name in (*manifest.options, *manifest.secrets):
            assert f"| `{name}` |" in page.section(manifest)


class TestOpenChannel:
    """docs/channels/open.md."""

    def test_every_field_is_documented_and_no_other(self) -> None:
        assert fields("## Messages and statuses to the desk") == parse._MESSAGE | parse._STATUS
        # A button is described within its row.
        assert fields("## Messages from the desk") == set(partner._FIELDS)

    def test_its_examples_are_taken(self) -> None:
        incoming, outgoing = (json.loads(one) for one in blocks(OPEN, "json"))
        found = channel.parse(RawPayload(json.dumps(incoming).encode()), CONFIG)
        assert len(found) == 2
        assert set(outgoing) <= partner._FIELDS

    def test_the_limits_are_those_of_the_code(self) -> None:
        assert f"At most {parse.MAX_ITEMS} items" in OPEN
        assert f"At most {parse.MAX_FILES}: `filename`" in OPEN
        assert parse.MAX_INLINE == 5 * 1024 * 1024

    async def test_its_python_client_speaks_both_ways(self) -> None:
        import asyncio

        (source,) = blocks(OPEN, "python")
        assert len(source.splitlines()) <= 35
        client: dict[str, Any] = {}
        exec(compile(source, "docs/channels/open.md", "exec"), client)
        secret = CONFIG.secrets["signing_secret"]
        item = {"type": "message", "id": "m-1", "sender": {"id": "customer-1"}, "text": "Hei æøå"}
        desk = Desk()
        async with served(desk.app) as url:
            await asyncio.to_thread(client["post"], url, secret, item)
            assert [one.text for one in desk.messages] == ["Hei æøå"]
            with pytest.raises(OSError, match="401"):
                await asyncio.to_thread(client["post"], url, "another secret", item)

        taker = Taker()
        async with served(taker.app) as url:
            config = replace(CONFIG, options={"url": url})
            await channel.send(OutboundMessage("k-1", Address("open", "customer-1"), "Ja"), config)
        (call,) = taker.requests
        assert client["read"](secret, call.headers, call.body)["text"] == "Ja"
        with pytest.raises(PermissionError):
            client["read"](secret, call.headers, call.body + b" ")
        assert isinstance(client["urllib"].request.Request("http://x.example"), HttpRequest)

    @pytest.mark.skipif(
        not (shutil.which("curl") and shutil.which("openssl")), reason="no curl or openssl here"
    )
    async def test_its_shell_command_sends_a_message(self) -> None:
        import asyncio

        (script,) = blocks(OPEN, "sh")
        desk = Desk()
        async with served(desk.app) as url:
            environment = {"URL": url, "SECRET": CONFIG.secrets["signing_secret"],
                           "PATH": os.environ["PATH"], "no_proxy": "127.0.0.1"}  # fmt: skip
            done = await asyncio.create_subprocess_exec(
                "sh", "-ec", script, env=environment, stderr=asyncio.subprocess.PIPE
            )
            _, errors = await done.communicate()
        assert done.returncode == 0, errors.decode()
        assert [one.text for one in desk.messages] == ["Where is my parcel?"]


class Desk(Emulator):
    """The desk's side of a webhook: checks, stores, reads."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[InboundMessage] = []

    def handle(self, request: Request) -> Answer:
        payload = RawPayload(request.body, request.headers, received_at=datetime.now(UTC))
        try:
            channel.verify(payload, CONFIG)
        except BadSignature as error:
            return Answer({"error": error.reason}, 401)
        read = [i for part in channel.split(payload, CONFIG) for i in channel.parse(part, CONFIG)]
        self.messages += [one for one in read if isinstance(one, InboundMessage)]
        return Answer({"ok": True})


class Taker(Emulator):
    """Takes whatever comes."""

    def handle(self, request: Request) -> Answer:
        return Answer({"id": f"p-{self.number()}"})


class Loft(Emulator):
    """The provider of the tutorial."""

    def __init__(self) -> None:
        super().__init__()
        self.routes = (
            ("POST", "/letters", self._letter),
            ("GET", "/me", lambda _request, _found: Answer({"name": "North loft"})),
        )

    def handle(self, request: Request) -> Answer:
        if request.headers.get("authorization") != "Bearer emulated-token":
            return Answer({"error": "who are you?"}, 401)
        return super().handle(request)

    def _letter(self, request: Request, _found: Any) -> Answer:
        body = request.json()
        ring = f"r-{self.number()}"
        self.sent.append(Sent(ring, body["loft"], body["letter"], key=body["key"], raw=body))
        return Answer({"ring": ring})

    async def say(self, text: str) -> Any:
        return await self._fly({"kind": "letter", "ring": "in-1", "loft": "L1", "letter": text})

    async def _fly(self, bird: Mapping[str, str]) -> Any:
        body = json.dumps({"birds": [bird]}).encode()
        return await self.post(self.callback, body, {"pigeon-seal": hmac_hex("a-seal", body)})


async def _report(loft: Loft, ring: str, _state: str) -> None:
    await loft._fly({"kind": "landed", "ring": ring, "loft": "L1"})


@pytest.fixture
def pigeon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Manifest]:
    """The adapter of the tutorial, in the registry for one test."""
    (source,) = blocks(TUTORIAL, "python")
    module = ModuleType("channels.pigeon.adapter")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(source, "docs/channels/adapter.md", "exec"), module.__dict__)
    manifest: Manifest = module.__dict__["MANIFEST"]
    letters = [{"kind": "letter", "ring": f"r{n}", "loft": f"L{n % 2}", "name": "Kari",
                "letter": f"letter {n}", "at": 1795590000 + n} for n in range(6)]  # fmt: skip
    news = [{"kind": "landed", "ring": "o1", "loft": "L1"},
            {"kind": "eaten", "ring": "o2", "loft": "L1", "why": "a hawk"}]  # fmt: skip
    case = cases.Case(
        "pigeon",
        ChannelConfig("i1", "north", "Loft", secrets={"seal": "a-seal", "token": "emulated-token"},
                      public_url="https://desk.example"),
        sign=lambda payload, config: {"pigeon-seal": hmac_hex(config.secrets["seal"],
                                                              payload.body)},
        emulator=Loft,
        to=Address("pigeon", "L1"),
        wrong="token",
        report=_report,
        recorded=tuple(json.dumps({"birds": birds}).encode() for birds in (letters, news)),
    )  # fmt: skip
    monkeypatch.setitem(cases.CASES, "pigeon", case)
    manifests = {**cases.REGISTRY.manifests, "pigeon": manifest}
    monkeypatch.setattr(cases.REGISTRY, "manifests", manifests)
    yield manifest
    cases.REGISTRY._made.pop("pigeon", None)


class TestTutorial:
    """docs/channels/adapter.md: the adapter it shows passes the contract of all adapters."""

    def test_it_is_short(self) -> None:
        (source,) = blocks(TUTORIAL, "python")
        assert len(source.splitlines()) < 150

    def test_it_passes_the_lint_as_it_stands(self) -> None:
        (source,) = blocks(TUTORIAL, "python")
        ruff = [sys.executable, "-m", "ruff"]
        for command in (["check", "--quiet"], ["format", "--check", "--quiet"]):
            done = subprocess.run(
                [*ruff, *command, "--stdin-filename", "channels/line/pigeon.py", "-"],
                input=source.encode(),
                cwd=ROOT,
                capture_output=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()

    def test_it_reads_and_refuses_as_all_do(self, pigeon: Manifest) -> None:
        test_contract.TestManifest().test_it_is_complete("pigeon")
        reading = test_contract.TestReading()
        for check in (n for n in dir(reading) if n.startswith("test_")):
            getattr(reading, check)("pigeon")
        signatures = test_contract.TestSignatures()
        for check in (n for n in dir(signatures) if n.startswith("test_")):
            getattr(signatures, check)("pigeon")

    def test_no_damaged_payload_breaks_it(self, pigeon: Manifest) -> None:
        test_contract.test_mutated_payloads_are_read_or_refused_and_never_lost("pigeon")

    async def test_it_sends_as_all_do(
        self, pigeon: Manifest, caplog: pytest.LogCaptureFixture
    ) -> None:
        sending = test_contract_sending.TestSending()
        await sending.test_the_receipt_names_the_message("pigeon")
        await sending.test_what_a_customer_says_is_signed_and_read("pigeon")
        for status, again in ((429, True), (503, True), (400, False)):
            await sending.test_refusals_say_whether_to_try_again("pigeon", status, retryable=again)
        await sending.test_nobody_at_the_other_end_is_worth_another_try("pigeon")
        await sending.test_a_wrong_credential_is_found_with_what_to_do("pigeon")
        await sending.test_no_secret_is_told_or_logged("pigeon", caplog)
