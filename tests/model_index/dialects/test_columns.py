"""Zeros and fractions are read in the light of their neighbours."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from zoo.model_index.load import read_text
from zoo.model_index.records.records import Claim, Entry


@pytest.fixture
def claims_of() -> Callable[[str], list[Claim]]:
    def claims(text: str) -> list[Claim]:
        index, faults = read_text("index.yml", text)
        assert not faults
        return [claim for entry in index.entries for claim in _all(entry)]

    return claims


def _all(entry: Entry) -> list[Claim]:
    return list(entry.all_claims())


def flops(*values: str) -> str:
    rows = (f"- {{Name: m{n}, Metadata: {{FLOPs: {v}}}}}" for n, v in enumerate(values))
    return "\n".join(["Models:", *rows])


@pytest.mark.parametrize(
    ("values", "digits"),
    [
        (("4.030 G", "22.220 G", "5.690 G"), [3, 4, 3]),  # a table of three decimals
        (("4.030 G", "22.221 G", "5.690 G"), [4, 5, 4]),
        (("3.60 G", "3.64 G"), [3, 3]),
        (("3.60 G",), [3]),
        (("25.00 G", "3.000 G"), [4, 4]),
    ],
)
def test_zeros_that_a_whole_column_ends_in_are_padding(
    claims_of: Callable[[str], list[Claim]], values: tuple[str, ...], digits: list[int]
) -> None:
    assert [claim.parsed.digits for claim in claims_of(flops(*values))] == digits


def result(**metrics: str) -> str:
    pairs = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in metrics.items())
    return f"{{Dataset: ImageNet-A, Metrics: {{{pairs}}}}}"


@pytest.mark.parametrize(
    ("results", "values"),
    [
        ([result(Top_1_Accuracy="0.9", Top_5_Accuracy="14.2")], ["0.9", "14.2"]),
        ([result(Top_1_Accuracy="0.9", Top_5_Accuracy="0.99")], ["90", "99"]),
        ([result(Top_1_Accuracy="0.9")], ["90"]),
        ([result(Top_1_Accuracy="0.9"), result(Top_1_Accuracy="31.2")], ["0.9", "31.2"]),
        ([result(Top_1_Accuracy="0.9"), result(Top_1_Accuracy="31.2%")], ["90", "31.2"]),
        ([result(Top_1_Accuracy="1", Top_5_Accuracy="14.2")], ["1", "14.2"]),
    ],
)
def test_neighbours_say_whether_a_number_is_a_percentage(
    claims_of: Callable[[str], list[Claim]], results: list[str], values: list[str]
) -> None:
    rows = (f"- {{Name: m{n}, Results: [{text}]}}" for n, text in enumerate(results))
    found = claims_of("\n".join(["Models:", *rows]))
    assert [claim.number for claim in found] == [Decimal(value) for value in values]


def test_zeros_of_percentages_are_digits(claims_of: Callable[[str], list[Claim]]) -> None:
    texts = ("99.00%", "1.00", "1.000", "0.990")
    rows = (f"- {{Name: m{n}, Results: [{result(Top_1_Accuracy=t)}]}}" for n, t in enumerate(texts))
    found = claims_of("\n".join(["Models:", *rows]))
    steps = [Decimal("0.01"), 1, Decimal("0.1"), Decimal("0.1")]
    assert [claim.parsed.step for claim in found] == steps
