"""What the widget's routes need: the chat's use cases and the visitors' tokens."""

from __future__ import annotations

from dataclasses import dataclass, field

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from desk.api.sightings import Pace
from desk.intake.chat import Chat
from desk.intake.visitors import VisitorTokens


@dataclass(frozen=True, slots=True)
class Widget:
    """Injected as `widget`."""

    chat: Chat
    tokens: VisitorTokens
    pace: Pace = field(default_factory=Pace)


InjectedWidget = NamedDependency[SkipValidation[Widget]]
