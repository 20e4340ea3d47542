"""What the LINE channel is and which options it takes."""

from __future__ import annotations

from typing import Final

from channels.line.adapter import CAPABILITIES, KIND, LineChannel
from channels.line.parse import IDENTITY
from channels.manifest import Manifest

MANIFEST: Final = Manifest(
    kind=KIND,
    title="LINE",
    identity_kind=IDENTITY,
    capabilities=CAPABILITIES,
    make=LineChannel,
    options={
        "groups": "What opens a ticket in groups: mention (default), all or none.",
        "silent": "Whether messages arrive without a sound; off by default.",
        "api_url": "Address of a gateway that speaks LINE's API; empty for LINE itself.",
    },
    secrets={
        "channel_secret": "Channel secret; LINE signs webhooks with it.",
        "channel_access_token": "Long-lived channel access token; it sends.",
    },
    webhook=True,
    required=("channel_secret", "channel_access_token"),
    steps=(
        "In developers.line.biz/console, open the provider and its Messaging API channel.",
        "Copy the channel secret from Basic settings into the inbox.",
        "Issue a long-lived channel access token under Messaging API and copy it as well.",
        "Enter the account's basic id (@...) as the inbox's address.",
        "Press Connect: the webhook is set and tried.",
        "Under Messaging API, turn on Use webhook and Webhook redelivery.",
        "In LINE Official Account Manager, turn off the auto-reply messages.",
        "Add the account as a friend, write to it and see the message arrive.",
    ),
)
