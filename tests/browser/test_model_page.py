"""A model's page: layers on demand, code that is copied."""

import csv
import io
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror=alert(1)>,"'
LAYERS = [
    [
        "layer",
        "type",
        "calls",
        "multiply_adds",
        "share",
        "parameters",
        "elements_in",
        "elements_out",
    ],
    ["", "Own", "2", "1234567", "75.000", "0", "5", "6"],
    [HOSTILE, "Conv2d", "1", "3", "25.000", "7", "8", "9"],
]


def opened(page: Page, address: str) -> list[list[str]]:
    """The cells of the table of layers, once a reader asked for it."""
    page.goto(f"{address}models/dpn98/")
    page.get_by_text("Layer by layer").click()
    region = page.get_by_role("region", name="Layer by layer")
    region.wait_for()
    return [row.locator("th, td").all_inner_texts() for row in region.locator("tbody tr").all()]


def test_layers_are_loaded_when_somebody_asks(seen: "Seen", address: str) -> None:
    seen.page.goto(f"{address}models/dpn98/")
    assert not any(url.endswith(".csv") for url in seen.requests)
    assert opened(seen.page, address) == [
        ["stem", "Conv2d", "1", "11,670,000,000", "100.000", "58,350,000", "0", "0"]
    ]
    assert (
        sum(url.endswith("downloads/layers/dpn98.csv") for url in seen.requests) == 1
        and seen.errors == []
    )


def test_layers_are_text_whatever_they_are_called(seen: "Seen", address: str) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(LAYERS)
    seen.page.route(
        "**/layers/*.csv",
        lambda route: route.fulfill(body=text.getvalue(), content_type="text/csv"),
    )
    first, second = opened(seen.page, address)
    assert first == ["the model itself", "Own", "2", "1,234,567", "75.000", "0", "5", "6"]
    assert second[:2] == [HOSTILE, "Conv2d"] and seen.page.locator("#zoo-layers img").count() == 0


def test_a_reader_hears_that_layers_could_not_be_loaded(seen: "Seen", address: str) -> None:
    seen.page.route("**/layers/*.csv", lambda route: route.fulfill(status=404))
    seen.page.goto(f"{address}models/dpn98/")
    seen.page.get_by_text("Layer by layer").click()
    seen.page.get_by_text("The layers could not be loaded: 404").wait_for()


def test_layers_are_a_file_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}models/dpn98/")
    link = page.locator("#zoo-layers a")
    assert link.get_attribute("href") == "../../downloads/layers/dpn98.csv" and link.text_content()
    context.close()


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
