"""What the SMS channel is and which options it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from channels.manifest import Manifest
from channels.sms.adapter import CAPABILITIES, SmsChannel
from channels.sms.segments import count, smart_encode


def _segments(text: str, options: Mapping[str, object]) -> Mapping[str, object]:
    """As Twilio will send it: typographic characters replaced unless that is switched off."""
    return asdict(count(smart_encode(text) if options.get("smart_encoded", True) else text))


MANIFEST: Final = Manifest(
    kind="sms",
    title="SMS (Twilio)",
    identity_kind="phone",
    silent_identity_kinds=("sms",),  # short codes and names
    capabilities=CAPABILITIES,
    make=SmsChannel,
    options={
        "account_sid": "SID of the Twilio account, AC followed by 32 digits.",
        "api_key_sid": "SID of an API key, SK..., when sending goes by key; empty for the token.",
        "messaging_service_sid": "Messaging Service that picks the sender, MG...; empty for none.",
        "sender_id": "Name shown as the sender where the country allows one; no answers reach it.",
        "smart_encoded": "Whether Twilio replaces typographic characters to save segments; on.",
        "validity_seconds": "How long a message may wait at Twilio, 1 to 36000 seconds.",
        "region": "Twilio region that processes the messages, e.g. ie1; us1 when left empty.",
        "edge": "Twilio edge to connect to, e.g. dublin; the nearest when left empty.",
        "api_url": "Address of a gateway that speaks Twilio's API; empty for Twilio itself.",
    },
    secrets={
        "auth_token": "Auth token of the account; it also signs Twilio's webhooks.",
        "api_key_secret": "Secret of the API key, where api_key_sid is set.",
    },
    webhook=True,
    count_segments=_segments,
    required=("account_sid", "auth_token"),
    steps=(
        "In console.twilio.com, copy the Account SID and the Auth Token into the inbox.",
        "Buy or choose a number that can send SMS and enter it as the inbox's address.",
        "Press Connect: the number's address for incoming messages is set to this desk.",
        "With a Messaging Service, enter its SID before that; its senders then share the inbox.",
        "For Advanced Opt-Out, leave STOP and START to Twilio: the desk keeps what it reports.",
        "Send a text to the number and see it arrive.",
    ),
)
