"""Delivery failure reports: RFC 3464 ones, and those that only say it in words.

`permanent` means that the address itself is dead (unknown user or host, moved, takes no mail). A
full mailbox, a refused content or a blocked sender is not, although SMTP calls it a 5xx.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from channels.contract import Bounce
from channels.email.automated import is_null_path
from channels.email.bounce_judge import Report, codes, judge
from channels.email.bounce_reasons import reason_of
from channels.email.bounce_ses import read_ses
from channels.email.bounce_words import (
    ADDRESS,
    COMPLAINT_SENDER,
    COMPLAINT_SUBJECT,
    DAEMON,
    DSN_LINE,
    FEEDBACK,
    FIELD_SKIP,
    ORIGINAL,
    RESENT_SUBJECT,
    SERVER,
    SUBJECT,
)
from channels.email.charsets import decode
from channels.email.headers import Headers, addresses, message_ids, parse_block
from channels.email.mime import Part, split_head

MAX_RECIPIENTS = 50
_MIN_WORDS_CHARS = 20  # a report that starts with the returned mail says it elsewhere


def _field_address(value: str) -> str | None:
    found = addresses([value.rpartition(";")[2] or value])
    return found[0].value if found else None


def _delivery_fields(data: bytes) -> list[Report]:
    """The per-recipient blocks of a message/delivery-status body (RFC 3464, section 2.3)."""
    text = decode(data)[0].replace("\r\n", "\n")
    reports = []
    for block in re.split(r"\n[ \t]*\n", text):
        fields, _ = parse_block(block.strip("\n").encode("utf-8", "surrogateescape"))
        named = fields.has("final-recipient") or fields.has("original-recipient")
        if not named and not (fields.has("action") and fields.has("status")):
            continue
        recipient = next(
            (
                found
                for name in ("original-recipient", "final-recipient", "x-actual-recipient")
                if (found := _field_address(fields.text(name)))
            ),
            None,
        )
        status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", fields.raw("status"))
        words = " ".join(
            re.sub(r"^\s*[\w-]+\s*;", "", fields.text(name))
            for name in ("diagnostic-code", "x-notes", "x-supplementary-info")
            if fields.has(name)
        )
        action = re.match(r"\s*(\w+)", fields.raw("action").lower())
        reports.append(
            Report(
                recipient, status[0] if status else "", action[1] if action else "", words.strip()
            )
        )
    return _merge_same(reports)


def _merge_same(reports: Iterable[Report]) -> list[Report]:
    """Servers of two hops may report one recipient twice; the one that says more stays."""
    kept: dict[str | None, Report] = {}
    for report in reports:
        known = kept.get(report.recipient)
        if known is None or len(report.diagnostic) > len(known.diagnostic):
            kept[report.recipient] = report
    return list(kept.values())[:MAX_RECIPIENTS]


def _original_id(root: Part, text: str) -> str | None:
    """The Message-ID of the mail that came back."""
    for part in root.leaves():
        if part.content_type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/global",
            "message/rfc822-headers",
            "message/global-headers",
        ):
            head, _ = split_head(part.data)
            fields, _ = parse_block(head or part.data)
            found = message_ids(fields.all_raw("message-id"))
            if found:
                return found[0]
    named = re.search(
        r"^[ \t>]*(?:original-)?message-id:[ \t]*\n?[ \t]*<([^<>\s]+)>",
        text,
        re.IGNORECASE | re.MULTILINE,
    )
    return named[1] if named else None


def _feedback(data: bytes, original: str | None) -> Bounce:
    """An abuse report (RFC 5965): the mail arrived, and its reader complained."""
    fields, _ = parse_block(data.strip())
    recipient = _field_address(
        fields.text("original-rcpt-to")
        or fields.text("removal-recipient")
        or fields.text("x-hmxmroriginalrecipient")
        or fields.text("to")
    )
    kind = fields.text("feedback-type") or "abuse"
    return Bounce(recipient, None, permanent=False, diagnostic=f"feedback report: {kind}"[:500],
                  original_message_id=original, reason="feedback")  # fmt: skip


def _complaint(leaves: Sequence[Part], subject: str, sender: str) -> bytes | None:
    """The fields of an abuse report, in the forms in which they come; None for other mail."""
    for part in leaves:
        if part.content_type == "message/feedback-report":
            return part.data
    for part in leaves:  # some send the fields under another content type
        if part.disposition != "attachment" and len(FEEDBACK.findall(part.data[:8000])) > 1:
            return part.data
    if COMPLAINT_SUBJECT.match(subject) and COMPLAINT_SENDER.search(sender):
        carried = [part for part in leaves if part.content_type == "message/rfc822"]
        return carried[0].data if carried else b""
    return None


def _recipient_lines(text: str, ours: frozenset[str]) -> list[tuple[int, str]]:
    """Where the report names those it could not reach: (position, address), first mention each."""
    lead = re.compile(
        rf"^[ \t>*-]*(?:(?:rcpt to|to|recipient|original-recipient|final-recipient|e-?mail address|"
        rf"address|target mail address|undeliverable|failed recipient)s?[ ]*:?[ ]*(?:rfc822;)?)?"
        rf"[ ]*[\"'(\[]?<?({ADDRESS})>?",
        re.IGNORECASE | re.MULTILINE,
    )
    found: dict[str, int] = {}
    for pattern in (lead, re.compile(rf"<({ADDRESS})>"), re.compile(rf"({ADDRESS})")):
        for match in pattern.finditer(text):
            address = match[1].lower().strip(".")
            if address not in ours and not DAEMON.match(address):
                found.setdefault(address, match.start())
        if found:
            break
    return sorted((position, address) for address, position in found.items())[:MAX_RECIPIENTS]


def _in_words(headers: Headers, text: str, ours: frozenset[str]) -> list[Report]:
    cut = ORIGINAL.search(text)
    human = text[: cut.start()] if cut and cut.start() > _MIN_WORDS_CHARS else text
    human = human[:20_000]
    named = [found.value for found in addresses(headers.all_raw("x-failed-recipients"))]
    spots = _recipient_lines(human, ours)
    if named:
        spots = [(at, who) for at, who in spots if who in named] or [(0, who) for who in named]
    if not spots and cut:
        to = re.search(
            rf"^[ \t>]*to:.*?({ADDRESS})", text[cut.start() :], re.IGNORECASE | re.MULTILINE
        )
        spots = [(0, to[1].lower())] if to else []
    if len(spots) <= 1:
        return [Report(spots[0][1] if spots else None, "", "", FIELD_SKIP.sub("", human).strip())]
    ends = [at for at, _ in spots[1:]] + [len(human)]
    pieces = [(who, human[at:end]) for (at, who), end in zip(spots, ends, strict=True)]
    telling = [(who, piece) for who, piece in pieces if any(codes(piece)) or reason_of(piece)]
    return [Report(who, "", "", piece) for who, piece in telling or pieces[:1]]


def read_bounces(
    headers: Headers, root: Part, text: str, subject: str, sender: str
) -> tuple[Bounce, ...]:
    """What this mail reports about mail of ours, one for each recipient; empty for other mail."""
    leaves = list(root.leaves())
    original = _original_id(root, text)
    complaint = _complaint(leaves, subject, sender)
    if complaint is not None:
        return (_feedback(complaint, original),)
    machine = _from_machine(headers, sender)
    statuses = [
        part for part in leaves
        if part.content_type in ("message/delivery-status", "message/global-delivery-status")
        or (machine and part.content_type.startswith("text/") and part.disposition != "attachment"
            and len(DSN_LINE.findall(decode(part.data[:20000])[0])) > 1)
    ]  # fmt: skip
    if statuses and not machine and RESENT_SUBJECT.match(subject):
        statuses = []  # a person passes a report on, to ask about it
    notified = read_ses(text)
    if notified:
        return notified
    ours = frozenset(found.value for found in addresses(headers.all_raw("to"))) | {sender}
    reports = _merge_same(report for part in statuses for report in _delivery_fields(part.data))
    if reports:
        cut = ORIGINAL.search(text)
        context = FIELD_SKIP.sub("", text[: cut.start()] if cut else text)[:6000]
        worded = _in_words(headers, text, ours)
        if len(reports) == 1 and reports[0].recipient is None and worded:
            reports = [replace(reports[0], recipient=worded[0].recipient)]
        by_address = {report.recipient: report for report in worded}
        several = len(reports) > 1
        return tuple(
            judge(
                report,
                by_address[report.recipient].diagnostic
                if several and report.recipient in by_address
                else ""
                if several
                else context,
                original,
            )
            for report in reports
        )
    if not _speaks_of_failure(headers, text, subject, sender, machine=machine):
        return ()
    return tuple(judge(report, report.diagnostic, original)
                 for report in _in_words(headers, text, ours))  # fmt: skip


def _from_machine(headers: Headers, sender: str) -> bool:
    """Whether a mail server, not a person, wrote this."""
    return (
        DAEMON.match(sender.partition("@")[0]) is not None
        or is_null_path(headers)
        or "report" in headers.raw("content-type").lower().partition(";")[0]
        or headers.raw("auto-submitted").strip().lower().startswith("auto-")
    )


def _speaks_of_failure(
    headers: Headers, text: str, subject: str, sender: str, *, machine: bool
) -> bool:
    """Whether a mail without delivery fields is a failure report all the same."""
    if headers.has("x-failed-recipients"):
        return True
    kind = headers.raw("content-type").lower()
    if "disposition-notification" in kind or "calendar" in kind:
        return False  # a read receipt (RFC 8098), an answer to an invitation
    sure = SERVER.match(sender.partition("@")[0]) is not None or is_null_path(headers)
    titled = RESENT_SUBJECT.match(subject) is None and SUBJECT.search(subject) is not None
    if titled and (machine or ORIGINAL.search(text)):
        return True
    if not sure:
        return False  # version numbers look like status codes
    reply, status = codes(text[:20_000])
    return bool(status or reply) and reason_of(text, status) != ""


__all__: Sequence[str] = ("read_bounces",)
