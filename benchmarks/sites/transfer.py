"""What Chromium loads for a page, from a server on the loopback that compresses as hosts do."""

import gzip
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
TEXTS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
OURS = "assets/generated/"  # all else below `assets/`, and the search's scripts, is the theme's
THEME = ("assets/javascripts/", "assets/stylesheets/", "assets/images/")


@dataclass(frozen=True)
class Transfer:
    """The files that a browser loaded: path below the site and bytes as they were sent."""

    files: dict[str, int]

    @property
    def all(self) -> int:
        """Return the bytes of all files."""
        return sum(self.files.values())

    @property
    def ours(self) -> int:
        """Return the bytes of files that the theme did not bring along."""
        return sum(size for path, size in self.files.items() if not path.startswith(THEME))


def find_browser() -> str | None:
    """Return the path of Chromium; None where there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def transferred(site: Path, address: str) -> Transfer:
    """Open a page of the site in Chromium, wait until the network rests, and return what was
    sent.

    `address` is the path of the page below the site, such as `models/dpn98/`.
    """
    from playwright.sync_api import sync_playwright

    with serve(site) as (root, sent), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{root}{address}", wait_until="load")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)  # what a script asks for later
        browser.close()
        return Transfer(dict(sent))


@contextmanager
def serve(site: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """Serve a folder; yield its address and the bytes of the bodies that were sent, by path."""
    sent: dict[str, int] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = unquote(urlsplit(self.path).path).lstrip("/")
            name = f"{name}index.html" if not name or name.endswith("/") else name
            file = site / name
            if not file.is_file():
                self.send_error(404)
                return
            kind, data = TEXTS.get(file.suffix), file.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", kind or "application/octet-stream")
            if kind:
                data = gzip.compress(data, 6)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            sent[name] = len(data)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", sent
    finally:
        server.shutdown()
        server.server_close()
