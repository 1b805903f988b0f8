"""Sorts and filters a table of 1,500 models in Chromium, and says how long a reader waits.

The page is the one of all models, of a made-up index, opened from a file of the built site over
HTTP. Each action is timed until the browser has painted: from the event to the second frame after
it.
"""

import argparse
import functools
import http.server
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from statistics import quantiles

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
BAR = 100.0
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CONFIG = """site_name: many
theme: {name: material, custom_dir: theme, font: false}
plugins: [search]
extra_css: [assets/generated/zoo.css]
validation: {nav: {omitted_files: ignore}}
"""
PAINTED = """(act) => new Promise((done) => {
  const start = performance.now();
  new Function(act)();
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves without a line for each request."""

    def log_message(self, *_: object) -> None:
        pass


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
    """What a reader does: sort by each column, and search."""
    keys = ("model", "flops", "top1", "top5", "family", "verdict")
    sort = "document.querySelector('#zoo-models th[data-key={}] button').click()"
    search = (
        "const i = document.getElementById('zoo-search'); i.value = '{}'; "
        "i.dispatchEvent(new Event('input'))"
    )
    words = ("net1", "family 7", "net99", "", "8", "imagenet", "net", "")
    pairs = [(sort, keys), (search, words)]
    return [
        act.format(those[n // 2 % len(those)])
        for n in range(rounds)
        for act, those in [pairs[n % 2]]
    ]


def times(page: Page, rounds: int) -> list[float]:
    """Milliseconds of each action."""
    return [page.evaluate(PAINTED, act) for act in actions(rounds)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = build(Path(folder), options.models)
        handler = functools.partial(Quiet, directory=str(site))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for query in ("", "?all=1"):
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/models/{query}")
            page.locator("#zoo-search").wait_for()
            page.wait_for_timeout(1500)
            found = sorted(times(page, options.rounds))
            median, late = found[len(found) // 2], quantiles(found, n=20)[-1]
            said = "reached" if late <= BAR else "MISSED"
            what = "all rows shown" if query else "the first rows shown"
            told = f"median {median:.1f} ms, 95th percentile {late:.1f} ms, bar {BAR:g} ms: {said}"
            print(f"{options.models} models, {what}: {told}")
            page.close()
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
