"""The page of models in a real browser: limits, sorting, columns, the history, files of what is
shown, and models to compare."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet
import pytest
from playwright.sync_api import Browser, Locator, Page, Route

from tests.browser.conftest import served
from tests.browser.zoos import build_pages
from zoo.model_index.load import load
from zoo.reporting.views.catalogue import Zoo

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

COLUMN = """(key) => {
  const table = document.querySelector(".models");
  const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.dataset.key === key);
  const rows = [...table.tBodies[0].rows].filter((row) => row.cells.length > 1);
  return rows.map((row) => row.cells[at]?.innerText.trim());
}"""
MANY = 2000


@pytest.fixture(scope="module")
def timed(small_site: Path) -> Iterator[str]:
    """The site with measured latencies."""
    with served(small_site) as address:
        yield address


def opened(page: Page, address: str) -> Page:
    """The page once its script has all models."""
    page.goto(address)
    page.locator("form.ready").wait_for()
    return page


def column(page: Page, key: str) -> list[str]:
    """The cells of a column from top to bottom."""
    return page.evaluate(COLUMN, key)


def head(page: Page, key: str) -> Locator:
    return page.locator(f".models th[data-key={key}]")


def limit(page: Page, name: str) -> Locator:
    return page.locator(f"form [name^='{name}']")


def status(page: Page) -> str:
    return " ".join(page.get_by_role("status").first.inner_text().split())


def test_a_leaderboard_stands_best_first_and_nothing_of_another_above_it(
    seen: "Seen", address: str
) -> None:
    page = opened(seen.page, f"{address}models/")
    assert status(page) == "24 models with published top-1 on ImageNet"
    values = [float(text) for text in column(page, "top1")]
    assert values == sorted(values, reverse=True) and len(values) == 24
    assert head(page, "top1").get_attribute("aria-sort") == "descending"
    assert "digits_cnn" not in column(page, "model")
    page.locator("[name=board]").select_option("all")
    assert column(page, "model")[-1] == "digits_cnn" and column(page, "top1")[-1] == ""


BOARDS = """\
Models:
- {Name: a, Results: [{Task: Object Detection, Dataset: COCO, Metrics: {box AP: 39.4}}]}
- {Name: b, Results: [{Task: Object Detection, Dataset: COCO, Metrics: {box AP: 41.5}}]}
- {Name: c, Results: [{Task: Object Detection, Dataset: COCO, Metrics: {box AP: 40}}]}
- {Name: d, Results: [{Task: Image Generation, Dataset: COCO, Metrics: {FID: 12.5}}]}
- {Name: e, Results: [{Task: Image Generation, Dataset: COCO, Metrics: {FID: 10.5}}]}
"""


def test_another_leaderboard_is_a_page_of_its_own(seen: "Seen", tmp_path: Path) -> None:
    (tmp_path / "index.yml").write_text(BOARDS)
    zoo = Zoo(index=load([tmp_path / "index.yml"]), findings=(), evidence={}, primary={})
    wanted = ("models/index.md", "leaderboards/image-generation-coco.md")
    with served(build_pages(zoo, tmp_path / "site", wanted)) as address:
        page = opened(seen.page, f"{address}models/?search=e&standing=unchecked")
        assert column(page, "model") == ["e"] and "1 of 5 models fit." in status(page)
        page.locator("[name=board]").select_option(label="Image Generation on COCO (2)")
        page.wait_for_url("**/leaderboards/image-generation-coco/?search=e&standing=unchecked")
        page.locator("form.ready").wait_for()
        page.get_by_role("button", name="Clear all").click()
        assert column(page, "model") == ["e", "d"]  # a lower FID is better
        assert head(page, "fid--image-generation-coco").get_attribute("aria-sort") == "ascending"
        page.locator("[name=board]").select_option("all")
        page.wait_for_url("**/models/?board=all")
        page.locator("form.ready").wait_for()
        assert len(column(page, "model")) == 5
        page.go_back()
        page.wait_for_url("**/leaderboards/image-generation-coco/")
        assert seen.errors == []


def test_a_click_sorts_and_missing_values_come_last_both_ways(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/")
    assert head(page, "macs").get_attribute("aria-sort") is None
    for order in ("ascending", "descending"):
        head(page, "macs").locator("button").click()
        values = column(page, "macs")
        numbers = [float(value) for value in values[:4]]
        assert head(page, "macs").get_attribute("aria-sort") == order
        assert numbers == sorted(numbers, reverse=order == "descending")
        assert set(values[4:]) == {""} and len(values) == 24


def test_the_keyboard_sorts(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/")
    head(page, "top5").locator("button").focus()
    page.keyboard.press("Enter")
    *texts, missing = column(page, "top5")  # a model has none
    values = [float(text) for text in texts]
    assert values == sorted(values, reverse=True) and missing == ""
    page.keyboard.press("Space")
    assert [float(text) for text in column(page, "top5")[:-1]] == values[::-1]


def test_texts_sort_as_people_count(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/?sort=model&order=ascending")
    names = column(page, "model")
    assert (
        names.index("dla34") < names.index("dla102") < names.index("dpn68") < names.index("dpn107")
    )


def test_each_step_stands_in_the_history(seen: "Seen", address: str) -> None:
    """A limit that is typed is one step, whatever its digits."""
    page = opened(seen.page, f"{address}models/")
    page.locator("[name=family]").select_option("DPN")
    limit(page, "macs").press_sequentially("11.7")
    head(page, "macs").locator("button").click()
    assert page.url.endswith("?family=DPN&macs.max=11.7&sort=macs&order=ascending")
    assert column(page, "model") == ["dpn68", "dpn98"]
    page.go_back()
    assert page.url.endswith("?family=DPN&macs.max=11.7")
    page.go_back()
    assert page.url.endswith("?family=DPN") and limit(page, "macs").input_value() == ""
    assert len(column(page, "model")) == 6
    page.go_back()
    assert page.evaluate("location.search") == "" and len(column(page, "model")) == 24
    page.go_forward()
    page.go_forward()
    assert limit(page, "macs").input_value() == "11.7"
    assert column(page, "model") == ["dpn98", "dpn68"]
    assert seen.errors == []


def test_chips_show_their_value_and_can_be_taken_away(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/?search=dpn&top1.min=79&family=DPN&standing=wrong")
    chips = page.locator("[data-chips] .chip")
    assert chips.all_inner_texts() == ["“dpn”", "top-1 ≥ 79 %", "DPN", "With wrong numbers"]
    assert limit(page, "top1").input_value() == "79"
    page.get_by_role("button", name="Remove: top-1 ≥ 79 %").click()
    assert limit(page, "top1").input_value() == "" and chips.count() == 3
    page.get_by_role("button", name="Clear all").click()
    assert chips.count() == 0 and page.evaluate("location.search") == ""


def test_another_filter_can_be_added(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/")
    assert limit(page, "file_size").is_hidden()
    page.locator("[data-add]").select_option("file_size.max")
    limit(page, "file_size").fill("100")
    assert page.locator("[data-chips]").inner_text() == "File size ≤ 100 MB"
    assert all(float(text) <= 100 for text in sizes(page)) and sizes(page)
    page.reload()
    page.locator("form.ready").wait_for()
    assert limit(page, "file_size").is_visible()


def sizes(page: Page) -> list[str]:
    if not head(page, "file_size").count():
        page.locator("[data-columns] summary").click()
        page.get_by_role("checkbox", name="File size, claimed, MB").check()
        page.keyboard.press("Escape")
    return column(page, "file_size")


def test_a_hostile_address_does_nothing(seen: "Seen", address: str) -> None:
    script = "%3Cscript%3Ealert(1)%3C/script%3E"
    page = opened(
        seen.page,
        f"{address}models/?sort=%3Cimg%20src%3Dx%3E&order=x&search={script}&compare=../../x,{script}",
    )
    assert seen.errors == [] and column(page, "model") == []
    assert page.locator(".none").inner_text().startswith("Nothing is called")
    opened(
        page,
        f"{address}models/?sort=nothing&macs.max=many&columns=__proto__,top1&family=nobody"
        "&board=x&unmeasured=2&standing=constructor",
    )
    assert seen.errors == [] and len(column(page, "top1")) == 24


def test_names_are_matched_without_hyphens_and_case(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/")
    field = page.get_by_label("Name or family")
    field.fill("DPN-98")
    assert column(page, "model") == ["dpn98"]
    field.fill("DenseNet-161")
    assert column(page, "model") == ["densenet161"]
    field.fill("DLA 102")
    assert sorted(column(page, "model")) == ["dla102", "dla102x", "dla102x2"]
    field.fill("digits")  # it has no number on ImageNet, and is shown all the same
    assert column(page, "model") == ["digits_cnn"]
    assert "None of these has a metric of this leaderboard" in status(page)


def test_a_filter_says_how_many_models_are_unmeasured(seen: "Seen", timed: str) -> None:
    page = opened(seen.page, f"{timed}models/")
    limit(page, "latency-").fill("60")
    fitting = column(page, "model")
    missing = 24 - len([text for text in column_of_all(page, timed) if text])
    assert 0 < len(fitting) < 24 and missing > 0
    assert f"{missing} have no CPU latency" in status(page)
    page.get_by_role("button", name="Show them").click()
    assert column(page, "model")[: len(fitting)] == fitting
    assert len(column(page, "model")) == len(fitting) + missing
    assert "unmeasured=1" in page.url
    page.go_back()
    assert column(page, "model") == fitting


def column_of_all(page: Page, address: str) -> list[str]:
    """The CPU latencies of all models of the leaderboard."""
    other = opened(page.context.new_page(), f"{address}models/")
    key = other.locator(".models th[data-key^=latency-]").first.get_attribute("data-key")
    assert key
    texts = column(other, key)
    other.close()
    return texts


def test_the_nearest_are_named_where_no_model_fits(seen: "Seen", timed: str) -> None:
    page = opened(seen.page, f"{timed}models/")
    limit(page, "macs").fill("5")
    limit(page, "latency-").fill("1")
    answer = page.locator(".none").inner_text()
    assert answer.startswith("No model fits.") and status(page).startswith("0 of 24 models fit.")
    assert " misses by " in answer and " ms (" in answer and "have no CPU latency" in answer
    assert "The highest of these within the other limits:" in answer


def test_columns_are_chosen_and_what_is_open_closes(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/")
    menu = page.locator("[data-columns]")
    summary = menu.locator("summary")
    summary.click()
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    summary.click()
    page.get_by_role("heading", name="Models").click()
    assert menu.get_attribute("open") is None
    assert not head(page, "crop_pct").count() and head(page, "top5").is_visible()
    summary.click()
    page.get_by_label("Crop fraction, claimed").check()
    page.get_by_label("Top-5, ImageNet, %").uncheck()
    assert head(page, "crop_pct").is_visible() and not head(page, "top5").count()
    opened(page, page.url)
    assert head(page, "crop_pct").is_visible() and not head(page, "top5").count()
    page.go_back()


def test_columns_without_a_number_are_left_out(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/")
    page.locator("[data-columns] summary").click()
    labels = page.locator("[data-columns] label").all_inner_texts()
    assert labels and not [label for label in labels if label.startswith(("CPU", "GPU"))]
    assert limit(page, "macs").is_visible() and not limit(page, "latency-").count()


def test_a_wrong_claim_has_no_number_and_leads_to_its_cause(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/?search=dla34&columns=flops")
    cell = page.locator(".models td a", has_text="wrong")
    assert column(page, "flops") == ["wrong"]
    cell.click(timeout=5000)
    assert page.url.endswith("models/dla34/#claim-timm-flops")


def test_claims_are_counted_by_standing(seen: "Seen", timed: str) -> None:
    page = opened(seen.page, f"{timed}models/?search=dpn98")
    signs = page.locator(".c-claims .st")
    assert [sign.get_attribute("class") for sign in signs.all()] == [
        "st st--wrong",
        "st st--right",
        "st st--unknown",
    ]
    said = [text.split() for text in signs.all_text_contents()]
    assert [word for _, word in said] == ["wrong", "right", "unknown"]
    head(page, "claims").locator("button").click()
    page.get_by_role("button", name="Remove").first.click()
    counts = page.locator(".c-claims .st:first-child").all_text_contents()
    wrong = [int(text.split()[0]) if "wrong" in text else 0 for text in counts]
    assert wrong == sorted(wrong, reverse=True) and wrong[0] > 0


def test_up_to_four_models_are_chosen_in_a_tray_that_stays(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/?search=dpn")
    tray = page.locator(".tray")
    assert tray.is_hidden()
    for name in ("dpn68", "dpn98", "dpn92", "dpn107"):
        page.get_by_label(f"Compare {name}", exact=True).check()
    assert tray.get_by_role("link").get_attribute("href") == (
        "../compare/?models=dpn68,dpn98,dpn92,dpn107"
    )
    assert page.get_by_label("Compare dpn131").is_disabled()
    page.mouse.wheel(0, 5000)
    box = tray.bounding_box()
    assert box and box["y"] + box["height"] == 900
    page.get_by_role("button", name="Take dpn98 away").click()
    assert page.get_by_label("Compare dpn131").is_enabled()
    assert page.url.endswith("?search=dpn&compare=dpn68,dpn92,dpn107")
    page.get_by_role("button", name="Clear", exact=True).click()
    assert tray.is_hidden() and "compare" not in page.url


def save(page: Page, name: str, folder: Path) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path.read_bytes()


def test_files_hold_exactly_what_is_shown(seen: "Seen", address: str, tmp_path: Path) -> None:
    page = opened(
        seen.page,
        f"{address}models/?family=DPN&sort=model&order=ascending&columns=macs,top1,tasks,claims",
    )
    names = column(page, "model")
    table = list(csv.DictReader(io.StringIO(save(page, "CSV", tmp_path).decode())))
    rows = json.loads(save(page, "JSON", tmp_path))
    parquet = pyarrow.parquet.read_table(io.BytesIO(save(page, "Parquet", tmp_path))).to_pylist()
    assert seen.errors == []
    for found in (table, rows, parquet):
        assert list(found[0]) == ["model", "wrong", "right", "unknown", "top1", "macs", "tasks"]
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


def many(route: Route) -> None:
    """The models of the site again and again, 2,000 of them."""
    data = route.fetch().json()
    times = MANY // len(data["slugs"])
    for name in ("slugs", "aliases"):
        data[name] = data[name] * times
    for column in data["columns"]:
        for name in ("values", "publishers", "anchors", "standing", "low", "high"):
            if name in column:
                column[name] = column[name] * times
    names = next(column for column in data["columns"] if column["key"] == "model")
    names["values"] = [f"{name}-{n}" for n, name in enumerate(names["values"])]
    route.fulfill(json=data)


def test_only_rows_in_view_are_in_the_page(seen: "Seen", address: str) -> None:
    seen.page.route("**/downloads/models.json", many)
    page = opened(seen.page, f"{address}models/")
    count = len(column(page, "model"))
    assert 20 < count <= 60
    assert page.locator(".models").get_attribute("aria-rowcount") == "1921"
    first = column(page, "model")[0]
    page.locator(".view").evaluate("view => { view.scrollTop = view.scrollHeight; }")
    page.locator(".models tr[aria-rowindex='1921']").wait_for()
    assert first not in column(page, "model") and len(column(page, "model")) <= 60
    header, name = head(page, "top1"), page.locator(".models tbody th").nth(15)
    view = page.locator(".view").bounding_box()
    assert view and [box(each)["y"] for each in [header]] == [view["y"] + 1]
    page.locator(".view").evaluate("view => { view.scrollLeft = 500; }")
    assert box(name)["x"] == view["x"]
    assert seen.errors == []


def box(place: Locator) -> Any:
    found = place.bounding_box()
    assert found
    return found


def test_a_telephone_shows_names_with_the_sorted_value_and_standing(
    browser: Browser, timed: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = opened(context.new_page(), f"{timed}models/")
    for key in ("top1", "parameters"):
        if key != "top1":
            opened(page, f"{timed}models/?sort={key}&order=ascending")
        for each in ("model", "claims", key):
            cell = box(head(page, each))
            assert cell["x"] >= 0 and cell["x"] + cell["width"] <= 390, (key, each)
    rows = page.locator(".models tbody th:visible").all()
    assert sum(box(row)["y"] < 800 for row in rows) >= 8
    context.close()


def test_rows_are_the_same_before_and_after_the_script(browser: Browser, timed: str) -> None:
    """Without JavaScript the best rows are readable, with the same numbers."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.goto(f"{timed}models/")
    scripted = opened(browser.new_page(), f"{timed}models/")
    cells = """all => all.filter(row => row.cells.length > 1).map(row =>
      [...row.cells].map(cell => cell.textContent.trim()))"""
    before = page.locator(".models tr").evaluate_all(cells)
    after = scripted.locator(".models tr").evaluate_all(cells)
    assert before[: len(after)] == after and len(before) == 25 > len(after) > 15
    assert page.locator("button:visible, input:visible").count() == 0
    assert "1 model has no metric here: digits_cnn" in page.locator(".note").inner_text()
    page.locator(".models a", has_text="dpn98").first.click()
    assert page.locator("h1").inner_text().startswith("dpn98")
    scripted.close()
    context.close()


def test_paper_has_no_controls(seen: "Seen", address: str) -> None:
    page = opened(seen.page, f"{address}models/?family=DPN&compare=dpn98,dpn68")
    page.emulate_media(media="print")
    for each in ("form.filters", ".above", ".tray", ".tick"):
        assert page.locator(each).first.is_hidden(), each
    assert page.locator(".models tbody th").first.is_visible()
