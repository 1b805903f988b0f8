"""Facts of families without prose."""

from collections.abc import Callable

from zoo.reporting.plots.sizes import size_plot
from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.family_facts import papers, ranges, tasks

BARE = """\
Library: {Name: L}
Collections: [{Name: N}]
Models:
- Name: a
  In Collection: N
  Paper: https://papers.example/1
  Metadata: {Tasks: [Object Detection], File Size: 10 MB}
- Name: b
  In Collection: N
  Paper: {Title: On B, URL: https://papers.example/2}
  Metadata: {Tasks: [object-detection, Image Classification], File Size: 20 MB}
- Name: c
  In Collection: N
  Paper: https://papers.example/1
"""


def test_papers_are_those_of_models_where_the_collection_has_none(
    zoo_of: Callable[[str], Zoo],
) -> None:
    (family,) = Catalogue.of(zoo_of(BARE)).families
    assert [(paper.title, paper.address) for paper in papers(family)] == [
        ("https://papers.example/1", "https://papers.example/1"),
        ("On B", "https://papers.example/2"),
    ]
    stated = BARE.replace("{Name: N}", "{Name: N, Paper: https://papers.example/0}")
    (family,) = Catalogue.of(zoo_of(stated)).families
    assert [paper.address for paper in papers(family)] == ["https://papers.example/0"]


def test_ranges_and_tasks(zoo_of: Callable[[str], Zoo], toy: Zoo) -> None:
    (family,) = Catalogue.of(zoo_of(BARE)).families
    assert list(ranges(family)) == [("File size", "10.00 MB to 20.00 MB")]
    assert tasks(family) == ["Object Detection", "Image Classification"]
    assert (family.zoo, family.task) == ("L", "Object Detection")
    net, *_ = Catalogue.of(toy).families
    assert list(ranges(net)) == [
        ("Parameters", "12.34 k to 23.46 k"),
        ("Multiply-adds", "1.00 M to 2.00 M"),
    ]


def test_sizes_are_drawn_of_two_models_at_least(toy: Zoo) -> None:
    net, *_ = Catalogue.of(toy).families
    assert size_plot("k", "N", net.models[:1], ["Net"]) is None
    plot = size_plot("k", "N", net.models, ["Net"])
    assert plot and [(point.x, point.y) for point in plot.points] == [
        (1_000_000, 0.012345),
        (2_000_000, 0.023456),
    ]
