from collections.abc import Callable

import pytest

from zoo.reporting.downloads.bibtex import files, path
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo

Rendered = Callable[[Zoo], dict[str, str]]
INDEX = (
    "Collections: [{Name: Net, Citation: %s}]\nModels: [{Name: a, In Collection: Net}, {Name: b}]\n"
)


def test_a_family_has_a_file_and_its_pages_lead_to_it(toy: Zoo, rendered: Rendered) -> None:
    assert {file.path: file.data for file in files(site_of(toy, Settings()))} == {
        "downloads/citations/net.bib": "@misc{net, title={On Nets}}\n"
    }
    pages = rendered(toy)
    assert 'href="../../downloads/citations/net.bib"' in pages["models/net10.md"]
    assert 'href="../../downloads/citations/net.bib"' in pages["families/net.md"]
    assert "citations/" not in pages["models/lone.md"]


@pytest.mark.parametrize("stated", ["'Smith 2020'", "''", "[a]"])
def test_what_is_no_bibtex_is_no_file(stated: str, zoo_of: Callable[[str], Zoo]) -> None:
    site = site_of(zoo_of(INDEX % stated), Settings())
    assert {file.path: file.data for file in files(site)} == {} and [
        path(family) for family in site.catalogue.families
    ] == [
        None,
        None,
    ]
