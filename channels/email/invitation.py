"""What an invitation says (iCalendar, RFC 5545), for people whose mail program shows none. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from channels.email.charsets import decode

MAX_VALUE_CHARS: Final = 2000
_ESCAPES: Final = {"n": "\n", "N": "\n", ",": ",", ";": ";", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Invitation:
    """The first event of a calendar part; "" for what it does not say."""

    method: str  # REQUEST, CANCEL, REPLY, ...
    summary: str
    start: str  # "2026-03-03 14:00 Europe/Oslo"; a date alone for whole days
    end: str
    location: str = ""
    organizer: str = ""
    description: str = ""

    def as_text(self) -> str:
        """The lines a reader needs."""
        when = f"{self.start} – {self.end}" if self.end else self.start
        lines = (self.summary, when, self.location, self.organizer, "", self.description)
        return "\n".join(lines).strip()


def _unescape(value: str) -> str:
    text = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), value)
    return text.strip()[:MAX_VALUE_CHARS]


def _when(parameters: str, value: str) -> str:
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z)?)?", value.strip())
    if match is None:
        return value.strip()[:40]
    day = f"{match[1]}-{match[2]}-{match[3]}"
    if match[4] is None:
        return day
    zone = re.search(r"TZID=\"?([^;:\"]{1,60})", parameters, re.IGNORECASE)
    named = "UTC" if match[6] else zone[1] if zone else ""
    return f"{day} {match[4]}:{match[5]} {named}".strip()


def _who(parameters: str, value: str) -> str:
    name = re.search(r"CN=(?:\"([^\"]{1,200})\"|([^;:]{1,200}))", parameters, re.IGNORECASE)
    address = re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)
    shown = (name[1] or name[2]) if name else ""
    return f"{shown} <{address}>" if shown and shown != address else address


def read_invitation(data: bytes, charset: str | None = None) -> Invitation | None:
    """The first event of a text/calendar part; None when there is none. Never raises."""
    text = decode(data[: 256 * 1024], charset or "utf-8")[0]
    lines = re.sub(r"\r?\n[ \t]", "", text.replace("\r\n", "\n")).split("\n")
    method, found = "", dict[str, tuple[str, str]]()
    inside = ""
    for line in lines[:5000]:
        match = re.match(r"([A-Za-z-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", line)
        if match is None:
            continue
        name, parameters, value = match[1].upper(), match[2], match[3]
        if name == "BEGIN":
            inside = value.strip().upper()
        elif name == "END" and value.strip().upper() in ("VEVENT", "VTODO"):
            break
        elif name == "END":
            inside = "VEVENT" if inside == "VALARM" else ""
        elif name == "METHOD":
            method = value.strip().upper()[:20]
        elif inside in ("VEVENT", "VTODO"):
            found.setdefault(name, (parameters, value))
    if "SUMMARY" not in found and "DTSTART" not in found:
        return None

    def text_of(name: str) -> str:
        return _unescape(found.get(name, ("", ""))[1])

    return Invitation(
        method=method,
        summary=text_of("SUMMARY"),
        start=_when(*found.get("DTSTART", ("", ""))),
        end=_when(*found.get("DTEND", found.get("DUE", ("", "")))),
        location=text_of("LOCATION"),
        organizer=_who(*found["ORGANIZER"]) if "ORGANIZER" in found else "",
        description=text_of("DESCRIPTION"),
    )
