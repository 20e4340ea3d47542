"""What the bot's handlers share: its parts, injected as `bot_walk`."""

from __future__ import annotations

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from desk.triage.bot_walk import BotWalk

InjectedWalk = NamedDependency[SkipValidation[BotWalk]]
