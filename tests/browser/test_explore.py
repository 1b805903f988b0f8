"""The plot a reader draws: the finding as title, limits, frontier, keyboard, zoom, files, and the
address that holds it all."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import served

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

LATENCY = "latency-cpu"
LABELS = ".explore-plot .axis text.halo"


def opened(seen: "Seen", address: str, query: str = "") -> Page:
    seen.page.goto(f"{address}explore/{query}")
    seen.page.locator(".explore.ready").wait_for(state="attached")
    return seen.page


def title(page: Page) -> str:
    return page.locator("[data-say]").inner_text()


def frontier(page: Page) -> list[str]:
    """The frontier as the table lists it, the best first."""
    return page.locator("[data-table] tbody th").all_text_contents()


def column(data: dict[str, Any], key: str) -> dict[str, Any]:
    return next(column for column in data["columns"] if column["key"] == key)


def changed(seen: "Seen", change: Callable[[dict[str, Any]], object]) -> None:
    """What the script reads is changed on its way."""

    def turned(route: Route) -> None:
        data = json.loads(route.fetch().text())
        change(data)
        route.fulfill(json=data)

    seen.page.route("**/downloads/models.json", turned)


def with_words(seen: "Seen", change: Callable[[dict[str, Any]], object]) -> None:
    """What the page tells the script is changed on its way."""

    def turned(route: Route) -> None:
        answer = route.fetch()

        def replaced(match: re.Match[str]) -> str:
            data = json.loads(match[2])
            change(data)
            return match[1] + json.dumps(data)

        pattern = r'(<script type="application/json" id="explore-data">)(.*?)(?=</script>)'
        route.fulfill(response=answer, body=re.sub(pattern, replaced, answer.text(), flags=re.S))

    seen.page.route(re.compile(r"/explore/(\?|$)"), turned)


def with_latency(seen: "Seen", times: dict[str, tuple[float, float, float]]) -> None:
    """Some models were timed: latency in ms and both ends of its interval, by slug."""

    def add(data: dict[str, Any]) -> None:
        timed = [times.get(slug) for slug in data["slugs"]]
        data["columns"].append(
            {
                "key": LATENCY,
                "label": "CPU latency",
                "note": "",
                "unit": "ms",
                "kind": "number",
                "better": -1,
                "facet": "range",
                "axis": True,
                "listed": True,
                "measured": True,
                "setup": "a machine, eager, fp32, batch size 1",
                **{
                    name: [each and each[n] for each in timed]
                    for n, name in enumerate(("values", "low", "high"))
                },
            }
        )

    def name(data: dict[str, Any]) -> None:
        data["limits"].append(LATENCY)
        data["axes"][LATENCY] = {
            "label": "CPU latency, ms",
            "title": "CPU latency, ms, measured",
            "goal": "CPU latency",
            "full": "CPU latency",
            "noun": "measured CPU latency",
            "limit": "%(value)s ms CPU latency",
        }

    changed(seen, add)
    with_words(seen, name)


@pytest.fixture(scope="module")
def many(large_site: Path) -> Iterator[str]:
    """Two hundred models."""
    with served(large_site) as address:
        yield address


def test_the_page_says_the_same_with_and_without_a_script(
    seen: "Seen", browser: Browser, address: str
) -> None:
    def said(page: Page) -> list[str]:
        places = ("[data-say]", "[data-sub]", "[data-left]", "[data-table]")
        return [" ".join((page.locator(place).text_content() or "").split()) for place in places]

    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}explore/")
    without = said(page)
    assert page.locator(".explore-plot").is_hidden() and page.locator("form").last.is_hidden()
    points = page.locator(".explore-static svg.wide-only a")  # links that the keyboard skips
    assert points.evaluate_all("all => all.map(a => a.tabIndex)") == [-1] * 4
    points.and_(page.locator('[href$="dpn98/"]')).click()
    assert page.locator("h1").inner_text().startswith("dpn98")
    context.close()
    assert said(opened(seen, address)) == without
    assert without[0] == "Best top-1 on ImageNet: dpn98, 79.65 % (published)"
    assert "3 of 4 models are on the frontier" in without[1]
    assert "no measured GMACs and are not drawn" in without[2]
    assert seen.errors == [] and all(
        url.startswith(address) for url in seen.requests if not url.startswith("data:")
    )


def test_the_title_follows_a_typed_limit(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    page.get_by_label("at most, GMACs").fill("5.3")
    assert title(page) == "Best top-1 within 5.3 GMACs: dpn68, 76.31 % (published)"
    assert page.evaluate("location.search") == "?max.macs=5.3"
    assert page.locator(".axis .limit").count() == 1
    live = page.locator("[data-live]")
    page.wait_for_function("document.querySelector('[data-live]').textContent")
    assert live.inner_text() == title(page)
    assert (
        page.locator("[data-plot]")
        .get_attribute("aria-label", timeout=1000)
        .startswith(title(page))
    )
    page.get_by_label("at least, Top-1, %").fill("70")
    assert "2 of 4 models are within the limits" in page.locator("[data-sub]").inner_text()
    page.get_by_label("at most, GMACs").fill("")
    assert title(page) == ("Least GMACs for at least 70 % top-1: dpn68, 2.33 GMACs (measured)")


def test_near_misses_stand_beside_the_answer_and_where_nothing_fits(
    seen: "Seen", address: str
) -> None:
    page = opened(seen, address, "?max.macs=2.8")
    near = page.locator("[data-near] li")
    assert near.all_inner_texts() == [
        "dla46_c 64.87 %, 0.57 GMACs 11.44 points less for at most half the GMACs"
    ]
    page.get_by_label("at most, GMACs").fill("0.5")
    assert title(page) == "No model is within 0.5 GMACs"
    assert near.first.inner_text() == "dla46_c 64.87 %, 0.57 GMACs 0.57 GMACs"


def test_what_is_not_measured_is_not_drawn_and_cannot_win(seen: "Seen", address: str) -> None:
    with_latency(seen, {"dla46_c": (20, 18, 24), "dpn68": (80, 62, 118)})
    page = opened(seen, address, f"?x={LATENCY}")
    assert title(page) == "Best top-1 on ImageNet: dpn68, 76.31 % (published)"
    note = page.locator("[data-left]")
    assert "22 of 24 models have no measured CPU latency and are not drawn" in note.inner_text()
    assert "a machine, eager, fp32, batch size 1" in note.inner_text()
    assert page.locator(".axis .interval").get_attribute("d").count("H") == 2
    page.goto(f"{address}explore/?max.{LATENCY}=30&max.macs=5")
    page.locator(".explore.ready").wait_for(state="attached")
    assert title(page) == (
        "Best top-1 within 5 GMACs and 30 ms CPU latency: dla46_c, 64.87 % (published)"
    )
    assert "2 of 4 models have no measured CPU latency and cannot answer" in note.inner_text()
    assert "best if CPU latency did not matter" in page.locator("[data-near]").inner_text()
    page.get_by_role("button", name="Remove the limit: 30 ms CPU latency").click()
    assert title(page).startswith("Best top-1 within 5 GMACs: dpn68")


def test_wrong_numbers_are_left_out_and_named(seen: "Seen", address: str) -> None:
    def spoil(data: dict[str, Any]) -> None:
        top1 = column(data, "top1")
        at = data["slugs"].index("dpn98")
        top1["values"][at] = None
        top1["standing"] = top1["standing"][:at] + "w" + top1["standing"][at + 1 :]

    changed(seen, spoil)
    page = opened(seen, address)
    assert "dpn98" not in frontier(page) and "dpn98" not in title(page)
    note = page.locator("[data-left]").inner_text()
    assert "1 model is left out, since its number is wrong: dpn98." in note


def test_few_far_models_do_not_press_the_others_together(seen: "Seen", many: str) -> None:
    def swap(data: dict[str, Any]) -> None:
        column(data, "top1")["values"][data["slugs"].index("dpn98")] = 0.98

    page = opened(seen, many)
    before = page.locator("[data-left]").inner_text()
    changed(seen, swap)
    page = opened(seen, many)
    assert before != page.locator("[data-left]").inner_text()
    assert "below the axis; zoom out shows" in page.locator("[data-left]").inner_text()
    ticks = page.locator(".axis text.faint[text-anchor=end]").all_text_contents()
    assert min(map(float, ticks)) > 50
    for _ in range(4):
        page.get_by_role("button", name="Zoom out").click()
    page.wait_for_timeout(50)
    ticks = page.locator(".axis text.faint[text-anchor=end]").all_text_contents()
    assert min(map(float, ticks)) < 40


@pytest.mark.parametrize("width", [1440, 390])
def test_the_frontier_is_named_without_overlap(seen: "Seen", many: str, width: int) -> None:
    seen.page.set_viewport_size({"width": width, "height": 900})
    page = opened(seen, many)
    boxes = page.locator(LABELS).evaluate_all(
        "all => all.map(t => t.getBBox()).map(b => "
        "[b.x, b.y + 3, b.x + b.width, b.y + b.height - 3])"
    )
    assert len(boxes) >= 4
    size = page.locator(".explore-plot").bounding_box()
    assert size and size["width"] <= width
    assert all(left >= 0 and right <= size["width"] for left, _, right, _ in boxes)
    over = [
        (a, b)
        for a, b in combinations(boxes, 2)
        if a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]
    ]
    assert over == []


def test_names_keep_off_the_titles_of_the_axes(seen: "Seen", many: str) -> None:
    """Wherever the plot is dragged to."""
    seen.page.set_viewport_size({"width": 390, "height": 900})
    page = opened(seen, many)
    box = page.locator("[data-plot]").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    titles = page.locator(".explore-plot .axis text:not([class])")
    boxes = "all => all.map(t => t.getBBox()).map(b => [b.x, b.y, b.x + b.width, b.y + b.height])"
    named = 0
    for _ in range(12):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 12, y - 8, steps=3)
        page.mouse.up()
        page.wait_for_timeout(50)
        labels = page.locator(LABELS).evaluate_all(boxes)
        named += len(labels)
        for left, top, right, bottom in titles.evaluate_all(boxes):
            assert [
                label
                for label in labels
                if label[0] < right
                and label[2] > left
                and label[1] < bottom - 3
                and label[3] > top + 3
            ] == []
    assert named > 5


def test_arrows_walk_the_frontier_and_with_shift_all_models(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    page.locator("[data-plot]").focus()
    live, tip = page.locator("[data-live]"), page.locator(".tip")

    def goes(key: str) -> str:
        page.keyboard.press(key)
        return live.inner_text().partition(":")[0]

    assert [goes("ArrowRight") for _ in range(3)] == ["dla46_c", "dpn68", "dpn98"]
    assert tip.is_visible() and "on the frontier" in tip.inner_text()
    assert [goes("Shift+ArrowLeft"), goes("ArrowLeft")] == ["dla34", "dpn68"]
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_url("**/models/dpn98/")


def middle(page: Page, at: int) -> tuple[float, float]:
    """The place of a model of the frontier on the screen, the cheapest first."""
    box = page.locator(".axis .ahead").nth(at).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_mouse_names_a_model_and_opens_it(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    page.mouse.move(*middle(page, 1))
    tip = page.locator(".tip")
    assert tip.is_visible() and "76.31 % top-1, 2.33 GMACs" in tip.inner_text()
    page.mouse.move(5, 5)
    assert tip.is_hidden()
    page.mouse.move(*middle(page, 1))
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**/models/dpn68/")


def test_a_finger_names_a_model_and_follows_its_link(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{address}explore/")
    page.locator(".explore.ready").wait_for(state="attached")
    page.locator("[data-plot]").scroll_into_view_if_needed()
    page.touchscreen.tap(*middle(page, 1))
    page.locator(".tip a", has_text="dpn68").tap()
    page.wait_for_url("**/models/dpn68/")
    context.close()


def test_zoom_by_buttons_wheel_and_keys_and_pan_by_dragging(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    first = middle(page, 1)
    plot = page.locator("[data-plot]")
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + 300, box["y"] + 200)

    def moved() -> tuple[float, float]:
        page.evaluate("() => new Promise(requestAnimationFrame)")
        page.evaluate("() => new Promise(requestAnimationFrame)")
        return middle(page, 1)

    page.mouse.wheel(0, 120)  # goes to the page
    page.wait_for_function("scrollY === 120")
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    assert moved() == first
    page.keyboard.down("Control")
    page.mouse.wheel(0, 120)
    page.keyboard.up("Control")
    assert moved() != first
    page.get_by_role("button", name="Show all").click()
    assert moved() == first
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 340, box["y"] + 170, steps=5)
    page.mouse.up()
    x, y = moved()
    assert 35 < x - first[0] < 45 and -35 < y - first[1] < -25
    page.wait_for_timeout(400)  # the address waits for the end of a drag
    assert "view=" in page.url
    kept = middle(page, 1)
    page.reload()
    page.locator(".explore.ready").wait_for(state="attached")
    assert middle(page, 1) == pytest.approx(kept, abs=1)
    plot.focus()
    page.keyboard.press("0")
    assert moved() == pytest.approx(first, abs=0.1)
    page.keyboard.press("-")
    assert moved() != first


def test_models_are_pointed_out_by_the_names_of_papers(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    page.get_by_label("Point out a model or family").fill("DPN-98")
    legend = page.locator("[data-legend]")
    assert "DPN-98: 1 of 1 drawn" in legend.inner_text()
    page.get_by_label("Point out a model or family").fill("dpn")
    assert "dpn: 2 of 6 drawn" in legend.inner_text()
    assert page.evaluate("location.search") == "?find=dpn"


def test_groups_have_a_colour_and_a_shape(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    key = page.locator("[data-legend] li:has(svg)")
    looks = key.locator("path").evaluate_all(
        "all => all.map(p => [p.getAttribute('fill'), p.getAttribute('d')])"
    )
    assert [text.strip() for text in key.all_inner_texts()] == ["DLA (2)", "DPN (2)"]
    assert len({fill for fill, _ in looks}) == len({d for _, d in looks}) == 2
    page.get_by_role("combobox", name="Colour", exact=True).select_option("publisher")
    assert page.evaluate("location.search") == "?colour=publisher" and key.count() >= 1
    page.get_by_role("combobox", name="Colour", exact=True).select_option("none")
    assert key.count() == 0
    page.get_by_role("combobox", name="Size", exact=True).select_option("parameters")
    assert "area: Parameters, M" in page.locator("[data-legend]").inner_text()


def test_axes_are_logarithmic_or_linear(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    text = page.locator(".explore-plot .axis")
    assert "GMACs, measured, log scale" in (text.text_content() or "")
    page.get_by_text("More limits").click()
    page.get_by_label("x axis: log scale").uncheck()
    page.get_by_label("y axis: log scale").uncheck()
    page.wait_for_function(
        "!document.querySelector('.explore-plot .axis').textContent.includes('log scale')"
    )
    assert page.evaluate("location.search") == "?xscale=linear&yscale=linear"


def test_steps_are_in_the_history_and_typing_is_a_single_step(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    page.get_by_role("combobox", name="y axis", exact=True).select_option("top5")
    page.get_by_label("at most, GMACs").press_sequentially("12.5")
    assert page.evaluate("location.search") == "?y=top5&max.macs=12.5"
    page.go_back()
    page.wait_for_function("location.search === '?y=top5'")
    assert page.get_by_label("at most, GMACs").input_value() == ""
    page.go_back()
    page.wait_for_function("location.search === ''")
    assert title(page).startswith("Best top-1")
    page.go_forward()
    page.go_forward()
    page.wait_for_function("location.search === '?y=top5&max.macs=12.5'")
    assert title(page).startswith("Best top-5 within 12.5 GMACs")


def test_a_single_data_set_is_drawn_at_a_time(seen: "Seen", address: str) -> None:
    def add(data: dict[str, Any]) -> None:
        values = [90 if slug == "dla34" else None for slug in data["slugs"]]
        other = {**column(data, "top1"), "key": "top1--digits", "board": "digits"}
        data["columns"].append({**other, "values": values, "standing": "-" * len(values)})

    def name(data: dict[str, Any]) -> None:
        data["boards"]["digits"] = "Image Classification on digits"
        words = {
            key: text.replace("ImageNet", "digits") for key, text in data["axes"]["top1"].items()
        }
        data["axes"]["top1--digits"] = words

    changed(seen, add)
    with_words(seen, name)
    page = opened(seen, address)
    choices = page.get_by_role("combobox", name="y axis", exact=True).locator("option")
    assert "top1--digits" not in choices.evaluate_all("all => all.map(o => o.value)")
    page = opened(seen, address, "?board=digits")
    assert title(page) == "Best top-1 on digits: dla34, 90.00 % (published)"
    assert frontier(page) == ["dla34"]
    assert "top1" not in choices.evaluate_all("all => all.map(o => o.value)")


def test_hostile_addresses_do_nothing(seen: "Seen", address: str) -> None:
    page = opened(
        seen,
        address,
        "?x=%3Cscript%3E&y=constructor&colour=__proto__&max.macs=-1&max.x=2&board=y&size=q&view=1,2,a,4",
    )
    assert title(page) == "Best top-1 on ImageNet: dpn98, 79.65 % (published)"
    assert seen.errors == []


def test_the_picture_is_saved_with_its_colours(seen: "Seen", address: str, tmp_path: Path) -> None:
    page = opened(seen, address)
    for name in ("SVG", "PNG"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name, exact=True).click()
        waiting.value.save_as(tmp_path / f"plot.{name.lower()}")
    text = (tmp_path / "plot.svg").read_text()
    root = ElementTree.fromstring(text)
    assert "var(--" not in text.replace("var(--paper)", "") and root[0].text == title(page)
    assert "dpn98" in text and text.count("<path") >= 5
    box = page.locator(".explore-plot").bounding_box()
    assert box
    with Image.open(tmp_path / "plot.png") as image:
        assert image.size == (round(box["width"] * 2), round(box["height"] * 2))
        assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 10
    assert seen.errors == []


def test_it_can_be_embedded(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?max.macs=5")
    page.locator("summary", has_text="Embed this plot").click()
    code = page.locator("[data-embed]").inner_text()
    assert code.startswith(f'<iframe src="{address}explore/?max.macs=5&amp;embed=1"')
    page = opened(seen, address, "?max.macs=5&embed=1")
    hidden = (".top", ".foot", "[data-explore]", "[data-listing]")
    assert [page.locator(each).is_visible() for each in hidden] == [False] * 4
    assert page.locator("[data-back]").get_attribute("href") == "/explore/?max.macs=5"
    assert page.locator("[data-say]").is_visible()


def test_paper_shows_the_picture_and_no_controls(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?max.macs=5")
    page.emulate_media(media="print")
    page.locator("[data-paper] svg.picture").wait_for()
    assert "5 GMACs" in (page.locator("[data-paper]").text_content() or "")
    assert [page.locator(each).is_visible() for each in ("[data-explore]", ".zoom", ".files")] == [
        False
    ] * 3


def test_numbers_that_cannot_be_loaded_leave_the_static_plot(seen: "Seen", address: str) -> None:
    seen.page.route("**/downloads/models.json", lambda route: route.fulfill(status=404))
    seen.page.goto(f"{address}explore/")
    seen.page.locator(".explore.failed").wait_for()
    assert seen.page.locator(".explore-static svg").first.is_visible()
    assert "404" in seen.page.locator("[data-left]").inner_text()
