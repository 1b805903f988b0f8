"""What a reader does with the site, in a real browser."""

from typing import TYPE_CHECKING

import pytest

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
    assert page.locator("tr:target th").inner_text().startswith("FLOPs")
