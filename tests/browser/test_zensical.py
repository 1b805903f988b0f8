"""The same configuration under Zensical: as many pages, and a table and plots that work."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import served
from zoo.cli.build import BUILDERS, Builder

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def other(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the other builder, of the same pages."""
    folder = tmp_path_factory.mktemp("zensical")
    for name in ("docs", "docs.zh", "reporting"):
        shutil.copytree(site.parent / name, folder / name)
    for name in ("mkdocs.yml", "mkdocs.zh.yml"):
        shutil.copy(site.parent / name, folder)
    assert BUILDERS[Builder.ZENSICAL](folder / "mkdocs.yml", folder / "site") == 0
    assert BUILDERS[Builder.ZENSICAL](folder / "mkdocs.zh.yml", folder / "site" / "zh") == 0
    return folder / "site"


@pytest.fixture(scope="module")
def there(other: Path) -> Iterator[str]:
    """Where it is served."""
    with served(other) as found:
        yield found


def pages(site: Path) -> set[str]:
    return {
        path.relative_to(site).as_posix()
        for path in site.rglob("*.html")
        if path.name != "404.html"
    }


def test_both_builders_make_the_same_pages(site: Path, other: Path) -> None:
    assert pages(other) == pages(site) and len(pages(site)) > 80
    assert (other / "sitemap.xml").is_file() and (other / "feeds" / "changes.atom").is_file()


def test_table_and_plots_work_there(browser: Browser, there: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{there}models/?family=DPN&sort=top1&order=descending&columns=flops")
    page.locator("form.ready").wait_for()
    assert page.locator(".models tbody th").count() == 6
    page.locator(".models td a").first.click()
    page.wait_for_url("**/models/dpn68b/#claim-*")
    assert page.locator("tr:target").count() == 1
    page.goto(f"{there}models/dpn98/#architecture")
    assert page.locator(".flow").count() == 1
    link = page.locator("link[rel='alternate page'][hreflang=zh]")
    assert link.evaluate("link => link.href") == f"{there}zh/models/dpn98/"
    page.goto(f"{there}explore/")
    page.locator(".explore.ready").wait_for(state="attached")
    assert "dpn98" in page.locator("[data-say]").inner_text()
    page.goto(f"{there}compare/?models=dpn68,dpn98")
    page.locator(".diff").wait_for()
    assert errors == []
    context.close()


def test_the_look_up_reads_the_index_of_that_builder(browser: Browser, there: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{there}counting/")
    page.locator(".top .lookup input").fill("DPN-98")
    page.locator(".lookup [role=option] b", has_text="dpn98").first.wait_for()
    page.locator(".top .lookup input").fill("glossary")
    page.locator(".lookup [role=option]:has(.text)").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{there}glossary/")
    assert errors == []
    context.close()
