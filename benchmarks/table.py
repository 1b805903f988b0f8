"""Sorts and filters a table of 2,000 models in Chromium, and says what the browser spends on it.

The page is the one of all models, of a made-up index, opened from a file of the built site over
HTTP. The bar is about the CPU time of the main thread for an action: script, style, layout and
paint, so that other programs on the machine are not in it. How long a reader waits, until the
second frame after the action, is printed beside it. The sizes are those of gzip.
Start it as `python -m benchmarks.table`.
"""

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.sites.main_thread import browsing, metering, say, spent

ROOT = Path(__file__).parent.parent
BAR = 60.0  # ms of the main thread, 95th percentile
PAGE_BAR = 200.0  # KB of the page, compressed
CONFIG = """site_name: many
theme: {name: material, custom_dir: theme, font: false}
plugins: [search]
extra_css: [assets/generated/zoo.css]
extra_javascript: [assets/generated/zoo.js]
validation: {nav: {omitted_files: ignore}}
"""
# A task of its own, so that it is not counted as one of the measuring.
TIMED = """(act) => new Promise((done) => setTimeout(() => {
  const start = performance.now();
  new Function(act)();
  const painted = () => done(performance.now() - start);
  requestAnimationFrame(() => requestAnimationFrame(painted));
}))"""


def build(folder: Path, models: int) -> Path:
    """The site of so many made-up models."""
    rows = [
        f"- {{Name: net{n}, In Collection: Family {n % 60}, "
        f"Metadata: {{FLOPs: {10**8 + n * 7919}, Parameters: {10**6 + n * 104729 % 10**8}, "
        f"File Size: {10**6 * (n % 300 + 1)}, Tasks: [Image Classification]}}, Results: "
        f"[{{Dataset: ImageNet, Metrics: {{Top 1 Accuracy: {60 + n * 31 % 2900 / 100:.2f}%, "
        f"Top 5 Accuracy: {85 + n * 17 % 1400 / 100:.2f}%}}}}]}}"
        for n in range(models)
    ]
    (folder / "index.yml").write_text("Models:\n" + "\n".join(rows) + "\n")
    (folder / "mkdocs.yml").write_text(CONFIG)
    shutil.copytree(ROOT / "reporting" / "theme", folder / "theme")
    command = [Path(sys.executable).parent / "zoo", "build", "--no-verify", "--index", "index.yml"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "site"


def actions(rounds: int) -> list[str]:
    """What a reader does, each thing undone before the next: sort, search, type limits, choose."""
    sort = "document.querySelector('.models th[data-key={}] button').click()"
    fill = (
        "const field = document.querySelector('form.filters [name=\"{}\"]'); field.value = '{}'; "
        "field.dispatchEvent(new Event('input', {{ bubbles: true }}))"
    )
    keys = ("flops", "model", "top5", "family", "claims", "top1")
    values = (
        *(("search", text) for text in ("net1", "family 7", "net-99", "8")),
        *(("top1.min", text) for text in ("6", "65", "80", "88.9")),
        *(("flops.max", text) for text in ("0.11", "0.105")),
        *(("family", text) for text in ("Family 7", "Family 12")),
    )
    filters = [fill.format(*pair) for name, text in values for pair in ((name, text), (name, ""))]
    acts = [*(sort.format(key) for key in keys for _twice in range(2)), *filters]
    return [acts[n % len(acts)] for n in range(rounds)]


def times(page: Page, rounds: int) -> Iterator[tuple[float, float]]:
    """Milliseconds of the main thread for each action, and until it is painted."""
    client = metering(page)
    for act in actions(rounds):
        before = spent(client)
        painted = page.evaluate(TIMED, act)
        yield spent(client) - before, painted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=180)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = build(Path(folder), options.models)
        with browsing(site) as (browser, address):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}models/")
            page.on("pageerror", lambda error: sys.exit(f"the page fails: {error}"))
            page.locator("form.ready").wait_for()
            work, painted = zip(*times(page, options.rounds), strict=True)
            say(f"{options.models} models, main thread for an action", list(work), BAR)
            say("until it is painted", list(painted))
        sizes = {
            name: len(gzip.compress((site / name).read_bytes(), 6)) / 1000
            for name in ("models/index.html", "downloads/models.json")
        }
        for name, size in sizes.items():
            word = "reached" if size <= PAGE_BAR else "MISSED"
            print(f"{name}, compressed: {size:.1f} KB, bar {PAGE_BAR:g} KB: {word}")


if __name__ == "__main__":
    main()
