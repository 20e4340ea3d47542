"""What Graph's error numbers mean: whether to try again, and what a person can do about it.

https://developers.facebook.com/docs/graph-api/guides/error-handling
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
https://developers.facebook.com/docs/messenger-platform/error-codes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx

from channels.contract import ChannelError
from channels.http import refusal, retry_after
from channels.values import Json, line, load, obj, objects, whole


@dataclass(frozen=True, slots=True)
class Meaning:
    """One error number. `gone`: the address itself is dead for us."""

    remedy: str
    retryable: bool = False
    wait: timedelta | None = None
    gone: bool = False


def _later(remedy: str, seconds: int | None = None) -> Meaning:
    return Meaning(remedy, retryable=True, wait=timedelta(seconds=seconds) if seconds else None)


_TOKEN: Final = Meaning(
    "The access token is no longer valid: make a new one for a system user and put it in the inbox."
)
_PERMISSION: Final = Meaning(
    "The access token lacks a permission: add it in the app's settings and make a new token."
)
_WINDOW: Final = Meaning(
    "More than 24 hours have passed since the customer wrote: send an approved template."
)
_TAG_WINDOW: Final = Meaning(
    "The reply window has closed: within 7 days a person may answer with the tag HUMAN_AGENT; "
    "after that the customer has to write first."
)
_TEMPLATE: Final = Meaning(
    "The template does not fit: check its name, language and number of parameters."
)
_BUSY: Final = _later("Meta is busy or under maintenance; it is tried again.")
_RATE: Final = _later("Meta's rate limit is reached; it is tried again when there is room.", 60)
_NOT_REACHED: Final = Meaning(
    "The number is not on WhatsApp, or its app is too old to take this message.", gone=True
)

MEANINGS: Final[Mapping[int, Meaning]] = {
    0: _TOKEN,
    1: _BUSY,
    2: _BUSY,
    3: _PERMISSION,
    4: _RATE,
    10: _PERMISSION,
    17: _RATE,
    32: _RATE,
    33: Meaning("The id in the inbox's options is unknown to Meta, or the token may not see it."),
    100: Meaning("Meta did not accept the request: check the ids in the inbox's options."),
    102: _TOKEN,
    190: _TOKEN,
    341: _RATE,
    368: Meaning(
        "Meta has blocked the account for a time because of its policies: see the account quality "
        "page in Meta Business Suite."
    ),
    551: Meaning("The person cannot be reached on this channel now: they left or blocked us."),
    613: _RATE,
    1200: _BUSY,
    80007: _RATE,
    130429: _later("WhatsApp's throughput limit is reached; it is tried again shortly.", 5),
    130472: Meaning(
        "WhatsApp kept the message back for an experiment of its own; nothing is charged. Wait for "
        "the customer to write, or use another channel."
    ),
    130497: Meaning("The account may not write to customers in this country."),
    131000: _later("Something went wrong at Meta; it is tried again."),
    131005: _PERMISSION,
    131008: Meaning("A part of the message is missing."),
    131009: Meaning("A part of the message has a value that WhatsApp does not take."),
    131016: _BUSY,
    131021: Meaning("Sender and recipient are the same number.", gone=True),
    131026: _NOT_REACHED,
    131030: Meaning(
        "The account is in test mode: add the number to the allowed recipients in the app's "
        "WhatsApp settings, or go live."
    ),
    131031: Meaning("The WhatsApp account is locked: see Meta Business Suite for the reason."),
    131037: Meaning("The number's display name has to be approved before it can write."),
    131042: Meaning("There is a problem with the payment method: mend it in Meta Business Suite."),
    131045: Meaning("The phone number is not registered: register it in WhatsApp Manager."),
    131047: _WINDOW,
    131048: Meaning(
        "Too many recipients blocked or reported the number: WhatsApp limits it. See its quality "
        "in WhatsApp Manager before sending more."
    ),
    131049: Meaning(
        "WhatsApp held the marketing message back to spare the customer; do not send it again soon."
    ),
    131050: Meaning("The customer has opted out of marketing messages."),
    131051: Meaning("WhatsApp does not take this kind of message."),
    131052: Meaning("WhatsApp could not hand over the customer's file: ask for it again."),
    131053: Meaning("WhatsApp did not take the file: check its type and size."),
    131056: _later("Too many messages to this one customer in a short time.", 10),
    131057: _BUSY,
    131059: _later("Something went wrong at Meta; it is tried again."),
    132000: _TEMPLATE,
    132001: _TEMPLATE,
    132005: Meaning("The template's text is too long with these parameters."),
    132007: Meaning("The template breaks WhatsApp's policies: see WhatsApp Manager."),
    132012: _TEMPLATE,
    132015: Meaning("The template is paused for its low quality: edit it, or use another one."),
    132016: Meaning("The template was disabled for good: make a new one."),
    132069: _later("The flow is throttled; it is tried again.", 3600),
    133004: _BUSY,
    133010: Meaning("The phone number is not registered: register it in WhatsApp Manager."),
    134011: Meaning("The terms of WhatsApp payments have to be accepted first."),
    135000: Meaning("WhatsApp did not accept the message as it is."),
}

# What a number means for Messenger and Instagram depends on its sub-number.
SUB_MEANINGS: Final[Mapping[int, Meaning]] = {
    2018001: Meaning("Nobody has this id on this page.", gone=True),
    2018065: _TAG_WINDOW,
    2018108: Meaning("The person does not take messages from this page now.", gone=True),
    2018109: Meaning("The file is larger than Meta takes."),
    2018047: Meaning("Meta could not read the file: check its type."),
    2018278: _TAG_WINDOW,
    2018300: Meaning("Another app has this conversation: take it over, or answer there."),
    2018306: Meaning("Another app has this conversation: take it over, or answer there."),
    2534014: Meaning("The person cannot be found on Instagram.", gone=True),
    2534022: _TAG_WINDOW,
    2534037: Meaning("Another app has this conversation: take it over, or answer there."),
    1545041: Meaning("The person cannot be reached on this channel now.", gone=True),
}

_PERMISSIONS: Final = range(200, 300)


def meaning(code: int | None, sub: int | None = None) -> Meaning | None:
    """What we know about an error number."""
    if sub is not None and sub in SUB_MEANINGS:
        return SUB_MEANINGS[sub]
    if code in _PERMISSIONS:
        return _PERMISSION
    return MEANINGS.get(code) if code is not None else None


def words(error: Json) -> str:
    """The provider's words on an error, and what to do: one line for the agent.

    Takes the `error` of an answer and the items of a status's `errors` alike.
    """
    told = dict.fromkeys(
        part
        for part in (
            line(error, "error_user_title"),
            line(error, "title"),
            line(error, "error_user_msg") or line(error, "message"),
            line(error, "error_data", "details"),
        )
        if part
    )
    known = meaning(whole(error, "code"), whole(error, "error_subcode"))
    if known:
        told[known.remedy] = None
    text = ". ".join(part.rstrip(".") for part in told) or "Meta gave no reason"
    code = line(error, "code")
    return f"{text}. (Meta error {code})" if code else f"{text}."


def explain(answer: httpx.Response) -> ChannelError | None:
    """A refused call as a `ChannelError`; None when the answer is not one of Graph's."""
    try:
        error = obj(load(answer.content), "error")
    except ChannelError:
        return None
    if not error:
        return None
    code, sub = whole(error, "code"), whole(error, "error_subcode")
    known = meaning(code, sub)
    fallback = refusal(answer)
    retryable = known.retryable if known else fallback.retryable
    return ChannelError(
        words(error),
        retryable=retryable or error.get("is_transient") is True,
        code=str(sub if sub in SUB_MEANINGS else code if code is not None else fallback.code),
        retry_after=_told_to_wait(answer) or retry_after(answer) or (known.wait if known else None),
    )


def _told_to_wait(answer: httpx.Response) -> timedelta | None:
    """What the usage header says: minutes until there is room again."""
    try:
        usage = load(answer.headers.get("x-business-use-case-usage", "").encode())
    except ChannelError:
        return None
    minutes = [
        whole(item, "estimated_time_to_regain_access") or 0
        for name in obj(usage)
        for item in objects(usage, name)
    ]
    longest = max(minutes, default=0)
    return timedelta(minutes=min(longest, 24 * 60)) if longest > 0 else None
