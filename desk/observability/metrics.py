"""Prometheus metrics of one process, in a registry of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from desk.events import Kind, StoredEvent
from desk.unit_of_work import UnitOfWork

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_DIRECTION = {Kind.MESSAGE_RECEIVED: "inbound", Kind.MESSAGE_QUEUED: "outbound"}


class Metrics:
    """What is counted. `on_commit` is a listener of `Units`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter(
            "desk_http_requests",
            "Requests by method, route template and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "desk_http_request_seconds",
            "Time to answer, by route template.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._jobs = Gauge("desk_jobs", "Jobs by state.", ("state",), registry=self.registry)
        self._sockets = Gauge(
            "desk_sockets",
            "Connected sockets by namespace.",
            ("namespace",),
            registry=self.registry,
        )
        self._messages = Counter(
            "desk_messages",
            "Messages by channel, direction and state reached.",
            ("channel", "direction", "state"),
            registry=self.registry,
        )
        self._publish_errors = Counter(
            "desk_publish_errors",
            "Commits whose live update failed; clients resume.",
            registry=self.registry,
        )
        self._webhooks = Counter(
            "desk_webhooks",
            "Webhooks by channel and what became of them.",
            ("channel", "outcome"),
            registry=self.registry,
        )
        self._webhook_parts = Counter(
            "desk_webhook_parts",
            "New messages and statuses that webhooks brought, by channel.",
            ("channel",),
            registry=self.registry,
        )
        self._events = Counter(
            "desk_events", "Committed events by kind.", ("kind",), registry=self.registry
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def webhook(self, channel: str, outcome: str, parts: int = 0) -> None:
        """Count an answered webhook and the new parts it brought."""
        self._webhooks.labels(channel, outcome).inc()
        if parts:
            self._webhook_parts.labels(channel).inc(parts)

    def socket_opened(self, namespace: str) -> None:
        """A socket connected."""
        self._sockets.labels(namespace).inc()

    def socket_closed(self, namespace: str) -> None:
        """A socket went away."""
        self._sockets.labels(namespace).dec()

    def publish_failed(self) -> None:
        """A commit could not be told to the sockets."""
        self._publish_errors.inc()

    def on_commit(self, _work: UnitOfWork, stored: Sequence[StoredEvent]) -> None:
        """Count committed events; messages by `data["channel"]` and the state they reached."""
        for item in stored:
            event = item.event
            self._events.labels(event.kind.value).inc()
            direction = _DIRECTION.get(event.kind)
            if direction is None and event.kind is not Kind.MESSAGE_STATE:
                continue
            self._messages.labels(
                str(event.data.get("channel", "unknown")),
                direction or "outbound",
                _state(event.kind, event.changes),
            ).inc()

    def render(self, jobs: Mapping[str, int]) -> bytes:
        """The text that Prometheus reads; `jobs` is the queue's depth now."""
        for state, count in jobs.items():
            self._jobs.labels(state).set(count)
        return generate_latest(self.registry)


def _state(kind: Kind, changes: Mapping[str, tuple[object, object]]) -> str:
    if kind is Kind.MESSAGE_RECEIVED:
        return "received"
    if kind is Kind.MESSAGE_QUEUED:
        return "queued"
    return str(changes.get("state", (None, "unknown"))[1])
