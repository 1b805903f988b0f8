"""From a number to its evidence, and a command that is copied."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser


def test_a_command_is_copied(browser: Browser, address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}families/dpn/")
    page.get_by_role("button", name="Copy to clipboard").last.press("Enter")
    page.get_by_text("Copied to clipboard").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("@")
    context.close()


def test_publishers_stand_side_by_side(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/dpn98/")
    region = page.get_by_role("region", name="Publishers side by side")
    row = region.locator("tr", has=page.get_by_role("rowheader", name="Parameters", exact=True))
    assert "they differ" in row.inner_text()
    row.locator("a.v").first.click()
    assert page.url.endswith("#claim-timm-parameters")
    assert "±" in page.locator("tr:target").inner_text()
