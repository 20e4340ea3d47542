"""What stands behind a webhook address in these tests: an adapter, and what came through it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from channels.contract import BadSignature, Channel, ChannelConfig, Check, RawPayload
from channels.emulators.asgi import Receive, Scope, Send


class Desk:
    def __init__(self, channel: Channel, config: ChannelConfig) -> None:
        self.channel, self.config = channel, config
        self.items: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        headers = {k.decode().lower(): v.decode() for k, v in scope["headers"]}
        url = f"http://desk{scope['path']}?{scope['query_string'].decode()}"
        payload = RawPayload(body, headers, url=url, method=scope["method"])
        status, answer = 200, b""
        try:
            shaken = self.channel.handshake(payload, self.config)
            if shaken is None:
                self.channel.verify(payload, self.config)
                for part in self.channel.split(payload, self.config):
                    self.items += self.channel.parse(part, self.config)
            else:
                answer = shaken.body
        except BadSignature:
            status = 401
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": answer})


def by_name(checks: Iterable[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}
