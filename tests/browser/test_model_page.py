"""A model's page: layers on demand, code that is copied."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror=alert(1)>,"'


def test_code_is_copied_as_it_stands(browser: Browser, address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}models/dpn98/")
    page.locator(".highlight").first.get_by_role("button", name="Copy to clipboard").press("Enter")
    page.get_by_text("Copied to clipboard").wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    compile(code, "copied", "exec")
    assert code.startswith("import timm\n") and "dpn98" in code
    context.close()
