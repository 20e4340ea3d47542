"""Two engines as one: the first answers while it can, the second at once when it cannot.

One failure opens the breaker, so at most one customer waits for one timeout; a thread asks the
first engine how it is until it is back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from bot.nlu.engine import NluEngine, NotTrained, Parse, Progress, Status, Training, Unavailable

_PROBE_SECONDS = 2.0


class FallbackNlu:
    """The first engine, or the second while the first does not answer."""

    def __init__(
        self,
        first: NluEngine,
        second: NluEngine,
        *,
        probe_seconds: float = _PROBE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._first = first
        self._second = second
        self._probe_seconds = probe_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._open = False
        self._probed_at = 0.0
        self._probing = False
        self._reason = ""

    @property
    def name(self) -> str:
        """The engine that would answer now."""
        return self._second.name if self._open else self._first.name

    def train(
        self,
        examples: Iterable[tuple[str, str, str]],
        *,
        descriptions: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> Training:
        """Train both, the second first: from then on somebody can answer."""
        known = list(examples)
        tell = progress or (lambda _what, _share: None)
        self._second.train(
            known, descriptions=descriptions, progress=lambda what, share: tell(what, share / 2)
        )
        return self._first.train(
            known,
            descriptions=descriptions,
            progress=lambda what, share: tell(what, 0.5 + share / 2),
        )

    def parse(self, text: str, language: str | None = None) -> Parse:
        """Understand one text. Raises `NotTrained` when neither engine has a model."""
        if not self._is_open():
            try:
                return self._first.parse(text, language)
            except Unavailable as error:
                self._trip(str(error))
            except NotTrained:
                return self._second.parse(text, language)
        return self._second.parse(text, language)

    def status(self) -> Status:
        """The first engine's; while it is away, the second's with the reason."""
        if not self._open:
            return self._first.status()
        status = self._second.status()
        return replace(status, detail=f"{self._first.name} is away: {self._reason}")

    def _trip(self, reason: str) -> None:
        with self._lock:
            self._open, self._reason = True, reason
            self._probed_at = self._clock()

    def _is_open(self) -> bool:
        with self._lock:
            if not self._open:
                return False
            due = self._clock() - self._probed_at >= self._probe_seconds
            if due and not self._probing:
                self._probing = True
                threading.Thread(target=self._probe, name="nlu-probe", daemon=True).start()
            return True

    def _probe(self) -> None:
        """Ask whether the first engine is back. A status never raises, whatever is wrong."""
        ready = False
        try:
            ready = self._first.status().ready
        finally:
            with self._lock:
                self._probing = False
                self._probed_at = self._clock()
                self._open = not ready
