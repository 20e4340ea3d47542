"""What the email channel is and which options it takes."""

from __future__ import annotations

from typing import Final

from channels.contract import Channel
from channels.email.adapter import CAPABILITIES, EmailChannel
from channels.email.compose import wire_address
from channels.email.threading import gather_evidence, make_message_id, make_reply_token
from channels.manifest import Manifest


def _make() -> Channel:
    return EmailChannel()


def _message_id(key: str, secret: str, address: str) -> str | None:
    return make_message_id(key, secret, wire_address(address).rpartition("@")[2])


MANIFEST: Final = Manifest(
    kind="email",
    title="Email",
    identity_kind="email",
    capabilities=CAPABILITIES,
    make=_make,
    options={
        "smtp_host": "Server that takes our outgoing mail.",
        "smtp_port": "Its port; 587 for starttls, 465 for tls, 25 for none when left empty.",
        "smtp_tls": "How the connection is protected: starttls (default), tls or none.",
        "smtp_user": "User name for sending; empty when the server asks for none.",
        "smtp_timeout": "Seconds to wait for each answer of the server; 30 when left empty.",
        "imap_host": "Server with the mailbox to read; empty when mail comes by SMTP or LMTP.",
        "imap_port": "Its port; 993 for tls, 143 otherwise when left empty.",
        "imap_tls": "How the connection is protected: tls (default), starttls or none.",
        "imap_user": "User name of the mailbox; the inbox's address when left empty.",
        "imap_folder": "Folder to read; INBOX when left empty.",
        "imap_after": "What happens to stored mail: seen (default), keep or move:<folder>.",
        "oauth_provider": "Log in with OAuth 2 at google or microsoft; empty for a password.",
        "oauth_client_id": "OAuth 2: the client id of your registration with the provider.",
        "oauth_tenant": "OAuth 2 at Microsoft: the tenant; common when left empty.",
        "oauth_token_url": "OAuth 2: where tokens are refreshed, for other providers.",
        "oauth_scope": "OAuth 2: the scope to ask for; the provider's usual one when left empty.",
        "tls_ca_file": "File with your servers' certificate authority; empty for the system's.",
        "from_name": "Name in From; the inbox's name when left empty.",
        "from_display": "Name in From, with variables; e.g. {{ agent.name }} of {{ inbox.name }}.",
        "signature": "Plain text below each outgoing mail; it may have variables.",
        "auto_reply": 'Answer to a new ticket, with variables: a text, or {"en": "...", ...}.',
        "auto_reply_per_hour": "How many automatic answers one customer gets in an hour; 3.",
        "reply_domain": "Domain for reply addresses, where it differs from the inbox's address.",
        "body_marker": "Whether to write the ticket's reference below each mail; off by default.",
        "inbound_provider": "Service that posts mail to the webhook: none (default), postmark, "
        "mailgun, sendgrid or ses.",
        "sns_topic": "SES: the ARN of the SNS topic that may call the webhook.",
        "api_url": "Where Amazon's certificates are fetched, in place of Amazon; for tests only.",
        "check_sender": "Whether SPF, DKIM and DMARC of mail to our own listener are checked; yes.",
        "authserv_id": "Server whose Authentication-Results are trusted; empty for none.",
    },
    secrets={
        "webhook_password": "Postmark, SendGrid: the password in the webhook's URL.",
        "webhook_signing_key": "Mailgun: the HTTP webhook signing key.",
        "sendgrid_public_key": "SendGrid: the verification key of signed event webhooks; optional.",
        "smtp_password": "Password for sending.",
        "imap_password": "Password of the mailbox.",
        "imap_oauth_token": "OAuth 2 access token for the mailbox, used in place of the password.",
        "oauth_client_secret": "OAuth 2: the client secret; empty for public clients.",
        "oauth_refresh_token": "OAuth 2: the refresh token that the consent page gave.",
        "hash_secret": "Key that signs our Message-IDs and reply addresses; keep it when moving.",
    },
    webhook=True,
    required=("smtp_host",),
    steps=(
        "Set smtp_host, smtp_user and smtp_password: the server that takes our outgoing mail.",
        "For mail in, set imap_host, imap_user and imap_password, or deliver to our own port.",
        "Or set inbound_provider and have that service post mail to the webhook.",
        "Postmark and SendGrid: put parley:PASSWORD@ before the host and set webhook_password.",
        "Press check: each server is tried, and what is wrong is said.",
    ),
    gather_evidence=gather_evidence,
    make_message_id=_message_id,
    make_reply_token=make_reply_token,
)
