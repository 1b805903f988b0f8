"""A model's page: parts with addresses, the answer on the first screen, code that is copied."""

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def test_code_is_copied_as_it_stands(browser: Browser, address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}models/dpn98/")
    page.locator(".first").get_by_role("button", name="Copy: Load it and run it").press("Enter")
    page.locator(".copy", has_text="✓").wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    compile(code, "copied", "exec")
    assert code.startswith("import timm, torch\n") and "dpn98" in code
    context.close()


def test_names_of_parts_stand_apart_on_a_telephone(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}models/dpn98/")
    wide = "links => links.filter(a => a.scrollWidth > a.clientWidth).map(a => a.innerText)"
    assert page.locator(".tabs-bar a").evaluate_all(wide) == []
    assert page.locator(".tabs-bar a").count() > 3
    context.close()


PARTS = "numbers evidence architecture benchmarks code training cite".split()


@pytest.mark.parametrize("script", [True, False])
def test_each_part_has_an_address_without_a_script_too(
    browser: Browser, address: str, script: bool
) -> None:
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(f"{address}models/dpn98/")
    assert shown(page) == ["numbers"]
    for key in PARTS:
        page.locator(f'.tabs-bar a[href="#{key}"]').click()
        assert shown(page) == [key] and page.url.endswith(f"#{key}")
    page.locator(".strip").get_by_role("link", name="Why").first.click()
    assert shown(page) == ["evidence"] and "#why-" in page.url
    page.goto(f"{address}models/dpn98/#claim-paddleclas-inference_time-3")
    assert shown(page) == ["benchmarks"]
    context.close()


def shown(page: Page) -> list[str]:
    """The parts of the page that a reader sees."""
    return [key for key in PARTS if page.locator(f"#{key}").is_visible()]


def test_the_answer_is_on_the_first_screen(browser: Browser, address: str) -> None:
    for size in ({"width": 1440, "height": 900}, {"width": 390, "height": 844}):
        context = browser.new_context(viewport=size)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{address}models/dpn98/")
        parts = (".tiles", ".strip-say", ".strip li", *((".first",) * (size["width"] > 390)))
        for part in parts:
            box = page.locator(part).first.bounding_box()
            assert box and box["y"] + box["height"] <= size["height"], (size, part)
        context.close()
