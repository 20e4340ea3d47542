"""What the web chat adapter says about itself."""

from __future__ import annotations

from channels.manifest import Manifest
from channels.webchat.adapter import CAPABILITIES, WebchatChannel

MANIFEST = Manifest(
    kind="webchat",
    title="Web chat",
    identity_kind="webchat",
    capabilities=CAPABILITIES,
    make=WebchatChannel,
    options={
        "origins": "Origins of the web sites that may embed the widget, e.g. https://shop.example.",
        "locales": "Languages the widget offers, e.g. en, he.",
        "accent": "Accent colour, #rrggbb.",
        "position": "Corner of the page: end or start.",
        "pre_chat": "Fields asked before the first message: name, label, type, required.",
        "timezone": "IANA zone of the opening hours.",
        "hours": "Opening hours by weekday (0 is Monday): lists of [from, to].",
        "uploads": "Whether visitors may send files.",
        "logo": "URL of a square logo.",
    },
    secrets={
        "identity_secret": "Signs the site's own identity tokens (HS256 JWT).",
        "hash_secret": "Made by the desk; signs visitor tokens.",
    },
)
