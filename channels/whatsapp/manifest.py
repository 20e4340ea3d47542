"""What the WhatsApp channel is and which options it takes."""

from __future__ import annotations

from typing import Final

from channels.graph.client import OPTIONS, SECRETS
from channels.manifest import Manifest
from channels.whatsapp.adapter import CAPABILITIES, WhatsAppChannel

MANIFEST: Final = Manifest(
    kind="whatsapp",
    title="WhatsApp",
    identity_kind="phone",
    other_identity_kinds=("whatsapp",),  # of people who hide their number
    capabilities=CAPABILITIES,
    make=WhatsAppChannel,
    options={
        "phone_number_id": "Id of our phone number at Meta (not the number itself).",
        "waba_id": "Id of the WhatsApp Business Account; templates and the webhook need it.",
        **OPTIONS,
    },
    secrets=SECRETS,
    webhook=True,
    required=("phone_number_id", "access_token", "app_secret", "verify_token"),
    steps=(
        "Make an app of the type Business at developers.facebook.com and add WhatsApp to it.",
        "Copy the phone number id and the account id from WhatsApp, API setup.",
        "Make a system user in Meta Business Suite and a token for it.",
        "Give it whatsapp_business_messaging and whatsapp_business_management.",
        "Copy the app id and the app secret from App settings, Basic.",
        "Choose a long random verify token, save, and press Connect: the webhook is set up.",
        "Set the app to Live, so that customers without a role in it can write.",
    ),
)
