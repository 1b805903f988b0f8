from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.reporting.views.catalogue import Catalogue, Check, Model, Zoo
from zoo.reporting.views.hypotheses import MOST, ON_A_PAGE, differs, explaining_hypothesis, whys

Rendered = Callable[[Zoo], dict[str, str]]
Found = Callable[..., Finding]


def guess(prediction: int, fits: bool = False, causes: tuple[str, ...] = ("a",)) -> Hypothesis:
    return Hypothesis(
        causes=causes,
        label="a",
        rank=1,
        prediction=Decimal(prediction),
        residual=Decimal(1000 - prediction),
        fits=fits,
    )


def model_of(
    toy: Zoo, found: Found, tried: tuple[Hypothesis, ...], best: Hypothesis, claims: int = 1
) -> Model:
    """The first model with the same finding about its FLOPs as often as asked."""
    model = Catalogue.of(toy).models[0]
    finding = found(model.checks[0].claim, best, tried=tried)
    return replace(model, checks=tuple(Check(finding, f"claim-{n}") for n in range(claims)))


def test_the_chosen_comes_first_then_what_fits_then_the_nearest(toy: Zoo, found: Found) -> None:
    best, also, far, near = guess(996, True), guess(1001, True, ("b",)), guess(5), guess(1002)
    why = whys(model_of(toy, found, (far, near, also, best), best))["claim-0"]
    assert why.shown == (best, also, near, far) and why.chosen is best
    assert (why.anchor, why.tried) == ("why-0", 4)


def test_a_page_shows_a_bounded_number_of_hypotheses(toy: Zoo, found: Found) -> None:
    tried = tuple(map(guess, range(50)))
    for claims in (1, 3, 9):
        made = whys(model_of(toy, found, tried, tried[0], claims))
        shown = {len(why.shown) for why in made.values()}
        assert len(made) == claims and {why.tried for why in made.values()} == {50}
        assert shown == {{1: MOST, 3: ON_A_PAGE // 3, 9: 4}[claims]}


def test_only_counts_that_differ_have_a_why(toy: Zoo) -> None:
    findings = [check.finding for check in Catalogue.of(toy).models[0].checks]
    assert [finding.claim.quantity for finding in findings if differs(finding)] == ["flops"]


def test_a_mismatch_has_nothing_chosen_and_another_model_may_have_been_built(
    toy: Zoo, found: Found
) -> None:
    best = guess(1000, True)
    finding = found(toy.findings[0].claim, best)
    assert explaining_hypothesis(finding) is best
    assert explaining_hypothesis(replace(finding, verdict=Verdict.MISMATCH)) is None
    assert explaining_hypothesis(replace(finding, causes=("another model is built", "a"))) is best
    assert explaining_hypothesis(replace(finding, causes=("b",))) is None
    assert explaining_hypothesis(replace(finding, tried=())) is None
