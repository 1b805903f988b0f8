"""From a number to its evidence, and a citation that is copied."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser


def test_a_citation_is_copied(browser: Browser, address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}models/dpn98/#cite")
    page.get_by_role("button", name="Copy: BibTeX of the model").press("Enter")
    page.locator(".copy", has_text="✓").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("@")
    context.close()


def test_a_correction_leads_to_its_evidence(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/dpn98/")
    correction = page.locator(".strip li", has_text="FLOPs, timm")
    assert correction.locator("del").inner_text() == "15.00 G"
    correction.get_by_role("link").click()
    page.wait_for_url("**/#why-timm-flops")
    why = page.locator("#why-timm-flops")
    assert why.locator("del").inner_text() == "15.00 G" and why.is_visible()
    page.goto(f"{address}models/dpn98/#claim-timm-flops")
    assert "wrong" in page.locator("tr:target").inner_text()
