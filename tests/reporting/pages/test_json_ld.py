"""What machines read: JSON-LD that ends no script element, and llms.txt whose links lead to
files."""

import json
import re
from collections.abc import Callable

from zoo.reporting.downloads.llms import llms
from zoo.reporting.pages.json_ld import model_data, zoo_data
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.build import DOWNLOADS
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo

URL = "https://zoo.example/"
HOSTILE = """\
Models:
- Name: '</script><script>alert(1)</script> [x](javascript:1)'
  Code: javascript:alert(1)
"""


def read(element: str) -> dict:
    found = re.fullmatch(r'<script type="application/ld\+json">(.*)</script>', element)
    assert found and "<" not in found[1]
    return json.loads(found[1])


def test_a_models_data(toy: Zoo) -> None:
    site = site_of(toy, Settings(name="Acme", url=URL))
    data = read(model_data(site, site.catalogue.models[0]))
    assert (data["@type"], data["name"], data["url"]) == (
        "SoftwareSourceCode",
        "net10",
        f"{URL}models/net10/",
    )
    assert data["license"] == "mit" and data["isPartOf"]["name"] == "Acme"
    assert {found["name"]: found["value"] for found in data["additionalProperty"]} == {
        "multiply-adds": 1_000_000, "parameters": 12_345, "Top 1 Accuracy on ImageNet": 71.5, 
        "Top 5 Accuracy on ImageNet": 90.1,
    }  # fmt: skip
    assert "additionalProperty" not in read(model_data(site, site.catalogue.models[2]))


def test_the_zoos_data(toy: Zoo) -> None:
    data = read(zoo_data(site_of(toy, Settings(name="Acme", url=URL))))
    assert [each["contentUrl"] for each in data["distribution"]] == [
        f"{URL}downloads/models.csv", f"{URL}downloads/models.json",
    ]  # fmt: skip


def test_llms_names_every_model_and_only_files_that_are_there(toy: Zoo) -> None:
    site = site_of(toy, Settings(name="Acme", url=URL))
    text, there = llms(site), {file.path for files in DOWNLOADS for file in files(site)}
    assert text.startswith("# Acme\n\n> ")
    links = re.findall(r"\]\((.*?)\)", text)
    assert [
        f"{URL}downloads/models/{model.slug}.json" in links for model in site.catalogue.models
    ] == [True] * 3
    assert {link.removeprefix(URL) for link in links} <= there


def test_hostile_text_is_inert(zoo_of: Callable[[str], Zoo]) -> None:
    site = site_of(zoo_of(HOSTILE), Settings())
    data = read(model_data(site, site.catalogue.models[0]))
    assert "codeRepository" not in data and data["name"].startswith("</script>")
    assert "[x](" not in llms(site) and "<script" not in llms(site).replace("\\<", "")
