"""One recipient's part of a failure report, and what is to be made of it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.contract import Bounce
from channels.email.bounce_reasons import DEAD_ADDRESS, reason_of, status_for
from channels.email.bounce_words import (
    AFTER_DATA,
    AFTER_MAIL,
    AFTER_RCPT,
    ARRIVED,
    CODED,
    DETAILS,
    DISABLED,
    NAMED_UNKNOWN,
    REPLY,
    STATUS,
    TEMPORARY,
)


@dataclass(frozen=True, slots=True)
class Report:
    """One recipient's part of a report, before it is judged."""

    recipient: str | None
    status: str
    action: str
    diagnostic: str


def codes(text: str) -> tuple[str, str]:
    """The reply code and the enhanced status in a server's words; "" where there is none."""
    coded = [match for match in CODED.finditer(text) if match[1][0] == match[2][0]]
    if coded:
        best = next((m for m in coded if not m[2].endswith(".0.0")), coded[0])
        return best[1], best[2]
    statuses = STATUS.findall(text)
    status = next((one for one in statuses if not one.endswith(".0.0")), "".join(statuses[:1]))
    reply = next((code for code in REPLY.findall(text) if code[0] in "45"), "")
    return reply, status


def _vague(status: str) -> bool:
    return not status or status.endswith(".0.0")


def judge(report: Report, context: str, original: str | None) -> Bounce:
    """Put together what the fields and the words say."""
    words = report.diagnostic or context
    reply, said = codes(report.diagnostic)
    if not said and not reply:
        reply, said = codes(context)
    temporary = report.action == "delayed" or report.status.startswith("4")
    if report.action in ARRIVED or report.status.startswith("2"):
        status = report.status or said or "2.0.0"
        return Bounce(report.recipient, status, permanent=False, diagnostic=_short(words),
                      original_message_id=original, reason="delivered")  # fmt: skip
    status = report.status
    if (
        _vague(status)  # noqa: RUF021 - reads as it is meant
        and said
        and not said.startswith("2")
        or (
            said
            and not _vague(said)
            and status[:1] == said[:1]
            and status in ("5.1.0", "5.3.0", "5.5.0", "5.4.0")
        )
    ):
        status = said
    reason = reason_of(report.diagnostic, status) if report.diagnostic else ""
    if reason in ("", "system_error", "filtered", "policy", "rejected") and context:
        wider = reason_of(context, status)
        reason = wider if wider and not (reason and wider in ("filtered", "policy")) else reason
    reason = _weighed(reason, status, reply, f"{report.diagnostic}\n{context}\n")
    if status in ("4.4.7", "5.4.7"):  # it says that time ran out; the words may say over what
        inner = [
            code for code in STATUS.findall(f"{report.diagnostic} {context}") if code[2] == "4"
        ]
        status = next((code for code in inner if not code.endswith((".4.7", ".0"))), status)
    if not status:
        soft = temporary or (not reply and TEMPORARY.search(context) is not None)
        status = status_for(reason, reply, temporary=soft)
    permanent = reason in DEAD_ADDRESS and not status.startswith("4")
    return Bounce(report.recipient, status or None, permanent=permanent, diagnostic=_short(words),
                  original_message_id=original, reason=reason)  # fmt: skip


def _weighed(reason: str, status: str, reply: str, words: str) -> str:
    """The reason, when "user unknown" and the like are only claimed.

    Filters say so to hide themselves, and of senders. It is believed with the code x.1.1, when RCPT
    was refused, and from a server that speaks of its own users, without a reply code.
    """
    if reason not in ("user_unknown", "host_unknown"):
        return reason
    words = DETAILS.sub("", words)
    if reason == "user_unknown" and not status.endswith(".1.1") and DISABLED.search(words):
        return "mailbox_disabled"
    at_rcpt = AFTER_RCPT.search(words) is not None
    if AFTER_MAIL.search(words) and not at_rcpt and not status.endswith((".1.1", ".1.2")):
        return "rejected"
    if reason == "host_unknown" or status.endswith(".1.1"):
        return reason
    if AFTER_DATA.search(words):
        return "filtered"
    proven = not reply or at_rcpt or NAMED_UNKNOWN.search(words) is not None
    return reason if proven else "filtered"


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()[:500]
