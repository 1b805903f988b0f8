"""A right, a rounded and a wrong claim of every quantity end in a finding, never in a traceback."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from zoo.counting.measurer import Measurer
from zoo.explanation.count_rules import COUNT_RULES
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import COUNTED, QUANTITIES
from zoo.model_index.records.records import Entry
from zoo.verification.checks import CHECKS
from zoo.verification.corrections import corrections
from zoo.verification.verify import examine

MEASURED = 2_484_712  # elements that a ResNet-18 writes at 224x224
Read = Callable[[str], list[Entry]]
STATED = [row for row in QUANTITIES if row.spellings]
# What parsers accept; the first that one accepts is a wrong claim of its quantity.
WRONG = ("98765432", "97x95", "lanczos", "0.123, 0.456, 0.789", "97 GB", "97 h")
OTHER = {"weights": "https://example.com/none.pth", "id": "resnet26"}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """One ledger for all quantities, so that the model is counted once."""
    return Ledger(tmp_path_factory.mktemp("ledger"))


def find(read: Read, ledger: Ledger, row: Quantity, *values: str) -> list[Finding]:
    """Verify a family of ResNets that claim these values of a quantity."""
    lines = ["Collections: [{Name: Family}]", "Models:"]
    for number, value in enumerate(values):
        lines += [
            f"- Name: net{number}",
            "  In Collection: Family",
            "  Builder: timm:resnet18",
            *(statement(row, value)),
        ]
    entries = read("\n".join(lines))
    assessed = examine(entries, Measurer(ledger), entries)
    corrections(assessed, entries)
    findings = [assessment.finding for _, group in assessed for assessment in group]
    return [finding for finding in findings if finding.claim.quantity == row.key]


def statement(row: Quantity, value: str) -> list[str]:
    if row.key == "weights":
        return [f"  Weights: {value}"]
    if not row.metric:
        return ["  Metadata:", f"    {row.label}: '{value}'"]
    results = f"Task: Image Classification, Dataset: ImageNet, Metrics: {{{row.label}: '{value}'}}"
    return [f"  Results: [{{{results}}}]"]


def wrong_value(row: Quantity) -> str:
    for value in (OTHER.get(row.key, ""), *WRONG):
        try:
            if value and row.parse(value):
                return value
        except ValueError:
            continue
    raise AssertionError(f"no value for {row.key}")


@pytest.mark.parametrize("row", STATED, ids=lambda row: row.key)
def test_every_claim_ends_in_a_finding(
    read: Read, ledger: Ledger, row: Quantity, recwarn: pytest.WarningsRecorder
) -> None:
    findings = find(read, ledger, row, wrong_value(row), wrong_value(row))
    assert len(findings) == (0 if row.key == "weights" else 2)  # weights that nobody inspected
    assert all(finding.verdict not in (Verdict.EXACT, Verdict.ERROR) for finding in findings)
    measured = findings[0].measured if findings else None
    if row.counted:
        assert {finding.verdict for finding in findings} == {Verdict.MISMATCH}
        assert isinstance(measured, Decimal)
        rounded = f"{measured:.3E}"
        (right, near) = find(read, ledger, row, str(measured), rounded)
        assert (right.verdict, near.verdict) == (Verdict.EXACT, Verdict.ROUNDED)
    elif measured is not None:
        text = row.show(measured) if not isinstance(measured, Decimal) else str(measured)
        (right,) = find(read, ledger, row, text)
        assert right.verdict is Verdict.EXACT


def test_the_tables_agree() -> None:
    assert set(COUNT_RULES) == COUNTED
    assert {row.check for row in QUANTITIES} == set(CHECKS)


def test_activations_are_explained_at_another_size(read: Read, tmp_path: Path) -> None:
    """The outputs of the convolutions grow with the area, those of the classifier do not."""
    row = next(row for row in QUANTITIES if row.key == "activations")
    ledger = Ledger(tmp_path)
    (published,) = find(read, ledger, row, "2.48 M")
    assert (published.verdict, published.measured) == (Verdict.ROUNDED, MEASURED)
    (wider,) = find(read, ledger, row, str((MEASURED - 1000) * 81 // 49 + 1000))
    assert (wider.verdict, wider.cause) == (Verdict.EXPLAINED, "layer outputs at 288x288")
    (convolutions,) = find(read, ledger, row, str(MEASURED - 1000))
    assert convolutions.cause == "convolution outputs"
