"""Where a message belongs: a chat, a topic in it, and the business account it came through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from channels.values import Json, line, text, whole

_SPOT: Final = re.compile(r"(-?\d{1,20})(?:/(\d{1,12}))?(?:@([\w-]{1,100}))?")
_MESSAGE: Final = re.compile(r"(.+):(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to write to, written as `chat[/topic][@business]`."""

    chat: int
    topic: int | None = None
    business: str = ""

    @classmethod
    def of(cls, message: Json) -> Self | None:
        """Where a message was written; None when it does not say."""
        chat = whole(message, "chat", "id")
        if chat is None:
            return None
        topic = whole(message, "message_thread_id") if message.get("is_topic_message") else None
        return cls(chat, topic, text(message, "business_connection_id")[:100])

    @classmethod
    def read(cls, value: str) -> Self | None:
        """The written form; None when it is none."""
        found = _SPOT.fullmatch(value)
        if found is None:
            return None
        return cls(int(found[1]), int(found[2]) if found[2] else None, found[3] or "")

    def __str__(self) -> str:
        topic = f"/{self.topic}" if self.topic is not None else ""
        return f"{self.chat}{topic}{f'@{self.business}' if self.business else ''}"

    def message(self, number: int | None) -> str:
        """How a message there is called. Numbers count per chat, not per topic."""
        business = f"@{self.business}" if self.business else ""
        return f"{self.chat}{business}:{number}"

    @property
    def is_private(self) -> bool:
        """Whether it is a person's own chat with the bot: their id is the chat's."""
        return self.chat > 0 and self.topic is None and not self.business


def message_number(external_id: str) -> int | None:
    """The number within its chat, from what `Spot.message` made."""
    found = _MESSAGE.fullmatch(external_id)
    return int(found[2]) if found else None


def person(user: Json) -> str:
    """A user's or chat's name as people write it."""
    whole_name = f"{line(user, 'first_name')} {line(user, 'last_name')}".strip()
    return (whole_name or line(user, "title") or line(user, "username"))[:200]
