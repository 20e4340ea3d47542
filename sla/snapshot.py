"""A standing as data, for the indexed copy that queries use; a replay can always rebuild it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import msgspec

from sla.clock import Clock, Standing
from sla.ledger import Rules
from sla.replay import tell

_NOT_KEPT = {"calendar", "steps", "points"}  # found again by the names in the standing
_CLOCK = [part.name for part in fields(Clock) if part.name not in _NOT_KEPT]
_STANDING = [part.name for part in fields(Standing) if part.name != "clocks"]


def as_data(standing: Standing) -> dict[str, Any]:
    """JSON types; instants and durations are whole microseconds (see `sla.offsets`)."""
    clocks = [{name: getattr(clock, name) for name in _CLOCK} for clock in standing.clocks]
    return {name: getattr(standing, name) for name in _STANDING} | {"clocks": clocks}


def parse(data: dict[str, Any], rules: Rules) -> Standing:
    """Read what `as_data` wrote; ValueError, LedgerError."""
    try:
        plain = {name: data[name] for name in _STANDING}
        clocks = [Clock(**{name: kept[name] for name in _CLOCK}) for kept in data["clocks"]]
    except KeyError as error:
        raise ValueError(f"the standing lacks {error}; replay the ledger") from error
    for clock in clocks:
        clock.reached = dict(clock.reached)
    standing = Standing(**plain, clocks=clocks)
    tell(standing, rules)
    return standing


def encode(standing: Standing) -> bytes:
    """The standing as JSON."""
    return msgspec.json.encode(as_data(standing))


def decode(data: bytes, rules: Rules) -> Standing:
    """Read what `encode` wrote; ValueError, LedgerError."""
    return parse(msgspec.json.decode(data), rules)
