"""The Instagram adapter: one professional account, its messages and comments."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from channels.contract import Capabilities, ChannelConfig
from channels.graph.comments import THREAD
from channels.graph.conversations import MAX_FILE, ConversationChannel
from channels.graph.outbound import (
    HUMAN_AGENT,
    MAX_QUICK_REPLIES,
    PRIVATE_REPLY,
    TAG_WINDOW,
    Limits,
)
from channels.graph.platform import Platform

PLATFORM: Final = Platform("instagram", "Instagram", "instagram", "instagram_id")
TYPES: Final = (
    "image/jpeg", "image/png", "image/gif", "audio/aac", "audio/mp4", "audio/x-m4a", "audio/wav",
    "audio/x-wav", "video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm",
    "application/pdf",
)  # fmt: skip
LIMITS: Final = Limits("Instagram", 1000, bytes_count=True, types=TYPES, reactions=True)
FIELDS: Final = (
    "messages", "messaging_postbacks", "messaging_seen", "message_reactions", "messaging_referral",
    "standby", "comments", "live_comments", "mentions",
)  # fmt: skip
CAPABILITIES: Final = Capabilities(
    max_attachment_bytes=MAX_FILE,
    max_text_chars=LIMITS.max_text,
    read_receipts=True,
    buttons=True,
    reply_window=timedelta(hours=24),
    tags=(HUMAN_AGENT, PRIVATE_REPLY),
    max_buttons=MAX_QUICK_REPLIES,
    max_attachments=1,
    attachment_types=TYPES,
    reactions=True,
    clock=True,
    public=THREAD,
    private_tag=PRIVATE_REPLY,
    tag_window=TAG_WINDOW,
)


class InstagramChannel(ConversationChannel):
    """Fills the channel port for one account."""

    kind: str = "instagram"
    capabilities: Capabilities = CAPABILITIES
    platform = PLATFORM
    limits = LIMITS
    fields = FIELDS
    permissions = "instagram_manage_messages, instagram_manage_comments and pages_manage_metadata"

    def node(self, config: ChannelConfig) -> str:
        """The linked page with a page's token, else the account itself. Raises `ChannelError`."""
        return _page(config) or super().node(config)

    def node_fields(self, config: ChannelConfig) -> tuple[str, ...]:
        """A page has to be subscribed to anything of its own for the account's events to come."""
        return ("messages",) if _page(config) else self.fields


def _page(config: ChannelConfig) -> str:
    """The linked page, where the token is one of a page's."""
    page = str(config.options.get("page_id") or "")
    return "" if config.secrets.get("access_token", "").startswith("IG") else page
