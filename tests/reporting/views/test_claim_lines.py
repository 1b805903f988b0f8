"""A claim in words: standing, the number to use, and why."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.reporting.conftest import TOY, count, read
from zoo.model_index.findings import ANOTHER_MODEL, Finding, Hypothesis, Standing, Verdict
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.gettext import speaking
from zoo.reporting.views.catalogue import Catalogue, Check, Model, Zoo
from zoo.reporting.views.claim_lines import ClaimLine, claim_line, counts_of, usable

PHOTOGRAPH = Hypothesis(
    causes=("thop", "photograph"),
    label="thop's convention at 32x40",
    rank=4,
    prediction=Decimal(2_000_000),
    residual=Decimal(0),
    fits=True,
    size=(32, 40),
    wrong=True,
)
NEAR = Hypothesis(
    causes=("2x",),
    label="two operations per multiply-add",
    rank=1,
    prediction=Decimal(2_100_000),
    residual=Decimal(-100_000),
    fits=False,
)
NEARER_OF_TWO = replace(
    NEAR, causes=("2x", "M is 2^20"), rank=4, label="two and another", residual=Decimal(-10)
)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    index = read(tmp_path, TOY)
    entry = index.entries[0]
    document = count(entry, 1_600_000, 12_345)
    zoo = Zoo(
        index=index,
        findings=(),
        evidence={document.cell.key: document},
        primary={entry.place: document.cell.key},
    )
    return Catalogue.of(zoo).models[0]


def claim_of(model: Model, quantity: str) -> Claim:
    return next(check.claim for check in model.checks if check.claim.quantity == quantity)


def line_of(model: Model, finding: Finding) -> ClaimLine:
    return claim_line(model, Check(finding, "claim-acme", "toy.yml:1"))


def judged(model: Model, quantity: str = "flops", **fields: object) -> Finding:
    defaults: dict[str, object] = {"verdict": Verdict.MISMATCH, "reason": "no known cause"}
    return Finding(claim=claim_of(model, quantity), **defaults | fields)  # type: ignore[arg-type]


def test_a_count_at_another_input_says_both_inputs(model: Model) -> None:
    finding = judged(
        model,
        verdict=Verdict.EXPLAINED,
        measured=Decimal(1_600_000),
        prediction=Decimal(2_000_000),
        causes=PHOTOGRAPH.causes,
        cause=PHOTOGRAPH.name,
        wrong=True,
        tried=(PHOTOGRAPH,),
    )
    line = line_of(model, finding)
    assert line.standing is Standing.WRONG
    assert (line.published, line.printed) == ("2.0 M", "2000000")
    assert (line.use, line.off_by) == ("1.60 MMACs", "+25.0 %")
    assert line.words == "Counted at 32×40; the page says 32×32"
    with speaking("zh"):
        assert "32×40" in line_of(model, finding).words != line.words


def test_the_nearest_cause_is_the_first_of_the_table(model: Model) -> None:
    tried = (NEARER_OF_TWO, NEAR)
    finding = judged(model, measured=Decimal(1_000_000), tried=tried)
    words = line_of(model, finding).words
    assert words == "No known cause; two operations per multiply-add comes nearest"
    far = replace(finding, tried=(replace(NEAR, residual=Decimal(900_000)),))
    assert line_of(model, far).words == "No known cause"


def test_another_model_is_named(model: Model) -> None:
    finding = judged(
        model, "id", measured="net99.v1", causes=(ANOTHER_MODEL,), wrong=True, cause=ANOTHER_MODEL
    )
    builder = model.entry.builder.kind
    assert line_of(model, finding).words == f"{builder} builds net99 for this name"
    assert line_of(model, finding).use == ""


def test_an_accuracy_without_an_evaluation_says_what_makes_one(model: Model) -> None:
    line = line_of(model, judged(model, "top1", verdict=Verdict.UNCHECKED))
    assert line.words == (
        "No evaluation on ImageNet was made; zoo eval net10 --data PATH makes one"
    )
    assert (line.quantity, line.published, line.use) == ("Top-1", "71.5 %", "")


def test_one_notation_for_numbers_that_publishers_print_otherwise(model: Model) -> None:
    claims = [c for c in model.entry.all_claims() if c.quantity in ("flops", "top1", "parameters")]
    lines = [line_of(model, Finding(claim=c, verdict=Verdict.UNCHECKED, reason="")) for c in claims]
    shown = [(line.published, line.printed) for line in lines]
    assert shown == [
        ("2.0 M", "2000000"),
        ("12.3 k", ""),
        ("71.5 %", ""),
        ("3 M", ""),
        ("72.0 %", "0.720"),
    ]


def test_a_path_of_this_machine_is_in_no_line(model: Model) -> None:
    for check in model.checks:
        line = claim_line(model, check)
        assert line.where == f"toy.yml:{check.claim.place.line}"
        assert line.where_url is None


def test_the_worst_come_first(model: Model) -> None:
    small = judged(model, measured=Decimal(1_900_000))
    large = judged(model, measured=Decimal(1_000))
    right = judged(model, verdict=Verdict.EXACT, measured=Decimal(2_000_000))
    lines = [line_of(model, finding) for finding in (right, small, large)]
    ordered = sorted(lines, key=lambda line: line.severity)
    assert ordered == [lines[2], lines[1], lines[0]]


def test_a_wrong_claim_is_not_usable_and_another_publishers_stands_for_it(model: Model) -> None:
    flops = [c for c in model.entry.all_claims() if c.quantity == "flops"]
    own = Finding(claim=flops[0], verdict=Verdict.MISMATCH, reason="")
    other = Finding(claim=flops[1], verdict=Verdict.UNCHECKED, reason="")
    changed = replace(model, checks=(Check(own, "a"), Check(other, "b")))
    assert usable(model, "flops") == 2_000_000
    assert usable(changed, "flops") == 3_000_000
    assert usable(replace(model, checks=(Check(own, "a"),)), "flops") is None
    assert usable(model, "macs") == 1_600_000
    assert counts_of(changed) == (1, 0, 1)
