"""Select the hypotheses that explain why a claim differs, the best first."""

import re
from dataclasses import dataclass
from decimal import Decimal

from zoo.model_index.findings import (
    Finding,
    Hypothesis,
    Verdict,
    find_nearest,
    order_hypotheses,
)
from zoo.model_index.quantities.table import COUNTED
from zoo.reporting.views.catalogue import Check, Model, once

DIFFERS = frozenset({Verdict.EXPLAINED, Verdict.MISMATCH})
MOST = 12  # hypotheses shown for a claim
FEWEST = 4
ON_A_PAGE = 15  # hypotheses shown of all claims that differ
TERM = re.compile(r"(.+) (\d+)")


@dataclass(frozen=True, slots=True)
class Why:
    """A claim that differs, with its best hypotheses; `chosen` is the one that explains it."""

    check: Check
    chosen: Hypothesis | None
    shown: tuple[Hypothesis, ...]
    tried: int

    @property
    def anchor(self) -> str:
        return why_anchor(self.check)


def why_anchor(check: Check) -> str:
    """Return the anchor of the explanation of a claim that differs."""
    return check.anchor.replace("claim-", "why-", 1)


@once
def whys(model: Model) -> dict[str, Why]:
    """Return every count of the model that differs, by the anchor of its claim."""
    differing = [check for check in model.checks if differs(check.finding)]
    most = min(MOST, max(FEWEST, ON_A_PAGE // max(1, len(differing))))
    return {check.anchor: _why(check, most) for check in differing}


def differs(finding: Finding) -> bool:
    """Return whether a count differs, so that a page has to explain it."""
    return finding.claim.quantity in COUNTED and finding.verdict in DIFFERS


def explaining_hypothesis(finding: Finding) -> Hypothesis | None:
    """Return the hypothesis that explains a finding; None where nothing does, or nothing was
    tried."""
    if finding.verdict is not Verdict.EXPLAINED:
        return None
    causes = set(finding.causes)
    fits = (
        h
        for h in finding.tried
        if h.fits and h.prediction == finding.prediction and causes.issuperset(h.causes)
    )
    return next(fits, None)


def terms_of(hypothesis: Hypothesis) -> list[tuple[str, int]]:
    """Return name and number of each term of the sum that a prediction is made of, of `conv
    15003502080 + conv bias 1000`; nothing where it is no such sum."""
    parts = [TERM.fullmatch(part) for part in hypothesis.terms.split(" + ")]
    terms = [(part[1], int(part[2])) for part in parts if part]
    is_whole = len(terms) == len(parts)
    return terms if is_whole and sum(n for _, n in terms) == hypothesis.prediction else []


def nearest_hypothesis(finding: Finding) -> Hypothesis | None:
    """Return what comes nearest to a count without a known cause: the first of `whys`; None where
    nothing is near."""
    claimed, measured = finding.claim.value, finding.measured
    if not isinstance(claimed, Decimal) or not isinstance(measured, Decimal):
        return None
    return find_nearest(finding.tried, claimed, measured)


def _why(check: Check, most: int) -> Why:
    best = explaining_hypothesis(check.finding)
    order = sorted(order_hypotheses(check.finding.tried), key=lambda h: h is not best)
    return Why(check, best, tuple(order[:most]), len(order))
