"""Decide when an evaluation may stop: at a limit, or when the claims it checks are decided."""

from collections.abc import Sequence
from decimal import Decimal

from zoo.evaluation.confidence_sequence import ConfidenceSequence
from zoo.evaluation.data_names import QUANTITIES
from zoo.evaluation.loop import Tally
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.evaluation import within
from zoo.model_index.records.records import Claim


class StoppingRule:
    """Stops at `limit` images, or with `check` as soon as every claim is decided.

    Raises:
        UsageError: `check` has no claim to decide.
    """

    def __init__(
        self,
        images: int,
        claims: Sequence[Claim],
        tolerance: Decimal,
        level: float,
        *,
        limit: int | None,
        check: bool,
    ):
        self.images, self.limit, self.check = images, limit, check
        self.tolerance, self.level = tolerance, level
        possible = [claim for claim in claims if 0 <= claim.number <= 100]
        if check and not possible:
            raise UsageError(f"--check: {_no_claim(claims)}; evaluate without --check")
        self.ranges = [
            (claim.quantity, within(claim.number, tolerance, images, claim.parsed.step))
            for claim in possible
        ]
        self.sequences = {quantity: self._sequence(quantity, possible) for quantity in QUANTITIES}

    def _sequence(self, quantity: str, claims: Sequence[Claim]) -> ConfidenceSequence:
        """Build a sequence that is narrow early if the quantity's first claim is right."""
        claim = next((claim for claim in claims if claim.quantity == quantity), None)
        if claim is None:
            return ConfidenceSequence.uniform(self.images, self.level)
        return ConfidenceSequence.of_claim(
            self.images, claim.number / 100, self.tolerance / 100, self.level
        )

    def should_stop(self, tally: Tally) -> bool:
        return self.is_decided(tally) or (self.limit is not None and tally.seen >= self.limit)

    def is_decided(self, tally: Tally) -> bool:
        """Whether every claim to check is decided."""
        return self.check and all(
            low <= high
            and self.sequences[quantity].decide(tally.seen, getattr(tally, quantity), low, high)
            is not None
            for quantity, (low, high) in self.ranges
        )

    def stop_reason(self, tally: Tally) -> str:
        """Why a run that ended normally stopped: `all`, `decided` or `limit`."""
        if tally.seen == self.images:
            return "all"
        return "decided" if self.is_decided(tally) else "limit"


def _no_claim(claims: Sequence[Claim]) -> str:
    """Why none of the claims can be checked."""
    stated = ", ".join(claim.printed for claim in claims)
    return f"{stated} is no accuracy" if stated else "the index claims no accuracy on these images"
