"""Token buckets in the memory of one process; several processes each allow the rate."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from desk.api.headers import network_of
from desk.errors import RateLimited

LOGIN_WINDOW = 300.0  # seconds
SHARED = 5  # an office behind one address, or an account tried from many, gets this many times more
_MAX_KEYS = 50_000


class TokenBuckets:
    """A bucket a key: `capacity` at once, refilled evenly over `window` seconds."""

    def __init__(
        self, capacity: int, window: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.capacity = capacity
        self.window = window
        self._rate = capacity / window
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> float:
        """Take a token; answers 0, or the seconds until there is one."""
        now = self._clock()
        tokens = self._tokens(key, now)
        if tokens < 1:
            return (1 - tokens) / self._rate
        if len(self._buckets) >= _MAX_KEYS and key not in self._buckets:
            self._make_room(now)
        self._buckets[key] = (tokens - 1, now)
        return 0

    def give_back(self, key: str) -> None:
        """Return a token that was taken."""
        now = self._clock()
        self._buckets[key] = (min(self.capacity, self._tokens(key, now) + 1), now)

    def _tokens(self, key: str, now: float) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            return self.capacity
        return min(self.capacity, bucket[0] + (now - bucket[1]) * self._rate)

    def _make_room(self, now: float) -> None:
        """Forget full buckets; if that is not enough, the half that was used longest ago."""
        kept = {k: v for k, v in self._buckets.items() if self._tokens(k, now) < self.capacity}
        if len(kept) > _MAX_KEYS // 2:
            newest = sorted(kept.items(), key=lambda item: item[1][1])[-_MAX_KEYS // 2 :]
            kept = dict(newest)
        self._buckets = kept


def limited(wait: float) -> RateLimited:
    """The error for a caller that must wait `wait` seconds."""
    seconds = max(1, math.ceil(wait))
    return RateLimited(f"Too many requests; try again in {seconds} s.", retry_after=seconds)


class LoginLimit:
    """Failed sign-ins per address and account; successful ones cost nothing."""

    def __init__(self, attempts: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._pair = TokenBuckets(attempts, LOGIN_WINDOW, clock)
        self._shared = TokenBuckets(attempts * SHARED, LOGIN_WINDOW, clock)

    def take(self, ip: str, email: str) -> None:
        """Count an attempt before it is checked. Raises RateLimited."""
        taken: list[tuple[TokenBuckets, str]] = []
        for bucket, key in self._keys(ip, email):
            wait = bucket.take(key)
            if wait:
                for other, used in taken:
                    other.give_back(used)
                raise limited(wait)
            taken.append((bucket, key))

    def succeeded(self, ip: str, email: str) -> None:
        """The attempt was good and does not count."""
        for bucket, key in self._keys(ip, email):
            bucket.give_back(key)

    def _keys(self, ip: str, email: str) -> tuple[tuple[TokenBuckets, str], ...]:
        network = network_of(ip)
        account = email[:320]
        return (
            (self._pair, f"{network} {account}"),
            (self._shared, f"from {network}"),
            (self._shared, f"for {account}"),
        )
