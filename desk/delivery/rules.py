"""What may be sent, to whom and when: the same rules while composing and at sending. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from channels.contract import Capabilities

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """An attachment to send."""

    filename: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sent."""

    text: str
    files: Sequence[File] = ()
    template: bool = False
    buttons: int = 0
    tag: str = ""
    reply_to: bool = False
    automatic: bool = False  # the desk's own answer to STOP, START or HELP
    proactive: bool = False  # nobody asked for it


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the one who gets it. Times are UTC."""

    now: datetime
    last_inbound_at: datetime | None = None  # when the customer last wrote on this inbox
    conversation: str = ""  # the provider's id of it, where it has one
    opted_out_at: datetime | None = None
    opted_out_why: str = ""
    marketing_withdrawn: bool = False
    silent_sender: str = ""  # the only address: a short code or a name, which takes no answers


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it may not be sent: the field to mend, a code, and what to do."""

    field: str
    code: str
    text: str


def window_closes_at(capabilities: Capabilities, situation: Situation) -> datetime | None:
    """When free text stops being allowed; None where that never happens or is not open."""
    if not has_window(capabilities, situation) or situation.last_inbound_at is None:
        return None
    return situation.last_inbound_at + (capabilities.reply_window or timedelta())


def has_window(capabilities: Capabilities, situation: Situation) -> bool:
    """Whether there is one: what is said in public, below a post, may be answered at any time."""
    public = bool(capabilities.public) and situation.conversation.startswith(capabilities.public)
    return capabilities.reply_window is not None and not public


def is_window_open(capabilities: Capabilities, situation: Situation) -> bool:
    """Whether free text may be sent now."""
    if not has_window(capabilities, situation):
        return True
    closes = window_closes_at(capabilities, situation)
    return closes is not None and situation.now < closes


def is_opted_out(situation: Situation) -> bool:
    """Whether the customer said STOP and has not written since."""
    if situation.opted_out_at is None:
        return False
    last = situation.last_inbound_at
    return last is None or last <= situation.opted_out_at


def refusals(plan: Plan, capabilities: Capabilities, situation: Situation) -> list[Refusal]:
    """Everything that stands against sending; empty when nothing does."""
    return [
        *_address(situation),
        *_consent(plan, situation),
        *_window(plan, capabilities, situation),
        *_text(plan, capabilities),
        *_buttons(plan, capabilities),
        *_files(plan, capabilities),
    ]


def _address(situation: Situation) -> Iterator[Refusal]:
    if situation.silent_sender:
        yield Refusal(
            "to",
            "no-answer",
            f"{situation.silent_sender} is a short code or a name that takes no answers. Write to "
            "the customer on another channel, or add their number to the contact.",
        )


def _consent(plan: Plan, situation: Situation) -> Iterator[Refusal]:
    if plan.automatic:
        return
    if is_opted_out(situation):
        why = f" ({situation.opted_out_why})" if situation.opted_out_why else ""
        yield Refusal(
            "consent",
            "opted-out",
            f"The customer asked not to be written to on this channel{why}. Wait until they write "
            "again, or use another channel.",
        )
    elif plan.proactive and situation.marketing_withdrawn:
        yield Refusal(
            "consent", "opted-out", "The customer does not want messages they did not ask for."
        )


def _window(plan: Plan, capabilities: Capabilities, situation: Situation) -> Iterator[Refusal]:
    if plan.template and not capabilities.templates:
        yield Refusal("template", "no-templates", "This channel knows no templates; write a text.")
        return
    if plan.tag and plan.tag not in capabilities.tags:
        known = ", ".join(capabilities.tags) or "none"
        yield Refusal("tag", "unknown-tag", f"This channel knows these tags: {known}.")
        return
    if plan.template or plan.tag or is_window_open(capabilities, situation):
        return
    window = capabilities.reply_window or timedelta()
    hours = round(window.total_seconds() / 3600)
    ways = []
    if capabilities.templates:
        ways.append("send an approved template")
    if capabilities.tags:
        ways.append(f"give a reason ({', '.join(capabilities.tags)})")
    ways.append("wait until the customer writes again")
    since = "has not written here yet" if situation.last_inbound_at is None else "last wrote"
    told = (
        f"The customer {since}; free text is allowed only within {hours} hours of their message."
        if situation.last_inbound_at is None
        else f"The {hours} hours since the customer {since} are over."
    )
    yield Refusal("text", "window-closed", f"{told} You can {', or '.join(ways)}.")


def _text(plan: Plan, capabilities: Capabilities) -> Iterator[Refusal]:
    limit = capabilities.max_text_chars
    if limit is not None and not plan.template and len(plan.text) > limit:
        yield Refusal(
            "text",
            "too-long",
            f"has {len(plan.text)} characters; this channel takes {limit}. Shorten it or send two.",
        )


def _buttons(plan: Plan, capabilities: Capabilities) -> Iterator[Refusal]:
    if not plan.buttons:
        return
    if not capabilities.buttons:
        yield Refusal("buttons", "no-buttons", "This channel has no buttons; write the choices.")
    elif capabilities.max_buttons and plan.buttons > capabilities.max_buttons:
        yield Refusal(
            "buttons", "too-many-buttons", f"Offer at most {capabilities.max_buttons} choices."
        )


def _files(plan: Plan, capabilities: Capabilities) -> Iterator[Refusal]:
    if not plan.files:
        return
    if not capabilities.attachments:
        yield Refusal("attachment_ids", "no-files", "This channel takes no files; send a link.")
        return
    most = capabilities.max_attachments
    if most is not None and len(plan.files) > most:
        yield Refusal(
            "attachment_ids",
            "too-many-files",
            f"This channel takes at most {most} {'file' if most == 1 else 'files'} a message.",
        )
    for file in plan.files:
        if file.size > capabilities.max_attachment_bytes:
            yield Refusal(
                "attachment_ids",
                "file-too-large",
                f"{file.filename} has {file.size / MEGABYTE:.1f} MB; this channel takes "
                f"{capabilities.max_attachment_bytes / MEGABYTE:.0f} MB.",
            )
        if not _is_taken(file.content_type, capabilities.attachment_types):
            yield Refusal(
                "attachment_ids",
                "file-type",
                f"{file.filename} is {file.content_type}; this channel takes "
                f"{', '.join(capabilities.attachment_types)}.",
            )


def _is_taken(content_type: str, patterns: Sequence[str]) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return not patterns or any(
        kind == pattern or (pattern.endswith("/*") and kind.startswith(pattern[:-1]))
        for pattern in patterns
    )


def next_allowed(now: datetime, zone: ZoneInfo, quiet: tuple[time, time]) -> datetime | None:
    """When the quiet hours end that `now` falls into, in the customer's zone; None outside of them.

    Quiet hours that end before they begin run through the night.
    """
    begin, end = quiet
    local = now.astimezone(zone)
    at = local.time()
    inside = begin <= at < end if begin < end else at >= begin or at < end
    if begin == end or not inside:
        return None
    day = local.date() if at < end else local.date() + timedelta(days=1)
    until = datetime.combine(day, end, tzinfo=zone)
    return until.astimezone(now.tzinfo)
