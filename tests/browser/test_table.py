"""The table of all models in a real browser: sorting, choosing, the address, and files of what is
shown."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet
import pytest
from playwright.sync_api import Browser, Page

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

COLUMN = """(key) => {
  const table = document.querySelector("#zoo-models");
  const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.dataset.key === key);
  const cells = [...table.tBodies[0].rows].map((row) => row.cells[at]);
  return cells.map((cell) => cell.dataset.v ?? cell.textContent.trim());
}"""


def column(page: Page, key: str) -> list[str]:
    """The raw values of a column from top to bottom."""
    return page.evaluate(COLUMN, key)


def head(page: Page, key: str) -> Any:
    return page.locator(f"#zoo-models th[data-key={key}]")


def test_a_click_sorts_and_missing_values_come_last_both_ways(seen: "Seen", address: str) -> None:
    seen.page.goto(f"{address}models/")
    assert head(seen.page, "macs").get_attribute("aria-sort") is None
    for order in ("ascending", "descending"):
        head(seen.page, "macs").locator("button").click()
        values = column(seen.page, "macs")
        numbers = [int(value) for value in values[:4]]
        assert head(seen.page, "macs").get_attribute("aria-sort") == order
        assert numbers == sorted(numbers, reverse=order == "descending")
        assert set(values[4:]) == {""} and len(values) == 25


def test_the_keyboard_sorts_the_best_first(seen: "Seen", address: str) -> None:
    seen.page.goto(f"{address}models/")
    head(seen.page, "top1").locator("button").focus()
    seen.page.keyboard.press("Enter")
    *shown, missing = column(seen.page, "top1")  # a model has none on this data set
    values = list(map(float, shown))
    assert values == sorted(values, reverse=True) and missing == ""
    seen.page.keyboard.press("Space")
    assert column(seen.page, "top1") == [*reversed(shown), ""]


def test_texts_sort_as_people_count(seen: "Seen", address: str) -> None:
    seen.page.goto(f"{address}models/?sort=model&order=ascending")
    names = column(seen.page, "model")
    assert (
        names.index("dla34") < names.index("dla102") < names.index("dpn68") < names.index("dpn107")
    )


def test_the_state_stands_in_the_address_and_comes_back(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/")
    head(page, "top1").locator("button").click()
    page.locator("summary", has_text="Family").click()
    page.get_by_label("DPN (6)").check()
    state = page.evaluate("location.search")
    assert "sort=top1" in state and "order=descending" in state and "family=DPN" in state
    assert len(column(page, "model")) == 6
    page.go_back()
    assert len(column(page, "model")) == 25
    page.goto(f"{address}models/{state}&search=107")
    assert head(page, "top1").get_attribute("aria-sort") == "descending"
    assert page.locator("#zoo-search").input_value() == "107"
    assert column(page, "model") == ["dpn107"]
    page.get_by_role("button", name="Clear all").click()
    assert len(column(page, "model")) == 25 and page.evaluate("location.search") == ""


def test_a_hostile_address_does_nothing(seen: "Seen", address: str) -> None:
    script = "%3Cscript%3Ealert(1)%3C/script%3E"
    seen.page.goto(
        f"{address}models/?sort=%3Cimg%20src%3Dx%3E&order=x&search={script}&compare=../../x,{script}"
    )
    assert seen.errors == [] and column(seen.page, "model") == []
    assert seen.page.locator(".zoo-empty").is_visible()
    seen.page.goto(
        f"{address}models/?sort=nothing&macs.min=many&columns=__proto__,top1&family=nobody&all=2"
    )
    assert seen.errors == [] and column(seen.page, "model") == []


def test_numbers_between_two_ends(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/")
    page.locator("summary", has_text="Multiply-adds").click()
    page.get_by_label("Multiply-adds, measured, to (G)").fill("3")
    assert column(page, "model") == ["dla46_c", "dpn68"]
    assert page.get_by_role("status").first.inner_text() == "2 of 25 models"
    assert "macs.max=3000000000" in page.evaluate("location.search")


def test_going_back_takes_the_numbers_back_too(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/")
    page.locator("summary", has_text="Family").click()
    page.get_by_role("checkbox", name="DPN (6)").check()
    page.locator("summary", has_text="Multiply-adds").click()
    limit = page.get_by_label("Multiply-adds, measured, to (G)")
    limit.fill("3")
    page.go_back()
    assert page.evaluate("location.search") == "" and limit.input_value() == ""
    assert page.get_by_role("status").first.inner_text() == "25 of 25 models"


def test_every_word_has_to_be_there(seen: "Seen", address: str) -> None:
    seen.page.goto(f"{address}models/")
    seen.page.locator("#zoo-search").fill("DLA 102")
    assert column(seen.page, "model") == ["dla102", "dla102x", "dla102x2"]


def test_columns_are_chosen(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/")
    assert head(page, "crop_pct").is_hidden() and head(page, "top5").is_visible()
    page.locator("summary", has_text="Columns").click()
    page.get_by_label("Crop fraction, claimed").check()
    page.get_by_label("Top-5, ImageNet").uncheck()
    assert head(page, "crop_pct").is_visible() and head(page, "top5").is_hidden()
    page.reload()
    assert head(page, "crop_pct").is_visible() and head(page, "top5").is_hidden()


def test_claims_carry_their_verdict_and_lead_to_it(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/?search=dla34")
    cell = page.locator("#m-dla34 a.v.explained-wrong").first
    assert cell.inner_text() == "wrong"  # and no number
    cell.click(timeout=5000)
    assert page.url.endswith("models/dla34/#claim-timm-flops")
    page.goto(f"{address}models/?search=dpn98")
    page.locator("#m-dpn98 td a[href$='#zoo-evidence']").first.click()
    assert (
        page.url.endswith("models/dpn98/#zoo-evidence")
        and page.locator("#zoo-evidence").is_visible()
    )


def test_two_to_four_models_are_chosen_to_compare(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/?search=dpn")
    assert page.locator(".zoo-compare").get_attribute("href") is None
    for name in ("dpn68", "dpn98", "dpn92", "dpn107"):
        page.get_by_label(f"Compare {name}", exact=True).check()
    assert (
        page.locator(".zoo-compare").get_attribute("href")
        == "../compare/?models=dpn68,dpn98,dpn92,dpn107"
    )
    assert page.get_by_label("Compare dpn131").is_disabled()


def save(page: Page, name: str, folder: Path) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path.read_bytes()


def test_files_hold_exactly_what_is_shown(seen: "Seen", address: str, tmp_path: Path) -> None:
    page = seen.page
    page.goto(
        f"{address}models/?family=DPN&sort=model&order=ascending&columns=model,macs,top1,tasks"
    )
    names = column(page, "model")
    table = list(csv.DictReader(io.StringIO(save(page, "CSV", tmp_path).decode())))
    rows = json.loads(save(page, "JSON", tmp_path))
    parquet = pyarrow.parquet.read_table(io.BytesIO(save(page, "Parquet", tmp_path))).to_pylist()
    assert seen.errors == []
    for found in (table, rows, parquet):
        assert list(found[0]) == ["model", "tasks", "macs", "top1"]
        assert [row["model"] for row in found] == names and len(names) == 6
    assert (
        [row["top1"] for row in rows]
        == [row["top1"] for row in parquet]
        == [float(row["top1"]) for row in table]
    )
    assert (
        rows[names.index("dpn98")]["macs"]
        == 11_670_000_000
        == parquet[names.index("dpn98")]["macs"]
    )
    assert [row["macs"] for row in parquet].count(None) == 4
    assert all(url.startswith((address, "blob:")) for url in seen.requests)


def test_it_is_complete_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}models/")
    assert page.locator("#zoo-models tbody tr").count() == 25
    assert page.locator("#zoo-models button").count() == 0
    page.locator("#zoo-models a", has_text="dpn98").first.click()
    assert page.locator("h1").inner_text().startswith("dpn98")
    context.close()
