"""What machines read: JSON-LD that ends no script element, and llms.txt whose links lead to
files."""

import json
import re
from collections.abc import Callable, Iterator

import pytest

from zoo.reporting.downloads.llms import llms
from zoo.reporting.pages.base import Site
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


# The terms that pages use: properties by the type that has them, and the type above. Source:
# https://schema.org/version/latest/schemaorg-current-https.jsonld, release 29.3, of which these
# rows are `rdfs:subClassOf` and `schema:domainIncludes`.
VOCABULARY = {
    "Thing": (None, "name description url subjectOf"),
    "Intangible": ("Thing", ""),
    "StructuredValue": ("Intangible", ""),
    "PropertyValue": ("StructuredValue", "value unitText"),
    "Organization": ("Thing", ""),
    "CreativeWork": ("Thing", "author creator dateModified encodingFormat isPartOf license text"),
    "Claim": ("CreativeWork", "appearance"),
    "Dataset": ("CreativeWork", "distribution variableMeasured"),
    "MediaObject": ("CreativeWork", "contentUrl"),
    "DataDownload": ("MediaObject", ""),
    "SoftwareSourceCode": ("CreativeWork", "codeRepository programmingLanguage runtimePlatform"),
}


def foreign(node: object) -> Iterator[str]:
    """The types and properties of JSON-LD that schema.org does not have so."""
    if isinstance(node, list):
        for part in node:
            yield from foreign(part)
    if not isinstance(node, dict):
        return
    type_, known = node["@type"], set[str]()
    if type_ not in VOCABULARY:
        yield type_
        return
    above: str | None = type_
    while above:
        above, properties = VOCABULARY[above]
        known |= {*properties.split()}
    for key, value in node.items():
        if not key.startswith("@"):
            if key not in known:
                yield f"{type_}.{key}"
            yield from foreign(value)


def data_of(site: Site, number: int) -> dict:
    model = site.catalogue.models[number]
    family = next(f for f in site.catalogue.families if model in f.models)
    return read(model_data(site, family, model))


def test_a_models_data(toy: Zoo) -> None:
    site = site_of(toy, Settings(name="Acme", url=URL))
    data = data_of(site, 0)
    assert (data["@type"], data["name"], data["url"]) == (
        "SoftwareSourceCode",
        "net10",
        f"{URL}models/net10/",
    )
    assert data["license"] == "https://spdx.org/licenses/MIT.html"
    assert data["isPartOf"]["name"] == "Acme"
    measured, *claims = data["subjectOf"]
    assert {found["name"]: found["value"] for found in measured["variableMeasured"]} == {
        "Multiply-adds": 1_000_000,
        "Parameters": 12_345,
    }
    assert measured["distribution"]["contentUrl"] == f"{URL}downloads/models/net10.json"
    assert "subjectOf" not in data_of(site, 2)
    # an accuracy that nobody measured is what somebody says
    assert [(claim["author"]["name"], claim["text"]) for claim in claims] == [
        ("Acme", "Top 1 Accuracy on ImageNet: 71.5%"),
        ("Acme", "Top 5 Accuracy on ImageNet: 90.1%"),
    ]


def test_the_zoos_data(toy: Zoo) -> None:
    settings = Settings(name="Acme", url=URL, author="Acme Labs", licence="https://l.example/")
    data = read(zoo_data(site_of(toy, settings), "2026-11-28"))
    assert [each["contentUrl"] for each in data["distribution"]] == [
        f"{URL}downloads/models.csv", f"{URL}downloads/models.json",
    ]  # fmt: skip
    assert (data["creator"]["name"], data["license"]) == ("Acme Labs", "https://l.example/")
    assert data["dateModified"] == "2026-11-28"


@pytest.mark.parametrize("url", [URL, ""])
def test_terms_are_those_of_schema_org(toy: Zoo, url: str) -> None:
    site = site_of(toy, Settings(name="Acme", url=url, licence="https://l.example/"))
    for data in (read(zoo_data(site, "2026-11-28")), *(data_of(site, n) for n in range(3))):
        assert list(foreign(data)) == []
    wrong = {"@type": "SoftwareSourceCode", "additionalProperty": []}
    assert list(foreign(wrong)) == ["SoftwareSourceCode.additionalProperty"]


def test_without_an_address_none_is_named(toy: Zoo) -> None:
    site = site_of(toy, Settings(name="Acme"))
    for data in (read(zoo_data(site)), data_of(site, 0)):
        addresses = re.findall(r'"(?:url|contentUrl)": "([^"]*)"', json.dumps(data))
        assert "url" not in data and all(a.startswith("https://acme.") for a in addresses)
    links = re.findall(r"\]\((.*?)\)", llms(site))
    assert links and all(link.startswith("downloads/") for link in links)


def test_a_language_names_its_own_page(toy: Zoo) -> None:
    site = site_of(toy, Settings(name="Acme", url=URL, language="zh", root=".."))
    assert data_of(site, 0)["url"] == f"{URL}zh/models/net10/"


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
    data = data_of(site, 0)
    assert "codeRepository" not in data and data["name"].startswith("</script>")
    assert "[x](" not in llms(site) and "<script" not in llms(site).replace("\\<", "")
