"""Conditions on a ticket, and why each did or did not hold: the trees that policies and rules use.

    Is("channel", "is", "email")      AllOf((a, b))      AnyOf((a, b))      Not(a)

`parse` reads the stored form, `as_data` writes it:

    {"all": [{"field": "channel", "op": "is", "value": "email"},
             {"not": {"field": "tags", "op": "has", "value": "spam"}}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

PRIORITIES: Final = ("low", "normal", "high", "urgent")

OPERATORS: Final = {
    "is": "is",
    "in": "is one of",
    "has": "has",
    "at_least": "is at least",
    "at_most": "is at most",
    "contains": "contains",
    "present": "is set",
}
_FIELDS: Final = ("inbox", "channel", "segments", "language", "priority", "team", "tags")
CUSTOM: Final = "custom."

DEEPEST: Final = 12  # nobody reads a condition with more levels than this


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions look at; the caller fills in what it knows of a ticket and its contact."""

    inbox: str = ""
    channel: str = ""
    segments: frozenset[str] = frozenset()
    language: str = ""  # BCP 47
    priority: str = "normal"
    team: str = ""
    tags: frozenset[str] = frozenset()
    custom: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:  # noqa: ANN401 - custom fields hold what people put in them
        """The value of a field by its name in a condition; None when it is not set."""
        if name.startswith(CUSTOM):
            return self.custom.get(name.removeprefix(CUSTOM))
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class Is:
    """One comparison; `op` is a key of OPERATORS and `name` a field or `custom.<key>`."""

    name: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; none at all holds for everything."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition = Is | AllOf | AnyOf | Not
ALWAYS: Final = AllOf()


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a condition held, in words, and the findings of its parts."""

    held: bool
    text: str
    parts: tuple[Finding, ...] = ()

    def decisive(self) -> tuple[str, ...]:
        """The comparisons that made the outcome what it is, in order."""
        if not self.parts:
            return (self.text,)
        return tuple(
            text
            for part in self.parts
            if part.held == self.held or len(self.parts) == 1
            for text in part.decisive()
        )


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether a condition holds."""
    match condition:
        case Is():
            return _compare(condition, facts.value(condition.name))
        case AllOf(parts):
            return all(holds(part, facts) for part in parts)
        case AnyOf(parts):
            return any(holds(part, facts) for part in parts)
        case Not(part):
            return not holds(part, facts)


def explain(condition: Condition, facts: Facts) -> Finding:
    """Whether a condition holds and why: every part is looked at."""
    match condition:
        case Is():
            return _explained(condition, facts)
        case AllOf(()):
            return Finding(held=True, text="there is no condition")
        case AllOf(given):
            parts = tuple(explain(part, facts) for part in given)
            return Finding(all(part.held for part in parts), "all of", parts)
        case AnyOf(given):
            parts = tuple(explain(part, facts) for part in given)
            return Finding(any(part.held for part in parts), "any of", parts)
        case Not(part):
            inner = explain(part, facts)
            return Finding(not inner.held, "not", (inner,))


def language_matches(spoken: str, wanted: str) -> bool:
    """Whether a language is the wanted one or a variety of it: `pt-BR` is `pt`, `nb` is `no`."""
    spoken, wanted = spoken.casefold(), wanted.casefold()
    if spoken == wanted or spoken.startswith(wanted + "-"):
        return True
    return wanted == "no" and spoken.partition("-")[0] in {"nb", "nn"}


def parse(data: Any) -> Condition:  # noqa: ANN401 - a decoded JSON document
    """Read the stored form; ValueError says what is wrong and where."""
    return _parse(data, "condition", 0)


def as_data(condition: Condition) -> dict[str, Any]:
    """Write the stored form."""
    match condition:
        case Is(name, op, value):
            return {"field": name, "op": op} | ({} if op == "present" else {"value": value})
        case AllOf(parts):
            return {"all": [as_data(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [as_data(part) for part in parts]}
        case Not(part):
            return {"not": as_data(part)}


def _parse(data: Any, where: str, depth: int) -> Condition:  # noqa: ANN401 - as in `parse`
    if depth > DEEPEST:
        raise ValueError(f"{where}: conditions are nested more than {DEEPEST} deep; simplify them")
    if not isinstance(data, Mapping):
        message = f"{where}: expected an object with all, any, not or field, got {data!r}"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for a bad condition
    keys = set(data)
    for key, build in (("all", AllOf), ("any", AnyOf)):
        if keys == {key}:
            if not isinstance(data[key], list) or (key == "any" and not data[key]):
                raise ValueError(f"{where}.{key}: expected a list of conditions")
            return build(
                tuple(
                    _parse(part, f"{where}.{key}[{n}]", depth + 1)
                    for n, part in enumerate(data[key])
                )
            )
    if keys == {"not"}:
        return Not(_parse(data["not"], f"{where}.not", depth + 1))
    return _comparison(data, where)


def _comparison(data: Mapping[str, Any], where: str) -> Is:
    if unknown := set(data) - {"field", "op", "value"}:
        raise ValueError(f"{where}: does not know {', '.join(sorted(map(str, unknown)))}")
    name, op, value = data.get("field"), data.get("op"), data.get("value")
    if not isinstance(name, str) or (
        name not in _FIELDS and not (name.startswith(CUSTOM) and name != CUSTOM)
    ):
        raise ValueError(
            f"{where}: no field {name!r}; there are {', '.join(_FIELDS)} and {CUSTOM}<key>"
        )
    if op not in OPERATORS:
        raise ValueError(f"{where}: no operator {op!r}; there are {', '.join(OPERATORS)}")
    if op == "in" and not isinstance(value, list):
        raise ValueError(f"{where}: {name} is one of needs a list, got {value!r}")
    ordered = op in {"at_least", "at_most"}
    if name == "priority" and (op in {"is", "at_least", "at_most"}) and value not in PRIORITIES:
        raise ValueError(f"{where}: no priority {value!r}; there are {', '.join(PRIORITIES)}")
    if ordered and name != "priority" and not isinstance(value, int | float):
        raise ValueError(f"{where}: {name} {OPERATORS[op]} needs a number, got {value!r}")
    return Is(name, op, tuple(value) if isinstance(value, list) else value)


def _compare(test: Is, actual: Any) -> bool:  # noqa: ANN401 - a field's value
    wanted = test.value
    match test.op:
        case "is":
            return _same(test.name, actual, wanted)
        case "in":
            return any(_same(test.name, actual, one) for one in wanted)
        case "has":
            return isinstance(actual, frozenset | set | list | tuple) and wanted in actual
        case "contains":
            return isinstance(actual, str) and str(wanted).casefold() in actual.casefold()
        case "present":
            return actual not in (None, "", frozenset(), [], ())
        case _:
            return _ordered(test, actual)


def _same(name: str, actual: Any, wanted: Any) -> bool:  # noqa: ANN401 - a field's value
    if isinstance(actual, frozenset):
        return wanted in actual
    if name == "language":
        return bool(actual) and language_matches(str(actual), str(wanted))
    return bool(actual == wanted)


def _ordered(test: Is, actual: Any) -> bool:  # noqa: ANN401 - a field's value
    wanted = test.value
    if test.name == "priority" and actual in PRIORITIES:
        actual, wanted = PRIORITIES.index(actual), PRIORITIES.index(wanted)
    if not isinstance(actual, int | float) or isinstance(actual, bool):
        return False
    return bool(actual >= wanted if test.op == "at_least" else actual <= wanted)


def _explained(test: Is, facts: Facts) -> Finding:
    actual = facts.value(test.name)
    held = _compare(test, actual)
    words = OPERATORS[test.op] if held else _negated(OPERATORS[test.op])
    text = f"{test.name} {words}" + ("" if test.op == "present" else f" {_shown(test.value)}")
    return Finding(held, text if held else f"{text} (it is {_shown(actual)})")


def _negated(words: str) -> str:
    if words.startswith("is"):
        return words.replace("is", "is not", 1)
    return {"has": "has no", "contains": "does not contain"}[words]


def _shown(value: Any) -> str:  # noqa: ANN401 - a field's value
    if isinstance(value, frozenset | set | list | tuple):
        return ", ".join(sorted(map(str, value))) or "empty"
    return "not set" if value in (None, "") else str(value)
