"""What people come for: each question is answered in words on the screen, within three clicks of
the start page. Typing, and the key that ends it, is no click."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import served
from tests.browser.zoos import CHANGED

pytestmark = pytest.mark.browser

MOST_CLICKS = 3


@dataclass
class Reader:
    """Somebody with a mouse on the start page, who counts clicks."""

    page: Page
    clicks: int = 0

    def click(self, place: Locator) -> None:
        self.clicks += 1
        assert self.clicks <= MOST_CLICKS
        place.click()

    def look_up(self, name: str, slug: str) -> None:
        """Write a name into the look-up as papers write it, and press Enter."""
        box = self.page.get_by_role("combobox", name="Look up a model").first
        self.click(box)
        box.fill(name)
        self.page.get_by_role("option").first.wait_for()
        box.press("Enter")
        self.page.wait_for_url(f"**/models/{slug}/")

    def reads(self, place: Locator, *words: str) -> None:
        """The place is on the screen, without scrolling, and says these words."""
        assert self.is_on_screen(place)
        text = " ".join(place.inner_text().split())
        assert [word for word in words if word not in text] == [], text

    def is_on_screen(self, place: Locator) -> bool:
        box, size = place.bounding_box(), self.page.viewport_size
        return bool(box and size and box["y"] >= 0 and box["y"] + box["height"] <= size["height"])


@pytest.fixture(scope="module")
def start(small_site: Path) -> Iterator[str]:
    with served(small_site) as address:
        yield address


@pytest.fixture
def reader(browser: Browser, start: str) -> Iterator[Reader]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.goto(start)
    yield Reader(page)
    context.close()


def test_best_model_within_limits(reader: Reader) -> None:
    """Best top-1 on ImageNet under 5 GMACs and 20 ms on CPU: none that was timed, the nearest, and
    the best of those that were not."""
    page = reader.page
    reader.click(page.locator("nav.bar").get_by_role("link", name="Models"))
    page.locator("form.ready").wait_for()
    reader.click(page.locator("form [name='macs.max']"))
    page.keyboard.type("5")
    while "on CPU" not in page.evaluate("document.activeElement.labels?.[0]?.textContent ?? ''"):
        page.keyboard.press("Tab")
    page.keyboard.type("20")
    reader.reads(page.get_by_role("status").first, "0 of 24 models fit", "have no CPU latency")
    answer = page.locator(".none")
    reader.reads(answer, "No model fits", "efficientnet_lite0 misses by 6.", "ms (75.10 %")
    reader.reads(answer, "The highest of these within the other limits: dpn68b, 79.21 %")
    page.keyboard.press("Control+A")
    page.keyboard.type("50")
    reader.reads(page.get_by_role("status").first, "models fit. Highest top-1:", "%")


def test_is_the_number_of_timm_right(reader: Reader) -> None:
    """Wrong; what it counts instead, and the number to use."""
    reader.look_up("DPN-98", "dpn98")
    answer = reader.page.locator(".strip li", has_text="FLOPs, timm")
    reader.reads(answer, "15.00 G", "11.67 GMACs", "224×285")
    reader.reads(reader.page.locator(".strip"), "wrong")
    reader.click(answer.get_by_role("link"))
    reader.reads(reader.page.locator("#why-timm-flops .sum"), "15,003,675,112")


def test_which_family_has_most_wrong_numbers(reader: Reader) -> None:
    """The first of the list, with its count; its page says which numbers."""
    families = reader.page.locator(".families li")
    wrong = [
        int("".join(filter(str.isdigit, text)) or 0)
        for text in families.locator(".num:last-child").all_inner_texts()
    ]
    assert wrong[0] == max(wrong) > 0
    assert families.first.locator(".bad").inner_text() == f"{wrong[0]} wrong"
    name = families.first.get_by_role("link").inner_text()
    reader.click(families.first.get_by_role("link"))
    assert name in reader.page.locator("h1").inner_text()


def test_code_and_preprocessing_of_a_model(reader: Reader) -> None:
    """A few lines that can be copied, and the preprocessing beside them."""
    reader.look_up("DenseNet-161", "densenet161")
    code = reader.page.locator(".first .code").first
    reader.reads(code.locator("pre"), "import timm", "densenet161", "pretrained=True")
    reader.reads(reader.page.locator(".prep"), "resize", "bicubic", "crop 224", "0.485 0.456 0.406")
    reader.click(code.locator(".copy"))
    copied = reader.page.evaluate("navigator.clipboard.readText()")
    compile(copied, "copied", "exec")
    assert "densenet161" in copied


def test_what_changed_since_last_week(reader: Reader) -> None:
    """The start page has the last changes with their day; the page of changes has all of them."""
    changes = reader.page.locator(".changes li")
    assert CHANGED in changes.first.inner_text() and "wrong" in changes.first.inner_text()
    assert changes.first.locator("time").is_visible()
    reader.click(reader.page.get_by_role("link", name="All changes"))
    reader.click(reader.page.get_by_role("link", name="7 days"))
    first = reader.page.locator(".moment:visible tr:visible", has_text=CHANGED).first
    reader.reads(first, "wrong", "FLOPs")


def test_how_to_cite_a_model(reader: Reader) -> None:
    """BibTeX on the model's page, one tab away, and a button that copies it."""
    reader.look_up("dpn98", "dpn98")
    reader.click(reader.page.locator(".tabs-bar").get_by_role("link", name="Cite"))
    entry = reader.page.locator("#cite .code").first
    reader.reads(entry.locator("pre"), "@misc", "Dual Path Networks")
    reader.click(entry.locator(".copy"))
    assert reader.page.evaluate("navigator.clipboard.readText()").startswith("@")


def test_which_of_two_models_is_better(reader: Reader) -> None:
    """Compare, from the menu: the names, and the answer in words beside the plot."""
    page = reader.page
    reader.click(page.locator(".top nav.bar").get_by_role("link", name="Compare"))
    box = page.get_by_role("combobox", name="Add a model")
    reader.click(box)
    for name in ("DPN-92", "dla102x"):
        box.fill(name)
        page.get_by_role("option", name=name.replace("-", "").lower()).first.wait_for()
        box.press("Enter")
    page.locator(".diff").wait_for()
    answer = page.locator(".verdicts")
    gain = "dpn92 against dla102x: +1.48 points for +11 % MACs, +43 % parameters"
    reader.reads(answer, gain, "For accuracy, dpn92.", "For little memory and work, dla102x.")
    plot = page.locator("figure svg")
    assert reader.is_on_screen(plot)
    assert plot.locator(".strong").all_text_contents() == ["dpn92", "dla102x"]
    mean = page.locator(".diff tr", has_text="Mean")
    assert mean.locator("td").all_inner_texts() == [".486 .459 .408", ".485 .456 .406"]
