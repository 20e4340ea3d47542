"""Delivery failure reports: RFC 3464 ones, and those that only say it in words.

`permanent` means that the address itself is dead (unknown user or host, moved, takes no mail). A
full mailbox, a refused content or a blocked sender is not, although SMTP calls it a 5xx.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from channels.contract import Bounce
from channels.email.automated import is_null_path
from channels.email.bounce_reasons import DEAD_ADDRESS, reason_of, status_for
from channels.email.bounce_ses import read_ses
from channels.email.charsets import decode
from channels.email.headers import Headers, addresses, message_ids, parse_block
from channels.email.mime import Part, split_head

MAX_RECIPIENTS = 50
_MIN_WORDS_CHARS = 20  # a report that starts with the returned mail says it elsewhere

_ADDRESS = r"[^\s<>()\[\]{}:;,\"'`=|]+@[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
_STATUS = re.compile(r"(?<![\d.])([245]\.\d\.\d{1,3}|[245]\.[1-7]\.\d{1,3})(?!\.?\d)")
_CODED = re.compile(r"(?<![\d.])([245]\d\d)[ \-]+(?:\(?#?)([245]\.\d{1,2}\.\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?:(?<=[\s:;>(\"'#,])|^)([245][0-5]\d)(?:(?=[ \-:])|$)", re.MULTILINE)
_DSN_LINE = re.compile(
    r"^(?:final-recipient|original-recipient|action)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
_SUBJECT = re.compile(
    r"undeliver(?:ed|able|y)|deliver[ya]?(?:\s+status)?(?:\s+\w+){0,2}\s+(?:fail\w*|notification|"
    r"report|problem|error|delayed|unsuccessful)|mail delivery (?:failed|system|fail|problem|"
    r"subsystem|delayed|error)|fail(?:ure|ed)[ ](?:notice|delivery|notification|mail|of|"
    r"to deliver)|"
    r"return(?:ed|ing)[ ](?:mail|message|to sender|e-?mail)|non[- ]?(?:delivery|remis|recapit)|"
    r"(?:mail|message|e-?mail)[ \w:]{0,30}(?:not delivered|could not be delivered|undelivered|"
    r"returned|bounced|system error)|delivery failure|warning: (?:could not|message|mail)|"
    r"could not send|mail system error|nondeliverable|unable to deliver|"
    r"message (?:you sent )?(?:blocked|delayed|status|delivery)|mail could not|"
    r"failed to (?:deliver|send)|rejected (?:mail|message)|error sending|"
    r"unzustellbar|nicht zugestellt|mail ?fehler|zustellung|non remis|[ée]chec (?:de la )?remise|"
    r"no se (?:puede|pudo|ha podido) entregar|mancata consegna|n[ãa]o (?:foi )?entregue|"
    r"onbestelbaar|"
    r"niet bezorgd|niedostarcz|недоставлен|не доставлено|送信できません|配信不能|配信エラー|"
    r"退信|無法傳遞|无法投递|loop alert",
    re.IGNORECASE,
)
_DAEMON = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|post[-_.]master|mail-?delivery\w*|mdaemon|"
    r"mailerdaemon|bounce[sd]?|mail\.?system|symantec\w*|no-?reply|microsoftexchange\w*)\b",
    re.IGNORECASE,
)
# Where the returned mail begins inside a report that is one plain text.
_ORIGINAL = re.compile(
    r"^[ \t>]*(?:-{2,}[ ]*(?:this is a copy of|below this line|original message|returned message|"
    r"the (?:unsent|original|header|message)|unsent message|header|undelivered|enclosed|begin|"
    r"message (?:header|that)|returned|copy of|start of).*|"
    r"-{2,}\s*(?:original|returned|unsent|undelivered)[ -]\S.*|"
    r"(?:the )?(?:text of the )?original (?:message|mail|e-?mail)(?: (?:follows|header|as follows|"
    r"headers?|text)).*|"
    r"(?:here is|this is|below is) (?:a copy of|your|the) (?:the )?(?:first part|original|message|"
    r"returned).*|"
    r"received:[ ](?:from|by|\(qmail).*|return-path:[ ]?<.*|"
    r"(?:message|mail) (?:headers? follow|text follows).*|"
    r"your (?:original )?(?:message|mail) (?:follows|header|is (?:below|included|attached)).*|"
    r"bounced e-?mail:.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_TEMPORARY = re.compile(
    r"will (?:retry|keep trying|be retried|continue)|no action is required|still being|delayed|"
    r"not yet been delivered|temporar|warning message only|do not need to resend",
    re.IGNORECASE,
)
_ARRIVED = frozenset({"delivered", "relayed", "expanded", "deliverable"})
# The recipient had been accepted; the refusal came with the content.
_AFTER_DATA = re.compile(
    r"end of data|>>>\s*(?:DATA|\.)\s|smtp command\s+DATA|after data", re.IGNORECASE
)
_FIELD_SKIP = re.compile(
    r"^[ \t]*(?:to|from|sender|subject|message[- ]?id|reporting-mta|date|sent|reply-to)[ ]*:.*$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class _Report:
    """One recipient's part of a report, before it is judged."""

    recipient: str | None
    status: str
    action: str
    diagnostic: str


def _field_address(value: str) -> str | None:
    found = addresses([value.rpartition(";")[2] or value])
    return found[0].value if found else None


def _delivery_fields(data: bytes) -> list[_Report]:
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
            _Report(
                recipient, status[0] if status else "", action[1] if action else "", words.strip()
            )
        )
    return _merge_same(reports)


def _merge_same(reports: Iterable[_Report]) -> list[_Report]:
    """Servers of two hops may report one recipient twice; the one that says more stays."""
    kept: dict[str | None, _Report] = {}
    for report in reports:
        known = kept.get(report.recipient)
        if known is None or len(report.diagnostic) > len(known.diagnostic):
            kept[report.recipient] = report
    return list(kept.values())[:MAX_RECIPIENTS]


def _codes(text: str) -> tuple[str, str]:
    """The reply code and the enhanced status in a server's words; "" where there is none."""
    coded = [match for match in _CODED.finditer(text) if match[1][0] == match[2][0]]
    if coded:
        best = next((m for m in coded if not m[2].endswith(".0.0")), coded[0])
        return best[1], best[2]
    statuses = _STATUS.findall(text)
    status = next((one for one in statuses if not one.endswith(".0.0")), "".join(statuses[:1]))
    reply = next((code for code in _REPLY.findall(text) if code[0] in "45"), "")
    return reply, status


def _vague(status: str) -> bool:
    return not status or status.endswith(".0.0")


def _judge(report: _Report, context: str, original: str | None) -> Bounce:
    """Put together what the fields and the words say."""
    words = report.diagnostic or context
    reply, said = _codes(report.diagnostic)
    if not said and not reply:
        reply, said = _codes(context)
    temporary = report.action == "delayed" or report.status.startswith("4")
    if report.action in _ARRIVED or report.status.startswith("2"):
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
    if (
        reason == "user_unknown"
        and not status.endswith(".1.1")
        and _AFTER_DATA.search(f"{report.diagnostic}\n{context}\n")
    ):
        reason = "filtered"
    if status in ("4.4.7", "5.4.7"):  # it says that time ran out; the words may say over what
        inner = [
            code for code in _STATUS.findall(f"{report.diagnostic} {context}") if code[2] == "4"
        ]
        status = next((code for code in inner if not code.endswith((".4.7", ".0"))), status)
    if not status:
        soft = temporary or (not reply and _TEMPORARY.search(context) is not None)
        status = status_for(reason, reply, temporary=soft)
    permanent = reason in DEAD_ADDRESS and not status.startswith("4")
    return Bounce(report.recipient, status or None, permanent=permanent, diagnostic=_short(words),
                  original_message_id=original, reason=reason)  # fmt: skip


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()[:500]


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
    recipient = _field_address(fields.text("original-rcpt-to") or fields.text("removal-recipient"))
    kind = fields.text("feedback-type") or "abuse"
    return Bounce(recipient, None, permanent=False, diagnostic=f"feedback report: {kind}"[:500],
                  original_message_id=original, reason="feedback")  # fmt: skip


def _recipient_lines(text: str, ours: frozenset[str]) -> list[tuple[int, str]]:
    """Where the report names those it could not reach: (position, address), first mention each."""
    lead = re.compile(
        rf"^[ \t>*-]*(?:(?:rcpt to|to|recipient|original-recipient|final-recipient|e-?mail address|"
        rf"address|target mail address|undeliverable|failed recipient)s?[ ]*:?[ ]*(?:rfc822;)?)?"
        rf"[ ]*[\"'(\[]?<?({_ADDRESS})>?",
        re.IGNORECASE | re.MULTILINE,
    )
    found: dict[str, int] = {}
    for pattern in (lead, re.compile(rf"<({_ADDRESS})>"), re.compile(rf"({_ADDRESS})")):
        for match in pattern.finditer(text):
            address = match[1].lower().strip(".")
            if address not in ours and not _DAEMON.match(address):
                found.setdefault(address, match.start())
        if found:
            break
    return sorted((position, address) for address, position in found.items())[:MAX_RECIPIENTS]


def _in_words(headers: Headers, text: str, ours: frozenset[str]) -> list[_Report]:
    cut = _ORIGINAL.search(text)
    human = text[: cut.start()] if cut and cut.start() > _MIN_WORDS_CHARS else text
    human = human[:20_000]
    named = [found.value for found in addresses(headers.all_raw("x-failed-recipients"))]
    spots = _recipient_lines(human, ours)
    if named:
        spots = [(at, who) for at, who in spots if who in named] or [(0, who) for who in named]
    if not spots and cut:
        to = re.search(
            rf"^[ \t>]*to:.*?({_ADDRESS})", text[cut.start() :], re.IGNORECASE | re.MULTILINE
        )
        spots = [(0, to[1].lower())] if to else []
    if len(spots) <= 1:
        return [_Report(spots[0][1] if spots else None, "", "", _FIELD_SKIP.sub("", human).strip())]
    ends = [at for at, _ in spots[1:]] + [len(human)]
    pieces = [(who, human[at:end]) for (at, who), end in zip(spots, ends, strict=True)]
    telling = [(who, piece) for who, piece in pieces if any(_codes(piece)) or reason_of(piece)]
    return [_Report(who, "", "", piece) for who, piece in telling or pieces[:1]]


def read_bounces(
    headers: Headers, root: Part, text: str, subject: str, sender: str
) -> tuple[Bounce, ...]:
    """What this mail reports about mail of ours, one for each recipient; empty for other mail."""
    leaves = list(root.leaves())
    original = _original_id(root, text)
    for part in leaves:
        if part.content_type == "message/feedback-report":
            return (_feedback(part.data, original),)
    statuses = [
        part for part in leaves
        if part.content_type in ("message/delivery-status", "message/global-delivery-status")
        or (part.content_type.startswith("text/") and part.disposition != "attachment"
            and len(_DSN_LINE.findall(decode(part.data[:20000])[0])) > 1)
    ]  # fmt: skip
    notified = read_ses(text)
    if notified:
        return notified
    ours = frozenset(found.value for found in addresses(headers.all_raw("to"))) | {sender}
    reports = _merge_same(report for part in statuses for report in _delivery_fields(part.data))
    if reports:
        cut = _ORIGINAL.search(text)
        context = _FIELD_SKIP.sub("", text[: cut.start()] if cut else text)[:6000]
        worded = _in_words(headers, text, ours)
        if len(reports) == 1 and reports[0].recipient is None and worded:
            reports = [replace(reports[0], recipient=worded[0].recipient)]
        by_address = {report.recipient: report for report in worded}
        several = len(reports) > 1
        return tuple(
            _judge(
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
    if not _speaks_of_failure(headers, text, subject, sender):
        return ()
    return tuple(_judge(report, report.diagnostic, original)
                 for report in _in_words(headers, text, ours))  # fmt: skip


def _speaks_of_failure(headers: Headers, text: str, subject: str, sender: str) -> bool:
    """Whether a mail without delivery fields is a failure report all the same."""
    if headers.has("x-failed-recipients"):
        return True
    reply_to_it = re.match(r"\s*(?:re|aw|sv|fwd?|wg|antw)\s*:", subject, re.IGNORECASE)
    from_machine = _DAEMON.match(sender.partition("@")[0]) is not None or is_null_path(headers)
    titled = reply_to_it is None and _SUBJECT.search(subject) is not None
    if titled and (from_machine or _ORIGINAL.search(text)):
        return True
    reply, status = _codes(text[:20_000])
    return from_machine and bool(status or (reply and reason_of(text)))


__all__: Sequence[str] = ("read_bounces",)
