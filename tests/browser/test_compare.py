"""Two to four models side by side in a real browser: which one for what, in words."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route

from tests.browser.visits import sheets
from zoo.reporting.pages.compare_words import WORDS
from zoo.reporting.site.assets import ASSETS
from zoo.reporting.views import accuracy_difference
from zoo.reporting.views.accuracy_difference import difference_interval, difference_words

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

Table = dict[str, Any]


def opened(seen: "Seen", address: str, query: str = "") -> Page:
    """The page, when its script has shown what the address names."""
    seen.page.goto(f"{address}compare/{query}")
    seen.page.wait_for_function("!document.documentElement.classList.contains('comparing')")
    if query.count(",") and "dpn92x" not in query:
        seen.page.locator(".diff").wait_for()
    return seen.page


def words(place: Locator) -> str:
    return " ".join(place.inner_text().split())


def says(page: Page) -> str:
    """The answer in words."""
    return words(page.locator(".verdicts"))


def panel(page: Page, heading: str) -> list[str]:
    """The rows of a panel: `dpn98 79.65 best`."""
    rows = page.locator(f'.panel:has(caption b:text-is("{heading}")) tr')
    return [" ".join(text.split()) for text in rows.all_inner_texts()]


def row(page: Page, heading: str) -> list[str]:
    """The cells of a row of what differs."""
    found = page.locator(f'.diff tbody tr:has(th:text-is("{heading}"))')
    return [" ".join(text.split()) for text in found.first.locator("td").all_inner_texts()]


def add(page: Page, name: str) -> None:
    page.locator("#add").fill(name)
    page.locator(".lookup--add [role=option]").first.wait_for()
    page.keyboard.press("Enter")


def changed(seen: "Seen", change: Callable[[Table], None]) -> None:
    """The page gets other numbers than the site has."""

    def answer(route: Route) -> None:
        data = route.fetch().json()
        change(data)
        route.fulfill(json=data)

    seen.page.route("**/downloads/models.json", answer)


def column(data: Table, key: str) -> Table:
    return next(column for column in data["columns"] if column["key"] == key)


def put(data: Table, key: str, **values: float | None) -> None:
    """Other values of some models."""
    for slug, value in values.items():
        column(data, key)["values"][data["slugs"].index(slug)] = value


# --- choosing ----------------------------------------------------------------------------------


def test_models_are_added_as_papers_write_them_and_each_is_a_step(
    seen: "Seen", address: str
) -> None:
    page = opened(seen, address)
    assert page.locator("h1").inner_text() == "Compare models"
    add(page, "DPN-68")
    page.get_by_text("Add a second model.").wait_for()
    add(page, "dpn 98")
    page.locator(".diff").wait_for()
    assert page.evaluate("location.search") == "?models=dpn68,dpn98"
    assert page.locator("h1").inner_text() == "dpn68 or dpn98?"
    assert page.title().startswith("dpn68 or dpn98? - ")
    page.get_by_role("link", name="Remove dpn68").click()
    assert page.evaluate("location.search") == "?models=dpn98"
    page.go_back()
    page.locator(".diff").wait_for()
    assert page.locator(".chip").all_inner_texts() == ["dpn68", "dpn98"]
    page.go_back()
    page.go_back()
    assert page.locator("h1").inner_text() == "Compare models"
    page.go_forward()
    assert page.locator(".chip").all_inner_texts() == ["dpn68"]
    assert seen.errors == []


def test_an_unknown_name_is_said_with_those_that_are_meant(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn92x,dla34")
    status = page.get_by_role("status")
    assert words(status).startswith("No model is called dpn92x. Did you mean dpn92")
    status.get_by_role("link", name="dpn92").click()
    page.locator(".diff").wait_for()
    assert page.evaluate("location.search") == "?models=dla34,dpn92"
    assert status.inner_text() == ""
    page.locator("#add").fill("no such thing")
    page.keyboard.press("Enter")
    page.get_by_text("No model is called no such thing.").wait_for()


def test_four_are_the_most(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn68,dpn98,dla34,dla46_c,dpn92")
    assert words(page.get_by_role("status")) == "Four models are the most. Left out: dpn92."
    assert page.locator("#add").is_disabled() and page.locator(".diff thead th").count() == 4


def test_a_hostile_address_does_nothing(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=../../x,%3Cimg%20src=x%3E,__proto__,dpn68,dpn68,,dpn98")
    assert page.locator(".chip").all_inner_texts() == ["dpn68", "dpn98"] and seen.errors == []
    assert "<img src=x>" in page.get_by_role("status").inner_text()
    assert all(url.startswith((address, "data:")) for url in seen.requests)


def test_the_other_language_keeps_the_models(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn68,dpn98")
    page.locator("a[hreflang=zh]").first.click()
    page.wait_for_url("**/zh/compare/?models=dpn68,dpn98")
    page.locator(".diff").wait_for()
    assert page.locator("h1").inner_text() == "dpn68 还是 dpn98？"
    assert "看准确率，选 dpn98。" in says(page)


def test_pages_lead_here(seen: "Seen", address: str) -> None:
    page = seen.page
    for start in ("families/dpn/", "models/dpn98/"):
        page.goto(f"{address}{start}")
        page.locator(".actions").get_by_role("link", name="Compare").click()
        page.locator(".diff thead a", has_text="dpn98").wait_for()
        assert page.locator(".diff thead a").count() == 4
    assert page.locator(".diff thead a").first.inner_text() == "dpn98"


def test_without_a_script_the_models_of_a_family_stand_side_by_side(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}compare/")
    assert words(page.locator(".start-table tr", has_text="dla34")) == "dla34 74.62 3.06 15.30"
    page.locator(".starts").get_by_role("link", name="DPN", exact=True).click()
    assert page.url.endswith("families/dpn/#members")
    context.close()


# --- the answer in words -----------------------------------------------------------------------


def test_the_answer_says_which_model_for_what(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dla34,dpn98")
    text = says(page)
    assert text.startswith("dpn98 against dla34: +5.03 points for +281 % MACs, +281 % parameters")
    assert "For accuracy, dpn98. timm publishes 79.65 % top-1 on ImageNet" in text
    assert (
        "5.03 points better than dla34. 50,000 images tell differences from 0.50 points on." in text
    )
    assert "For little memory and work, dla34. 3.06 GMACs and 15.30 M parameters" in text
    assert "No winner for latency. None of them was timed here; zoo bench dla34" in text
    assert panel(page, "Top-1") == ["dla34 74.62", "dpn98 79.65 best"]
    assert panel(page, "Multiply-adds") == ["dla34 3.06 best", "dpn98 11.67"]
    names = page.locator("svg.plot .strong").all_text_contents()
    assert sorted(names) == ["dla34", "dpn98"] and page.locator(".plot .other").count() > 0


def test_a_difference_that_the_images_cannot_tell_has_no_winner(seen: "Seen", address: str) -> None:
    changed(seen, lambda data: put(data, "top1", dpn68=79.40))
    page = opened(seen, address, "?models=dpn68,dpn98")
    text = says(page)
    assert "dpn98 against dpn68: +0.25 points, which 50,000 images cannot tell, for +401 %" in text
    assert "For accuracy, dpn98 and dpn68 alike." in text
    assert "dpn68 does the least work of them, 2.33 GMACs." in text
    assert panel(page, "Top-1") == ["dpn68 79.40", "dpn98 79.65"]


def test_where_the_number_of_images_is_unknown_a_small_difference_decides_nothing(
    seen: "Seen", address: str
) -> None:
    def forget(data: Table) -> None:
        del column(data, "top1")["images"]
        put(data, "top1", dpn68=77.65)

    changed(seen, forget)
    page = opened(seen, address, "?models=dpn68,dpn98")
    assert "For accuracy, dpn98 and dpn68 alike." in says(page)
    assert "How many images that is, is not known here" in says(page)
    changed(seen, lambda data: [forget(data), put(data, "top1", dpn68=60.0)][0])
    assert "For accuracy, dpn98." in says(opened(seen, address, "?models=dpn68,dpn98"))


def test_a_wrong_number_wins_nothing(seen: "Seen", address: str) -> None:
    def judge(data: Table) -> None:
        put(data, "top1", dpn98=None)
        top1, at = column(data, "top1"), data["slugs"].index("dpn98")
        top1["standing"] = top1["standing"][:at] + "w" + top1["standing"][at + 1 :]

    changed(seen, judge)
    page = opened(seen, address, "?models=dla34,dpn68,dpn98")
    assert "For accuracy, dpn68." in says(page)
    assert "The published top-1 of dpn98 is wrong." in says(page)
    assert words(page.locator("figcaption")).endswith("a right accuracy: dpn98.")
    assert panel(page, "Top-1") == ["dla34 74.62", "dpn68 76.31 best", "dpn98 wrong"]
    assert "best" not in words(page.locator(".diff"))


def test_a_metric_that_is_no_share_has_no_winner(seen: "Seen", address: str) -> None:
    """Of an end-point error nothing tells whether a difference is chance."""

    def measure(data: Table) -> None:
        column(data, "top1").update(label="EPE", unit="px", better=-1, images=None)

    changed(seen, measure)
    page = opened(seen, address, "?models=dla34,dpn98")
    assert "No winner for accuracy." in says(page) and "It is no share of images" in says(page)
    assert "dpn98 against dla34: +281 % MACs" in says(page)
    assert panel(page, "Top-1") == ["dla34 74.6", "dpn98 79.7"]


def test_accuracies_of_different_data_sets_are_not_compared(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn98,digits_cnn")
    assert "Accuracies of different data sets are not compared. dpn98: 79.65 % top-1" in says(page)
    assert "digits_cnn: 99 % top-1 on digits." in says(page)
    page = opened(seen, address, "?models=dpn98,digits_cnn,dla34")
    assert "top-1 on digits, which is another data set and not compared." in says(page)
    assert "digits_cnn" not in words(page.locator(".trade"))


def test_what_is_not_measured_wins_no_cost(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn98,dpn68,dla60")
    assert "For little memory and work, dpn68." in says(page)
    assert "Not measured here: dla60." in says(page)
    assert panel(page, "Parameters")[2] == "dla60 not measured"
    page = opened(seen, address, "?models=dpn98,dla60")
    assert "No winner for memory and work." in says(page)


def latency(low: float, high: float) -> Callable[[Table], None]:
    """A set-up in which dpn68 takes 50 to 60 ms, and dpn98 this long."""

    def time(data: Table) -> None:
        timed = {"dpn68": (50, 55, 60), "dpn98": (low, (low + high) / 2, high)}
        every = [timed.get(slug, (None, None, None)) for slug in data["slugs"]]
        ends = dict(zip(("low", "values", "high"), zip(*every, strict=True), strict=True))
        described = {"label": "CPU latency", "unit": "ms", "better": -1, "measured": True}
        named = {"key": "latency-here", "setup": "AMD EPYC, eager, fp32, batch size 1"}
        data["columns"].append(described | named | {"note": "", "kind": "number"} | ends)

    return time


def test_latency_is_compared_in_one_set_up_where_intervals_do_not_overlap(
    seen: "Seen", address: str
) -> None:
    changed(seen, latency(80, 90))
    page = opened(seen, address, "?models=dpn68,dpn98,dla34")
    assert (
        "For CPU latency, dpn68. 55.0 ms against 85.0 ms of dpn98, measured (AMD EPYC, eager,"
        " fp32, batch size 1). Not timed here: dla34."
    ) in says(page)
    assert panel(page, "CPU latency") == ["dpn68 55.0 best", "dpn98 85.0", "dla34 not measured"]
    changed(seen, latency(58, 70))
    page = opened(seen, address, "?models=dpn68,dpn98")
    assert "No winner for latency." in says(page) and "intervals overlap" in says(page)
    assert panel(page, "CPU latency") == ["dpn68 55.0", "dpn98 64.0"]


def test_reported_latencies_are_named_as_reported(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn92,dla102x,densenet161")
    text = says(page)
    assert "For a V100 or T4, densenet161, as reported. PaddleClas reports 8.86 ms for" in text
    assert "No time of dla102x is reported." in text
    assert panel(page, "Latency, T4") == [
        "dpn92 18.6",
        "dla102x not reported",
        "densenet161 9.27 least",
    ]


# --- what differs ------------------------------------------------------------------------------


def test_what_differs_has_standings_corrections_and_causes(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn98,dla34")
    flops = page.locator('.diff tr:has(th:text-is("FLOPs, timm")) td').first
    assert words(flops).startswith("wrong 15.00 G") and flops.locator("ins").count() == 1
    assert (flops.locator("a").get_attribute("href") or "").endswith(
        "models/dpn98/#claim-timm-flops"
    )
    assert row(page, "Interpolation") == ["bicubic", "bilinear"]
    assert 'timm.create_model("dpn98' in row(page, "Load")[0]
    crop = page.locator('.diff tr:has(th:text-is("Crop fraction"))')
    assert crop.is_hidden()
    page.get_by_label("also show what is the same").check()
    assert crop.is_visible() and "same=1" in page.evaluate("location.search")
    page.reload()
    crop.wait_for()


def test_a_model_whose_file_cannot_be_loaded_leaves_the_answer(seen: "Seen", address: str) -> None:
    seen.page.route("**/downloads/models/dpn98.json", lambda route: route.fulfill(status=500))
    page = opened(seen, address, "?models=dpn68,dpn98")
    assert "dpn98 could not be loaded: 500" in page.get_by_role("status").inner_text()
    assert "For accuracy, dpn98." in says(page)
    assert page.locator(".diff thead a").all_inner_texts() == ["dpn68", "dpn98"]


def test_a_telephone_shows_every_model(seen: "Seen", address: str) -> None:
    seen.page.set_viewport_size({"width": 390, "height": 844})
    for models in ("dpn98,dla34", "dpn98,dla34,dpn68", "dpn98,dla34,dpn68,dla46_c"):
        page = opened(seen, address, f"?models={models}")
        right = page.locator(".diff td:visible, .diff thead th, .panel td").evaluate_all(
            "all => Math.max(...all.map((cell) => cell.getBoundingClientRect().right))"
        )
        assert right <= 390
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_prints_on_two_sheets_without_controls(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?models=dpn92,dla102x,densenet161,dpn98")
    assert sheets(page) <= 2
    page.emulate_media(media="print")
    assert not any(place.is_visible() for place in page.locator("input, .chip").all())


# --- the sentence of the images ----------------------------------------------------------------


def test_script_and_python_tell_the_same_apart(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    shares = (0, 0.1, 25, 64.87, 79.65, 79.99, 99.9, 100)
    cases = [(a, b, images) for a in shares for b in shares for images in (1, 797, 50_000)]
    intervals = page.evaluate("all => all.map((one) => zoo.differenceInterval(...one))", cases)
    for case, interval in zip(cases, intervals, strict=True):
        assert interval == pytest.approx(difference_interval(*case))
    said = [*cases, *((a, b, None) for a in shares for b in shares)]
    sentences = page.evaluate(
        "([words, all]) => all.map((one) => zoo.differenceWords(words, ...one))",
        [accuracy_difference.WORDS, said],
    )
    assert sentences == [difference_words(*case) for case in said]


def test_every_text_of_the_script_is_used() -> None:
    script = (ASSETS / "compare.js").read_text(encoding="utf-8")
    used = set(re.findall(r'"(\w+)"', script)) | {"cost_macs", "cost_parameters"}
    built = {f"{how}_{key}" for how in ("equal", "more", "for") for key in ("macs", "parameters")}
    assert set(WORDS) - used - built == set()
