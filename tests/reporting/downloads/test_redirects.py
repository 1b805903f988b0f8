"""A model that was renamed is found at its old address."""

from collections.abc import Callable
from dataclasses import replace

from zoo.reporting.downloads.redirects import files, former_slugs, forwards
from zoo.reporting.pages.settings import QUANTITY_BADGES, Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo

RENAMED = """\
Models:
- {Name: new, Formerly: [old, older], Metadata: {FLOPs: 2 M}}
- {Name: other}
"""


def test_former_names_lead_to_todays_page(zoo_of: Callable[[str], Zoo]) -> None:
    site = site_of(
        zoo_of(RENAMED), Settings(renamed={"oldest": "new", "other": "new", "lost": "nowhere"})
    )
    assert {slug: model.name for slug, model in former_slugs(site).items()} == {
        "old": "new",
        "older": "new",
        "oldest": "new",
    }
    found = {file.path: file.data for file in files(site)}
    assert 'content="0; url=../new/"' in found["models/old/index.html"]
    assert "canonical" not in found["models/old/index.html"]
    assert not any(path.startswith("badges/") for path in found)
    asking = site_of(zoo_of(RENAMED), Settings(renamed={"oldest": "new"}, files=(QUANTITY_BADGES,)))
    assert {"badges/oldest.svg", "badges/old/flops.json"} <= {file.path for file in files(asking)}
    assert list(forwards(site)) == [
        "models/old/index.html",
        "models/older/index.html",
        "models/oldest/index.html",
    ]


def test_an_old_address_names_the_canonical_one(zoo_of: Callable[[str], Zoo]) -> None:
    settings = Settings(url="https://zoo.example/x/")
    for more, folder in ((settings, ""), (replace(settings, language="zh", root=".."), "zh/")):
        text = forwards(site_of(zoo_of(RENAMED), more))["models/old/index.html"]
        address = f"https://zoo.example/x/{folder}models/new/"
        assert f'<link rel="canonical" href="{address}">' in text
