"""Two to four models side by side in a real browser."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, Route

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser


def opened(seen: "Seen", address: str, query: str = "") -> Page:
    seen.page.goto(f"{address}compare/{query}")
    seen.page.locator(".zoo-compared" if "," in query else "#zoo-add").wait_for()
    return seen.page


def row(page: Page, label: str) -> list[str]:
    """The cells of a row by its label."""
    found = page.locator(f'.zoo-compared tbody tr:has(th:text-is("{label}"))')
    return [text.replace("\n", " ") for text in found.first.locator("td").all_inner_texts()]


def test_models_are_added_by_name_and_stand_in_the_address(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    status = page.get_by_role("status")
    assert status.inner_text() == "Choose two models at least."
    for name in ("dpn68", "dpn98"):
        page.locator("#zoo-add").fill(name)
        page.keyboard.press("Enter")
    page.locator("thead a", has_text="dpn98").wait_for()
    assert page.evaluate("location.search") == "?models=dpn68,dpn98"
    page.locator("#zoo-add").fill("no such model")
    page.keyboard.press("Enter")
    assert status.inner_text() == "No model is called no such model."
    page.get_by_role("button", name="Remove dpn68").click()
    assert page.evaluate("location.search") == "?models=dpn98"
    assert seen.errors == []


def test_quantities_differences_and_evidence(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn68,dpn98,dla34")
    assert row(page, "Multiply-adds, measured") == [
        "2.33 G best",
        "11.67 G +9.34 G (+400.9%)",
        "3.06 G +730.00 M (+31.3%)",
    ]
    assert row(page, "Top-1, ImageNet")[1].startswith("79.65% best +3.34")
    for label in ("FLOPs, claimed", "File size, claimed"):  # no winner by what is only claimed
        assert "best" not in " ".join(row(page, label))
    assert row(page, "Interpolation") == ["bicubic", "bicubic", "bilinear"]
    assert row(page, "Family") == ["DPN", "DPN", "DLA"]
    link = page.locator(".zoo-compared a", has_text="11.67 G")
    assert (link.get_attribute("href") or "").endswith("models/dpn98/#zoo-evidence")
    assert row(page, "Code") == ["dpn68", "dpn98", "dla34"]
    page.locator(".zoo-compared a[href$='models/dpn98/#code']").click()
    page.locator(".code code", has_text="import timm").first.wait_for()


def test_only_what_differs(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn68,dpn98")
    crop = page.locator(".zoo-compared tr", has_text="Crop fraction, claimed")
    assert crop.is_visible()
    page.get_by_label("Only what differs").check()
    assert crop.is_hidden() and "differences=1" in page.evaluate("location.search")


def test_the_dominated_one_is_named(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dla46_c,dpn68")
    assert (
        page.get_by_role("status").inner_text()
        == "None of them is dominated: each is better than every other in something."
    )
    page = opened(seen, address, "?models=dla34,dpn68")
    assert (
        page.get_by_role("status")
        .inner_text()
        .startswith("dla34 is dominated by dpn68: dpn68 is better in ")
    )


def test_speeds_of_unlike_set_ups_are_not_put_side_by_side(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn68,dpn98")
    assert "no speeds are put side by side" in page.locator(".zoo-compared").inner_text()


def test_a_hostile_address_does_nothing(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=../../x,%3Cimg%20src=x%3E,__proto__,dpn68,dpn68,,")
    assert page.evaluate("location.search") == "?models=dpn68" and seen.errors == []
    assert all(url.startswith((address, "data:")) for url in seen.requests)


def test_pages_lead_here(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}families/dpn/")
    page.locator(".actions").get_by_role("link", name="Compare").click()
    page.locator("thead a", has_text="dpn98").wait_for()
    assert page.locator(".zoo-compared thead a").count() == 4
    page.goto(f"{address}models/dpn98/")
    page.locator(".actions").get_by_role("link", name="Compare").click()
    page.locator("thead a", has_text="dpn98").wait_for()
    assert page.locator(".zoo-compared thead a").first.inner_text() == "dpn98"


def test_without_javascript_families_are_named(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}compare/")
    page.locator("#zoo-compare a", has_text="DPN").click()
    assert page.url.endswith("families/dpn/")
    context.close()


def test_a_model_that_cannot_be_loaded_leaves_the_others(seen: "Seen", address: str) -> None:
    seen.page.route("**/downloads/models/dpn98.json", lambda route: route.fulfill(status=500))
    page = opened(seen, address, "?models=dpn68,dpn98,dla34")
    assert "dpn98 could not be loaded: 500" in page.get_by_role("status").inner_text()
    assert page.locator("thead a").all_inner_texts() == ["dpn68", "dla34"]
    assert page.evaluate("location.search") == "?models=dpn68,dla34"
    seen.page.unroute("**/downloads/models/dpn98.json")
    page.locator("#zoo-add").fill("dpn98")
    page.keyboard.press("Enter")
    page.locator("thead a", has_text="dpn98").wait_for()


def changed(seen: "Seen", change: Callable[[dict], None]) -> None:
    """The page gets other numbers than the site has."""

    def answer(route: Route) -> None:
        data = route.fetch().json()
        change(data)
        route.fulfill(json=data)

    seen.page.route("**/downloads/models.json", answer)


def test_claims_of_two_publishers_or_data_sets_are_not_compared(seen: "Seen", address: str) -> None:
    def apart(data: dict) -> None:
        (flops,) = (column for column in data["columns"] if column["key"] == "flops")
        flops["publishers"][data["slugs"].index("dpn98")] = "somebody else"
        (top1,) = (column for column in data["columns"] if column["key"] == "top1")
        del top1["dataset"]

    changed(seen, apart)
    page = opened(seen, address, "?models=dpn68,dpn98")
    cells = [re.sub(r" \(\w+\)", "", cell) for cell in row(page, "FLOPs, claimed")]  # verdicts
    assert all("best" not in cell and "(" not in cell for cell in cells)
    assert row(page, "Top-1, ImageNet")[1].startswith("79.65% unknown")
    assert "best" in row(page, "Multiply-adds, measured")[0]


def test_models_with_nothing_in_common_are_not_called_good(seen: "Seen", address: str) -> None:
    def empty(data: dict) -> None:
        at = data["slugs"].index("dpn68")
        for column in data["columns"]:
            if column["kind"] == "number":
                column["values"][at] = None

    changed(seen, empty)
    page = opened(seen, address, "?models=dpn68,dpn98")
    assert (
        page.get_by_role("status")
        .inner_text()
        .startswith("None of them is dominated in what they have in common")
    )


def test_nothing_is_dominated_without_an_accuracy_that_both_have(
    seen: "Seen", address: str
) -> None:
    """A cheaper and faster model for another task is no better one."""
    speed = {
        "key": "speed",
        "label": "Throughput",
        "unit": "images/s",
        "better": 1,
        "kind": "number",
        "measured": True,
    }

    def apart(data: dict) -> None:
        for column in data["columns"]:
            column.pop("dataset", None)
        values = [1e9 if slug == "dla46_c" else 1 for slug in data["slugs"]]
        data["columns"].append(speed | {"values": values})

    def faster(route: Route) -> None:
        text = route.fetch().text()
        assert text.count('{"rows":[') == 1
        route.fulfill(
            body=text.replace('{"rows":[', f'{{"rows":[{json.dumps(speed)},'),
            content_type="text/html",
        )

    changed(seen, apart)
    seen.page.route("**/compare/?models=*", faster)
    page = opened(seen, address, "?models=dpn98,dla46_c")
    assert row(page, "Throughput")[1].startswith("1.00 G images/s best")
    assert "dominated by" not in page.get_by_role("status").inner_text()
