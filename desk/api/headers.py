"""Reading raw ASGI headers, without building objects for each request."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

Scope = Mapping[str, Any]
_V6_PREFIX = 64  # one customer's network; single addresses in it cost nothing to change


def header(scope: Scope, name: bytes) -> str:
    """The first header of this lower-case name, or an empty string."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""


def cookie(scope: Scope, name: str) -> str:
    """The first cookie of this name, or an empty string."""
    start = name + "="
    for key, value in scope["headers"]:
        if key == b"cookie":
            for part in value.decode("latin-1").split(";"):
                if part.lstrip().startswith(start):
                    return str(part.strip()[len(start) :])
    return ""


class Proxies:
    """Finds the caller's address; X-Forwarded-For counts only when a trusted proxy wrote it."""

    def __init__(self, trusted: str) -> None:
        """`trusted` is comma-separated addresses or networks. Raises ValueError for others."""
        self._networks = [
            ipaddress.ip_network(part.strip(), strict=False)
            for part in trusted.split(",")
            if part.strip()
        ]

    def client_ip(self, scope: Scope) -> str:
        """The nearest address that is not one of our own proxies."""
        client = scope.get("client")
        peer = str(client[0]) if client else ""
        if not self._networks or not self.is_trusted(peer):
            return peer
        chain = header(scope, b"x-forwarded-for").split(",")
        return self._nearest_stranger(reversed(chain), peer)

    def is_trusted(self, address: str) -> bool:
        """Whether the address is one of our own proxies."""
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._networks)

    def _nearest_stranger(self, chain: Iterable[str], peer: str) -> str:
        nearest = peer
        for part in chain:
            try:
                ip = ipaddress.ip_address(part.strip())
            except ValueError:
                return nearest  # whoever wrote this is not to be believed further
            nearest = str(ip)
            if not any(ip in network for network in self._networks):
                return nearest
        return nearest


def is_direct_loopback(scope: Scope) -> bool:
    """Whether the caller is on this machine and no proxy spoke for somebody else."""
    client = scope.get("client")
    if not client or header(scope, b"x-forwarded-for") or header(scope, b"forwarded"):
        return False
    try:
        return ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False


def network_of(address: str) -> str:
    """What limits count by: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 4:  # noqa: PLR2004 - IPv4
        return address
    return str(ipaddress.ip_network((ip, _V6_PREFIX), strict=False))
