"""Sender Policy Framework (RFC 7208): whether a machine may send for a domain."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from channels.email.dns import LookupFailedError, RecordKind, Resolver

MAX_LOOKUPS: Final = 10  # section 4.6.4
MAX_VOID: Final = 2
_RESULTS: Final = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_TERM: Final = re.compile(r"([+?~-]?)([a-z][a-z0-9._-]*)(?:([:=])([^\s]*?))?(?:/(\d{1,3}))?(?://(\d{1,3}))?$",
                          re.IGNORECASE)  # fmt: skip
_MACRO: Final = re.compile(r"%(?:\{([slodiphcrtv])(\d*)(r?)([.\-+,/_=]*)\}|([%_-]))", re.IGNORECASE)

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


class _PermanentError(Exception):
    """The domain's record makes no sense."""


@dataclass(slots=True)
class _Check:
    resolver: Resolver
    ip: Ip
    sender: str  # local@domain
    helo: str
    lookups: int = 0
    void: int = 0

    async def query(self, name: str, kind: RecordKind, *, counts: bool = True) -> Sequence[str]:
        if counts:
            self.lookups += 1
            if self.lookups > MAX_LOOKUPS:
                raise _PermanentError
        found = await self.resolver.query(name, kind)
        if counts and not found:
            self.void += 1
            if self.void > MAX_VOID:
                raise _PermanentError
        return found

    def expand(self, text: str, domain: str) -> str:
        """Macros (section 7)."""
        local, _, of = self.sender.rpartition("@")
        nibbles = ".".join(f"{int(self.ip):032x}") if self.ip.version == 6 else str(self.ip)  # noqa: PLR2004 - IPv6
        values = {"s": self.sender, "l": local, "o": of, "d": domain, "i": nibbles,
                  "h": self.helo, "v": "ip6" if self.ip.version == 6 else "in-addr"}  # noqa: PLR2004  # fmt: skip

        def fill(match: re.Match[str]) -> str:
            if match[5]:
                return {"%": "%", "_": " ", "-": "%20"}[match[5]]
            value = values.get(match[1].lower(), "unknown")
            parts = re.split(f"[{re.escape(match[4] or '.')}]", value)
            if match[3]:
                parts.reverse()
            if match[2]:
                parts = parts[-int(match[2]) :] if int(match[2]) else parts
            joined = ".".join(parts)
            return quote(joined, safe=".@-_") if match[1].isupper() else joined

        return _MACRO.sub(fill, text)

    async def domain(self, domain: str, depth: int = 0) -> str:
        """The result for one domain."""
        texts = await self.query(domain, "TXT", counts=False)
        records = [text for text in texts if re.match(r"v=spf1(?:\s|$)", text, re.IGNORECASE)]
        if not records:
            return "none"
        if len(records) > 1 or depth > MAX_LOOKUPS:
            raise _PermanentError
        redirect = ""
        for word in records[0].split()[1:]:
            term = _TERM.fullmatch(word)
            if term is None:
                raise _PermanentError
            if term[3] == "=":
                if term[2].lower() == "redirect":
                    redirect = term[4]
                continue
            if await self._matches(term, domain, depth):
                return _RESULTS[term[1] or "+"]
        if not redirect:
            return "neutral"
        self.lookups += 1
        found = await self.domain(self.expand(redirect, domain), depth + 1)
        if found == "none":
            raise _PermanentError
        return found

    async def _matches(self, term: re.Match[str], domain: str, depth: int) -> bool:
        target = self.expand(term[4] or "", domain) or domain
        match term[2].lower():
            case "all":
                return True
            case "ip4" | "ip6":
                return self._in_network(word_of(term))
            case "a":
                return await self._host(target, term)
            case "mx":
                names = await self.query(target, "MX")
                return any([await self._host(name, term) for name in names[:MAX_LOOKUPS]])
            case "include":
                self.lookups += 1
                if self.lookups > MAX_LOOKUPS:
                    raise _PermanentError
                found = await self.domain(target, depth + 1)
                if found == "none":
                    raise _PermanentError
                return found == "pass"
            case "exists":
                return bool(await self.query(target, "A"))
            case "ptr":
                self.lookups += 1  # section 5.5: not to be used, and not looked up here
                return False
            case _:
                raise _PermanentError

    def _in_network(self, text: str) -> bool:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise _PermanentError from error
        return self.ip.version == network.version and self.ip in network

    async def _host(self, name: str, term: re.Match[str]) -> bool:
        four = self.ip.version == 4  # noqa: PLR2004 - IPv4
        prefix = term[5] if four else term[6]
        addresses = await self.query(name, "A" if four else "AAAA")
        return any(
            self._in_network(f"{address}/{prefix}" if prefix else address) for address in addresses
        )


def word_of(term: re.Match[str]) -> str:
    """The network that an ip4 or ip6 term names; IPv6's own colons are part of it."""
    prefix = f"/{term[5]}" if term[5] else ""
    return f"{term[4] or ''}{prefix}"


async def check_spf(resolver: Resolver, ip: str, sender: str, helo: str) -> tuple[str, str]:
    """(result, the domain that was asked). Never raises; results as RFC 8601 names them."""
    address = sender if "@" in sender else f"postmaster@{helo}"
    domain = address.rpartition("@")[2].lower().rstrip(".")
    if not re.fullmatch(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+", domain):
        return "none", ""
    try:
        machine = ipaddress.ip_address(ip)
        mapped = getattr(machine, "ipv4_mapped", None)
        check = _Check(resolver, mapped or machine, address, helo)
        return await check.domain(domain), domain
    except LookupFailedError:
        return "temperror", domain
    except (_PermanentError, ValueError, RecursionError):
        return "permerror", domain
