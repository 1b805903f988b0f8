"""Every kind of page for everybody: axe finds nothing serious, links lead somewhere, pictures are
kept."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PAGES = (
    "models/ families/ families/dpn/ models/dpn98/ models/densenet264/ explore/ compare/ "
    "compare/?models=dpn98,dla34 machines/ findings/ coverage/ changes/ architecture/ "
    "zh/models/dpn98/"
)
KINDS = ("", *PAGES.split())
# Those that hold every part that a page can have.
SOME = ("", "models/", "models/dpn98/", "explore/", "compare/?models=dpn98,dla34")
FEW = ("", "models/dpn98/")  # with the most colours
WIDER = """(width) => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > width)
  .filter((each) => !each.parentElement.closest(".zoo-scroll, pre"))
  .slice(0, 5).map((each) => each.outerHTML.slice(0, 100))"""
SCRIPTED = {
    "models/": "#zoo-search",
    "explore/": "#zoo-x",
    "compare/": "#zoo-add",
    "compare/?models=dpn98,dla34": "#zoo-compare table",
}
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"


# The rules that look at colours find the same in any width, the others the same in any colours.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


@pytest.mark.parametrize(
    ("scheme", "width", "rules", "pages"),
    [
        ("light", 1280, {}, SOME),
        ("dark", 1280, COLOURS, FEW),
        ("light", 390, None, KINDS),
        pytest.param("light", 1280, {}, KINDS, marks=pytest.mark.slow),
        pytest.param("dark", 1280, COLOURS, KINDS, marks=pytest.mark.slow),
        pytest.param("light", 390, {}, KINDS, marks=pytest.mark.slow),
        pytest.param("dark", 390, {}, KINDS, marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing_serious(
    browser: Browser,
    address: str,
    scheme: str,
    width: int,
    rules: dict | None,
    pages: tuple[str, ...],
) -> None:
    """Both schemes on a desk and on a telephone; each page is kept as a picture below
    build/screenshots."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844})
    page, axe, found = context.new_page(), Axe(), []
    SHOTS.mkdir(parents=True, exist_ok=True)
    for path in pages:
        page.goto(address + path)
        page.locator(f"{SCRIPTED[path]}:visible" if path in SCRIPTED else "h1").first.wait_for()
        name = re.sub(r"\W+", "-", path).strip("-") or "home"
        page.screenshot(path=SHOTS / f"{name}-{scheme}-{width}.png")
        serious = [] if rules is None else axe.run(page, options=rules).response["violations"]
        for violation in serious:
            if violation["impact"] in ("serious", "critical"):
                nodes = [node["html"][:120] for node in violation["nodes"][:3]]
                found.append((path, violation["id"], len(violation["nodes"]), nodes))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (
            path,
            page.evaluate(WIDER, width),
        )
    context.close()
    assert found == []


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


def test_every_internal_link_and_anchor_resolves(site: Path) -> None:
    pages = {path: Links(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    assert len(pages) > 80
    for path, page in pages.items():
        assert len(page.anchors) == len(set(page.anchors)), (path, "an id stands twice")
        for address in page.addresses:
            place, _, anchor = address.partition("#")
            if re.match(r"[a-z]+:", address):
                continue
            target = (path.parent / place.partition("?")[0]).resolve() if place else path
            if place.startswith("/"):
                target = site / place.lstrip("/")
            target = target / "index.html" if target.is_dir() else target
            assert target.exists(), (path, address)
            if anchor and target.suffix == ".html":
                assert anchor in pages[target].anchors, (path, address)
