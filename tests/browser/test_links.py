"""Every address and anchor of the site leads somewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


class Links(HTMLParser):
    """Addresses and anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.anchors: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.anchors += [told["id"]] if told.get("id") else []
        name = "href" if tag in ("a", "link") else "src" if tag in ("script", "img") else None
        if name and told.get(name) and told.get("rel") != "canonical":
            self.addresses.append(told[name] or "")


def test_every_internal_link_and_anchor_resolves(small_site: Path) -> None:
    pages = {path: Links(path.read_text(encoding="utf-8")) for path in small_site.rglob("*.html")}
    assert len(pages) > 80
    for path, page in pages.items():
        assert len(page.anchors) == len(set(page.anchors)), (path, "an id stands twice")
        for address in page.addresses:
            place, _, anchor = address.partition("#")
            if re.match(r"[a-z]+:", address):
                continue
            target = (path.parent / place.partition("?")[0]).resolve() if place else path
            if place.startswith("/"):
                target = small_site / place.lstrip("/")
            target = target / "index.html" if target.is_dir() else target
            assert target.exists(), (path, address)
            if anchor and target.suffix == ".html":
                assert anchor in pages[target].anchors, (path, address)


def test_without_an_address_no_page_names_one(small_site: Path) -> None:
    """Nobody's own machine, and no address that the settings do not state."""
    files = [path for path in small_site.rglob("*") if path.suffix in (".html", ".atom", ".txt")]
    assert len(files) > 80
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "127.0.0.1:8000" not in text or path.parent.name == "commands", path
        assert 'rel="canonical"' not in text and 'property="og:url"' not in text, path
