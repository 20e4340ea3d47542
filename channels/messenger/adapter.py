"""The Messenger adapter: one Facebook page, its conversations and the comments on its posts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from channels.contract import Capabilities
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

PLATFORM: Final = Platform("messenger", "Messenger", "page", "page_id")
LIMITS: Final = Limits("Messenger", 2000, bytes_count=False, types=(), reactions=False)
FIELDS: Final = (
    "messages", "messaging_postbacks", "message_deliveries", "message_reads", "message_reactions",
    "message_edits", "message_echoes", "messaging_referrals", "messaging_optins",
    "messaging_handovers", "standby", "feed", "mention",
)  # fmt: skip
CAPABILITIES: Final = Capabilities(
    max_attachment_bytes=MAX_FILE,
    max_text_chars=LIMITS.max_text,
    read_receipts=True,
    delivery_receipts=True,
    buttons=True,
    reply_window=timedelta(hours=24),
    tags=(HUMAN_AGENT, PRIVATE_REPLY),
    max_buttons=MAX_QUICK_REPLIES,
    max_attachments=1,
    clock=True,
    public=THREAD,
    private_tag=PRIVATE_REPLY,
    tag_window=TAG_WINDOW,
)


class MessengerChannel(ConversationChannel):
    """Fills the channel port for one page."""

    kind: str = "messenger"
    capabilities: Capabilities = CAPABILITIES
    platform = PLATFORM
    limits = LIMITS
    fields = FIELDS
    permissions = "pages_messaging, pages_manage_metadata and pages_read_engagement"
