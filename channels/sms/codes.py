"""Twilio's error numbers in words, and whether trying again can help.

Source: twilio.com/docs/api/errors. Retryable: the same message may go through later. Permanent:
this address will not take messages from us until somebody changes something at the other end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """What one error number means to an agent."""

    words: str
    retryable: bool = False
    permanent: bool = False


CODES: Final[dict[int, Code]] = {
    20003: Code("Twilio refused the account SID or the token; check the inbox's credentials"),
    20404: Code("Twilio does not know the account, the number or the message"),
    20429: Code("Twilio asks us to send more slowly", retryable=True),
    20500: Code("Twilio has a fault of its own", retryable=True),
    20503: Code("Twilio is not available for the moment", retryable=True),
    21211: Code("the number is not a valid telephone number", permanent=True),
    21212: Code("the inbox's own number is not valid as a sender"),
    21265: Code("this number is a short code, which takes no messages from us", permanent=True),
    21266: Code("sender and recipient are the same number", permanent=True),
    21408: Code("the account may not send to this country; allow it in Twilio's console"),
    21601: Code("the inbox's number cannot send SMS"),
    21602: Code("the message has no text and no file"),
    21603: Code("the inbox has no sender"),
    21604: Code("the message has no recipient"),
    21606: Code("the inbox's number does not belong to the account or cannot send SMS"),
    21608: Code("a trial account may only send to numbers verified in Twilio's console"),
    21609: Code("Twilio cannot use the address for status reports; check the desk's public URL"),
    21610: Code("the customer has opted out (STOP); only they can opt in again", permanent=True),
    21611: Code("the sender's queue at Twilio is full", retryable=True),
    21612: Code("this sender cannot reach this number"),
    21614: Code("the number is not a mobile number", permanent=True),
    21617: Code("the text is longer than 1600 characters"),
    21620: Code("Twilio cannot read the link of a file; check the desk's public URL"),
    21623: Code("the message has more than ten files or they are too large"),
    21635: Code("the number is a landline", permanent=True),
    21656: Code("the variables of the content template do not fit"),
    21660: Code("the inbox's number does not belong to the account"),
    21701: Code("the Messaging Service does not exist"),
    21703: Code("the Messaging Service has no sender"),
    21704: Code("the Messaging Service has no sender for this country"),
    30001: Code("Twilio's queue was full; the message was not sent", retryable=True),
    30002: Code("the Twilio account is suspended"),
    30003: Code("the phone is switched off or out of reach", retryable=True),
    30004: Code("the phone or its carrier blocks messages", permanent=True),
    30005: Code("the number is unknown or no longer in service", permanent=True),
    30006: Code("the number is a landline or its carrier cannot be reached", permanent=True),
    30007: Code("the carrier filtered the message as unwanted; change its wording"),
    30008: Code("the carrier did not say why it failed", retryable=True),
    30009: Code("a part of the message got lost"),
    30010: Code("the message would have cost more than the limit that is set"),
    30017: Code("the carrier's network was congested", retryable=True),
    30018: Code("the number's country wants a registered sender"),
    30019: Code("the files are larger than the carrier takes"),
    30022: Code("the carrier's limit a second was exceeded", retryable=True),
    30023: Code("the carrier's limit for the day was exceeded", retryable=True),
    30024: Code("the sender is not set up at the carrier"),
    30032: Code("the toll-free number has not been verified"),
    30034: Code("the sender is not registered for A2P 10DLC; register it in Twilio's console"),
    30036: Code("the message waited longer than its validity"),
    30410: Code("the provider behind Twilio did not answer in time", retryable=True),
    30450: Code("Twilio stopped the message to protect against traffic pumping"),
    30500: Code("Twilio has a fault of its own", retryable=True),
    63003: Code("the address does not exist on that app", permanent=True),
    63016: Code("the 24-hour window has closed; a template is needed"),
    63018: Code("the app's limit a second was exceeded", retryable=True),
    63024: Code("the recipient is not on that app", permanent=True),
    63032: Code("the customer cannot be written to now: the app limits messages from companies"),
    63038: Code("the account's limit of messages a day was exceeded", retryable=True),
    63049: Code("the app chose not to deliver the message, to protect its users"),
}
_UNKNOWN: Final = Code("")


def explain(code: int | None, told: str = "") -> Code:
    """A number as words; Twilio's own where the number is not known here."""
    known = CODES.get(code or 0, _UNKNOWN)
    if known.words:
        return Code(f"{known.words} (Twilio {code})", known.retryable, known.permanent)
    words = " ".join(told.split())[:300] or "Twilio gave no reason"
    return Code(f"{words} (Twilio {code})" if code else words)
