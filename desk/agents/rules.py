"""What an agent's and a team's fields may hold. Pure."""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Mapping

from desk.agents.permissions import ROLES
from desk.errors import Invalid

MAX_NAME = 200
MAX_EMAIL = 254  # RFC 5321 4.5.3.1.3, without the brackets
_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]+\.[^\s@<>\"(),:;\[\]\\.]+")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def normalise_email(email: str) -> str:
    """How an address is stored and looked up: NFC, trimmed, lower-case."""
    return unicodedata.normalize("NFC", email).strip().lower()


def check_agent(fields: Mapping[str, object]) -> None:
    """Check the given ones of email, name, role, locale and timezone. Raises Invalid."""
    checks = {
        "email": (_is_email, "Give an e-mail address such as ada@example.org."),
        "name": (_is_name, f"Give a name of 1 to {MAX_NAME} characters."),
        "role": (_is_role, f"Choose one of {', '.join(ROLES)}."),
        "locale": (_is_locale, "Give a language tag such as en or pt-BR."),
        "timezone": (_is_timezone, "Give a time zone such as Europe/Berlin."),
    }
    errors = [
        (field, message)
        for field, (holds, message) in checks.items()
        if field in fields and not holds(str(fields[field]))
    ]
    if errors:
        raise Invalid(errors=errors)


def check_team_name(name: str) -> None:
    """Raises Invalid."""
    if not _is_name(name):
        raise Invalid(errors=[("name", f"Give the team a name of 1 to {MAX_NAME} characters.")])


def _is_email(text: str) -> bool:
    return len(text) <= MAX_EMAIL and _EMAIL.fullmatch(text) is not None


def _is_name(text: str) -> bool:
    return 0 < len(text.strip()) <= MAX_NAME and _CONTROL.search(text) is None


def _is_role(text: str) -> bool:
    return text in ROLES


def _is_locale(text: str) -> bool:
    return len(text) <= 35 and _LOCALE.fullmatch(text) is not None  # noqa: PLR2004 - RFC 5646 4.4.1


def _is_timezone(text: str) -> bool:
    return text in zoneinfo.available_timezones()
