"""Two zoos on one site may use a name twice."""

from collections.abc import Callable

from zoo.reporting.downloads.redirects import former_slugs
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.names import distinct_names, zoo_slugs


def test_the_first_zoo_keeps_its_slugs() -> None:
    names = [("DenseNet", "timm"), ("DLA", "timm"), ("densenet", "torchvision")]
    assert zoo_slugs(names) == ["densenet", "dla", "densenet-torchvision"]
    assert zoo_slugs([*names, ("DenseNet", "A/B")])[3] == "densenet-a-b-c14cdd"
    assert zoo_slugs([("a", "X"), ("a", "Y"), ("a", "y")]) == ["a", "a-y", "a-y-2"]
    assert zoo_slugs([("a", "X"), ("a", "X"), ("b", "Y")]) == ["a", "a-2", "b"]


def test_a_name_that_two_zoos_use_has_the_zoo_behind_it() -> None:
    names = [("DenseNet", "timm"), ("DLA", "timm"), ("densenet", "torchvision")]
    assert distinct_names(names) == ["DenseNet (timm)", "DLA", "densenet (torchvision)"]
    assert distinct_names([("a", "X"), ("a", "X")]) == ["a", "a"]


TWO = """\
Collections:
- {Name: N, Paper: https://papers.example/1}
Models:
- {Name: a, Publisher: P, In Collection: N, Formerly: [p-old], Metadata: {FLOPs: 2 M}}
- {Name: a, Publisher: Q, In Collection: N, Formerly: [q-old], Metadata: {FLOPs: 3 M}}
"""


def test_models_of_one_name(zoo_of: Callable[[str], Zoo]) -> None:
    catalogue = Catalogue.of(zoo_of(TWO))
    assert [(model.name, model.slug) for model in catalogue.models] == [
        ("a (P)", "a"),
        ("a (Q)", "a-q"),
    ]
    assert [str(model.checks[0].claim.value) for model in catalogue.models] == [
        "2000000",
        "3000000",
    ]


def test_former_names_lead_to_the_model_of_their_zoo(zoo_of: Callable[[str], Zoo]) -> None:
    slugs = former_slugs(site_of(zoo_of(TWO), Settings()))
    assert {old: model.slug for old, model in slugs.items()} == {"p-old": "a", "q-old": "a-q"}
