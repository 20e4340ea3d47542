"""Did the mail come from where it says? SPF, DKIM (RFC 6376) and DMARC (RFC 7489), by ourselves.

Only for mail that was handed to our own listener by a machine in the open: behind another server
its word is read instead (`authserv_id`). Nothing here refuses a mail or raises.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import dkim
from authheaders.dmarc_lookup import PublicSuffixList

from channels.email.dns import LookupFailedError, Resolver
from channels.email.headers import Headers, addresses, parameters, parse_block
from channels.email.mime import MAX_HEADER_BYTES, split_head
from channels.email.spf import check_spf

SECONDS: Final = 12.0  # for all of it
MAX_SIGNATURES: Final = 4
_DOMAIN: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")


def is_open(ip: str) -> bool:
    """Whether a machine with this address speaks for itself, not a relay of our own."""
    try:
        return ipaddress.ip_address(ip).is_global
    except ValueError:
        return False


async def authenticate(
    raw: bytes, envelope: Mapping[str, str], resolver: Resolver
) -> Mapping[str, str]:
    """The verdicts by name: spf, dkim, dmarc, and the policy that DMARC's owner asks for.

    `envelope`: "peer-ip", "helo" and "envelope-from", as our listener notes them.
    """
    try:
        async with asyncio.timeout(SECONDS):
            return await _authenticate(raw, envelope, resolver)
    except TimeoutError:
        return {"spf": "temperror", "dkim": "temperror", "dmarc": "temperror"}


async def _authenticate(
    raw: bytes, envelope: Mapping[str, str], resolver: Resolver
) -> Mapping[str, str]:
    head, _ = split_head(raw)
    headers, _ = parse_block(head[:MAX_HEADER_BYTES])
    authors = addresses(headers.all_raw("from"))
    author = authors[0].value.rpartition("@")[2] if authors else ""
    found: dict[str, str] = {}
    peer = envelope.get("peer-ip", "")
    spf_domain = ""
    if is_open(peer):
        found["spf"], spf_domain = await check_spf(
            resolver, peer, envelope.get("envelope-from", ""), envelope.get("helo", "")
        )
    found["dkim"], signers = await _dkim(raw, headers, resolver)
    if _DOMAIN.fullmatch(author):
        unsure = "temperror" in (found["dkim"], found.get("spf"))
        found.update(await _dmarc(resolver, author, found, signers, spf_domain, unsure=unsure))
        if found["dmarc"] == "fail" and not is_open(peer):
            del found["dmarc"]  # a relay of ours: who handed it over there is not known
    return found


async def _dkim(raw: bytes, headers: Headers, resolver: Resolver) -> tuple[str, Sequence[str]]:
    """The best result, and the domains whose signatures hold."""
    signatures = headers.all_raw("dkim-signature")[:MAX_SIGNATURES]
    if not signatures:
        return "none", ()
    results: list[str] = []
    signers: list[str] = []
    for number, signature in enumerate(signatures):
        _, tags = parameters(f"x; {signature}")
        domain, selector = (re.sub(r"\s", "", tags.get(tag, "")).lower() for tag in ("d", "s"))
        if not _DOMAIN.fullmatch(domain) or not re.fullmatch(r"[a-z0-9_.-]+", selector):
            results.append("permerror")
            continue
        try:
            keys = await resolver.query(f"{selector}._domainkey.{domain}", "TXT")
        except LookupFailedError:
            results.append("temperror")
            continue
        valid = await asyncio.to_thread(_holds, raw, number, keys)
        results.append("pass" if valid else "fail")
        if valid:
            signers.append(domain)
    best = ("pass", "temperror", "fail", "permerror")
    return next(one for one in best if one in results), signers


def _holds(raw: bytes, number: int, keys: Sequence[str]) -> bool:
    """Whether one signature fits; the key was fetched already."""
    key = keys[0].encode("utf-8", "replace") if keys else b""

    def known(_name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - dkimpy's signature
        return key

    try:
        return bool(key) and dkim.DKIM(raw).verify(idx=number, dnsfunc=known)
    except (dkim.DKIMException, ValueError, TypeError, IndexError, KeyError, UnicodeError):
        return False


@cache
def _suffixes() -> Any:  # noqa: ANN401 - the library has no types
    """The public suffix list; reading it takes a tenth of a second, once a process."""
    return PublicSuffixList()


def _organisation(domain: str) -> str:
    """The domain that somebody registered: one label below a public suffix."""
    found = _suffixes().get_public_suffix(domain)
    if isinstance(found, str) and "." in found:
        return found
    return ".".join(domain.split(".")[-2:])  # of a top-level domain that the list does not know


def _aligned(domain: str, author: str, mode: str) -> bool:
    if domain == author:
        return True
    return mode != "s" and _organisation(domain) == _organisation(author)


async def _record(resolver: Resolver, author: str) -> tuple[Mapping[str, str], bool]:
    """The policy that holds for the author's domain, and whether it is its parent's."""
    organisation = await asyncio.to_thread(_organisation, author)
    for domain in dict.fromkeys((author, organisation)):
        texts = await resolver.query(f"_dmarc.{domain}", "TXT")
        records = [one for one in texts if re.match(r"v=DMARC1\s*(?:;|$)", one)]
        if len(records) == 1:
            tags = [part.partition("=") for part in records[0].split(";")]
            return {
                name.strip().lower(): value.strip() for name, _, value in tags
            }, domain != author
    return {}, False


async def _dmarc(
    resolver: Resolver, author: str, found: Mapping[str, str], signers: Sequence[str],
    spf_domain: str, *, unsure: bool,
) -> Mapping[str, str]:  # fmt: skip
    try:
        record, inherited = await _record(resolver, author)
    except LookupFailedError:
        return {"dmarc": "temperror"}
    if not record:
        return {"dmarc": "none"}
    by_dkim = any(_aligned(one, author, record.get("adkim", "r")) for one in signers)
    by_spf = found.get("spf") == "pass" and _aligned(spf_domain, author, record.get("aspf", "r"))
    asked = record.get("p", "none")
    policy = record.get("sp", asked) if inherited else asked
    if by_dkim or by_spf:
        return {"dmarc": "pass", "policy": policy.lower()}
    return {"dmarc": "temperror" if unsure else "fail", "policy": policy.lower()}
