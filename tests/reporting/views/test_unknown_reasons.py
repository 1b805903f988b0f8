"""Why claims are unknown, in groups, with what to type."""

from collections.abc import Callable
from dataclasses import replace

from zoo.model_index.findings import Finding, Gap, Verdict
from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.unknown_reasons import UnknownReason, list_reasons

TEXT = """\
Models:
- Name: net
  Metadata: {FLOPs: 10, Parameters: 5, Epochs: 90}
  Results:
  - Task: Image Classification
    Dataset: ImageNet
    Metrics: {Top 1 Accuracy: 71.5%, Top 5 Accuracy: 90.1%}
- Name: other
  Metadata: {FLOPs: 10}
"""


def reasons_of(zoo: Zoo, *findings: Finding) -> list[UnknownReason]:
    return list_reasons(Catalogue.of(replace(zoo, findings=findings)).checks)


def unchecked(zoo: Zoo, **changes: object) -> list[Finding]:
    return [
        Finding(claim=claim, **{"verdict": Verdict.UNCHECKED, "reason": "so", **changes})
        for entry in zoo.index.entries
        for claim in entry.claims
    ]


def test_what_was_never_looked_at_waits_for_a_run(zoo_of: Callable[[str], Zoo]) -> None:
    (reason,) = reasons_of(zoo_of(TEXT))
    assert (reason.text, reason.command, reason.count) == (
        "Not measured yet",
        "zoo verify MODEL",
        6,
    )
    assert reason.quantities[0] == ("FLOPs", 2)
    assert [model.name for model in reason.models] == ["net", "other"]


def test_the_data_set_is_named_with_the_command(zoo_of: Callable[[str], Zoo]) -> None:
    zoo = zoo_of(TEXT)
    first, *rest = reasons_of(zoo, *unchecked(zoo))
    assert first.text == "So" and first.count == 3  # FLOPs twice, parameters
    assert {(reason.text, reason.command) for reason in rest} == {
        ("Not evaluated on ImageNet", "zoo eval MODEL --data PATH"),
        ("Nothing here measures it", ""),
    }


def test_the_reason_of_one_claim_ends_at_its_semicolon(zoo_of: Callable[[str], Zoo]) -> None:
    zoo = zoo_of("Models: [{Name: a, Metadata: {FLOPs: 1}}, {Name: b, Metadata: {FLOPs: 2}}]")
    findings = [
        replace(finding, reason=f"a.b:C has no size; {n} larger")
        for n, finding in enumerate(unchecked(zoo))
    ]
    (reason,) = reasons_of(zoo, *findings)
    assert (reason.text, reason.count) == ("a.b:C has no size", 2)


def test_the_characters_of_one_claim_are_no_part_of_its_reason(
    zoo_of: Callable[[str], Zoo],
) -> None:
    zoo = zoo_of("Models: [{Name: a, Metadata: {FLOPs: 1}}, {Name: b, Metadata: {FLOPs: 2}}]")
    findings = [
        replace(finding, reason=f'so few digits: "{finding.claim.raw} G" has 1 (thop; fvcore)')
        for finding in unchecked(zoo)
    ]
    (reason,) = reasons_of(zoo, *findings)
    assert (reason.text, reason.count) == ("So few digits", 2)


def test_models_that_were_not_built_say_what_is_missing(zoo_of: Callable[[str], Zoo]) -> None:
    zoo = zoo_of(TEXT)
    reasons = reasons_of(zoo, *unchecked(zoo, gap=Gap("missing", "mmdet")))
    assert [(reason.text, reason.command) for reason in reasons] == [
        ("Not built: mmdet is not installed", "pip install mmdet")
    ]


def test_an_error_is_unknown_too(zoo_of: Callable[[str], Zoo]) -> None:
    zoo = zoo_of("Models: [{Name: a, Metadata: {FLOPs: 1}}]")
    (reason,) = reasons_of(zoo, *unchecked(zoo, verdict=Verdict.ERROR, reason="MemoryError"))
    assert (reason.text, reason.command) == ("Measuring failed", "zoo verify MODEL --fresh")
