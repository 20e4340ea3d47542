"""SPF, DKIM and DMARC against a zone of the test's own."""
# ruff: noqa: E501 - records stay in one piece

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from channels.contract import ChannelConfig, InboundMessage, RawPayload
from channels.email import authentication
from channels.email.adapter import EmailChannel
from channels.email.authentication import authenticate
from channels.email.dns import LookupFailedError, RecordKind, Resolver
from channels.email.spf import check_spf

PEER = "8.8.4.4"  # a machine in the open
KEY = rsa.generate_private_key(65537, 2048)
PRIVATE = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()
MAIL = (
    b"From: Anna <anna@shop.example>\r\nTo: support@desk.example\r\nSubject: Lamp\r\n\r\nHello\r\n"
)


@dataclass
class Zone(Resolver):
    """Records by (name, kind); names in `silent` are never answered."""

    records: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def query(self, name: str, kind: RecordKind) -> Sequence[str]:
        await asyncio.sleep(0)
        self.asked.append((name, kind))
        if name in self.silent:
            raise LookupFailedError(name)
        return self.records.get((name.lower().rstrip("."), kind), ())


def zone(*spf: str, dmarc: str = "", key: bool = True, **more: Sequence[str]) -> Zone:
    records: dict[tuple[str, str], Sequence[str]] = {("shop.example", "TXT"): spf}
    if dmarc:
        records["_dmarc.shop.example", "TXT"] = [dmarc]
    if key:
        records["s1._domainkey.shop.example", "TXT"] = [f"v=DKIM1; k=rsa; p={PUBLIC}"]
        records["s1._domainkey.mail.shop.example", "TXT"] = [f"v=DKIM1; k=rsa; p={PUBLIC}"]
        records["s1._domainkey.other.example", "TXT"] = [f"v=DKIM1; k=rsa; p={PUBLIC}"]
    for name, values in more.items():
        where, _, kind = name.rpartition("__")
        records[where.replace("_", ".") + ".example", kind] = values
    return Zone(records)


def signed(raw: bytes = MAIL, domain: str = "shop.example") -> bytes:
    return bytes(
        dkim.sign(raw, b"s1", domain.encode(), PRIVATE, include_headers=[b"From", b"Subject"]) + raw
    )


def envelope(sender: str = "anna@shop.example", ip: str = PEER) -> dict[str, str]:
    return {"peer-ip": ip, "envelope-from": sender, "helo": "mx.shop.example"}


@pytest.mark.parametrize(("record", "ip", "result"), [
    ("v=spf1 ip4:8.8.4.0/24 -all", PEER, "pass"), ("v=spf1 ip4:9.9.9.9 -all", PEER, "fail"), ("v=spf1 ~all", PEER, "softfail"),
    ("v=spf1 ?all", PEER, "neutral"), ("v=spf1", PEER, "neutral"), ("v=spf1 a -all", PEER, "pass"), ("v=spf1 a:mx.shop.example/24 -all", "8.8.4.9", "pass"),
    ("v=spf1 mx -all", PEER, "pass"), ("v=spf1 include:partner.example -all", PEER, "pass"), ("v=spf1 include:stranger.example -all", PEER, "fail"),
    ("v=spf1 redirect=partner.example", PEER, "pass"), ("v=spf1 ip6:2001:4860::/32 -all", "2001:4860::8", "pass"), ("v=spf1 ip6:2001:4860::/32 -all", PEER, "fail"),
    ("v=spf1 exists:%{ir}.%{l1r-}._spf.example -all", PEER, "pass"), ("v=spf1 ip4:nonsense -all", PEER, "permerror"), ("v=spf1 foo:bar -all", PEER, "permerror"),
    ("v=spf1 include:missing.example -all", PEER, "permerror"), ("v=spf1 include:shop.example -all", PEER, "permerror"), ("v=spf10 +all", PEER, "none"),
    ("v=spf1 ip4:8.8.4.4 +all", "::ffff:8.8.4.4", "pass"), ("v=spf1 include:silent.example -all", PEER, "temperror"), ("V=SPF1 IP4:8.8.4.4 -ALL", PEER, "pass"),
])  # fmt: skip
async def test_spf(record: str, ip: str, result: str) -> None:
    found = zone(
        record,
        shop__A=[PEER],
        mx_shop__A=[PEER],
        shop__MX=["mx.shop.example"],
        partner__TXT=["v=spf1 ip4:8.8.4.4 -all"],
        stranger__TXT=["v=spf1 ip4:1.1.1.1 -all"],
    )
    found = Zone(
        {**found.records, ("4.4.8.8.anna._spf.example", "A"): ["127.0.0.2"]},
        frozenset({"silent.example"}),
    )
    assert await check_spf(found, ip, "anna@shop.example", "mx.shop.example") == (
        result,
        "shop.example",
    )


async def test_spf_asks_a_bounded_number_of_questions() -> None:
    chain = {(f"d{n}.example", "TXT"): [f"v=spf1 include:d{n + 1}.example -all"] for n in range(40)}
    found = Zone(chain)
    assert (await check_spf(found, PEER, "a@d0.example", "x"))[0] == "permerror"
    assert len(found.asked) <= 12
    assert (await check_spf(Zone(), PEER, "", "mx.shop.example")) == ("none", "mx.shop.example")


@pytest.mark.parametrize(("raw", "using", "sender", "dkim_result", "dmarc"), [
    (signed(), zone("v=spf1 -all", dmarc="v=DMARC1; p=reject"), "anna@shop.example", "pass", "pass"),
    (signed().replace(b"Hello", b"Pay me"), zone("v=spf1 -all", dmarc="v=DMARC1; p=reject"), "anna@shop.example", "fail", "fail"),
    (MAIL, zone("v=spf1 ip4:8.8.4.4 -all", dmarc="v=DMARC1; p=none"), "anna@shop.example", "none", "pass"),
    (MAIL, zone("v=spf1 -all", dmarc="v=DMARC1; p=none"), "anna@shop.example", "none", "fail"),
    (MAIL, zone("v=spf1 -all"), "anna@shop.example", "none", "none"),
    # A valid signature, and a permitted machine, of another domain vouch for that one only.
    (signed(domain="other.example"), zone("v=spf1 -all", dmarc="v=DMARC1; p=reject"), "anna@shop.example", "pass", "fail"),
    (MAIL, zone("v=spf1 -all", dmarc="v=DMARC1; p=reject", other__TXT=["v=spf1 +all"]), "x@other.example", "none", "fail"),
    (signed(domain="mail.shop.example"), zone("v=spf1 -all", dmarc="v=DMARC1; p=reject"), "anna@shop.example", "pass", "pass"),
    (signed(domain="mail.shop.example"), zone("v=spf1 -all", dmarc="v=DMARC1; p=reject; adkim=s"), "anna@shop.example", "pass", "fail"),
    (signed(), zone("v=spf1 -all", dmarc="v=DMARC1; p=reject", key=False), "anna@shop.example", "fail", "fail"),
])  # fmt: skip
async def test_dkim_and_dmarc(
    raw: bytes, using: Zone, sender: str, dkim_result: str, dmarc: str
) -> None:
    found = await authenticate(raw, envelope(sender), using)
    assert (found["dkim"], found["dmarc"]) == (dkim_result, dmarc)


async def test_a_parent_domain_speaks_for_its_children() -> None:
    child = MAIL.replace(b"anna@shop.example", b"anna@news.shop.example")
    found = await authenticate(
        child, envelope("a@news.shop.example"), zone(dmarc="v=DMARC1; p=none; sp=reject")
    )
    assert (found["dmarc"], found["policy"]) == ("fail", "reject")


async def test_silent_servers_are_an_error_for_now_and_never_a_verdict() -> None:
    silent = Zone(
        silent=frozenset({"shop.example", "s1._domainkey.shop.example", "_dmarc.shop.example"})
    )
    found = await authenticate(signed(), envelope(), silent)
    assert found == {"spf": "temperror", "dkim": "temperror", "dmarc": "temperror"}
    unsure = Zone(
        {**zone(dmarc="v=DMARC1; p=reject").records}, frozenset({"s1._domainkey.shop.example"})
    )
    assert (await authenticate(signed(), envelope("x@other.example"), unsure))[
        "dmarc"
    ] == "temperror"


async def test_it_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Resolver):
        async def query(self, name: str, kind: RecordKind) -> Sequence[str]:
            await asyncio.sleep(60)
            return ()

    monkeypatch.setattr(authentication, "SECONDS", 0.1)
    began = time.monotonic()
    assert (await authenticate(MAIL, envelope(), Slow()))["dmarc"] == "temperror"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("raw", [
    b"", b"From: \r\n\r\n", b"DKIM-Signature: v=1\r\nFrom: a@b.c\r\n\r\nx", b"DKIM-Signature: d=..; s=\xff\r\nFrom: a@b\r\n\r\nx",
    b"DKIM-Signature: a=rsa-sha256; d=shop.example; s=s1; h=from; b=xx; bh=yy\r\nFrom: anna@shop.example\r\n\r\nx", b"\x00" * 100,
])  # fmt: skip
async def test_nonsense_raises_nothing(raw: bytes) -> None:
    found = await authenticate(raw, envelope(), zone("v=spf1 -all", dmarc="v=DMARC1; p=reject"))
    assert found["dkim"] in ("none", "fail", "permerror")


async def examined(payload: RawPayload, using: Zone, **options: object) -> InboundMessage:
    channel, config = (
        EmailChannel(using),
        ChannelConfig("i", "support@desk.example", "Support", options),
    )
    (message,) = channel.parse(payload, config)
    assert isinstance(message, InboundMessage)
    return await channel.examine(message, payload, config)


async def test_only_mail_from_the_open_is_checked_and_a_trusted_server_is_believed() -> None:
    using = zone("v=spf1 -all", dmarc="v=DMARC1; p=reject")
    payload = RawPayload(MAIL, envelope(), "message/rfc822")
    assert (await examined(payload, using)).auth_results["dmarc"] == "fail"
    using.asked.clear()
    relayed = RawPayload(MAIL, envelope(ip="127.0.0.1"), "message/rfc822")
    told = RawPayload(
        b"Authentication-Results: mx.desk.example; dmarc=pass\r\n" + MAIL,
        envelope(),
        "message/rfc822",
    )
    assert (await examined(relayed, using)).auth_results == {}
    assert (await examined(payload, using, check_sender="no")).auth_results == {}
    believed = await examined(told, using, authserv_id="mx.desk.example")
    assert believed.auth_results == {"dmarc": "pass"}
    assert using.asked == []
