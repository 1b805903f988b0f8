"""What a reader does with the site, in a real browser."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = ("", "models/", "families/", "families/dpn/", "models/dpn98/", "models/densenet264/", "ledger/")
CONTRAST = """
() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => channels(colour).slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  return [...document.querySelectorAll(".zoo-badge")].map((badge) => {
    const style = getComputedStyle(badge);
    const [a, b] = [light(style.color), light(style.backgroundColor)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
}
"""


@dataclass
class Seen:
    """A page, what it asked for and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def seen(browser: Browser) -> Iterator[Seen]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    seen = Seen(context.new_page())
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.on("console", lambda message: message.type in ("error", "warning") and seen.errors.append(message.text))
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    yield seen
    context.close()


def column(page: Page, key: str) -> list[str]:
    """The raw values of a column of the table of models, from top to bottom, rows that are shown."""
    script = """(key) => {
      const table = document.querySelector("#zoo-models");
      const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.dataset.key === key);
      return [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => row.cells[at].dataset.v);
    }"""
    return page.evaluate(script, key)


def test_nothing_leaves_the_origin_and_nothing_complains(seen: Seen, address: str) -> None:
    for path in PAGES:
        seen.page.goto(address + path)
    assert [url for url in seen.requests if not url.startswith((address, "data:", "blob:"))] == []
    assert seen.errors == []


def test_a_click_sorts_and_missing_values_come_last_both_ways(seen: Seen, address: str) -> None:
    seen.page.goto(f"{address}models/")
    button = seen.page.locator("#zoo-models th[data-key=macs] button")
    head = seen.page.locator("#zoo-models th[data-key=macs]")
    assert head.get_attribute("aria-sort") is None
    for order in ("ascending", "descending"):
        button.click()
        values = column(seen.page, "macs")
        numbers = [int(value) for value in values[:4]]
        assert head.get_attribute("aria-sort") == order
        assert numbers == sorted(numbers, reverse=order == "descending")
        assert set(values[4:]) == {""} and len(values) == 25


def test_the_keyboard_sorts_too(seen: Seen, address: str) -> None:
    seen.page.goto(f"{address}models/")
    seen.page.locator("#zoo-models th[data-key=top1] button").focus()
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.press("Space")
    values = [float(value) for value in column(seen.page, "top1")]
    assert values == sorted(values, reverse=True)


def test_texts_sort_as_people_count(seen: Seen, address: str) -> None:
    seen.page.goto(f"{address}models/?sort=model&order=ascending")
    names = column(seen.page, "model")
    assert names.index("dla34") < names.index("dla102") < names.index("dpn68") < names.index("dpn107")


def test_the_state_stands_in_the_address(seen: Seen, address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/")
    page.locator("#zoo-models th[data-key=top1] button").click()
    page.locator("[data-filter=zoo-models]").fill("dpn")
    state = page.evaluate("location.search")  # page.url follows a moment later
    assert "sort=top1" in state and "order=ascending" in state and "filter=dpn" in state
    page.goto(f"{address}models/{state}")
    assert page.locator("#zoo-models th[data-key=top1]").get_attribute("aria-sort") == "ascending"
    assert page.locator("[data-filter=zoo-models]").input_value() == "dpn"
    assert len(column(page, "model")) == 6


def test_a_hostile_address_does_nothing(seen: Seen, address: str) -> None:
    seen.page.goto(f"{address}models/?sort=%3Cimg%20src%3Dx%3E&order=x&filter=%3Cscript%3Ealert(1)%3C/script%3E")
    assert seen.errors == [] and column(seen.page, "model") == []
    seen.page.goto(f"{address}models/?sort=nothing")
    assert len(column(seen.page, "model")) == 25


def test_the_filter_counts_what_it_shows(seen: Seen, address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/")
    page.locator("[data-filter=zoo-models]").fill("DLA 102")
    assert column(page, "model") == ["dla102", "dla102x", "dla102x2"]
    assert page.locator("[data-filter-count=zoo-models]").inner_text() == "3 of 25"
    page.locator("[data-filter=zoo-models]").fill("")
    assert len(column(page, "model")) == 25 and "filter" not in page.evaluate("location.search")


def test_it_works_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}models/")
    assert page.locator("#zoo-models tbody tr").count() == 25
    assert page.locator(".zoo-filter").is_hidden()
    page.locator("#zoo-models a", has_text="dpn98").click()
    assert page.locator("h1").inner_text().startswith("dpn98")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_badges_can_be_read_in_light_and_dark(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    body = page.locator("body")
    assert body.get_attribute("data-md-color-scheme") == ("slate" if scheme == "dark" else "default")
    ratios = page.evaluate(CONTRAST)
    assert len(ratios) >= 6 and min(ratios) >= 4.5
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_telephone(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800})
    page = context.new_page()
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    context.close()


def test_points_are_links_the_keyboard_skips(seen: Seen, address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/")
    points = page.locator(".zoo-plot").first.locator("a")
    assert points.count() == 4
    assert {points.nth(n).get_attribute("tabindex") for n in range(4)} == {"-1"}
    page.locator('.zoo-plot a[data-label="dpn98"]').first.click()
    assert page.locator("h1").inner_text().startswith("dpn98")


def test_a_finding_leads_to_its_row(seen: Seen, address: str) -> None:
    page = seen.page
    page.goto(f"{address}families/dpn/")
    page.locator(".zoo-matrix tbody tr", has_text="dpn98").first.locator("td a").first.click()
    assert page.url.endswith("models/dpn98/#claim-timm-flops")
    assert page.locator("tr:target th").inner_text() == "FLOPs"


def test_the_keyboard_opens_what_was_tried_and_a_telephone_holds_it(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}models/dpn98/")
    why = page.locator("#why-timm-flops")
    assert why.locator("table").is_hidden()
    why.locator("summary").focus()
    page.keyboard.press("Enter")
    assert why.locator("table").is_visible() and why.locator("tbody tr").count() == 12
    assert why.locator("tbody tr").first.locator("td").first.inner_text() == "chosen"
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    context.close()
