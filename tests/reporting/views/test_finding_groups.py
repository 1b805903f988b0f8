from collections.abc import Callable
from dataclasses import replace

from tests.reporting.hypotheses import NONE, SLIP, THOP
from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.finding_groups import CauseGroup, cause_groups

ModelCheck = Callable[..., Finding]
LARGER = replace(THOP, label="thop's convention at 4x6", size=(4, 6))


def zoo_with(
    zoo_of: Callable[[str], Zoo], found: ModelCheck, tried: dict[str, list[Hypothesis]]
) -> Zoo:
    """A family each with one model a hypothesis."""
    names = [(family, number) for family, each in tried.items() for number, _ in enumerate(each)]
    text = "".join(
        f"- {{Name: {a}{n}, In Collection: {a}, Metadata: {{FLOPs: 10}}}}\n" for a, n in names
    )
    zoo = zoo_of("Models:\n" + text)
    findings = [
        found(entry.claims[0], tried[f][n])
        for entry, (f, n) in zip(zoo.index.entries, names, strict=True)
    ]
    return replace(zoo, findings=tuple(findings))


def groups_of(zoo: Zoo) -> list[CauseGroup]:
    return cause_groups(list(Catalogue.of(zoo).checks))


def test_rows_of_one_cause_are_one_group_whatever_their_family_and_size(
    zoo_of: Callable[[str], Zoo], found: ModelCheck
) -> None:
    zoo = zoo_with(zoo_of, found, {"A": [THOP, THOP, NONE], "B": [LARGER]})
    (group,) = groups_of(zoo)
    assert (group.quantity, group.cause, group.sizes, group.count) == (
        "FLOPs",
        "thop's convention",
        "2x3 (2), 4x6 (1)",
        3,
    )
    first, second = group.families
    assert (first.family, first.rows, first.sizes) == ("A", "2 of 3 rows are", "2x3")
    assert [model.name for model, _ in first.links] == ["A0", "A1"] and [
        m.name for m, _ in first.odd
    ] == ["A2"]
    assert (second.family, second.rows, second.sizes, second.odd) == (
        "B",
        "the only row is",
        "4x6",
        [],
    )


def test_rows_are_counted_within_the_publisher_and_quantity(
    zoo_of: Callable[[str], Zoo], found: ModelCheck
) -> None:
    (group,) = groups_of(zoo_with(zoo_of, found, {"A": [THOP] * 3}))
    assert group.families[0].rows == "all 3 rows are"


def test_the_odd_ones_of_a_minority_are_not_named(
    zoo_of: Callable[[str], Zoo], found: ModelCheck
) -> None:
    groups = groups_of(zoo_with(zoo_of, found, {"A": [THOP, NONE, NONE]}))
    assert groups[0].families[0].rows == "1 of 3 rows is" and groups[0].families[0].odd == []


def test_wrong_claims_come_before_larger_groups(
    zoo_of: Callable[[str], Zoo], found: ModelCheck
) -> None:
    groups = groups_of(zoo_with(zoo_of, found, {"A": [THOP, THOP, SLIP]}))
    assert [(group.cause, group.wrong) for group in groups] == [
        ("with a slipped point", True),
        ("thop's convention", False),
    ]


def test_a_mismatch_that_is_a_known_mistake_is_in_a_group(
    zoo_of: Callable[[str], Zoo], found: ModelCheck
) -> None:
    zoo = zoo_with(zoo_of, found, {"A": [NONE]})
    known = replace(
        zoo.findings[0], cause="error for accuracy", causes=("error for accuracy",), wrong=True
    )
    assert known.verdict is Verdict.MISMATCH
    zoo = replace(zoo, findings=(known,))
    assert [group.cause for group in groups_of(zoo)] == ["error for accuracy"]


def test_one_cause_in_different_words_goes_by_its_name(
    zoo_of: Callable[[str], Zoo], found: ModelCheck
) -> None:
    copies = [replace(SLIP, causes=("copied row",), label=f"the value of {name}") for name in "xy"]
    assert [group.cause for group in groups_of(zoo_with(zoo_of, found, {"A": copies}))] == [
        "copied row"
    ]


def test_an_explanation_without_hypotheses_goes_by_its_cause(
    zoo_of: Callable[[str], Zoo], found: ModelCheck
) -> None:
    zoo = zoo_with(zoo_of, found, {"A": [THOP, THOP]})
    one, other = (replace(finding, tried=(), causes=()) for finding in zoo.findings)
    zoo = replace(zoo, findings=(one, replace(other, cause=None)))
    assert [(group.cause, group.sizes) for group in groups_of(zoo)] == [
        ("thop", "2x3"),
        ("unnamed cause", ""),
    ]
