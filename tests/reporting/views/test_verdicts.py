from collections.abc import Callable
from decimal import Decimal

from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.reporting.views.catalogue import Zoo
from zoo.reporting.views.verdicts import VERDICT_BADGES, verdict_badge


def test_every_standing_has_a_sign_and_a_name_of_its_own() -> None:
    for field in ("key", "label", "sign", "meaning"):
        assert (
            len({getattr(one, field) for one in VERDICT_BADGES})
            == len(VERDICT_BADGES)
            == len(Verdict) + 1
        )
    assert {one.key for one in VERDICT_BADGES} - {str(verdict) for verdict in Verdict} == {
        "explained-wrong"
    }


def test_an_explained_mistake_is_something_to_fix(toy: Zoo, found: Callable[..., Finding]) -> None:
    claim = toy.index.entries[0].claims[0]
    slip = Hypothesis(
        causes=("slip",),
        label="a slip",
        rank=3,
        prediction=Decimal(1),
        residual=Decimal(0),
        fits=True,
        wrong=True,
    )
    finding = found(claim, slip)
    assert verdict_badge(finding).label == "wrong (explained)" == finding.verdict_label
    assert finding.fails()
    assert verdict_badge(found(claim, slip, wrong=False)).key == "explained"
    assert verdict_badge(found(claim, slip, verdict=Verdict.MISMATCH)).key == "mismatch"
