"""The layers of a model: loaded from its record when somebody asks, and saved as a table."""

import base64
import csv
import io
import json
import zlib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror=alert(1)>,"=1'
LAYERS = {
    "columns": ["type", "calls", "multiply_adds", "parameters", "elements_in", "elements_out"],
    "rows": [["Own", 2, 1234567, 0, 5, 6], ["Conv2d", 1, 411522, 9, 1, 2]],
    "tree": [
        [0, "", 0],
        [1, "blocks", None],
        [2, HOSTILE, 1],
        [1, "=1+2", 1],
        [1, "\u202eb", 1],
    ],
}
PACKED = base64.b64encode(zlib.compress(json.dumps(LAYERS).encode())).decode()
RECORD = {"layers": PACKED}


def opened(page: Page, address: str) -> list[list[str]]:
    """The cells of the table of layers, once a reader asked for it."""
    page.goto(f"{address}models/dpn98/#architecture")
    page.get_by_text("Layer by layer").click()
    region = page.get_by_role("region", name="Layer by layer")
    region.wait_for()
    return [row.locator("th, td").all_inner_texts() for row in region.locator("tbody tr").all()]


def test_layers_are_loaded_when_somebody_asks(seen: "Seen", address: str) -> None:
    seen.page.goto(f"{address}models/dpn98/#architecture")
    assert not any(url.endswith("models/dpn98.json") for url in seen.requests)
    assert opened(seen.page, address) == [
        ["stem", "Conv2d", "1", "11,670,000,000", "100.000", "58,350,000", "0", "0"]
    ]
    loaded = [url for url in seen.requests if url.endswith("downloads/models/dpn98.json")]
    assert len(loaded) == 1 and seen.errors == []


def test_layers_are_text_whatever_they_are_called(seen: "Seen", address: str) -> None:
    seen.page.route("**/models/dpn98.json", lambda route: route.fulfill(json=RECORD))
    first, second, third, turned = opened(seen.page, address)
    assert first == ["the model itself", "Own", "2", "1,234,567", "50.000", "0", "5", "6"]
    assert turned[0] == "\N{REPLACEMENT CHARACTER}b"
    assert second[:2] == [f"blocks.{HOSTILE}", "Conv2d"] and third[0] == "=1+2"
    assert seen.page.locator("#zoo-layers img").count() == 0


def test_layers_are_saved_as_a_table_that_no_spreadsheet_runs(seen: "Seen", address: str) -> None:
    seen.page.route("**/models/dpn98.json", lambda route: route.fulfill(json=RECORD))
    opened(seen.page, address)
    with seen.page.expect_download() as saved:
        seen.page.get_by_role("link", name="All layers as CSV").click()
    assert saved.value.suggested_filename == "dpn98.csv"
    head, *rows = csv.reader(io.StringIO(saved.value.path().read_text()))
    assert head[:5] == ["layer", "type", "calls", "multiply_adds", "share"]
    assert [row[0] for row in rows] == ["", f"blocks.{HOSTILE}", "'=1+2", "\u202eb"]


def test_a_reader_hears_that_layers_could_not_be_loaded(seen: "Seen", address: str) -> None:
    seen.page.route("**/models/dpn98.json", lambda route: route.fulfill(status=404))
    seen.page.goto(f"{address}models/dpn98/#architecture")
    seen.page.get_by_text("Layer by layer").click()
    seen.page.get_by_text("The layers could not be loaded: 404").wait_for()


def test_layers_are_in_a_file_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}models/dpn98/")
    link = page.locator("#zoo-layers a")
    assert link.get_attribute("href") == "../../downloads/models/dpn98.json"
    assert link.text_content()
    context.close()
