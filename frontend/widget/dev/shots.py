"""Pictures of every state of the widget, each checked with axe. Usage: shots.py FOLDER [state...]."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stage import Stage, axe, open_widget, stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import FrameLocator, Page

DESKTOP: dict[str, Any] = {}
PHONE: dict[str, Any] = {
    "viewport": {"width": 375, "height": 760},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
DARK: dict[str, Any] = {"color_scheme": "dark"}
HEBREW: dict[str, Any] = {"locale": "he-IL", "timezone_id": "Asia/Jerusalem"}
INGRID = {"kind": "agent", "name": "Ingrid"}
BOT = {"kind": "bot", "name": "Assistant"}
MARA = {"kind": "visitor", "name": "Mara"}


def picture() -> bytes:
    """A small PNG in two colours."""
    rows = b"".join(
        b"\0" + (b"\xcd\xbb\x9d" if y < 30 else b"\x4d\x6a\x5b") * 96 for y in range(60)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 96, 60, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_history(on: Stage, **say: Any) -> str:
    """A conversation about a strap, begun yesterday."""
    thread = on.drive("open", subject="Loose strap on Tarn 45")["id"]
    on.drive(
        "say",
        id=thread,
        author=MARA,
        text="A shoulder strap on my Tarn 45 is coming loose.",
        created_at="2026-11-21T16:20:00Z",
        state="read",
        quiet=True,
    )
    on.drive(
        "say",
        id=thread,
        author=INGRID,
        quiet=True,
        **{
            "text": "Sorry about that, Mara. Could you send a photo of the stitching? "
            "I can post a new strap today.",
            **say,
        },
    )
    return str(thread)


def bot_thread(on: Stage, hebrew: bool = False) -> None:
    on.drive("config", bot={"name": "העוזר" if hebrew else "Assistant"})
    bot = {"kind": "bot", "name": "העוזר" if hebrew else "Assistant"}
    on.drive("open", subject="החזרת אוהל" if hebrew else "Return a tent")
    if hebrew:
        on.drive("say", author=MARA, text="אפשר להחזיר אוהל שהקמתי פעם אחת?", quiet=True)
        on.drive(
            "say",
            author=bot,
            quiet=True,
            text="כן, תוך 60 יום. אוהל שהוקם פעם אחת מתקבל בחזרה כשהוא נקי, יבש ושלם.",
            sources=[
                {
                    "title": "החזרת אוהל או שק שינה",
                    "detail": "כמה כסף חוזר · 3 בנובמבר 2026",
                    "url": "/help/1",
                }
            ],
        )
        on.drive("say", author=MARA, text="ההזמנה היא FS-20418. מה מצב ההחזר?", quiet=True)
        return
    on.drive(
        "say", author=bot, text="Hello Mara. I can answer, or get a person for you.", quiet=True
    )
    on.drive(
        "say", author=MARA, text="Can I still return a tent if I have pitched it once?", quiet=True
    )
    on.drive(
        "say",
        author=bot,
        quiet=True,
        text="Yes, within 60 days. Pitched once at home is fine, as long as it is clean, dry "
        "and complete. You get the full price back about 5 days after it reaches us.",
        sources=[
            {
                "title": "Return a tent or sleeping bag",
                "detail": "What you get back · 3 Nov 2026",
                "url": "/help/1",
            }
        ],
        quick_replies=["Start a return", "Where do I drop it off?", "It is still damp"],
    )


def home(on: Stage, page: Page) -> FrameLocator:
    with_history(on)
    on.drive(
        "open", subject="Delivery of FS-20418", status="resolved", created_at="2026-11-12T10:00:00Z"
    )
    on.drive(
        "set",
        visitor={"name": "Mara Lind", "email": "mara@fjordpost.example", "verified": True},
        hours={
            "open": True,
            "opens_at": None,
            "closes_at": "2026-11-22T17:00:00Z",
            "timezone": "Europe/Oslo",
        },
    )
    return open_widget(page)


def search(on: Stage, page: Page) -> FrameLocator:
    frame = home(on, page)
    frame.get_by_role("searchbox").fill("pack")
    frame.get_by_text("Articles found").wait_for()
    return frame


def form(on: Stage, page: Page) -> FrameLocator:
    frame = open_widget(page)
    frame.get_by_role("button", name="Send us a message").click()
    frame.get_by_label("First name").fill("Mara")
    frame.get_by_label("Email").fill("mara@fjordpost")
    frame.get_by_label("What is it about?").select_option("An order or a delivery")
    frame.get_by_label("Order number").fill("FS-20418")
    frame.get_by_label("Your message").fill("Can the parcel go to a pickup point instead?")
    frame.get_by_role("button", name="Start conversation").click()
    return frame


def assistant(on: Stage, page: Page) -> FrameLocator:
    bot_thread(on)
    frame = open_widget(page)
    frame.get_by_text("Return a tent", exact=True).click()
    frame.get_by_text("Start a return").wait_for()
    return frame


def person(on: Stage, page: Page) -> FrameLocator:
    with_history(on)
    frame = open_widget(page)
    frame.get_by_text("Loose strap").click()
    on.drive("set", refuseNext=[{"code": "invalid", "detail": "The message was refused."}])
    frame.get_by_role("textbox").fill("It is the left one, by the frame.")
    frame.get_by_role("textbox").press("Enter")
    frame.get_by_text("Not sent").wait_for()
    on.drive("typing", name="Ingrid")
    page.route("**/api/widget/v1/files", lambda _route: None)
    frame.locator("input[type=file]").set_input_files(
        {"name": "strap-left.png", "mimeType": "image/png", "buffer": picture()}
    )
    frame.locator(".up").wait_for()
    frame.get_by_role("textbox").fill("Thank you, that would be")
    on.drive("typing", name="Ingrid")
    frame.get_by_text("Ingrid is typing").wait_for()
    return frame


def reconnecting(on: Stage, page: Page) -> FrameLocator:
    with_history(on)
    frame = open_widget(page)
    frame.get_by_text("Loose strap").click()
    frame.get_by_text("Sorry about that").wait_for()
    on.drive("cut", stay=True)
    for text in ("The bookshop, please.", "And could they hold it until Friday?"):
        frame.get_by_role("textbox").fill(text)
        frame.get_by_role("textbox").press("Enter")
    frame.get_by_text("No connection").wait_for()
    frame.get_by_text("Waiting to send").nth(1).wait_for()
    return frame


def closed(on: Stage, page: Page) -> FrameLocator:
    on.drive("config", bot={"name": "Assistant"})
    on.drive(
        "set",
        hours={
            "open": False,
            "opens_at": "2026-11-23T08:00:00Z",
            "closes_at": None,
            "timezone": "Europe/Oslo",
        },
    )
    frame = open_widget(page)
    frame.get_by_role("heading", name="Back").wait_for()
    return frame


def rating(on: Stage, page: Page) -> FrameLocator:
    with_history(on)
    on.drive("set", visitor={"name": "Mara", "email": "mara@fjordpost.example", "verified": True})
    frame = open_widget(page)
    frame.get_by_text("Loose strap").click()
    on.drive("status", status="resolved")
    frame.get_by_text("4", exact=True).click()
    frame.get_by_role("button", name="Fast").click()
    frame.get_by_role("button", name="Solved it").click()
    return frame


def hebrew(on: Stage, page: Page) -> FrameLocator:
    bot_thread(on, hebrew=True)
    frame = open_widget(page)
    frame.get_by_text("החזרת אוהל", exact=True).click()
    frame.get_by_text("תוך 60 יום").wait_for()
    return frame


def hebrew_form(on: Stage, page: Page) -> FrameLocator:
    frame = open_widget(page)
    frame.get_by_role("button", name="לכתוב לנו").click()
    frame.get_by_label("מייל").fill("mara@fjordpost")
    frame.get_by_role("button", name="התחלת שיחה").click()
    return frame


def hebrew_closed(on: Stage, page: Page) -> FrameLocator:
    on.drive(
        "set",
        hours={
            "open": False,
            "opens_at": "2026-11-23T08:00:00Z",
            "closes_at": None,
            "timezone": "Europe/Oslo",
        },
    )
    return open_widget(page)


def menu(on: Stage, page: Page) -> FrameLocator:
    with_history(on)
    frame = open_widget(page)
    frame.get_by_text("Loose strap").click()
    frame.get_by_role("button", name="More options").click()
    return frame


def dialog(on: Stage, page: Page) -> FrameLocator:
    frame = menu(on, page)
    frame.get_by_role("button", name="Email me the transcript").click()
    frame.get_by_role("dialog").get_by_role("textbox").fill("mara")
    frame.get_by_role("button", name="Send by email").click()
    return frame


def launcher(on: Stage, page: Page) -> None:
    page.get_by_role("button", name="Open messages").focus()


def unread(on: Stage, page: Page) -> None:
    with_history(on)
    open_widget(page).locator("#conversations").wait_for()
    page.keyboard.press("Escape")
    on.drive("say", author=INGRID, text="Did it arrive?")
    page.get_by_role("button", name="Open messages, 2 unread").wait_for()


def accent(on: Stage, page: Page) -> FrameLocator:
    on.drive("config", theme={"accent": "#e0a800", "position": "end", "logo": None})
    return person(on, page)


def refused(on: Stage, page: Page) -> FrameLocator:
    on.drive("set", refuseConnect="forbidden")
    return open_widget(page)


States = dict[str, tuple["Callable[[Stage, Page], FrameLocator | None]", dict[str, Any]]]
STATES: States = {
    "launcher": (launcher, DESKTOP),
    "unread": (unread, DESKTOP),
    "accent": (accent, DESKTOP),
    "dark-accent": (accent, DARK),
    "refused": (refused, DESKTOP),
    "home": (home, DESKTOP),
    "search": (search, DESKTOP),
    "form": (form, DESKTOP),
    "assistant": (assistant, DESKTOP),
    "person": (person, DESKTOP),
    "reconnecting": (reconnecting, DESKTOP),
    "closed": (closed, DESKTOP),
    "rating": (rating, DESKTOP),
    "menu": (menu, DESKTOP),
    "dialog": (dialog, DESKTOP),
    "hebrew": (hebrew, HEBREW),
    "hebrew-form": (hebrew_form, HEBREW),
    "hebrew-closed": (hebrew_closed, HEBREW),
    "phone-home": (home, PHONE),
    "phone-form": (form, PHONE),
    "phone-assistant": (assistant, PHONE),
    "phone-closed": (closed, PHONE),
    "phone-hebrew": (hebrew, {**PHONE, **HEBREW}),
    "phone-dark-person": (person, {**PHONE, **DARK}),
    "dark-home": (home, DARK),
    "dark-form": (form, DARK),
    "dark-assistant": (assistant, DARK),
    "dark-person": (person, DARK),
    "dark-reconnecting": (reconnecting, DARK),
    "dark-closed": (closed, DARK),
    "dark-rating": (rating, DARK),
    "dark-hebrew": (hebrew, {**DARK, **HEBREW}),
}


def main() -> int:
    """Take the pictures; 1 when axe or the console complained."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    bad = 0
    for name in sys.argv[2:] or STATES:
        act, context = STATES[name]
        with stage() as on:
            page = on.visit(**context)
            act(on, page)
            page.wait_for_timeout(400)
            page.screenshot(path=folder / f"{name}.png")
            if not context.get("is_mobile") and page.locator("iframe").is_visible():
                page.locator("iframe").screenshot(path=folder / f"{name}-panel.png")
            problems = [*axe(page), *page.problems]  # type: ignore[attr-defined]
        bad += len(problems)
        print(name, "ok" if not problems else "\n  ".join(["", *problems]))
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
