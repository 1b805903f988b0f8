"""Findings as rows: which claims are findings, their order, their causes, and the family with the
most wrong ones."""

from collections.abc import Callable
from dataclasses import replace

from tests.reporting.hypotheses import NONE, SLIP, THOP
from zoo.model_index.findings import ANOTHER_MODEL, Finding, Hypothesis, Verdict
from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.finding_rows import (
    FindingRow,
    group_rows,
    list_rows,
    main_cause,
    worst_families,
)

Make = Callable[..., Finding]
PHOTOGRAPH = replace(THOP, wrong=True)


def catalogue_of(
    zoo_of: Callable[[str], Zoo], found: Make, families: dict[str, list[Hypothesis]]
) -> Catalogue:
    """A family each with one model a hypothesis, each of which makes one claim."""
    names = [(family, n) for family, tried in families.items() for n in range(len(tried))]
    models = "".join(
        f"- {{Name: {a}{n}, In Collection: {a}, Metadata: {{FLOPs: 10}}}}\n" for a, n in names
    )
    zoo = zoo_of("Models:\n" + models)
    findings = [
        found(entry.claims[0], families[family][n])
        for entry, (family, n) in zip(zoo.index.entries, names, strict=True)
    ]
    return Catalogue.of(replace(zoo, findings=tuple(findings)))


def names_of(rows: list[FindingRow]) -> list[str]:
    return [row.model.name for row in rows]


def test_a_finding_is_wrong_or_right_by_another_convention(toy: Zoo) -> None:
    rows = list_rows(Catalogue.of(toy))
    assert [(row.line.standing, row.check.verdict) for row in rows] == [
        ("wrong", Verdict.MISMATCH),
        ("right", Verdict.EXPLAINED),
    ]


def test_wrong_rows_come_first_the_farthest_off_at_the_top(
    zoo_of: Callable[[str], Zoo], found: Make
) -> None:
    catalogue = catalogue_of(zoo_of, found, {"A": [THOP, SLIP, NONE]})
    near, far = (
        catalogue.zoo.findings[1],
        replace(catalogue.zoo.findings[2], measured=SLIP.prediction * 9),
    )
    zoo = replace(catalogue.zoo, findings=(catalogue.zoo.findings[0], near, far))
    assert names_of(list_rows(Catalogue.of(zoo))) == ["A2", "A1", "A0"]


def test_a_name_that_builds_another_model_is_the_worst(
    zoo_of: Callable[[str], Zoo], found: Make
) -> None:
    zoo = zoo_of(
        "Models:\n- {Name: a, Metadata: {FLOPs: 10}}\n"
        "- {Name: b_48d, Builder: 'timm:b_48d', Metadata: {ID: b_48d}}\n"
    )
    cost, identity = (entry.claims[0] for entry in zoo.index.entries)
    other = Finding(
        claim=identity,
        verdict=Verdict.MISMATCH,
        reason="the name silently builds another model, b_8d.in1k",
        measured="b_8d.in1k",
        cause=ANOTHER_MODEL,
        causes=(ANOTHER_MODEL,),
    )
    rows = list_rows(Catalogue.of(replace(zoo, findings=(found(cost, NONE), other))))
    assert names_of(rows) == ["b_48d", "a"]
    assert rows[0].line.words == "timm builds b_8d for this name" and rows[0].kind.key == "model"


def test_groups_are_by_the_kind_of_cause_and_right_ones_come_last(
    zoo_of: Callable[[str], Zoo], found: Make
) -> None:
    catalogue = catalogue_of(
        zoo_of, found, {"A": [THOP, THOP, THOP, PHOTOGRAPH, PHOTOGRAPH], "B": [SLIP, NONE]}
    )
    groups = group_rows(list_rows(catalogue))
    assert {kind.key: len(rows) for kind, rows in groups.items()} == {
        "input": 2, "slip": 1, "none": 1, "convention": 3
    }  # fmt: skip
    assert [kind.key for kind in groups][-1] == "convention"


def test_the_main_cause_is_known_and_makes_two_or_more(
    zoo_of: Callable[[str], Zoo], found: Make
) -> None:
    families = {"A": [PHOTOGRAPH, NONE, NONE, NONE], "B": [PHOTOGRAPH, SLIP]}
    cause = main_cause(list_rows(catalogue_of(zoo_of, found, families)))
    assert cause and (cause.kind.key, len(cause.rows)) == ("input", 2)
    assert cause.families == ["A", "B"] and cause.words.startswith("Counted at 2×3")
    assert main_cause(list_rows(catalogue_of(zoo_of, found, {"A": [SLIP, NONE, NONE]}))) is None


def test_the_worst_family_has_the_most_wrong_claims(
    zoo_of: Callable[[str], Zoo], found: Make
) -> None:
    families = {"A": [SLIP, THOP, THOP], "B": [NONE, SLIP], "C": [THOP]}
    worst = worst_families(catalogue_of(zoo_of, found, families))
    assert [family.name for family in worst] == ["B"]
    assert worst_families(catalogue_of(zoo_of, found, {"A": [THOP]})) == []
