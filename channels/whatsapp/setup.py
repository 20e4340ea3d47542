"""Whether a WhatsApp inbox is set up right, and what of it we can do ourselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from channels.contract import ChannelConfig, ChannelError, Check
from channels.graph.client import Graph
from channels.graph.setup import check_secrets, check_subscribed, check_verify_token, subscribe_app
from channels.values import line

FIELDS: Final = (
    "messages", "smb_message_echoes", "message_template_status_update",
    "message_template_quality_update", "phone_number_quality_update", "account_update",
    "account_alerts",
)  # fmt: skip
_PERMISSIONS: Final = "whatsapp_business_messaging and whatsapp_business_management"
_BAD_QUALITY: Final = "RED"


async def check(config: ChannelConfig) -> Sequence[Check]:
    """Token, number, app secret, verify token, webhook; nothing is changed."""
    number = str(config.options.get("phone_number_id") or "")
    if not number:
        remedy = "Copy it from WhatsApp, API setup, in the Meta app dashboard."
        return [Check("phone number", ok=False, detail="phone_number_id is not set", remedy=remedy)]
    checks, found = await check_secrets(
        config,
        number,
        "id,display_phone_number,verified_name,quality_rating,code_verification_status",
        _PERMISSIONS,
        "{verified_name}, {display_phone_number}",
    )
    if found:
        quality = line(found, "quality_rating") or "unknown"
        checks.append(Check("phone number", ok=quality.upper() != _BAD_QUALITY,
                            detail=f"{line(found, 'display_phone_number')}, quality {quality}",
                            remedy="See the number's quality in WhatsApp Manager."))  # fmt: skip
    checks.append(check_verify_token(config))
    account = str(config.options.get("waba_id") or "")
    if account:
        checks.append(await check_subscribed(config, account))
    else:
        checks.append(Check("WhatsApp account", ok=False, detail="waba_id is not set",
                            remedy="Copy the WhatsApp Business Account ID into waba_id; templates "
                                   "and the webhook need it."))  # fmt: skip
    return checks


async def connect(config: ChannelConfig, webhook_url: str) -> Sequence[Check]:
    """Give the account a webhook address of its own, and the app its fields."""
    done = [await subscribe_app(config, "whatsapp_business_account", FIELDS, webhook_url)]
    account = str(config.options.get("waba_id") or "")
    token = config.secrets.get("verify_token", "")
    title = "webhook of the account"
    if not account or not token:
        done.append(Check(title, ok=False, detail="waba_id or verify_token is not set",
                          remedy="Set both and connect again."))  # fmt: skip
        return done
    try:
        async with Graph(config) as graph:
            await graph.post(f"{account}/subscribed_apps",
                             json={"override_callback_uri": webhook_url,
                                   "verify_token": token})  # fmt: skip
    except ChannelError as error:
        remedy = f"Is {webhook_url} reachable from the internet over https?"
        done.append(Check(title, ok=False, detail=error.reason, remedy=remedy))
    else:
        done.append(Check(title, ok=True, detail=f"messages of this account go to {webhook_url}"))
    return done
