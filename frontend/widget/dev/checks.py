"""The widget's promises, kept in a real browser. Usage: checks.py [name...]; 1 when one is broken."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from shots import picture, with_history
from stage import Stage, open_widget, stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import FrameLocator, Page

BLOCK_STORAGE = """
Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked'); } });
"""


def write(frame: FrameLocator, text: str) -> None:
    frame.locator("#composer").fill(text)
    frame.locator("#composer").press("Enter")


def thread(on: Stage, page: Page) -> FrameLocator:
    frame = open_widget(page)
    frame.get_by_text("Loose strap").click()
    frame.get_by_text("Sorry about that").wait_for()
    return frame


def texts(on: Stage) -> list[str]:
    """What the desk has, in its order."""
    state = on.drive("state")
    return [m["text"] for c in state["conversations"] for m in c["messages"]]


def shown(frame: FrameLocator) -> list[str]:
    return frame.locator(".w-log .txt").all_inner_texts()


def expect(condition: object, what: object) -> None:
    if not condition:
        raise AssertionError(what)


def lazy(on: Stage) -> None:
    """Nothing but the loader is fetched before somebody comes near the launcher; no layout shift."""
    page = on.visit()
    page.evaluate(
        "() => { window.cls = 0; new PerformanceObserver(l => l.getEntries().forEach("
        "e => window.cls += e.value)).observe({type: 'layout-shift', buffered: true}); }"
    )
    button = page.get_by_role("button", name="Open messages")
    button.wait_for()
    page.wait_for_timeout(300)
    expect(page.locator("iframe").count() == 0, "the frame was fetched")
    box = button.bounding_box()
    expect(box and box["width"] >= 48 and box["height"] >= 48, box)
    button.hover()
    page.frame_locator("iframe").locator("main.w").wait_for(state="attached")
    expect(not page.locator("iframe").is_visible(), "the panel opened by itself")
    began = page.evaluate("performance.now()")
    button.click()
    page.frame_locator("iframe").get_by_role("button", name="Send us a message").wait_for()
    took = page.evaluate("performance.now()") - began
    expect(page.evaluate("window.cls") == 0, page.evaluate("window.cls"))
    expect(page.problems == [], page.problems)  # type: ignore[attr-defined]
    print(f"  open after hover: {took:.0f} ms")


def keyboard(on: Stage) -> None:
    """Enter opens, Escape in the frame closes, and the focus returns to the launcher."""
    page = on.visit()
    launcher = page.get_by_role("button", name="Open messages")
    launcher.focus()
    launcher.press("Enter")
    page.frame_locator("iframe").locator("main.w").wait_for()
    page.wait_for_timeout(300)
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    expect(not page.locator("iframe").is_visible(), "still open")
    focused = page.evaluate(
        "document.getElementById('parley').shadowRoot.activeElement?.getAttribute('aria-label')"
    )
    expect(focused == "Open messages", focused)


def cut(on: Stage) -> None:
    """The socket is cut while both sides write: nothing lost, doubled or reordered."""
    with_history(on)
    frame = thread(on, on.visit())
    for turn in range(4):
        write(frame, f"mine {turn}a")
        on.drive("cut", stay=turn % 2 == 0)
        write(frame, f"mine {turn}b")
        on.drive("say", author={"kind": "agent", "name": "Ingrid"}, text=f"theirs {turn}")
        on.drive("cut")
        write(frame, f"mine {turn}c")
        if frame.get_by_role("button", name="Try now").is_visible():
            frame.get_by_role("button", name="Try now").click(timeout=500, no_wait_after=True)
    frame.locator(".msg.wait").first.wait_for(state="detached", timeout=20_000)
    frame.get_by_text("mine 3c").wait_for()
    settle(on, frame)
    mine = [text for text in texts(on) if text.startswith("mine")]
    expect(mine == [f"mine {t}{x}" for t in range(4) for x in "abc"], mine)
    expect(shown(frame) == texts(on), (shown(frame), texts(on)))


def settle(on: Stage, frame: FrameLocator) -> None:
    """Wait until the screen shows as much as the desk has, and nothing is on its way."""
    for _ in range(80):
        if len(shown(frame)) == len(texts(on)) and frame.locator(".msg.wait").count() == 0:
            return
        frame.locator("main.w").evaluate("() => new Promise(r => setTimeout(r, 250))")


def reload(on: Stage) -> None:
    """Written offline, reloaded: still there, and delivered once (third-party storage blocked)."""
    page = on.visit()
    survives(on, page)
    expect("kept" in page.evaluate("localStorage.getItem('parley:demo')"), "not by the host page")


def database(on: Stage) -> None:
    """The same in a browser that lets the frame have its own database."""
    with on.profile() as page:
        survives(on, page)
        kept = page.evaluate("localStorage.getItem('parley:demo')")
        expect("offline" not in kept and "kept" not in kept, kept)


def survives(on: Stage, page: Page) -> None:
    frame = open_widget(page)
    frame.get_by_role("button", name="Send us a message").click()
    frame.get_by_label("Email").fill("mara@fjordpost.example")
    frame.get_by_label("What is it about?").select_option("A repair")
    frame.get_by_label("Your message").fill("first, online")
    frame.get_by_role("button", name="Start conversation").click()
    frame.get_by_text("Sent").wait_for()
    on.drive("cut", stay=True)
    write(frame, "second, offline")
    write(frame, "third, offline")
    frame.get_by_text("Waiting to send").nth(1).wait_for()
    page.reload()
    on.drive("cut")
    frame = open_widget(page)
    frame.get_by_text("first, online").first.click()
    settle(on, frame)
    expect(texts(on) == ["first, online", "second, offline", "third, offline"], texts(on))
    expect(shown(frame) == texts(on), shown(frame))
    form = next(e["payload"]["form"] for e in on.drive("state")["log"] if e["event"] == "send")
    expect(form == {"email": "mara@fjordpost.example", "topic": "A repair"}, form)


def lost_answer(on: Stage) -> None:
    """The desk stores a message but its answer is lost: sent again, stored once."""
    with_history(on)
    page = on.visit()
    frame = thread(on, page)
    on.drive("set", silent=True)
    write(frame, "only once")
    page.wait_for_timeout(500)
    on.drive("set", silent=False)
    on.drive("cut")
    settle(on, frame)
    expect(texts(on).count("only once") == 1, texts(on))
    sends = [e for e in on.drive("state")["log"] if e["event"] == "send"]
    expect(len(sends) >= 2, "it was not sent again")
    expect(len({e["payload"]["client_id"] for e in sends}) == 1, sends)


def tabs(on: Stage) -> None:
    """Two tabs: what one sends appears in the other, and nothing is stored twice."""
    with_history(on)
    two_tabs(on, on.visit())


def tabs_database(on: Stage) -> None:
    """The same where both tabs share one database and its locks."""
    with_history(on)
    with on.profile() as page:
        two_tabs(on, page)


def two_tabs(on: Stage, one: Page) -> None:
    two = one.context.new_page()
    two.goto(on.shop)
    first, second = thread(on, one), thread(on, two)
    on.drive("cut", stay=True)
    write(first, "from one")
    write(second, "from two")
    first.get_by_text("from one").wait_for()
    second.get_by_text("from two").wait_for()
    on.drive("cut")
    settle(on, first)
    settle(on, second)
    expect(sorted(texts(on)[2:]) == ["from one", "from two"], texts(on))
    expect(shown(first) == texts(on) == shown(second), (shown(first), shown(second)))


def receipts(on: Stage) -> None:
    """What the visitor has in sight is reported as read, what waits behind a closed panel is not."""
    with_history(on)
    page = on.visit()
    frame = thread(on, page)
    write(frame, "thanks")
    frame.get_by_text("Sent").wait_for()
    on.drive("receipt", state="read")
    frame.locator(".msg.me").last.get_by_text("Read").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    last = on.drive("say", author={"kind": "agent", "name": "Ingrid"}, text="Anything else?")
    page.get_by_role("button", name="Open messages, 1 unread").wait_for()
    expect(last["seq"] not in reads(on), "read behind a closed panel")
    page.get_by_role("button", name="Open messages").click()
    page.wait_for_timeout(400)
    expect(last["seq"] in reads(on), reads(on))


def reads(on: Stage) -> list[int]:
    log = on.drive("state")["log"]
    return [entry["payload"]["seq"] for entry in log if entry["event"] == "read"]


def blocked(on: Stage) -> None:
    """With the host page's storage blocked it works, and says what that means."""
    page = on.visit()
    page.add_init_script(BLOCK_STORAGE)
    page.reload()
    frame = open_widget(page)
    frame.get_by_text("This browser keeps nothing for us").wait_for()
    frame.get_by_role("button", name="Send us a message").wait_for()


def token(on: Stage) -> None:
    """The token is kept by the host page, handed back, and never put into an address."""
    page = on.visit()
    open_widget(page)
    page.wait_for_timeout(300)
    kept = page.evaluate("JSON.parse(localStorage.getItem('parley:demo'))")
    expect(kept["token"], kept)
    page.reload()
    page.wait_for_timeout(1500)
    auths = [e["auth"] for e in on.drive("state")["log"] if e["event"] == "connect"]
    expect(auths[-1].get("token") == kept["token"], "a returning visitor is not recognised at idle")
    expect(all(kept["token"] not in frame.url for frame in page.frames), "token in an address")


def stranger(on: Stage) -> None:
    """A page that is not on the inbox's list is not heard, and may not frame it."""
    page = on.visit()
    on.drive("config", origins=["https://other.example"])
    page.get_by_role("button", name="Open messages").click()
    page.wait_for_timeout(1200)
    expect(page.frame_locator("iframe").locator("main.w").count() == 0, "it started")
    expect(page.evaluate("JSON.parse(localStorage.getItem('parley:demo')).token") is None, "token")
    log = [e for e in on.drive("state")["log"] if e["event"] == "connect"]
    expect(log == [], "it connected")


def api(on: Stage) -> None:
    """Calls from before the loader, events, identity, and forgetting on sign-out."""
    page = on.visit()
    page.evaluate(
        "() => { window.seen = []; for (const name of ['open','close','ready','unread','message'])"
        " window.Parley.push(['on', name, data => window.seen.push([name, data ?? null])]);"
        " window.Parley.push(['open']); }"
    )
    frame = page.frame_locator("iframe")
    frame.locator("main.w").wait_for()
    with_history(on)
    on.drive("say", author={"kind": "agent", "name": "Ingrid"}, text="Hello?")
    page.wait_for_timeout(300)
    page.evaluate("window.Parley.identify('signed.jwt')")
    page.wait_for_timeout(400)
    auth = [e["auth"] for e in on.drive("state")["log"] if e["event"] == "connect"][-1]
    expect(auth["identity"] == "signed.jwt", auth)
    page.evaluate("window.Parley.setLocale('he')")
    frame.get_by_text("השיחות שלך").wait_for()
    expect(frame.locator("html").get_attribute("dir") == "rtl", "not mirrored")
    page.evaluate("window.Parley.close()")
    names = [name for name, _ in page.evaluate("window.seen")]
    expect({"open", "ready", "unread", "message", "close"} <= set(names), names)
    page.evaluate("window.Parley.shutdown()")
    page.wait_for_timeout(700)
    expect(page.locator("#parley").count() == 0, "still on the page")
    expect(page.evaluate("JSON.parse(localStorage.getItem('parley:demo')).token") is None, "token")


def upload(on: Stage) -> None:
    """A file becomes a message of its own, shown as a picture; one that is too large is not sent."""
    with_history(on)
    frame = thread(on, on.visit())
    files = frame.locator("input[type=file]")
    files.set_input_files({"name": "s.png", "mimeType": "image/png", "buffer": picture()})
    frame.locator(".file img").wait_for()
    on.drive("config", max_upload_bytes=10)
    frame = thread(on, on.visit())
    frame.locator("input[type=file]").set_input_files(
        {"name": "big.png", "mimeType": "image/png", "buffer": picture()}
    )
    frame.get_by_text("The file is larger than").wait_for()


def phone(on: Stage) -> None:
    """On a phone the panel is the screen, the page behind does not scroll, and closing gives it back."""
    page = on.visit(viewport={"width": 375, "height": 700}, has_touch=True, is_mobile=True)
    open_widget(page)
    page.wait_for_timeout(300)
    box: Any = page.locator("iframe").bounding_box()
    expect((box["x"], box["y"], box["width"]) == (0, 0, 375) and box["height"] == 700, box)
    expect(page.evaluate("document.documentElement.style.overflow") == "hidden", "page scrolls")
    page.frame_locator("iframe").get_by_role("button", name="Close messages").click()
    page.wait_for_timeout(300)
    expect(page.evaluate("document.documentElement.style.overflow") == "", "page is stuck")


def refused(on: Stage) -> None:
    """A forged identity is refused in words, and the host page is told."""
    page = on.visit()
    page.evaluate("() => window.Parley.push(['on', 'error', data => (window.problem = data.code)])")
    on.drive("set", refuseConnect="forbidden")
    frame = open_widget(page)
    frame.get_by_text("We could not confirm who you are").wait_for()
    expect(page.evaluate("window.problem") == "forbidden", "no event")


CHECKS: dict[str, Callable[[Stage], None]] = {
    check.__name__: check
    for check in (
        lazy,
        keyboard,
        cut,
        reload,
        database,
        lost_answer,
        tabs,
        tabs_database,
        receipts,
        blocked,
        token,
        stranger,
        api,
        upload,
        phone,
        refused,
    )
}


def main() -> int:
    """Run the checks, each on a fresh desk."""
    broken = 0
    for name in sys.argv[1:] or CHECKS:
        with stage() as on:
            try:
                CHECKS[name](on)
            except Exception as problem:
                broken += 1
                print(f"{name}: BROKEN {type(problem).__name__}: {problem}")
            else:
                print(f"{name}: kept")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
