"""Plots fit the screen and can be read on it; pages of families answer first."""

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PAGES = ("families/dpn/", "families/dla/")
# Of each plot that shows: its edges, and the height of its smallest text, in pixels of the screen.
MEASURE = """() => [...document.querySelectorAll("svg.plot")]
  .filter((svg) => svg.getBoundingClientRect().width > 0)
  .map((svg) => {
    const { left, right, width } = svg.getBoundingClientRect();
    const scale = width / svg.viewBox.baseVal.width;
    const texts = [...svg.querySelectorAll("text")];
    const sizes = texts.map((text) => parseFloat(getComputedStyle(text).fontSize) * scale);
    const ends = texts.map((text) => text.getBoundingClientRect().right);
    return { left, right, smallest: Math.min(...sizes), end: Math.max(...ends) };
  })"""


def opened(browser: Browser, address: str, width: int, script: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=script
    )
    page = context.new_page()
    page.goto(address)
    return page


@pytest.mark.parametrize("path", PAGES)
def test_a_plot_fits_a_telephone_and_its_text_can_be_read(
    browser: Browser, address: str, path: str
) -> None:
    page = opened(browser, address + path, 390)
    plots = page.evaluate(MEASURE)
    assert plots
    for plot in plots:
        assert plot["left"] >= 0 and plot["right"] <= 390 and plot["end"] <= 391, plot
        assert plot["smallest"] >= 11, plot
    assert page.locator("svg.plot.wide-only >> visible=true").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_a_plot_is_drawn_once_on_a_wide_screen(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}families/dpn/", 1440)
    assert page.locator("svg.plot.narrow-only >> visible=true").count() == 0
    plots = page.evaluate(MEASURE)
    assert all(plot["smallest"] >= 11 and plot["end"] <= 1440 for plot in plots)
    page.context.close()


def test_a_family_answers_first_and_is_short_on_a_telephone(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}families/dpn/", 390)
    assert "wrong" in page.locator("h1").inner_text()
    box = page.locator("figure.published svg >> visible=true").last.bounding_box()
    assert box and box["y"] < 844
    assert page.evaluate("document.documentElement.scrollHeight") <= 4800
    assert "measured measured" not in page.locator("main").inner_text()
    page.context.close()


def test_a_batch_size_is_chosen_without_scripts(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}families/dpn/", 1440, script=False)
    panels = page.locator(".speed .trio")
    assert [panels.nth(n).is_visible() for n in range(3)] == [True, False, False]
    page.locator(".speed label", has_text="batch 4").click()
    assert [panels.nth(n).is_visible() for n in range(3)] == [False, True, False]
    page.context.close()


def test_all_batch_sizes_are_printed(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}families/dpn/", 794)
    page.emulate_media(media="print")
    panels = page.locator(".speed .trio")
    assert all(panels.nth(n).is_visible() for n in range(panels.count()))
    page.context.close()
