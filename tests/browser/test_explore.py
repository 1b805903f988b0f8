"""The plot a reader draws: axes, budgets, the frontier, the keyboard, files, and the address that
holds it all."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser


def names(page: Page, which: str = "a") -> list[str]:
    found = page.locator(f"#zoo-explore svg.zoo-plot {which}").evaluate_all(
        "all => all.map(a => a.dataset.model)"
    )
    return sorted(found)


def opened(seen: "Seen", address: str, query: str = "") -> Page:
    seen.page.goto(f"{address}explore/{query}")
    seen.page.locator(".zoo-explore").wait_for()
    return seen.page


def test_the_first_picture_has_every_measured_model(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    assert names(page) == ["dla34", "dla46_c", "dpn68", "dpn98"]
    assert "4 of 25 models are drawn" in page.locator(".zoo-explore .zoo-none").first.inner_text()
    assert seen.errors == [] and all(
        url.startswith(address) for url in seen.requests if not url.startswith("data:")
    )


def test_axes_are_chosen_and_stand_in_the_address(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    page.locator("#zoo-x").select_option("flops")
    page.locator("#zoo-y").select_option("top5")
    assert page.evaluate("location.search") == "?x=flops&y=top5"
    drawn = names(page)
    assert "dpn98" in drawn and "dla34" not in drawn  # of which only a wrong number is published
    page.reload()
    page.locator(".zoo-explore").wait_for()
    assert page.locator("#zoo-x").input_value() == "flops" and names(page) == drawn
    assert "FLOPs, claimed" in (page.locator(".zoo-plot__axis").first.text_content() or "")


def test_a_budget_names_the_best_within_it(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?max.macs=3e9")
    answer = page.locator(".zoo-explore__answer")
    assert (
        answer.inner_text()
        == "Within Multiply-adds, measured at most 3 G, the best Top-1, ImageNet is 76.31%: dpn68."
    )
    assert names(page, "a.zoo-plot--over") == ["dla34", "dpn98"]
    page.locator("[data-budget=macs]").fill("0")
    assert "dla46_c" in answer.inner_text() and "max.macs" in page.evaluate("location.search")
    page.locator("[data-budget=macs]").fill("100")
    assert "max.macs" not in page.evaluate("location.search") and answer.inner_text().startswith(
        "The best Top-1"
    )


def test_the_answer_speaks_of_what_is_drawn(seen: "Seen", address: str) -> None:
    """Nobody states the epochs of the most accurate models."""
    page = opened(seen, address, "?x=epochs_published")
    drawn = page.locator(".zoo-plot a").evaluate_all("all => all.map(a => a.dataset.model)")
    named = page.locator(".zoo-explore__answer a").all_inner_texts()
    assert named and set(named) <= set(drawn)


def test_metrics_of_another_data_set_are_another_axis(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?x=flops")
    assert "digits_cnn" not in names(page)
    labels = page.locator("#zoo-y option").all_inner_texts()
    assert "Top-1, ImageNet" in labels and not any("digits" in label for label in labels)


def test_the_keyboard_goes_from_point_to_point(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    links = page.locator("#zoo-explore svg.zoo-plot a")
    assert [links.nth(n).get_attribute("tabindex") for n in range(4)] == ["0", "-1", "-1", "-1"]
    links.first.focus()
    tip = page.locator("#zoo-tip")
    assert tip.is_visible() and tip.inner_text().startswith("dla46_c")
    page.keyboard.press("ArrowRight")
    assert tip.inner_text().startswith("dpn68")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert tip.inner_text().startswith("dpn98")
    page.keyboard.press("Enter")
    page.wait_for_url("**/models/dpn98/")


def test_families_joined_coloured_and_left_out(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?joined=1&colour=parameters&size=parameters")
    assert page.locator("polyline.zoo-plot__line").count() == 2
    page.get_by_label("DPN", exact=True).uncheck()
    assert names(page) == ["dla34", "dla46_c"] and "without=DPN" in page.evaluate("location.search")


def test_the_numbers_stand_in_a_table(seen: "Seen", address: str) -> None:
    page = opened(seen, address)
    page.locator("summary", has_text="The numbers in this plot").click()
    rows = page.locator("#zoo-explore tbody tr")
    rows.first.wait_for()
    assert (
        rows.count() == 4
        and "dpn98" in rows.first.inner_text()
        and "on the frontier" in rows.first.inner_text()
    )


def test_hostile_addresses_do_nothing(seen: "Seen", address: str) -> None:
    page = opened(
        seen,
        address,
        "?x=%3Cscript%3E&y=constructor&colour=__proto__&max.macs=-1&without=x&dataset=y&size=q",
    )
    assert len(names(page)) == 4 and seen.errors == []


def test_the_picture_is_saved_with_its_colours(seen: "Seen", address: str, tmp_path: Path) -> None:
    page = opened(seen, address)
    for name in ("SVG", "PNG"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name, exact=True).click()
        waiting.value.save_as(tmp_path / f"plot.{name.lower()}")
    text = (tmp_path / "plot.svg").read_text()
    root = ElementTree.fromstring(text)
    assert (
        "var(--" not in text
        and root[0].text == "Plot of Top-1, ImageNet against Multiply-adds, measured"
    )
    with Image.open(tmp_path / "plot.png") as image:
        assert image.size == (1800, 1120)
    assert seen.errors == []


def test_it_can_be_embedded(seen: "Seen", address: str) -> None:
    page = opened(seen, address, "?x=flops")
    page.locator("summary", has_text="Embed this plot").click()
    code = page.locator(".zoo-explore pre").inner_text()
    assert code.startswith(f'<iframe src="{address}explore/?x=flops&amp;embed=1"')
    page = opened(seen, address, "?x=flops&embed=1")
    assert [
        page.locator(each).is_visible() for each in (".top", ".foot", ".zoo-explore__side")
    ] == [False] * 3
    assert page.locator(".zoo-explore__back a").get_attribute("href") == "/explore/?x=flops"


def test_a_picture_is_there_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}explore/")
    assert page.locator("#zoo-explore svg.wide-only a").count() == 4
    context.close()


def looks(page: Page, which: str) -> list[str]:
    return page.locator(which).evaluate_all(
        "all => all.map(path => path.getAttribute('d') + path.style.fill)"
    )


def test_points_look_as_the_key_says(seen: "Seen", address: str) -> None:
    """Also where families do not stand in the order of the alphabet."""

    def turned(route: Route) -> None:
        data = route.fetch().json()
        data["families"].reverse()
        route.fulfill(json=data)

    seen.page.route("**/downloads/models.json", turned)
    page = opened(seen, address)
    key = dict(
        zip(
            [
                text.strip()
                for text in page.locator(".zoo-explore__families:visible li").all_inner_texts()
            ],
            looks(page, ".zoo-explore__families:visible li svg path"),
            strict=True,
        )
    )
    assert len(set(key.values())) == 5
    dpn = looks(page, "#zoo-explore svg.zoo-plot a[data-model=dpn98] path")
    dla = looks(page, "#zoo-explore svg.zoo-plot a[data-model=dla34] path")
    assert (dpn, dla) == ([key["DPN"]], [key["DLA"]])
    page.locator("#zoo-colour").select_option("verdict")
    kinds = page.locator(".zoo-explore__families:visible").first
    assert "mismatch" in kinds.inner_text() or "explained" in kinds.inner_text()
    page.locator("#zoo-colour").select_option("macs")
    assert kinds.locator("li").all_inner_texts() == ["574 M", "11.67 G"]


def test_the_least_budget_keeps_the_smallest_model(seen: "Seen", address: str) -> None:
    def odd(route: Route) -> None:
        data = route.fetch().json()
        (macs,) = (column for column in data["columns"] if column["key"] == "macs")
        macs["values"] = [value and value + 54_321 for value in macs["values"]]
        route.fulfill(json=data)

    seen.page.route("**/downloads/models.json", odd)
    page = opened(seen, address)
    page.locator("[data-budget=macs]").fill("0")
    assert "dla46_c" in page.locator(".zoo-explore__answer").inner_text()


def test_a_task_shows_its_models_and_what_they_have(seen: "Seen", address: str) -> None:
    """A task whose models have not the first axis is drawn by what they have; all tasks are drawn
    as at first."""
    films = ("dla34", "dla46_c")

    def with_tasks(route: Route) -> None:
        data = route.fetch().json()
        by_key = {column["key"]: column["values"] for column in data["columns"]}
        for number, name in enumerate(by_key["model"]):
            by_key["tasks"][number] = ["Image Classification"]
            if name in films:
                by_key["tasks"][number] = ["Video Classification"]
                by_key["macs"][number] = None
        route.fulfill(json=data)

    def with_words(route: Route) -> None:
        answer = route.fetch()
        tasks = '"tasks": {"Video Classification": "Films", "Image Classification": "Images"}'
        text = re.sub('"tasks": ?{[^}]*}', tasks, answer.text())
        route.fulfill(response=answer, body=text)

    seen.page.route("**/downloads/models.json", with_tasks)
    seen.page.route("**/explore/*", with_words)
    page = opened(seen, address)
    assert names(page) == ["dpn68", "dpn98"]
    page.locator("#zoo-task").select_option(label="Films")
    assert names(page) == sorted(films)
    assert page.locator(".zoo-explore__families li:visible").all_inner_texts() == ["  DLA"]
    assert "task=Video+Classification" in page.url
    again = opened(seen, address, "?task=Video+Classification")
    assert names(again) == sorted(films)
    again.locator("#zoo-task").select_option(label="all tasks")
    assert names(again) == ["dpn68", "dpn98"] and "task" not in again.url
    assert seen.errors == []
