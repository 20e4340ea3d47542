"""Identity rules, pure: one normal form for each kind of address."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers

MAX_VALUE: Final = 320
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


def normalise(kind: str, value: str) -> str:
    """The one form under which an address is stored and found. Raises ValueError in words.

    Mail addresses: lower-case, domain in its readable (U-label) form as given. Phone numbers:
    E.164. Everything else: stripped.
    """
    value = value.strip()
    if kind == "email":
        value = value.strip("<>").lower()
        if not _EMAIL.fullmatch(value):
            message = f"{value!r} is not a mail address; it needs a name, an @ and a domain"
            raise ValueError(message)
    elif kind == "phone":
        try:
            number = phonenumbers.parse(value, None)
        except phonenumbers.NumberParseException as error:
            message = f"{value!r} is not a phone number; write it with + and the country code"
            raise ValueError(message) from error
        value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not value:
        message = "an address cannot be empty"
        raise ValueError(message)
    return value[:MAX_VALUE]


def display_name(name: str, kind: str, value: str) -> str:
    """What to call a contact: the given name, else the readable part of the address."""
    name = " ".join(name.split())[:200]
    if name:
        return name
    if kind == "email":
        return value.partition("@")[0][:200]
    if kind == "webchat":
        return ""
    return value[:200]
