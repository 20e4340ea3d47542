"""Who is who on WhatsApp: phone numbers in one form, and ids for those who hide theirs."""

from __future__ import annotations

import re
from typing import Final

from channels.contract import Address
from channels.values import Json, line, objects, text

# A business-scoped user id: a country, a dot, letters and digits. It stands for a person whose
# number we are not shown.
# https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
_SCOPED: Final = re.compile(r"[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}")
_DIGITS: Final = re.compile(r"\+?([1-9]\d{4,14})")
# WhatsApp keeps two old national habits that E.164 has dropped or added to since.
_MEXICO: Final = re.compile(r"521(\d{10})")  # a 1 before mobile numbers
_BRAZIL: Final = re.compile(r"55(\d{2})([6-9]\d{7})")  # mobile numbers without their ninth digit


def e164(wa_id: str) -> str:
    """A WhatsApp id as an E.164 number with its plus; "" when it is not a number."""
    found = _DIGITS.fullmatch(re.sub(r"[\s()-]", "", wa_id))
    if not found:
        return ""
    digits = found[1]
    if mexican := _MEXICO.fullmatch(digits):
        digits = f"52{mexican[1]}"
    elif brazilian := _BRAZIL.fullmatch(digits):
        digits = f"55{brazilian[1]}9{brazilian[2]}"
    return f"+{digits}"


def is_scoped(value: str) -> bool:
    """Whether this is an id in place of a number."""
    return bool(_SCOPED.fullmatch(value))


def address(number: str, scoped: str = "", name: str = "") -> Address | None:
    """By number where there is one, so that SMS and WhatsApp are one person; else by id."""
    for value in (number, scoped):
        if phone := e164(value):
            return Address("phone", phone, name, verified=True)
        if is_scoped(value):
            return Address("whatsapp", value, name, verified=True)
    return None


def aliases(number: str, scoped: str, name: str = "") -> tuple[Address, ...]:
    """What else the sender is called: the id beside the number."""
    main = address(number, scoped)
    if main is not None and main.kind == "phone" and is_scoped(scoped):
        return (Address("whatsapp", scoped, name, verified=True),)
    return ()


def contact_of(value: Json, number: str, scoped: str) -> Json:
    """The entry of `contacts` that speaks of this person."""
    contacts = objects(value, "contacts")
    for contact in contacts:
        wa_id, user_id = text(contact, "wa_id"), text(contact, "user_id")
        if (wa_id and wa_id == number) or (user_id and user_id in (scoped, number)):
            return contact
    # With one message and one contact there is no doubt whose it is.
    return contacts[0] if len(contacts) == 1 and len(objects(value, "messages")) == 1 else {}


def name_of(contact: Json) -> str:
    """The name that the person shows."""
    return line(contact, "profile", "name") or line(contact, "profile", "username")
