"""Is the inbox connected to Twilio, and connect it."""

from __future__ import annotations

from collections.abc import Sequence

from twilio.rest import Client

from channels.contract import ChannelConfig, ChannelError, Check
from channels.sms.client import as_channel_error
from channels.sms.numbers import read_party
from channels.sms.send import FAILURES, KIND

_CREDENTIALS = (
    "Copy the Account SID and the Auth Token from the start page of console.twilio.com; with an "
    "API key, its SID and secret as well."
)


def credentials_missing(error: ChannelError) -> Check:
    """The line for an inbox without credentials."""
    return Check("credentials", ok=False, detail=error.reason, remedy=_CREDENTIALS)


def check(client: Client, config: ChannelConfig) -> list[Check]:
    """Sign in and look; nothing is changed. Blocks."""
    lines = [_account(client, config)]
    if not lines[0].ok:
        return lines
    lines.append(
        Check(
            "signature",
            ok=bool(config.secrets.get("auth_token")),
            detail="webhooks are checked with auth_token",
            remedy="Set auth_token: Twilio signs webhooks with it, also when an API key sends.",
        )
    )
    try:
        lines.append(_webhook(client, config))
    except ChannelError as error:
        lines.append(_failed("webhook", error))
    except FAILURES as error:
        lines.append(_failed("webhook", as_channel_error(error)))
    return lines


def _failed(name: str, error: ChannelError) -> Check:
    if error.code == "20003":
        return Check(name, ok=False, detail=error.reason, remedy=_CREDENTIALS)
    remedy = (
        "Try again; if it stays, look at status.twilio.com." if error.retryable else _CREDENTIALS
    )
    return Check(name, ok=False, detail=error.reason, remedy=remedy)


def _account(client: Client, config: ChannelConfig) -> Check:
    try:
        account = client.api.accounts(str(config.options.get("account_sid"))).fetch()
    except ChannelError as error:
        return _failed("credentials", error)
    except FAILURES as error:
        return _failed("credentials", as_channel_error(error))
    status = str(account.status)
    return Check(
        "credentials",
        ok=status == "active",
        detail=f"{account.friendly_name}: {status}",
        remedy="Ask Twilio's support why the account is not active.",
    )


def _webhook(client: Client, config: ChannelConfig) -> Check:
    wanted = config.webhook_url(KIND)
    service = str(config.options.get("messaging_service_sid") or "")
    if service:
        found = client.messaging.v1.services(service).fetch()
        if found.use_inbound_webhook_on_number:
            return Check("webhook", ok=True, detail=f"{found.friendly_name}: set at each number")
        return _compared(str(found.inbound_request_url or ""), wanted, found.friendly_name)
    number = read_party(config.address).value
    rows = client.incoming_phone_numbers.list(phone_number=number, limit=1)
    if not rows:
        return Check(
            "number",
            ok=False,
            detail=f"{number} is not among the account's numbers",
            remedy="Check the inbox's number; a short code or a hosted sender is set up by hand.",
        )
    return _compared(str(rows[0].sms_url or ""), wanted, number)


def _compared(is_set: str, wanted: str, what: str) -> Check:
    return Check(
        "webhook",
        ok=bool(wanted) and is_set == wanted,
        detail=f"{what} calls {is_set or 'nobody'}",
        remedy=f"Connect the inbox, or set the address for messages to {wanted} (POST)."
        if wanted
        else "Set DESK_PUBLIC_URL to the address under which Twilio reaches this desk.",
    )


def connect(client: Client, config: ChannelConfig, webhook_url: str) -> Sequence[Check]:
    """Enter our webhook at Twilio. Blocks."""
    service = str(config.options.get("messaging_service_sid") or "")
    try:
        if service:
            client.messaging.v1.services(service).update(
                inbound_request_url=webhook_url,
                inbound_method="POST",
                use_inbound_webhook_on_number=False,
            )
            return [Check("webhook", ok=True, detail=f"{service} calls {webhook_url}")]
        number = read_party(config.address).value
        rows = client.incoming_phone_numbers.list(phone_number=number, limit=1)
        if not rows:
            return [
                Check(
                    "number",
                    ok=False,
                    detail=f"{number} is not among the account's numbers",
                    remedy=f"In Twilio's console, set the sender's address for messages to "
                    f"{webhook_url} (POST).",
                )
            ]
        rows[0].update(sms_url=webhook_url, sms_method="POST")
        return [Check("webhook", ok=True, detail=f"{number} calls {webhook_url}")]
    except ChannelError as error:
        return [_failed("webhook", error)]
    except FAILURES as error:
        return [_failed("webhook", as_channel_error(error))]
