"""The explicit list of adapters. Nothing else imports a concrete channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from channels.contract import Channel
from channels.email.manifest import MANIFEST as EMAIL
from channels.instagram.manifest import MANIFEST as INSTAGRAM
from channels.line.manifest import MANIFEST as LINE
from channels.manifest import Manifest
from channels.messenger.manifest import MANIFEST as MESSENGER
from channels.open.manifest import MANIFEST as OPEN
from channels.sms.manifest import MANIFEST as SMS
from channels.telegram.manifest import MANIFEST as TELEGRAM
from channels.webchat.manifest import MANIFEST as WEBCHAT
from channels.whatsapp.manifest import MANIFEST as WHATSAPP

MANIFESTS: tuple[Manifest, ...] = (
    EMAIL,
    WEBCHAT,
    SMS,
    WHATSAPP,
    MESSENGER,
    INSTAGRAM,
    TELEGRAM,
    LINE,
    OPEN,
)


class UnknownChannelError(LookupError):
    """No adapter has this name."""


class Registry:
    """The adapters by kind, each made once."""

    def __init__(self, manifests: Iterable[Manifest] = MANIFESTS) -> None:
        self.manifests: Mapping[str, Manifest] = {m.kind: m for m in manifests}
        self._made: dict[str, Channel] = {}

    def manifest(self, kind: str) -> Manifest:
        """The manifest of a kind. Raises UnknownChannelError."""
        try:
            return self.manifests[kind]
        except KeyError:
            known = ", ".join(sorted(self.manifests))
            message = f"there is no channel {kind!r}; there are: {known}"
            raise UnknownChannelError(message) from None

    def get(self, kind: str) -> Channel:
        """The adapter of a kind. Raises UnknownChannelError."""
        manifest = self.manifest(kind)
        if kind not in self._made:
            self._made[kind] = manifest.make()
        return self._made[kind]
