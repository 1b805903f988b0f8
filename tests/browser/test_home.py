"""The start page in a browser: the look-up, the sentence that chooses, and what changed; each with
and without scripts."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, Route

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser
PARTS = ("say", "list", "note", "plot")
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
})"""


@pytest.mark.parametrize(
    ("text", "model"), [("DPN-98", "dpn98"), ("DLA 34", "dla34"), ("densenet-161", "densenet161")]
)
def test_a_name_as_people_write_it_leads_to_the_model(
    seen: "Seen", address: str, text: str, model: str
) -> None:
    page = seen.page
    page.goto(address)
    assert not [url for url in seen.requests if url.endswith(".json")]
    page.locator("#ask").fill(text)
    page.locator(".lookup--big [role=option] b").first.wait_for()
    assert page.locator(".lookup--big [role=option] b").first.inner_text() == model
    page.locator(".lookup--big button").click()
    page.wait_for_url(f"**/models/{model}/")


def test_a_hint_fills_the_look_up(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(address)
    page.locator(".hints a").first.click()
    page.locator(".lookup--big [role=option]").first.wait_for()
    page.locator("#ask").press("Enter")
    page.wait_for_url("**/models/*/")


def parts(page: Page) -> dict[str, str]:
    """The answer as a reader sees it, its picture as the browser holds it."""
    return {name: page.locator(f"[data-answer={name}]").inner_html() for name in PARTS}


def test_the_script_gives_the_answer_that_the_page_was_written_with(
    seen: "Seen", address: str
) -> None:
    page = seen.page
    page.goto(address)
    written = parts(page)
    assert "is best:" in written["say"]
    with page.expect_response("**/downloads/chooser.json"):
        page.locator("[name=gmacs]").dispatch_event("input")
    page.wait_for_function("document.querySelector('[data-answer=plot] [d^=M]')")
    assert parts(page) == written


def test_a_score_that_the_images_cannot_tell_apart_is_not_called_best(
    seen: "Seen", address: str
) -> None:
    """Where other models are as good within chance, they are named."""

    def nearer(route: Route) -> None:
        data = route.fetch().json()
        top1 = next(score for score in data["scores"] if score["metric"] == "top1")
        top1["values"][data["names"].index("dpn68")] = 79.5
        route.fulfill(json=data)

    page = seen.page
    page.route("**/downloads/chooser.json", nearer)
    page.goto(address)
    page.locator("[name=gmacs]").fill("12")
    say = page.locator("[data-answer=say]")
    say.locator("b", has_text="dpn98").wait_for()
    assert say.inner_text() == (
        "dpn98 has the highest: 79.65 % top-1 at 11.67 GMACs."
        " 50,000 images cannot tell it from: dpn68."
    )


def test_another_limit_has_another_answer(seen: "Seen", address: str) -> None:
    """What is typed is a limit; where nothing fits the nearest are named."""
    page = seen.page
    page.goto(address)
    limit, say = page.locator("[name=gmacs]"), page.locator("[data-answer=say]")
    limit.fill("12")
    page.locator("[data-answer=say] b", has_text="dpn98").wait_for()
    assert say.inner_text() == "dpn98 is best: 79.65 % top-1 at 11.67 GMACs."
    assert page.locator("[data-answer=list] li").count() >= 1
    limit.fill("0.1")
    page.locator("[data-answer=list] .reason", has_text="over the limit").first.wait_for()
    assert "stays under 0.1 GMACs" in say.inner_text()
    assert seen.errors == []


def test_the_page_is_whole_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.goto(address)
    assert page.locator("h1").inner_text().startswith("Model zoos print numbers.")
    assert page.locator(".index-card h2").is_visible()
    assert "is best:" in page.locator("[data-answer=say]").inner_text()
    assert page.locator("[data-answer=plot] svg").is_visible()
    page.locator(".hints a").first.click()
    assert "/models/?search=" in page.url
    context.close()


def test_a_telephone_shows_the_answer_first(browser: Browser, address: str) -> None:
    """At most 4,800 px high; nothing jumps while it loads."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(address)
    assert page.evaluate(SHIFT) < 0.05
    assert page.evaluate("document.documentElement.scrollHeight") <= 4_800
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".worst tbody tr").first.locator(".st--wrong").is_visible()
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_what_changed_since_last_week_is_two_clicks_away(
    browser: Browser, address: str, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(address)
    assert "FLOPs of timm now wrong" in page.locator(".changes").inner_text()
    page.get_by_role("link", name="All changes").click()
    page.locator(".periods a", has_text="7 days").click()
    visible = page.locator(".moment:visible")
    assert visible.count() == 1 and page.locator(".moment").count() == 2
    line = visible.locator("tbody tr").first
    assert line.locator(".was").inner_text() == "unknown"
    assert line.locator(".now").inner_text() == "wrong"
    line.locator("th a").click()
    assert "/models/" in page.url and "#claim-timm-flops" in page.url
    context.close()
