"""The agent's work in a browser against the backend of fixtures: each flow prints what it saw.

Usage: python frontend/dev/flows.py   (needs a freshly started `npm run mock` on PORT)
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright
from shots import BASE, FLAGS, TICKET, sign_in, thread

OUT = Path(tempfile.gettempdir())
EMIT = """async ([name, data]) => {
  const {io} = await import('/app/mock-io.js');
  const socket = io('/agent', {transports: ['websocket'], forceNew: true});
  await new Promise(done => socket.on('connect', done));
  socket.emit(name, data);
  await new Promise(done => setTimeout(done, 300));
  socket.disconnect();
}"""


SCROLL = """async () => {
  const box = document.querySelector('#rows').parentElement;
  const tasks = [];
  const observer = new PerformanceObserver(list => tasks.push(...list.getEntries().map(e => e.duration)));
  observer.observe({entryTypes: ['longtask']});
  const frames = [];
  let last = performance.now();
  for (let i = 0; i < 240; i += 1) {
    const start = performance.now();
    box.scrollTop += 170;
    box.dispatchEvent(new Event('scroll'));
    await Promise.resolve();
    void box.offsetHeight;
    frames.push(performance.now() - start);
    await new Promise(requestAnimationFrame);
    last = performance.now();
  }
  frames.sort((a, b) => a - b);
  return {
    p50: frames[120].toFixed(1), p95: frames[228].toFixed(1), longtasks: tasks.length,
    rows: document.querySelectorAll('[role=option]').length,
    nodes: box.querySelectorAll('*').length, height: box.scrollHeight,
  };
}"""


def customer(page: Page, event: str, data: dict[str, object]) -> None:
    page.evaluate(EMIT, [f"mock:{event}", data])


def composer(page: Page) -> object:
    return page.locator("form.composer textarea")


def reply_and_undo(page: Page) -> None:
    thread(page)
    page.keyboard.press("r")
    page.keyboard.type("On its way")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.out", has_text="On its way")).to_be_visible()
    expect(page.locator(".under", has_text="Sending in")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    expect(page.locator("form.composer textarea")).to_have_value("On its way")
    expect(page.locator("article.out", has_text="On its way")).to_have_count(0)


def delivery_states(page: Page) -> None:
    page.locator("form.composer textarea").fill("Delivered soon")
    page.get_by_label("More ways to send").click()
    page.get_by_role("menuitem", name="Send without delay").click()
    line = page.locator("article.out", has_text="Delivered soon").locator(".under")
    expect(line).to_contain_text("Sent")
    expect(line).to_contain_text("Delivered", timeout=4000)
    expect(line).to_contain_text("Read", timeout=8000)


def stale_reply(page: Page) -> None:
    thread(page)
    page.keyboard.press("r")
    page.keyboard.type("We hold it")
    customer(page, "inbound", {"number": int(TICKET), "text": "Please cancel it after all"})
    expect(page.locator("article", has_text="Please cancel it after all")).to_be_visible()
    page.locator("form.composer textarea").press("Control+Enter")
    expect(page.locator(".stale")).to_contain_text("Please cancel it after all")
    expect(page.locator(".stale")).to_contain_text("We hold it")
    page.screenshot(path=OUT / "stale.png")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator("article.out", has_text="We hold it")).to_be_visible()
    expect(page.locator(".stale")).to_have_count(0)


def typing_and_unread(page: Page) -> None:
    page.goto(f"{BASE}/app/inbox")
    page.wait_for_selector("[role=option]")
    customer(page, "typing", {"number": 4796, "on": True})
    expect(page.locator("[role=option]", has_text="Pickup code")).to_contain_text("is typing")
    customer(page, "inbound", {"number": 4796, "text": "Hello again"})
    row = page.locator("[role=option]", has_text="Pickup code")
    expect(row).to_contain_text("Hello again")
    expect(row).to_contain_text("unread")


def bulk_and_undo(page: Page) -> None:
    page.goto(f"{BASE}/app/inbox")
    page.wait_for_selector("[role=option]")
    for key in ["j", "x", "Shift+J", "Shift+J", "e"]:
        page.keyboard.press(key)
    expect(page.locator(".toast", has_text="3 changed")).to_be_visible()
    expect(page.get_by_role("tab", name="All open")).to_contain_text("45", timeout=5000)
    page.keyboard.press("z")
    expect(page.get_by_role("tab", name="All open")).to_contain_text("48", timeout=5000)
    page.keyboard.press("Escape")


def assign_by_keys(page: Page) -> None:
    thread(page)
    page.keyboard.press("a")
    page.keyboard.type("noa")
    page.keyboard.press("Enter")
    expect(page.locator(".props")).to_contain_text("Noa")
    expect(page.locator(".toast")).to_contain_text("Noa Ben-Ami")
    page.keyboard.press("z")
    expect(page.locator(".props")).to_contain_text("Marta")


def hebrew_layout(page: Page) -> None:
    page.goto(f"{BASE}/app/inbox")
    page.wait_for_selector("[role=option]")
    page.evaluate(
        "for (const [key, code] of [['ח', 'KeyJ'], ['ם', 'KeyO']]) document.body.dispatchEvent("
        "new KeyboardEvent('keydown', {key, code, bubbles: true}))"
    )
    page.wait_for_selector("article")
    assert "/inbox/" in page.url


def draft_survives(page: Page) -> None:
    thread(page)
    page.keyboard.press("n")
    page.keyboard.type("Do not lose me")
    page.reload()
    page.wait_for_selector("article")
    expect(page.locator("form.composer textarea")).to_have_value("Do not lose me")
    expect(page.locator("[role=option]", has_text="Glidelåsen")).to_contain_text("Draft")
    page.locator("form.composer textarea").fill("")


def offline_and_back(page: Page) -> None:
    thread(page)
    page.context.set_offline(True)
    page.keyboard.press("r")
    page.keyboard.type("Written on a train")
    page.keyboard.press("Control+Enter")
    failed = page.locator("article.out", has_text="Written on a train")
    expect(failed).to_contain_text("Not sent: no connection")
    page.context.set_offline(False)
    failed.get_by_role("button", name="Try again").click()
    expect(failed).to_contain_text("Sending in")


def mention(page: Page) -> None:
    thread(page)
    page.keyboard.press("n")
    page.keyboard.type("Please check @Noa")
    page.keyboard.press("Enter")
    page.keyboard.type("today")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".mention", has_text="@Noa Ben-Ami")).to_be_visible()


def search_operators(page: Page) -> None:
    page.goto(f"{BASE}/app/inbox")
    page.wait_for_selector("[role=option]")
    page.keyboard.press("/")
    page.keyboard.type("channel:email ")
    expect(page.locator(".opchip", has_text="channel:")).to_be_visible()
    page.keyboard.type("faktura")
    expect(page.locator("[role=option]")).to_have_count(1)
    page.keyboard.press("Escape")


def remote_images(page: Page) -> None:
    thread(page)
    assert page.locator("iframe").get_attribute("sandbox") is not None
    frame = page.frame_locator("iframe").first
    expect(frame.locator("body")).to_contain_text("Glidelåsen på Storm-jakka")
    assert frame.locator("img[src]").count() == 0
    page.locator(".mailbox .link").first.click()
    expect(page.locator(".mailbox .link")).to_have_count(0)


def upload(page: Page) -> None:
    thread(page)
    page.locator("form.composer input[type=file]").set_input_files(
        {"name": "label.png", "mimeType": "image/png", "buffer": b"x" * 200_000}
    )
    expect(page.locator("form.composer .files")).to_contain_text("label.png")
    page.keyboard.press("r")
    page.keyboard.type("With a file")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.out", has_text="With a file").locator("img")).to_be_visible()


def cut_socket(page: Page) -> None:
    thread(page)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    page.context.set_offline(True)
    page.wait_for_timeout(400)
    page.context.set_offline(False)
    customer(page, "inbound", {"number": int(TICKET), "text": "While you were away"})
    expect(page.locator("article", has_text="While you were away")).to_be_visible()


def scroll_cost(page: Page) -> None:
    page.goto(f"{BASE}/app/inbox")
    page.wait_for_selector("[role=option]")
    figures = page.evaluate(SCROLL)
    print("      ", figures)
    assert figures["nodes"] <= 600


FLOWS: list[Callable[[Page], None]] = [
    reply_and_undo,
    delivery_states,
    stale_reply,
    typing_and_unread,
    bulk_and_undo,
    assign_by_keys,
    hebrew_layout,
    draft_survives,
    offline_and_back,
    mention,
    search_operators,
    remote_images,
    upload,
    cut_socket,
    scroll_cost,
]


def main() -> int:
    failed = 0
    only = set(sys.argv[1:])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page.set_default_timeout(5000)
        page.on("pageerror", lambda error: print("  page error", error))
        sign_in(page)
        for flow in FLOWS:
            if only and flow.__name__ not in only:
                continue
            try:
                flow(page)
                print("ok    ", flow.__name__)
            except Exception as error:  # noqa: BLE001 - every flow is run and reported
                failed += 1
                print("FAILED", flow.__name__, str(error)[:700])
                page.screenshot(path=OUT / f"failed-{flow.__name__}.png")
                page.context.set_offline(False)
        browser.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
