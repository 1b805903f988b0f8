"""Badges say how claims stand, as pictures and as what shields.io reads."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest

from zoo.reporting.downloads.badges import badge, files
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.badges import badge_checks
from zoo.reporting.views.catalogue import Zoo

NAMED = """\
Models:
- Name: '"><script>alert(1)</script>'
  Metadata: {FLOPs: 2 M}
"""


def badges_of(zoo: Zoo) -> dict[str, str]:
    return {file.path: file.data for file in files(site_of(zoo, Settings(name="Acme")))}


def test_a_badge_of_each_model_and_quantity(toy: Zoo) -> None:
    badges = badges_of(toy)
    assert json.loads(badges["badges/net10/flops.json"]) == {
        "schemaVersion": 1,
        "label": "FLOPs",
        "message": "2000000 explained",
        "color": "#8a6100",
    }
    assert json.loads(badges["badges/net10.json"])["message"] == "4 of 6 hold"
    assert json.loads(badges["badges/lone.json"])["message"] == "unchecked"
    assert json.loads(badges["badges/index.json"])["label"] == "Acme"
    assert {path.removesuffix(".svg") for path in badges if path.endswith(".svg")} == {
        path.removesuffix(".json") for path in badges if path.endswith(".json")
    }


def test_a_models_own_publisher_speaks_first(toy: Zoo) -> None:
    """Another publisher's top-1 of the same model is not on its badge."""
    checks = badge_checks(site_of(toy, Settings()).catalogue.models[0])
    assert [check.claim.publisher for check in checks if check.claim.quantity == "top1"] == ["Acme"]
    assert len({check.claim.quantity for check in checks}) == len(checks)


@pytest.mark.parametrize("label", ["claims", '<script>"&', "图像分类", ""])
def test_a_badge_is_a_picture_with_both_texts(label: str) -> None:
    root = ElementTree.fromstring(badge(label, "1 of 2 hold", "#000"))
    assert root.attrib["aria-label"] == f"{label}: 1 of 2 hold"
    assert [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")] == [
        label,
        "1 of 2 hold",
    ]


def test_hostile_names_stay_text(zoo_of: Callable[[str], Zoo]) -> None:
    badges = badges_of(zoo_of(NAMED))
    assert all("<script" not in text and ".." not in path for path, text in badges.items())
    assert all(
        ElementTree.fromstring(text) is not None
        for path, text in badges.items()
        if path.endswith("svg")
    )
