"""What a reader does with the site, in a real browser."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser


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
