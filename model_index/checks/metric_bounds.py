"""Find values of metrics that cannot be: above the most that a metric can be, or above a metric of
the same result that is never smaller.

An average precision over several overlaps is at most that at the loosest of them. What is only
usual, such as a higher mIoU with flips and scales, is no finding: published tables have exceptions.
"""

from collections.abc import Iterable, Iterator

from zoo.model_index.checks.accuracy_pairs import half
from zoo.model_index.checks.decimal_slips import print_claim
from zoo.model_index.quantities.table import QUANTITIES
from zoo.model_index.records.records import Claim, Index

PAIRS = {row.key: row.at_most for row in QUANTITIES if row.at_most and row.check == "unmeasured"}
MOST = {row.key: row.most for row in QUANTITIES if row.most is not None}
ResultKey = tuple[str, str, str | None, str | None, tuple[tuple[str, str], ...]]


def find_impossible_metrics(index: Index) -> Iterator[tuple[Claim, str]]:
    """Yield each claim of a metric that is too large, and what was expected."""
    for entry in index.entries:
        claims = [claim for claim in entry.all_claims() if claim.quantity in MOST]
        for claim in claims:
            most = MOST[claim.quantity]
            if most is not None and claim.number > most:
                yield claim, f"{print_claim(claim)}: expected at most {claim.row.show(most)}"
        yield from _find_disorder(claims)


def _find_disorder(claims: Iterable[Claim]) -> Iterator[tuple[Claim, str]]:
    results: dict[ResultKey, Claim] = {}
    for claim in claims:
        results.setdefault(_result_of(claim, claim.quantity), claim)
    for claim in results.values():
        larger = results.get(_result_of(claim, PAIRS.get(claim.quantity, "")))
        if larger and claim.number - half(claim) > larger.number + half(larger):
            yield (
                claim,
                f"{print_claim(claim)}: expected at most {print_claim(larger)} of the same result",
            )


def _result_of(claim: Claim, quantity: str) -> ResultKey:
    return claim.publisher, quantity, claim.dataset, claim.task, claim.conditions
