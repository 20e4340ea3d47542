"""What the open channel is and which options it takes."""

from __future__ import annotations

from typing import Final

from channels.manifest import Manifest
from channels.open.adapter import CAPABILITIES, KIND, OpenChannel
from channels.open.parse import IDENTITY

MANIFEST: Final = Manifest(
    kind=KIND,
    title="Open channel",
    identity_kind=IDENTITY,
    capabilities=CAPABILITIES,
    make=OpenChannel,
    options={
        "url": "Where the desk posts outgoing messages, e.g. https://chat.example/parley.",
        "api_url": "Origin whose files may be fetched although it is not public; empty for none.",
    },
    secrets={
        "signing_secret": "Secret that signs the calls of both sides; at least 32 characters."
    },
    webhook=True,
    required=("url", "signing_secret"),
    steps=(
        "Make a secret, e.g. with `openssl rand -hex 32`, and enter it as signing_secret.",
        "Have the partner's server post messages to the webhook address that this page shows.",
        "Enter the address at which the partner takes messages as url.",
        "Press Check: the desk posts a signed ping there.",
        "Send a message from the partner's side and see it arrive.",
    ),
)
