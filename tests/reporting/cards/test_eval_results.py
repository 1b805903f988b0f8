"""`.eval_results` files: read back by `huggingface_hub`, and only where the index names a data set
of the Hub."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import yaml
from huggingface_hub import EvalResultEntry, parse_eval_result_entries

from zoo.model_index.findings import Finding, Verdict
from zoo.reporting.cards.eval_results import eval_results
from zoo.reporting.views.catalogue import Catalogue, Zoo

INDEX = """\
Library: {Name: Acme, Docs: 'https://acme.example/'}
Models:
- Name: m
  Results:
  - Task: Image Classification
    Dataset: {Name: ImageNet, Type: ILSVRC/imagenet-1k, Task ID: validation, Revision: abc}
    Metrics: {Top 1 Accuracy: 71.50%, Top 5 Accuracy: 90%}
  - Task: Image Classification
    Dataset: {Name: Beans, Type: beans}
    Metrics: {Top 1 Accuracy: 60%}
  - {Task: Image Classification, Dataset: CIFAR-10, Metrics: {Top 1 Accuracy: 90%}}
  - {Task: Other, Dataset: {Name: Zoo, Type: acme/zoo}, Metrics: {mAP: 40.1}}
  Reported:
  - Publisher: P
    Results: [{Task: T, Dataset: {Name: ImageNet, Type: ILSVRC/imagenet-1k}, Metrics: {top1: 70}}]
"""


def read(zoo: Zoo) -> dict[str, list[EvalResultEntry]]:
    files = eval_results(Catalogue.of(zoo).models[0])
    return {name: parse_eval_result_entries(yaml.safe_load(text)) for name, text in files.items()}


def test_each_data_set_of_the_hub_has_a_file(zoo_of: Callable[[str], Zoo]) -> None:
    about = {"source_url": "https://acme.example/", "source_name": "Acme"}
    assert read(zoo_of(INDEX)) == {
        "ilsvrc-imagenet-1k.yaml": [
            EvalResultEntry(
                "ILSVRC/imagenet-1k",
                "validation",
                71.5,
                dataset_revision="abc",
                notes="Top 1 Accuracy",
                **about,
            ),
            EvalResultEntry("ILSVRC/imagenet-1k", "default", 70, notes="top1"),
        ],
        "acme-zoo.yaml": [EvalResultEntry("acme/zoo", "default", 40.1, notes="mAP", **about)],
    }


def test_a_result_that_was_measured_has_its_date(zoo_of: Callable[[str], Zoo], toy: Zoo) -> None:
    zoo = zoo_of(INDEX)
    (key, evidence), *_ = toy.evidence.items()
    finding = Finding(
        claim=zoo.index.entries[0].claims[0],
        verdict=Verdict.EXACT,
        reason="",
        measured=Decimal("71.5"),
        evidence=(key,),
    )
    results = read(replace(zoo, findings=(finding,), evidence={key: evidence}))
    assert [r.date for r in results["ilsvrc-imagenet-1k.yaml"]] == [
        "2026-11-22T00:00:00+00:00",
        None,
    ]


def test_there_is_nothing_without_an_identifier(toy: Zoo) -> None:
    assert read(toy) == {}
