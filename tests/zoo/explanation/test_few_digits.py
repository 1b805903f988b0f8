"""A mismatch of so few digits that several conventions fit is unknown, and no other mismatch."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.zoo.explanation.test_search import case
from zoo.explanation.judgement import Assessment, assess_inquiry, doubt_few_digits
from zoo.explanation.search import Inquiry
from zoo.model_index.findings import Hypothesis, Standing

FVCORE = Hypothesis(
    causes=("fvcore",),
    label="fvcore's convention",
    rank=2,
    prediction=Decimal(52_480_000),
    residual=Decimal(20_000),
    fits=True,
)
THOP = replace(FVCORE, causes=("thop",), label="thop's convention", prediction=Decimal(52_510_000))
SLIP = replace(FVCORE, causes=("M is 2^20",), label="in units of 2^20 named as millions")
BOTH = replace(FVCORE, causes=("bias", "M is 2^20"), label="two causes")
LARGER = replace(FVCORE, size=(224, 285), label="fvcore's convention at 224x285", wrong=True)
HEADLESS = replace(FVCORE, causes=("no classifier",), label="without the classifier", wrong=True)


def assess(*fits: Hypothesis) -> Assessment:
    asked = case("52.5 M")
    inquiry = Inquiry(tried=fits, fits=fits, chance=0.3)
    return assess_inquiry(asked, inquiry, Decimal(50_000_000), (), lambda spec: ())


def test_several_conventions_that_fit_leave_a_claim_unknown() -> None:
    finding = doubt_few_digits(assess(FVCORE, THOP, SLIP)).finding
    assert (finding.standing, finding.use) == (Standing.UNKNOWN, None)
    assert finding.measured == 50_000_000
    assert finding.reason == (
        'a mismatch of so few digits that several conventions fit: "52.5 M" has 3 digits '
        "(fvcore's convention; thop's convention)"
    )
    same = replace(FVCORE, also=(("thop",),))  # two tools that give one number
    assert doubt_few_digits(assess(same)).finding.standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    "fits", [(), (FVCORE,), (FVCORE, SLIP), (FVCORE, BOTH), (FVCORE, LARGER), (FVCORE, HEADLESS)]
)
def test_what_one_convention_fits_or_none_stays_wrong(fits: tuple[Hypothesis, ...]) -> None:
    assessment = assess(*fits)
    assert doubt_few_digits(assessment) is assessment
    assert assessment.finding.standing is Standing.WRONG


def test_siblings_that_were_counted_otherwise_decide() -> None:
    odd = replace(assess(FVCORE, THOP), is_odd=True)
    assert doubt_few_digits(odd).finding.standing is Standing.WRONG


def test_what_is_explained_stays_so() -> None:
    asked = case("52.5 M")
    inquiry = Inquiry(tried=(FVCORE, THOP), fits=(FVCORE, THOP), chosen=FVCORE)
    explained = assess_inquiry(asked, inquiry, Decimal(50_000_000), (), lambda spec: ())
    assert doubt_few_digits(explained) is explained
