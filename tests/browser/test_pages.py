"""Every property of every kind of page in every mode: each page is visited once a mode."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import served
from tests.browser.properties import PROPERTIES, Property, Visit
from tests.browser.visits import LARGE, SMALL, TIMM, everything, visits

pytestmark = pytest.mark.browser
SITES = {"small": SMALL, "large": LARGE, "timm": TIMM}


@pytest.fixture(scope="module")
def small_visits(browser: Browser, small_site: Path) -> list[Visit]:
    """The pages of the embedded zoo."""
    with served(small_site) as address:
        return list(visits(browser, address, SMALL))


@pytest.fixture(scope="module")
def large_visits(browser: Browser, large_site: Path) -> list[Visit]:
    """The pages of two hundred models."""
    with served(large_site) as address:
        return list(visits(browser, address, LARGE))


def broken_by(visits: Sequence[Visit], holds: Property) -> str:
    """A line for each fault."""
    return "\n".join(
        f"{visit.path or 'home'} ({visit.mode}): {fault}"
        for visit in visits
        for fault in holds(visit)
    )


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
def test_the_embedded_zoo(small_visits: list[Visit], holds: Property) -> None:
    assert broken_by(small_visits, holds) == ""


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
def test_two_hundred_models(large_visits: list[Visit], holds: Property) -> None:
    assert broken_by(large_visits, holds) == ""


@pytest.mark.slow
@pytest.mark.parametrize("size", SITES)
def test_every_page_in_every_mode(
    browser: Browser, request: pytest.FixtureRequest, size: str
) -> None:
    """All properties, with all rules of axe in every mode that has scripts."""
    with served(request.getfixturevalue(f"{size}_site")) as address:
        seen = list(visits(browser, address, everything(SITES[size])))
    for holds in PROPERTIES:
        assert broken_by(seen, holds) == "", holds.__name__
