"""Whose number it is: E.164 where it is a telephone number, as it stands where it is not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers

from channels.contract import Address

_CARRIER: Final = re.compile(r"(whatsapp|rcs|messenger|viber|instagram):", re.IGNORECASE)
_SHORT_CODE: Final = re.compile(r"\d{3,8}")
_DIGITS: Final = re.compile(r"[\s().\-/]+")


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a message. `via` names the app behind Twilio's number: "whatsapp", "rcs"."""

    value: str
    via: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it is a telephone number; short codes and names of senders are not."""
        return self.value.startswith("+")

    def address(self, name: str = "") -> Address:
        """As an identity. What cannot be dialled has a kind of its own."""
        return Address("phone" if self.is_number else "sms", self.value, name)


def read_party(value: str, region: str = "") -> Party:
    """Read Twilio's From or To. `region` (ISO 3166) helps with a number in national form."""
    value = value.strip()
    prefix = _CARRIER.match(value)
    via = prefix[1].lower() if prefix else ""
    rest = value[prefix.end() :].strip() if prefix else value
    return Party(e164(rest, region) or rest, via)


def e164(value: str, region: str = "") -> str:
    """The number as +4790000000; "" when it is none. Short codes are none."""
    value = _DIGITS.sub("", value)
    if _SHORT_CODE.fullmatch(value):
        return ""
    try:
        number = phonenumbers.parse(value, region.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    # Possible, not valid: numbering plans change sooner than their tables.
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
