"""Checks and steps that the three channels share: token, app secret, webhook of the app."""

from __future__ import annotations

from collections.abc import Sequence

from channels.contract import ChannelConfig, ChannelError, Check
from channels.graph.client import Graph
from channels.values import Json, line, objects, text

_HOW_TO_GET_ONE = (
    "In Meta Business Suite, Settings, System users: make a token for the app with {permissions} "
    "and put it into access_token."
)


async def check_secrets(config: ChannelConfig, node: str, fields: str, permissions: str,
                        about: str) -> tuple[list[Check], Json]:  # fmt: skip
    """Whether the token opens `node`, and whether the app secret belongs to the token."""
    checks: list[Check] = []
    found: Json = {}
    remedy = _HOW_TO_GET_ONE.format(permissions=permissions)
    try:
        async with Graph(config, prove=False) as graph:
            found = await graph.get(node, fields=fields)
        checks.append(Check("access token", ok=True, detail=about.format_map(_Shown(found))))
    except ChannelError as error:
        asked_for_proof = "appsecret_proof" in error.reason
        if not asked_for_proof:
            checks.append(Check("access token", ok=False, detail=error.reason, remedy=remedy))
            return checks, found
    checks.append(await _check_app_secret(config, node))
    return checks, found


async def _check_app_secret(config: ChannelConfig, node: str) -> Check:
    remedy = "Copy the app secret from App settings, Basic, in the Meta app dashboard."
    if not config.secrets.get("app_secret"):
        return Check("app secret", ok=False, detail="it is not set, so no webhook is accepted",
                     remedy=remedy)  # fmt: skip
    try:
        async with Graph(config) as graph:
            await graph.get(node, fields="id")
    except ChannelError as error:
        return Check("app secret", ok=False, detail=error.reason, remedy=remedy)
    return Check("app secret", ok=True, detail="it belongs to the token's app")


def check_verify_token(config: ChannelConfig) -> Check:
    """Whether Meta's question about the webhook can be answered."""
    return Check(
        "verify token",
        ok=bool(config.secrets.get("verify_token")),
        detail="set" if config.secrets.get("verify_token") else "it is not set",
        remedy="Put any long random text into verify_token.",
    )


async def check_subscribed(config: ChannelConfig, node: str, wanted: Sequence[str] = ()) -> Check:
    """Whether the app gets the webhooks of this account or page."""
    title = "webhook subscription"
    remedy = "Press “Connect”, or subscribe the app in the Meta app dashboard."
    try:
        async with Graph(config) as graph:
            answer = await graph.get(f"{node}/subscribed_apps")
    except ChannelError as error:
        return Check(title, ok=False, detail=error.reason, remedy=remedy)
    apps = objects(answer, "data")
    if not apps:
        return Check(title, ok=False, detail="no app is subscribed", remedy=remedy)
    fields = {field for app in apps for field in app.get("subscribed_fields") or ()
              if isinstance(field, str)}  # fmt: skip
    missing = [field for field in wanted if field not in fields]
    if missing:
        return Check(title, ok=False, detail=f"not subscribed: {', '.join(missing)}", remedy=remedy)
    where = line(apps[0], "override_callback_uri")
    return Check(title, ok=True, detail=where or "the app is subscribed")


async def subscribe_app(config: ChannelConfig, kind: str, fields: Sequence[str],
                        webhook_url: str) -> Check:  # fmt: skip
    """Set the app's webhook for a kind of object: page, instagram, whatsapp_business_account.

    It is one address for the whole app, so another one that is there is left alone.
    """
    title = "webhook of the app"
    by_hand = (
        f"In the Meta app dashboard, Webhooks, object {kind}: enter {webhook_url} and your verify "
        f"token, then subscribe to {', '.join(fields)}."
    )
    app_id = str(config.options.get("app_id") or "")
    secret = config.secrets.get("app_secret", "")
    token = config.secrets.get("verify_token", "")
    if not (app_id and secret and token):
        return Check(title, ok=False, detail="app_id, app_secret or verify_token is not set",
                     remedy=by_hand)  # fmt: skip
    try:
        async with Graph(config, token=f"{app_id}|{secret}", prove=False) as graph:
            answer = await graph.get(f"{app_id}/subscriptions")
            there = [s for s in objects(answer, "data") if text(s, "object") == kind]
            if there and text(there[0], "callback_url") not in {"", webhook_url}:
                other = line(there[0], "callback_url")
                return Check(title, ok=False, detail=f"the app's webhook goes to {other}",
                             remedy=f"It is left as it is. To change it: {by_hand}")  # fmt: skip
            form = {"object": kind, "callback_url": webhook_url, "verify_token": token,
                    "fields": ",".join(fields), "include_values": "true"}  # fmt: skip
            await graph.post(f"{app_id}/subscriptions", data=form)
    except ChannelError as error:
        return Check(title, ok=False, detail=error.reason, remedy=by_hand)
    return Check(title, ok=True, detail=f"{webhook_url} gets {', '.join(fields)}")


async def subscribe_node(config: ChannelConfig, node: str, fields: Sequence[str]) -> Check:
    """Have a page's or account's events go to the app's webhook."""
    title = "webhook subscription"
    try:
        async with Graph(config) as graph:
            wanted = {"subscribed_fields": ",".join(fields)}
            await graph.post(f"{node}/subscribed_apps", params=wanted)
    except ChannelError as error:
        return Check(
            title,
            ok=False,
            detail=error.reason,
            remedy="Give the token pages_manage_metadata, or subscribe by hand.",
        )
    return Check(title, ok=True, detail=f"subscribed to {', '.join(fields)}")


class _Shown(dict[str, str]):
    """For a sentence: fields of an answer, "?" where they are missing."""

    def __init__(self, answer: Json) -> None:
        super().__init__({key: line(answer, key) for key in answer})

    def __missing__(self, key: str) -> str:
        return "?"
