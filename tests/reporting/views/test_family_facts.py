"""Facts of families without prose."""

from collections.abc import Callable

from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.family_facts import papers, tasks

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


def test_tasks_are_named_once(zoo_of: Callable[[str], Zoo]) -> None:
    (family,) = Catalogue.of(zoo_of(BARE)).families
    assert tasks(family) == ["Object Detection", "Image Classification"]
    assert (family.zoo, family.task) == ("L", "Object Detection")
