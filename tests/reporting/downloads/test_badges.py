"""Badges say how claims stand, as pictures and as what shields.io reads, where a site asks."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.reporting.downloads.badges import badge, files
from zoo.reporting.pages.settings import BADGES, QUANTITY_BADGES, Settings
from zoo.reporting.site.build import write
from zoo.reporting.site.render import site_of
from zoo.reporting.views.badges import badge_checks
from zoo.reporting.views.catalogue import Zoo

NAMED = """\
Models:
- Name: '"><script>alert(1)</script>'
  Metadata: {FLOPs: 2 M}
"""


def badges_of(zoo: Zoo, *asked: str) -> dict[str, str]:
    site = site_of(zoo, Settings(name="Acme", files=asked))
    return {file.path: str(file.data) for file in files(site)}


def test_no_badges_unless_the_site_asks(toy: Zoo, tmp_path: Path) -> None:
    write(toy, tmp_path)
    assert not (tmp_path / "badges").exists()
    page = (tmp_path / "models/net10.md").read_text()
    assert "badges/" not in page and "cards/" not in page
    assert not (tmp_path / "downloads/cards").exists()


def test_a_badge_of_each_model(toy: Zoo, tmp_path: Path) -> None:
    write(toy, tmp_path, Settings(files=(BADGES,)))
    named = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("badges/**/*.svg")}
    assert named == {f"badges/{name}.svg" for name in ("index", "net10", "net20", "lone")}
    assert 'src="../../badges/net10.svg"' in (tmp_path / "models/net10.md").read_text()


def test_a_badge_says_how_the_claims_stand(toy: Zoo) -> None:
    badges = badges_of(toy, QUANTITY_BADGES)
    model = site_of(toy, Settings()).catalogue.models[0]
    wrong = sum(check.finding.standing == "wrong" for check in model.checks)
    message = json.loads(badges["badges/net10.json"])["message"]
    assert wrong and message == f"{wrong} of {len(model.checks)} wrong"
    assert json.loads(badges["badges/lone.json"]) == {
        "schemaVersion": 1,
        "label": "claims",
        "message": "unknown",
        "color": "#5c6470",
    }
    assert json.loads(badges["badges/index.json"])["label"] == "Acme"
    assert {path.removesuffix(".svg") for path in badges if path.endswith(".svg")} == {
        path.removesuffix(".json") for path in badges if path.endswith(".json")
    }


def test_a_badge_of_a_quantity_says_standing_and_number(toy: Zoo) -> None:
    badges = badges_of(toy, QUANTITY_BADGES)
    for check in badge_checks(site_of(toy, Settings()).catalogue.models[0]):
        found = json.loads(badges[f"badges/net10/{check.claim.quantity}.json"])
        standing, _, number = found["message"].partition(": ")
        assert standing == check.finding.standing and any(c.isdigit() for c in number)
        assert (", use " in number) <= (standing == "wrong")


def test_a_models_own_publisher_speaks_first(toy: Zoo) -> None:
    """Another publisher's top-1 of the same model is not on its badge."""
    checks = badge_checks(site_of(toy, Settings()).catalogue.models[0])
    assert [check.claim.publisher for check in checks if check.claim.quantity == "top1"] == ["Acme"]
    assert len({check.claim.quantity for check in checks}) == len(checks)


@pytest.mark.parametrize("label", ["claims", '<script>"&', "图像分类", ""])
def test_a_badge_is_a_picture_with_both_texts(label: str) -> None:
    root = ElementTree.fromstring(badge(label, "1 of 2 wrong", "#000"))
    assert root.attrib["aria-label"] == f"{label}: 1 of 2 wrong"
    assert [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")] == [
        label,
        "1 of 2 wrong",
    ]


def test_hostile_names_stay_text(zoo_of: Callable[[str], Zoo]) -> None:
    badges = badges_of(zoo_of(NAMED), QUANTITY_BADGES)
    assert badges
    assert all("<script" not in text and ".." not in path for path, text in badges.items())
    assert all(
        ElementTree.fromstring(text) is not None
        for path, text in badges.items()
        if path.endswith("svg")
    )
