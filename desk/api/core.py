"""What handlers of the desk's core need, made once at start and injected as `core`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from desk.api.headers import Proxies
from desk.api.rate_limit import LoginLimit, TokenBuckets
from desk.auth.passwords import Passwords
from desk.auth.principal import CurrentAgent
from desk.auth.service import Sessions
from desk.jobs.port import JobQueue
from desk.observability.metrics import Metrics
from desk.settings import Settings
from desk.unit_of_work import Units


class Parts(Protocol):
    """What the composition root provides."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def units(self) -> Units:
        """Units of work."""

    @property
    def secret(self) -> str:
        """The secret key."""

    @property
    def queue(self) -> JobQueue:
        """The job queue."""


@dataclass(frozen=True, slots=True)
class Core:
    """The parts and what the API makes of them."""

    settings: Settings
    units: Units
    secret: str
    queue: JobQueue
    passwords: Passwords
    sessions: Sessions
    metrics: Metrics
    proxies: Proxies
    buckets: TokenBuckets
    webhooks: TokenBuckets
    logins: LoginLimit
    locales: tuple[str, ...]
    version: str


# Handlers write `core: InjectedCore` and `caller: Caller`.
InjectedCore = NamedDependency[SkipValidation[Core]]
Caller = NamedDependency[SkipValidation[CurrentAgent]]
