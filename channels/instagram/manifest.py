"""What the Instagram channel is and which options it takes."""

from __future__ import annotations

from typing import Final

from channels.graph.client import OPTIONS, SECRETS
from channels.instagram.adapter import CAPABILITIES, InstagramChannel
from channels.manifest import Manifest

MANIFEST: Final = Manifest(
    kind="instagram",
    title="Instagram",
    identity_kind="instagram",
    capabilities=CAPABILITIES,
    make=InstagramChannel,
    options={
        "instagram_id": "Id of our professional account.",
        "page_id": "Id of the linked Facebook page; empty with a token of the Instagram login.",
        **OPTIONS,
    },
    secrets={**SECRETS, "access_token": "Token of the page or of the Instagram login."},
    webhook=True,
    required=("instagram_id", "access_token", "app_secret", "verify_token"),
    steps=(
        "Make the account a professional one and allow access to messages in its settings.",
        "Make an app of the type Business at developers.facebook.com and add Instagram to it.",
        "Make a token there: of the Instagram login, or of the page that the account is linked to.",
        "It needs to manage messages and comments.",
        "Copy the account's id, and the app id and secret from App settings.",
        "Choose a long random verify token, save, and press Connect: the webhook is set up.",
        "Ask for advanced access, so that everybody can write.",
    ),
)
