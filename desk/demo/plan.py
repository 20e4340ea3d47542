"""What happened at Fjell & Sand in the last ninety days: a deterministic list of steps. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from desk.demo.texts import Cast, Language, Person, Scenario, language

SEED: Final = 20260
TICKETS: Final = 300
DAYS: Final = 90
LONG_THREAD: Final = 30  # pairs of question and answer
PRODUCTS: Final = ("Rondane 45", "Vidda 2", "Skarv 3L", "Fjord 600", "Lofoten Pro", "Dyne")
# How often: shares of all conversations.
CHAT: Final = 0.5  # of those who can
AT_WORKSHOP: Final = 0.6  # of repairs and warranty
NOTED: Final = 0.22
HTML: Final = 0.35
PICTURE: Final = 0.04
EXTRA_TAG: Final = 0.12
PRIORITISED: Final = 0.3
SNOOZED: Final = 0.12
UNDER_WAY: Final = 0.25
RATED: Final = 0.4
SIZES: Final = ("36", "38", "40", "42", "44")
_OSLO: Final = ZoneInfo("Europe/Oslo")
_OPENS, _CLOSES = time(8), time(18)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Wrote:
    """The customer writes."""

    text: str
    html: bool = False
    picture: int | None = None


@dataclass(frozen=True, slots=True)
class Replied:
    """An agent (by index) answers."""

    agent: int
    text: str
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Went:
    """What became of the last answer: sent, read, failed or bounced."""

    fate: str


@dataclass(frozen=True, slots=True)
class Noted:
    """An agent notes something for a colleague."""

    agent: int
    text: str
    mention: int


@dataclass(frozen=True, slots=True)
class Altered:
    """An agent, or the desk when None, changes the ticket. `assignee` is an agent's index."""

    agent: int | None
    patch: Mapping[str, object]
    assignee: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rated:
    """The customer says how it was."""

    score: int


@dataclass(frozen=True, slots=True)
class Drafted:
    """An agent began an answer."""

    agent: int
    text: str


Act = Wrote | Replied | Went | Noted | Altered | Rated | Drafted


@dataclass(frozen=True, slots=True)
class Story:
    """One conversation: who, where, about what."""

    person: int
    inbox: str  # support, workshop, chat
    locale: str
    subject: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to one story."""

    at: datetime
    story: int
    act: Act


@dataclass(slots=True)
class _Telling:
    """A story in the making."""

    rng: random.Random
    now: datetime
    at: datetime
    story: int
    chat: bool
    owner: int
    steps: list[Step] = field(default_factory=list)

    def do(self, act: Act) -> None:
        self.steps.append(Step(self.at, self.story, act))

    def is_one_of(self, *kinds: int) -> bool:
        """Some of each kind, spread evenly over all ages."""
        return self.story % 50 in kinds

    def later(self, minutes: float) -> None:
        """Some time passes: `minutes` is the median."""
        self.at += timedelta(minutes=minutes * self.rng.lognormvariate(0, 0.7))

    def in_hours(self) -> None:
        """Agents work Monday to Friday, eight to six, in Oslo."""
        local = self.at.astimezone(_OSLO)
        if local.time() >= _CLOSES:
            local += timedelta(days=1)
        elif local.time() >= _OPENS and local.weekday() < _SATURDAY:
            return
        while local.weekday() >= _SATURDAY:
            local += timedelta(days=1)
        early = local.replace(hour=_OPENS.hour, minute=self.rng.randrange(5, 55))
        self.at = max(self.at, early.astimezone(self.now.tzinfo))


def plan(
    cast: Cast, now: datetime, *, tickets: int = TICKETS
) -> tuple[Sequence[Story], Sequence[Step]]:
    """The stories, and all their steps up to `now` in the order of time."""
    rng = random.Random(SEED)  # noqa: S311 - the same demo each time
    ages = sorted((DAYS * rng.random() ** 2.2 for _ in range(tickets)), reverse=True)
    stories: list[Story] = []
    steps: list[Step] = []
    for number, age in enumerate(ages):
        story, told = _tell(rng, cast, now, now - timedelta(days=age + 0.01), number)
        stories.append(story)
        steps += [step for step in told if step.at <= now]
    return stories, sorted(steps, key=lambda step: step.at)


def _tell(
    rng: random.Random, cast: Cast, now: datetime, at: datetime, number: int
) -> tuple[Story, list[Step]]:
    who = rng.randrange(len(cast.contacts))
    person = cast.contacts[who]
    chat = bool(person.webchat) and rng.random() < CHAT
    texts = language(person.locale)
    scenario = rng.choice(texts.chat if chat else texts.mail)
    owner = _owner(rng, cast, person.locale)
    facts = {
        "product": rng.choice(scenario.products or PRODUCTS),
        "order": f"FS-{rng.randrange(10200, 19900)}",
        "size": rng.choice(SIZES),
        "day": format_date(at + timedelta(days=4), "EEEE", locale=person.locale),
        "first": _first_name(person),
        "agent": cast.agents[owner].name,
    }
    workshop = scenario.topic in {"repairs", "warranty"} and rng.random() < AT_WORKSHOP
    inbox = "chat" if chat else "workshop" if workshop else "support"
    story = Story(who, inbox, person.locale, scenario.subject.format(**facts))
    telling = _Telling(rng, now, at, number, chat, owner)
    _converse(telling, texts, scenario, facts, cast)
    _end(telling, scenario, facts)
    return story, telling.steps


def _at_tickets(cast: Cast) -> list[int]:
    """Everybody but the editors, who do not answer customers."""
    return [i for i, agent in enumerate(cast.agents) if agent.role != "editor"]


def _owner(rng: random.Random, cast: Cast, locale: str) -> int:
    able = [i for i in _at_tickets(cast) if locale in cast.agents[i].languages]
    return rng.choices(
        able, weights=[3 - min(cast.agents[i].languages.index(locale), 2) for i in able]
    )[0]


def _first_name(person: Person) -> str:
    return person.name if person.locale in {"zh", "ja"} else person.name.split()[0]


def _converse(
    telling: _Telling, texts: Language, scenario: Scenario, facts: Mapping[str, str], cast: Cast
) -> None:
    turns = _turns(telling, texts, scenario)
    for index, raw in enumerate(turns):
        text = raw.format(**facts)
        if index % 2 == 0:
            if index:
                telling.later(1 if telling.chat else 240)
            telling.do(_customer(telling, scenario, index, text))
            if telling.is_one_of(23):  # nobody has looked at it yet
                return
            continue
        telling.later(0.7 if telling.chat else 80)
        if not telling.chat:
            telling.in_hours()
            text = f"{texts.hello.format(**facts)}\n\n{text}\n\n{texts.bye.format(**facts)}"
        if index == 1:
            telling.do(_taken(telling, scenario))
            if telling.rng.random() < NOTED:
                _note(telling, texts, cast)
            telling.at += timedelta(minutes=telling.rng.uniform(0.1, 4))
        if not _answer(telling, scenario, text, last=index == len(turns) - 1):
            return


def _turns(telling: _Telling, texts: Language, scenario: Scenario) -> Sequence[str]:
    turns = [*scenario.turns]
    more = LONG_THREAD if telling.story == TICKETS // 4 else 0
    if telling.is_one_of(7, 19, 41):
        more = len(texts.follow)
    for number in range(more):
        turns += texts.follow[number % len(texts.follow)]
    return turns


def _answer(telling: _Telling, scenario: Scenario, text: str, *, last: bool) -> bool:
    """An agent's answer and its way to the customer; whether the conversation goes on."""
    status = None if last else _waiting(telling.rng, scenario)
    telling.do(Replied(telling.owner, text, status))
    telling.at += timedelta(seconds=telling.rng.uniform(2, 9))
    fate = "read" if telling.chat else "sent"
    if not telling.chat and telling.is_one_of(13):
        fate = "bounced"
    elif not telling.chat and telling.is_one_of(31):
        fate = "failed"
    telling.do(Went(fate))
    return fate in {"read", "sent"}


def _customer(telling: _Telling, scenario: Scenario, index: int, text: str) -> Wrote:
    rng = telling.rng
    shows = scenario.topic in {"warranty", "repairs"} and index == 2  # noqa: PLR2004 - "photo attached"
    picture = rng.randrange(6) if shows or rng.random() < 0.04 else None  # noqa: PLR2004
    html = not telling.chat and rng.random() < HTML
    return Wrote(text, html, None if telling.chat else picture)


def _taken(telling: _Telling, scenario: Scenario) -> Altered:
    rng = telling.rng
    patch: dict[str, object] = {"add_tags": [scenario.topic]}
    if rng.random() < EXTRA_TAG:
        patch["add_tags"] = [scenario.topic, rng.choice(["vip", "spring-batch", "press"])]
    if telling.chat:
        patch["priority"] = rng.choice(["normal", "high"])
    elif rng.random() < PRIORITISED:
        patch["priority"] = rng.choices(["low", "high", "urgent"], weights=[4, 4, 1])[0]
    return Altered(telling.owner, patch, assignee=telling.owner)


def _waiting(rng: random.Random, scenario: Scenario) -> str | None:
    if scenario.topic == "repairs":
        return rng.choice(["on_hold", "pending"])
    return rng.choice(["pending", "pending", None])


def _note(telling: _Telling, texts: Language, cast: Cast) -> None:
    others = [i for i in _at_tickets(cast) if i != telling.owner]
    mention = telling.rng.choice(others[:4])
    text = telling.rng.choice(texts.notes).format(mention=f"@{cast.agents[mention].name}")
    telling.do(Noted(telling.owner, text, mention))
    telling.at += timedelta(minutes=telling.rng.uniform(1, 20))


def _end(telling: _Telling, scenario: Scenario, facts: Mapping[str, str]) -> None:
    """Most are solved and closed in time; some wait, and some were put away."""
    rng = telling.rng
    last = telling.steps[-1].act
    failed = isinstance(last, Went) and last.fate in {"bounced", "failed"}
    left = telling.now - telling.at
    if failed or telling.is_one_of(23) or left < timedelta(0):
        return
    if left < timedelta(days=10) and rng.random() < SNOOZED:
        until = telling.now + timedelta(hours=rng.choice([3, 20, 44, 120]))
        telling.later(20)
        telling.do(Altered(telling.owner, {"snoozed_until": until}))
    elif left < timedelta(days=40) and rng.random() < UNDER_WAY:
        telling.later(15)
        status = rng.choice(["pending", "pending", "on_hold", "open"])
        if status == "open":
            telling.do(Drafted(telling.owner, _beginning(scenario, facts)))
        else:
            telling.do(Altered(telling.owner, {"status": status}))
    else:
        _solved(telling, scenario, facts)


def _solved(telling: _Telling, scenario: Scenario, facts: Mapping[str, str]) -> None:
    rng = telling.rng
    telling.later(4 if telling.chat else 600)
    telling.in_hours()
    telling.do(Altered(telling.owner, {"status": "resolved"}))
    if rng.random() < RATED:
        telling.later(300)
        telling.do(Rated(rng.choices([5, 4, 3, 2, 1], weights=[12, 6, 2, 1, 1])[0]))
    telling.at += timedelta(days=rng.uniform(5, 9))
    telling.do(Altered(None, {"status": "closed"}, reason="resolved for more than five days"))
    if telling.is_one_of(11):  # a late answer opens a follow-up
        telling.later(2000)
        telling.do(Wrote(scenario.turns[0].splitlines()[-1].format(**facts)))


def _beginning(scenario: Scenario, facts: Mapping[str, str]) -> str:
    """The beginning of an answer."""
    return scenario.turns[1].split(".", 1)[0].format(**facts)
