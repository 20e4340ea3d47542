"""The frozen values of a dialogue: what came in, what is remembered, what is done. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.decision import Decision
from bot.nlu.engine import Entity
from bot.ports import Answer

State = Literal["open", "choosing", "helped", "form", "confirming", "code", "silent"]
FieldKind = Literal["order_number", "email", "phone", "date", "choice", "text"]
Event = Literal["", "code_sent", "code_good", "code_wrong"]
HandoffReason = Literal[
    "wanted",
    "angry",
    "foreign",
    "unsure",
    "not_helped",
    "loop",
    "too_long",
    "form",
    "code",
    "asked",
]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values of a choice, as it is kept and as customers read it."""

    value: str
    labels: Mapping[str, str] = field(default_factory=dict)  # by language

    def label(self, language: str) -> str:
        """In the language, else in any, else the value itself."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.value)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a form asks for."""

    name: str
    kind: FieldKind
    labels: Mapping[str, str] = field(default_factory=dict)  # by language; `text` needs them
    prompts: Mapping[str, str] = field(default_factory=dict)  # the question, by language
    pattern: str = ""  # what a value has to match as a whole; "" for anything of its kind
    example: str = ""  # a value that does, shown when another one does not
    options: tuple[Option, ...] = ()  # of a choice


@dataclass(frozen=True, slots=True)
class Form:
    """What has to be known before an intent can be dealt with."""

    intent: str
    fields: tuple[Field, ...]
    account: bool = False  # the answer is about an account: a one-time code comes first
    then: Literal["answer", "hand_over"] = "hand_over"


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether somebody is there, and when next. Instants are aware."""

    open: bool = True
    next_open: datetime | None = None
    now: datetime | None = None
    timezone: str = "UTC"  # the customer's, IANA


@dataclass(frozen=True, slots=True)
class Rules:
    """How the bot behaves in one inbox and on one channel."""

    languages: tuple[str, ...] = ("en",)  # the first is the inbox's own
    buttons: int = 0  # how many the channel shows; 0: numbered text
    hours: Hours = field(default_factory=Hours)
    forms: Mapping[str, Form] = field(default_factory=dict)  # by intent
    verified_address: str = ""  # masked, where a code would go; "" when there is none
    verified: bool = False  # the customer has proved who they are in this conversation
    ask_back: int = 1  # how often the bot asks to rephrase before it hands over
    most_turns: int = 24  # of the customer, in one conversation
    most_retries: int = 3  # for one field, or a code
    offered: int = 3  # how many choices an unsure bot offers; 0: it asks back instead
    greetings: Mapping[str, str] = field(default_factory=dict)  # by language, in place of ours


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the customer, understood; or an event of the desk (`event`, no text)."""

    text: str
    language: tuple[tuple[str, float], ...] = ()  # as detected, the likeliest first
    decision: Decision | None = None
    answers: tuple[Answer, ...] = ()  # what could be said, the best first
    titles: Mapping[str, str] = field(default_factory=dict)  # of the intents in the decision
    entities: tuple[Entity, ...] = ()
    payload: str = ""  # of a pressed button
    automated: bool = False  # an auto-reply, a bounce, a list: never answered
    event: Event = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button, or a numbered line."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Tried:
    """An answer that was given."""

    answer_id: str
    title: str
    url: str
    helped: bool | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What the bot remembers of a conversation. Stored as JSON between turns."""

    language: str = ""
    state: State = "open"
    turns: int = 0
    misunderstood: int = 0
    retries: int = 0
    choices: tuple[Choice, ...] = ()
    waiting: tuple[Answer, ...] = ()  # the next best, should the last not have helped
    tried: tuple[Tried, ...] = ()
    said: tuple[str, ...] = ()  # the customer's messages that matter, the newest last
    last: tuple[str, ...] = ()  # what the bot said last, to repeat it
    form: str = ""  # the intent whose form is being filled
    values: tuple[tuple[str, str], ...] = ()
    intent: str = ""
    confidence: float = 0.0
    verified: bool = False
    pinned: bool = False  # the customer chose the language: detection no longer changes it


@dataclass(frozen=True, slots=True)
class Reply:
    """Say something; `answer` is its source."""

    text: str
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Say something and wait for an answer, perhaps one of `choices`."""

    text: str
    choices: tuple[Choice, ...] = ()
    expects: str = ""  # name of the form's field


@dataclass(frozen=True, slots=True)
class Offer:
    """Up to three things that may be meant, as choices."""

    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What the person who takes over sees first."""

    reason: HandoffReason
    language: str
    summary: str  # the customer's own words
    intent: str
    confidence: float
    tried: tuple[Tried, ...]
    values: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]  # links of what was quoted


@dataclass(frozen=True, slots=True)
class Handoff:
    """Say something, and leave the conversation to people; the bot is silent from here on."""

    text: str
    card: Card


@dataclass(frozen=True, slots=True)
class Resolve:
    """The customer says that it helped: the ticket may be closed."""

    answer_id: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A form is complete."""

    intent: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SendCode:
    """Send a one-time code to the customer's verified address."""

    intent: str


@dataclass(frozen=True, slots=True)
class CheckCode:
    """See whether this is the code; the desk answers with an event."""

    code: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Say nothing."""

    reason: Literal["handed_over", "automated", "bot_to_bot", "empty"]


Action = Reply | Ask | Offer | Handoff | Resolve | Filled | SendCode | CheckCode | Silence


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to do now, and what to remember."""

    actions: tuple[Action, ...]
    context: Context
