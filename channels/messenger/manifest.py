"""What the Messenger channel is and which options it takes."""

from __future__ import annotations

from typing import Final

from channels.graph.client import OPTIONS, SECRETS
from channels.manifest import Manifest
from channels.messenger.adapter import CAPABILITIES, MessengerChannel

MANIFEST: Final = Manifest(
    kind="messenger",
    title="Messenger",
    identity_kind="messenger",
    capabilities=CAPABILITIES,
    make=MessengerChannel,
    options={"page_id": "Id of our Facebook page.", **OPTIONS},
    secrets={**SECRETS, "access_token": "Page access token with which we call Meta."},
    webhook=True,
    required=("page_id", "access_token", "app_secret", "verify_token"),
    steps=(
        "Make an app of the type Business at developers.facebook.com and add Messenger to it.",
        "Copy the page's id from its About page, and the app id and secret from App settings.",
        "Make a page access token in the app's Messenger settings.",
        "It needs pages_messaging, pages_manage_metadata and pages_read_engagement.",
        "Choose a long random verify token, save, and press Connect: the webhook is set up.",
        "Ask for advanced access to pages_messaging, so that everybody can write.",
        "To answer up to 7 days later, ask for the Human Agent feature as well.",
    ),
)
