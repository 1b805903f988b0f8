"""Accuracies that cannot be true, and what the cells would have to hold instead."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from zoo.model_index.checks.accuracy_pairs import impossible, possible, unlike_others
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry


@pytest.fixture
def entries(tmp_path: Path) -> Callable[..., list[Entry]]:
    def read(*pairs: tuple[object, object]) -> list[Entry]:
        lines = ["Models:"]
        for number, (one, five) in enumerate(pairs):
            lines += [f"- Name: m{number}", "  Results:", "  - Dataset: ImageNet", "    Metrics:"]
            lines += [f"      Top 1 Accuracy: {one}", f"      Top 5 Accuracy: {five}"]
        file = tmp_path / "index.yml"
        file.write_text("\n".join(lines))
        return list(load([file]).entries)

    return read


@pytest.mark.parametrize(
    ("one", "five", "cause", "meant"),
    [
        ("80.16%", "94.91%", None, None),
        ("0.98%", "18.58%", "error for accuracy, swapped", ("81.42", "99.02")),
        ("22.18%", "6.05%", "error for accuracy", ("77.82", "93.95")),
        ("23.85%", "7.13%", "error for accuracy", ("76.15", "92.87")),
        ("94.91%", "80.16%", "swapped", ("80.16", "94.91")),
        ("0.8016%", "0.9491%", None, None),  # percent, as far as the two can tell
        ("17.2%", "96.04%", "error for accuracy, top-1 only", ("82.8", "96.04")),
        ("69.76%", "10.92%", "error for accuracy, top-5 only", ("69.76", "89.08")),
        ("0.76%", "93%", "fraction for percent, top-1 only", ("76", "93")),
        ("80", "80", None, None),
    ],
)
def test_pairs(
    entries: Callable[..., list[Entry]],
    one: str,
    five: str,
    cause: str | None,
    meant: tuple[str, str] | None,
) -> None:
    (entry,) = entries((one, five))
    problems = [impossible(claim, entry) for claim in entry.claims]
    assert [problem and problem.cause for problem in problems] == [cause] * 2
    if meant:
        assert [problem and problem.meant for problem in problems] == [
            Decimal(text) for text in meant
        ]


def test_the_reason_shows_both_readings(entries: Callable[..., list[Entry]]) -> None:
    (entry,) = entries(("0.98%", "18.58%"))
    problem = impossible(entry.claims[0], entry)
    assert problem and problem.reason == (
        "top-1 0.98% and top-5 18.58% cannot both be true; "
        "read as error rates in each other's cell they are 81.42% and 99.02%"
    )


def test_other_possible_readings_are_told(entries: Callable[..., list[Entry]]) -> None:
    (entry,) = entries(("23.85%", "7.13%"))
    problem = impossible(entry.claims[0], entry)
    assert problem and problem.alternatives == (
        "top-5 as an error rate",
        "top-1 and top-5 in each other's cell",
    )


def test_out_of_range(entries: Callable[..., list[Entry]]) -> None:
    (entry,) = entries(("101%", "102%"))
    problem = impossible(entry.claims[0], entry)
    assert problem and problem.reason == "an accuracy is between 0 and 100%"


@pytest.mark.parametrize(
    ("one", "five", "true"),
    [
        ("80", "95", True),
        ("95", "80", False),
        ("18", "92", False),
        ("20", "100", True),
        ("0", "0", True),
    ],
)
def test_possible(one: str, five: str, true: bool) -> None:
    assert possible(Decimal(one), Decimal(five)) is true


OTHERS = [("78.1%", "94.2%"), ("77.5%", "93.8%"), ("78.4%", "94.4%")]


def test_an_error_that_the_pair_alone_does_not_betray(entries: Callable[..., list[Entry]]) -> None:
    read = entries(("22.3%", "94.0%"), *OTHERS)
    assert impossible(read[0].claims[0], read[0]) is None
    problem = unlike_others(read[0].claims[0], read[0], read)
    assert problem and (problem.cause, problem.meant) == ("error for accuracy", Decimal("77.7"))
    assert problem.reason == (
        "3 models with a top-5 near 94% have a top-1 around 78.1%; read as an error rate this is "
        "77.7%"
    )
    assert unlike_others(read[0].claims[1], read[0], read) is None, "top-5 is not judged this way"
    assert all(unlike_others(entry.claims[0], entry, read) is None for entry in read[1:])


def test_wrong_neighbours_accuse_nobody_who_is_right(entries: Callable[..., list[Entry]]) -> None:
    wrong = [("24.7%", "92.3%"), ("23.9%", "92.9%"), ("22.9%", "93.1%")]
    read = entries(("76.13%", "92.86%"), *wrong)
    assert unlike_others(read[0].claims[0], read[0], read) is None
    mixed = entries(
        ("24.7%", "92.3%"),
        ("23.9%", "92.9%"),
        ("76.13%", "92.86%"),
        ("75.9%", "92.5%"),
        ("75%", "92.1%"),
    )
    assert all(unlike_others(entry.claims[0], entry, mixed) is None for entry in mixed)


def test_few_neighbours_or_another_gap_say_nothing(entries: Callable[..., list[Entry]]) -> None:
    few = entries(("22.3%", "94.0%"), *OTHERS[:2])
    assert unlike_others(few[0].claims[0], few[0], few) is None
    one_model = entries(("22.3%", "94.0%"), OTHERS[0])
    assert unlike_others(one_model[0].claims[0], one_model[0], one_model * 3) is None, (
        "three pairs, one model"
    )
    odd = entries(("40%", "94.0%"), *OTHERS)
    assert unlike_others(odd[0].claims[0], odd[0], odd) is None
