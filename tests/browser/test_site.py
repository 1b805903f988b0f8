"""What a reader does with the site, in a real browser."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

PAGES = (
    "",
    "models/",
    "families/",
    "families/dpn/",
    "models/dpn98/",
    "models/densenet264/",
    "findings/",
)
CONTRAST = """
() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => channels(colour).slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  return [...document.querySelectorAll(".zoo-badge")].map((badge) => {
    const style = getComputedStyle(badge);
    const [a, b] = [light(style.color), light(style.backgroundColor)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
}
"""


def test_nothing_leaves_the_origin_and_nothing_complains(seen: "Seen", address: str) -> None:
    for path in PAGES:
        seen.page.goto(address + path)
    assert [url for url in seen.requests if not url.startswith((address, "data:", "blob:"))] == []
    assert seen.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_badges_can_be_read_in_light_and_dark(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    body = page.locator("body")
    assert body.get_attribute("data-md-color-scheme") == (
        "slate" if scheme == "dark" else "default"
    )
    ratios = page.evaluate(CONTRAST)
    assert len(ratios) >= 6 and min(ratios) >= 4.5
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_telephone(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800})
    page = context.new_page()
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    context.close()


def test_points_are_links_the_keyboard_skips(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/")
    points = page.locator(".zoo-plot").first.locator("a")
    assert points.count() == 4
    assert {points.nth(n).get_attribute("tabindex") for n in range(4)} == {"-1"}
    page.locator('.zoo-plot a[data-label="dpn98"]').first.click()
    assert page.locator("h1").inner_text().startswith("dpn98")


def test_a_finding_leads_to_its_row(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}families/dpn/")
    page.locator(".zoo-matrix tbody tr", has_text="dpn98").first.locator("td a").first.click()
    assert page.url.endswith("models/dpn98/#claim-timm-flops")
    assert page.locator("tr:target th").inner_text() == "FLOPs"


def test_the_keyboard_opens_what_was_tried_and_a_telephone_holds_it(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}models/dpn98/")
    why = page.locator("#why-timm-flops")
    assert why.locator("table").is_hidden()
    why.locator("summary").focus()
    page.keyboard.press("Enter")
    assert why.locator("table").is_visible() and why.locator("tbody tr").count() == 12
    assert why.locator("tbody tr").first.locator("td").first.inner_text() == "chosen"
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    context.close()
