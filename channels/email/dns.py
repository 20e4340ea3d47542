"""The domain name system as the checks of mail need it, and asking it for real."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol

import dns.asyncresolver
import dns.exception
import dns.resolver

RecordKind = Literal["TXT", "A", "AAAA", "MX"]
SECONDS: Final = 4.0  # for one question, all servers together


class LookupFailedError(Exception):
    """Nobody answered, or not in time; another time may do."""


class Resolver(Protocol):
    """Asks for records."""

    async def query(self, name: str, kind: RecordKind) -> Sequence[str]:
        """The records as text; nothing when there are none. Raises `LookupFailedError`."""


class SystemResolver(Resolver):
    """Asks the servers that this machine is set to use."""

    async def query(self, name: str, kind: RecordKind) -> Sequence[str]:
        """See the port. TXT records come in one piece, MX records as names."""
        try:
            answer = await dns.asyncresolver.resolve(name, kind, lifetime=SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError, ValueError, UnicodeError) as error:
            raise LookupFailedError(f"{kind} of {name}: {type(error).__name__}") from error
        if kind == "TXT":
            return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
        if kind == "MX":
            ranked = sorted(answer, key=lambda record: int(record.preference))
            return [str(record.exchange).rstrip(".") for record in ranked]
        return [str(record.address) for record in answer]
