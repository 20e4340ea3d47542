"""A long list, a long conversation and a chat, timed in the browser."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.async_api import FrameLocator, Page

from bench.faces.gate import Gate
from bench.faces.stage import LONG, MESSAGES, Stage

SENDS = 60
BURSTS = 40
WHEEL_PX = 700
FRAME_MS = 16.7
# Notes when a text first stands on the page. Both pages share one machine's clock.
WATCH = """selector => {
    window.__seen = {};
    const look = () => {
        for (const found of document.querySelectorAll(selector)) {
            for (const [name] of found.textContent.matchAll(/probe-\\d+(?!\\d)/g))
                if (!(name in window.__seen)) window.__seen[name] = Date.now();
        }
    };
    new MutationObserver(look).observe(document.body, {
        childList: true, subtree: true, characterData: true,
    });
}"""


async def scrolling(stage: Stage) -> list[Gate]:
    """Main-thread work a frame and DOM nodes while ten thousand rows scroll by."""
    context = await stage.browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await stage.sign_in(page)
    await page.locator(".scroll ul[role=listbox]").hover()
    held = 0
    while True:  # every row is fetched first: scrolling is what is measured
        await page.evaluate(
            "() => { const s = document.querySelector('#rows').parentElement;"
            " s.scrollTop = s.scrollHeight; }"
        )
        await page.wait_for_timeout(60)
        size = await page.locator("[role=option]").first.get_attribute("aria-setsize")
        if size not in {None, "-1"}:
            held = int(size or 0)
            break
    await page.evaluate("() => { document.querySelector('#rows').parentElement.scrollTop = 0; }")
    await page.wait_for_timeout(1000)
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        await stage.browser.start_tracing(page=page, path=trace, categories=["toplevel"])
        for _ in range(BURSTS):
            await page.mouse.wheel(0, WHEEL_PX)
            await page.wait_for_timeout(40)
        await stage.browser.stop_tracing()
        tasks = _tasks(json.loads(trace.read_text()))
    nodes = await page.evaluate("() => document.querySelectorAll('.scroll *').length")
    await context.close()
    if held < 10_000:
        raise RuntimeError(f"the list held {held} rows only")
    return [
        Gate("10,000 rows: main-thread task a frame, p95", quantiles(tasks, n=20)[-1], 8, "ms"),
        Gate("10,000 rows: DOM nodes of the list", nodes, 600, "nodes"),
    ]


def _tasks(trace: dict[str, Any]) -> list[float]:
    """Milliseconds of each frame's main-thread tasks in the page's renderer."""
    events = trace["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    runs = [
        event
        for event in events
        if event.get("ph") == "X"
        and (event["pid"], event["tid"]) in threads
        and event["name"] in {"RunTask", "ThreadControllerImpl::RunTask"}
    ]
    busiest = max(
        {run["pid"] for run in runs}, key=lambda pid: sum(r["dur"] for r in runs if r["pid"] == pid)
    )
    frames: dict[int, float] = {}
    for run in runs:
        if run["pid"] == busiest:
            frame = int(run["ts"] / 1000 / FRAME_MS)
            # Thread time where the trace has it: other processes' turns are not the page's work.
            frames[frame] = frames.get(frame, 0.0) + run.get("tdur", run["dur"]) / 1000
    return list(frames.values())


async def opening(stage: Stage) -> list[Gate]:
    """From the click to the newest message of two thousand on screen."""
    context = await stage.browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await stage.sign_in(page)
    samples = []
    for _ in range(5):
        await page.goto(f"{stage.url}/app/inbox")
        row = page.locator("[role=option]", has_text=LONG).first
        await row.wait_for()
        await page.wait_for_timeout(500)
        samples.append(
            await page.evaluate(
                """([subject, last]) => new Promise(done => {
                    const row = [...document.querySelectorAll('[role=option]')].find(
                        one => one.textContent.includes(subject));
                    const began = performance.now();
                    const look = () => {
                        const all = document.querySelectorAll('article');
                        const there = all.length && all[all.length - 1].textContent.includes(last);
                        there ? requestAnimationFrame(() => done(performance.now() - began))
                              : requestAnimationFrame(look);
                    };
                    row.click();
                    look();
                })""",
                [LONG, f"Line {MESSAGES} of a long talk"],
            )
        )
    await context.close()
    return [Gate("2,000-message thread opens", median(samples), 500, "ms")]


async def chatting(stage: Stage) -> list[Gate]:
    """From the visitor's Enter to the agent's screen, and to the visitor's own bubble."""
    context = await stage.browser.new_context(viewport={"width": 1440, "height": 900})
    visitor = await stage.browser.new_context()
    app, shop = await context.new_page(), await visitor.new_page()
    await stage.sign_in(app)
    opened, frame = await _start_chat(stage, shop)
    await app.locator("[role=option]", has_text="probe-0").first.click()
    await app.wait_for_selector("article")
    await app.evaluate(WATCH, "article")
    inner = next(one for one in shop.frames if "/widget/frame" in one.url)
    await inner.evaluate(WATCH, "[role=log]")
    await inner.evaluate(
        """() => addEventListener('keydown', event => {
            if (event.key === 'Enter') window.__sent = Date.now();
        }, true)"""
    )
    box = frame.get_by_role("textbox")
    sent: dict[str, float] = {}
    for number in range(1, SENDS + 1):
        await box.fill(f"probe-{number}")
        await box.press("Enter")
        sent[f"probe-{number}"] = await inner.evaluate("() => window.__sent")
        await app.locator("article", has_text=f"probe-{number}").first.wait_for()
        await shop.wait_for_timeout(120)
    there = await app.evaluate("() => window.__seen")
    echo = await inner.evaluate("() => window.__seen")
    await context.close()
    await visitor.close()
    ways = [there[name] - at for name, at in sent.items()]
    own = [echo[name] - at for name, at in sent.items() if name in echo]
    return [
        Gate("Widget: open to a usable composer", opened, 400, "ms"),
        Gate("Customer's send to the agent's screen, p50", median(ways), 150, "ms"),
        Gate("Customer's send to the agent's screen, p95", quantiles(ways, n=20)[-1], 400, "ms"),
        Gate("Customer's own echo, p95", quantiles(own, n=20)[-1], 50, "ms"),
    ]


async def _start_chat(stage: Stage, shop: Page) -> tuple[float, FrameLocator]:
    await shop.goto(f"{stage.shop}/")
    launcher = shop.get_by_role("button", name="Open messages")
    await launcher.hover()
    await shop.wait_for_timeout(600)
    frame = shop.frame_locator("iframe")
    began = await shop.evaluate("() => Date.now()")
    await launcher.click()
    start = frame.get_by_role("button", name="Send us a message")
    await start.wait_for()
    opened = await shop.evaluate("() => Date.now()") - began
    await start.click()
    await frame.get_by_label("Your name").fill("Mara")
    await frame.get_by_label("Email").fill("mara@visitor.example")
    await frame.get_by_label("Your message").fill("probe-0 of a measurement")
    await frame.get_by_role("button", name="Start conversation").click()
    await frame.get_by_text("Sent").first.wait_for()
    return opened, frame
