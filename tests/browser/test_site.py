"""What a reader does with the site, in a real browser."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser


def test_points_are_links_the_keyboard_skips(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}families/dpn/")
    points = page.locator("figure:not(.published) svg.plot.wide-only").first.locator("a")
    assert points.count() > 1
    assert {points.nth(n).get_attribute("tabindex") for n in range(points.count())} == {"-1"}
    points.and_(page.locator('[href$="dpn98/"]')).click()
    assert page.locator("h1").inner_text().startswith("dpn98")


def test_a_sentence_of_a_family_leads_to_its_reason(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}families/dpn/")
    page.locator(".story a", has_text="See it for dpn68").first.click()
    assert page.url.endswith("models/dpn68/#why-timm-flops")
    page.locator("#why-timm-flops").wait_for()
