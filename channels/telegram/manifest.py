"""What the Telegram channel is and which options it takes."""

from __future__ import annotations

from typing import Final

from channels.manifest import Manifest
from channels.telegram.adapter import CAPABILITIES, KIND, TelegramChannel
from channels.telegram.parse import IDENTITY

MANIFEST: Final = Manifest(
    kind=KIND,
    title="Telegram",
    identity_kind=IDENTITY,
    capabilities=CAPABILITIES,
    make=TelegramChannel,
    options={
        "groups": "What opens a ticket in groups: mention (default; mentions, replies, commands), "
        "all or none.",
        "silent": "Whether messages arrive without a sound; off by default.",
        "api_url": "Address of a Bot API server of one's own; empty for Telegram's.",
    },
    secrets={"bot_token": "Token of the bot, as @BotFather gives it."},
    webhook=True,
    required=("bot_token",),
    steps=(
        "In Telegram, write /newbot to @BotFather and follow it; choose a name customers know.",
        "Enter the bot's @name as the inbox's address and its token as bot_token.",
        "For groups, write /setprivacy to @BotFather and turn it off if all messages are wanted.",
        "Press Connect: Telegram then calls this desk, which needs a public https address.",
        "Write to the bot and see the message arrive.",
    ),
)
