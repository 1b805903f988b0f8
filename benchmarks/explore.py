"""Draws 2,000 models on the page Explore in Chromium, and says what the browser spends on it.

The first paint is all script of the page until the plot is drawn: calls, microtasks and compiling
in a trace of the main thread. A pan moves the mouse once a frame with the button down; a frame is
all that the main thread does for it: script, style, layout, paint, and the dots of the canvas
(`Performance.getMetrics`: `TaskDuration` without `DevToolsCommandDuration`, which is the measuring
itself). Both are CPU time of the main thread, so that other programs on the machine are not in it.
Start it as `python -m benchmarks.explore`.
"""

import argparse
import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.sites.main_thread import browsing, metering, say, spent
from benchmarks.table import build

PAINT_BAR, FRAME_BAR = 150.0, 16.0  # milliseconds
# What Chromium calls script in its traces: what runs after an answer of the server is a microtask.
SCRIPT = {
    "BlinkScheduler_PerformMicrotaskCheckpoint",
    "EvaluateScript",
    "FunctionCall",
    "TimerFire",
    "v8.compile",
    "v8.run",
}
CATEGORIES = ["blink", "devtools.timeline", "renderer.scheduler", "toplevel", "v8"]
FRAME = "() => new Promise((done) => requestAnimationFrame(() => done(1)))"


def first_paint(browser: Browser, page: Page, address: str) -> float:
    """Milliseconds of script until the plot is drawn."""
    browser.start_tracing(page=page, categories=CATEGORIES)
    page.goto(address)
    page.locator(".explore.ready").wait_for(state="attached")
    page.evaluate(FRAME)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    loaded = next(e for e in events if "explore.js" in str(e.get("args")) and "tdur" in e)
    script = [e for e in events if e["name"] in SCRIPT and e["tid"] == loaded["tid"]]
    return sum(outermost(event for event in script if "tdur" in event)) / 1000


def outermost(events: Iterable[dict[str, Any]]) -> Iterator[float]:
    """Microseconds of the events that lie in no other."""
    end = 0.0
    for event in sorted(events, key=lambda e: (e["ts"], -e["dur"])):
        if event["ts"] >= end:
            end = event["ts"] + event["dur"]
            yield event["tdur"]


def pan(page: Page, moves: int) -> float:
    """Milliseconds of the main thread for a frame, where each frame moves the plot."""
    client = metering(page)
    box = page.locator("[data-plot]").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y)
    before = spent(client)
    for n in range(moves):
        page.mouse.move(x + 5 + 3 * (n % 30), y + 2 * (n % 30))
        page.evaluate(FRAME)
    after = spent(client)
    page.mouse.up()
    return (after - before) / moves


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--moves", type=int, default=60, help="frames of a pan")
    parser.add_argument("--site", type=Path, metavar="DIR", help="a site that is built already")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        browsing(options.site or build(Path(folder), options.models)) as (browser, root),
    ):
        for name, width, query in (
            ("1440", 1440, ""),
            ("1440, in colours", 1440, "?colour=family"),
            ("390", 390, ""),
        ):
            paints, frames = [], []
            for _ in range(options.rounds):
                page = browser.new_page(viewport={"width": width, "height": 900})
                paints.append(first_paint(browser, page, f"{root}explore/{query}"))
                frames.append(pan(page, options.moves))
                page.close()
            say(f"{name} px: script until the first paint", paints, PAINT_BAR)
            say(f"{name} px: a frame of a pan, main thread", frames, FRAME_BAR)


if __name__ == "__main__":
    main()
