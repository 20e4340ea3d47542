"""Texts with variables, written by the people who run the desk: Jinja in a sandbox. Pure.

Only values, filters and conditions are allowed; a loop or a call could hang or read the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_TEMPLATE_CHARS: Final = 10_000
MAX_TEXT_CHARS: Final = 50_000
VARIABLES: Final = ("agent.name", "contact.name", "inbox.address", "inbox.name", "ticket.number",
                    "ticket.subject")  # fmt: skip
FILTERS: Final = frozenset(
    {"capitalize", "default", "d", "lower", "title", "trim", "truncate", "upper"}
)
_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const,
    nodes.Filter, nodes.If, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand,
    nodes.CondExpr, nodes.Keyword,
)  # fmt: skip

Values = Mapping[str, Mapping[str, str]]


class TemplateProblem(ValueError):
    """The template cannot be used; the text says why and where."""


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True
    )
    environment.globals.clear()
    return environment


def check(template: str) -> str:
    """What is wrong with a template, as a sentence; "" when it can be used."""
    if len(template) > MAX_TEMPLATE_CHARS:
        return f"is longer than {MAX_TEMPLATE_CHARS} characters"
    environment = _environment()
    try:
        tree = environment.parse(template)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {error.message}"
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            what = type(node).__name__.lower()
            return f"line {node.lineno}: {what} is not available; use values, filters and if"
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            return f"line {node.lineno}: there is no filter {node.name}; there is {_list(FILTERS)}"
        if isinstance(node, nodes.Getattr):
            of = node.node.name if isinstance(node.node, nodes.Name) else "…"
            name = f"{of}.{node.attr}"
            if name not in VARIABLES:
                return f"line {node.lineno}: there is no {name}; there is {_list(VARIABLES)}"
    unknown = find_undeclared_variables(tree) - {name.partition(".")[0] for name in VARIABLES}
    if unknown:
        return f"there is no {_list(unknown)}; there is {_list(VARIABLES)}"
    return ""


def _list(names: object) -> str:
    return ", ".join(sorted(names)) if isinstance(names, frozenset | set | tuple) else ""


def render(template: str, values: Values) -> str:
    """The text. A name that has no value is "". Raises `TemplateProblem`."""
    if "{" not in template:
        return template
    problem = check(template)
    if problem:
        raise TemplateProblem(problem)
    filled: dict[str, dict[str, str]] = {}
    for name in VARIABLES:
        kind, _, part = name.partition(".")
        filled.setdefault(kind, {})[part] = values.get(kind, {}).get(part, "")
    try:
        text = _environment().from_string(template).render(filled)
    except TemplateError as error:
        raise TemplateProblem(str(error)) from error
    return text[:MAX_TEXT_CHARS]
