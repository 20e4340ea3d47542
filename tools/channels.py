"""Part of `make settings`: write docs/channels/README.md from the adapters' manifests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from channels.contract import Capabilities
from channels.manifest import Manifest
from channels.registry import MANIFESTS
from tools.console import ROOT

PAGE = ROOT / "docs" / "channels" / "README.md"


def page(manifests: Iterable[Manifest] = MANIFESTS) -> str:
    """Return docs/channels/README.md."""
    found = sorted(manifests, key=lambda one: one.title.lower())
    contents = "".join(
        f"| [{one.title}](#{_anchor(one.title)}) | `{one.kind}` | {abilities(one.capabilities)} |\n"
        for one in found
    )
    return (
        "# Channels\n\n"
        "An inbox is one address on one channel: a mailbox, a number, a bot. Make it under "
        "Settings, Inboxes, or with `POST /api/v1/inboxes`; the page asks for what stands here. "
        "Secrets are kept encrypted and never shown again.\n\n"
        "A channel that is missing can be added from outside with [the open channel](open.md), "
        "or [in the tree](adapter.md). This page is written by `make settings`.\n\n"
        f"| Channel | Kind | What it can |\n|---|---|---|\n{contents}"
        + "".join(section(one) for one in found)
    )


def section(manifest: Manifest) -> str:
    """One channel: how to set it up, and what the inbox takes."""
    lines = [f"\n## {manifest.title}\n"]
    if manifest.steps:
        lines += [f"{number}. {step}" for number, step in enumerate(manifest.steps, 1)]
        lines.append("")
    if manifest.webhook:
        address = f"/webhooks/{manifest.kind}/{{inbox}}"
        lines += [f"The provider calls `{address}` below `DESK_PUBLIC_URL`.", ""]
    lines += _table("Option", manifest.options, manifest.required)
    lines += _table("Secret", manifest.secrets, manifest.required)
    return "\n".join(lines)


def _table(title: str, rows: Mapping[str, str], required: tuple[str, ...]) -> list[str]:
    if not rows:
        return []
    needed = {name: " Required." if name in required else "" for name in rows}
    return [
        f"| {title} | What it does |",
        "|---|---|",
        *(f"| `{name}` | {_plain(doc)}{needed[name]} |" for name, doc in rows.items()),
        "",
    ]


def _plain(doc: str) -> str:
    return doc.replace("<", "&lt;").replace("|", "\\|")


def abilities(can: Capabilities) -> str:
    """What a channel can, in a line."""
    told = [
        words
        for words, has in (
            ("subject", can.subject),
            ("HTML", can.html),
            ("copies", can.cc),
            ("files", can.attachments),
            (f"{can.max_buttons} buttons", can.buttons),
            ("templates", can.templates),
            ("reactions", can.reactions),
            ("live", can.live),
            ("delivery", can.delivery_receipts),
            ("read", can.read_receipts),
            ("consent", can.consent),
        )
        if has
    ]
    if can.max_text_chars:
        told.append(f"{can.max_text_chars} characters")
    if can.reply_window:
        told.append(f"answers within {int(can.reply_window.total_seconds() // 3600)} hours")
    return ", ".join(told)


def _anchor(title: str) -> str:
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c == "-")


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), "utf-8")
