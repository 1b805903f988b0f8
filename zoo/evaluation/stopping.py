"""When an evaluation may stop: the claims it checks are decided, or a person's limit is reached."""

from collections.abc import Sequence
from decimal import Decimal

from zoo.evaluation.confidence_sequence import ConfidenceSequence
from zoo.evaluation.loop import Tally
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.evaluation import within
from zoo.model_index.records.records import Claim

QUANTITIES = ("top1", "top5")


class StoppingRule:
    """When to stop: at the limit, or with `check` once every claim is decided at the same
    moment."""

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
            stated = ", ".join(claim.printed for claim in claims)
            why = (
                f"{stated} is no accuracy"
                if stated
                else "the index claims no accuracy on these images"
            )
            raise UsageError(f"--check: {why}; without it they are evaluated")
        self.ranges = [
            (c.quantity, within(c.number, tolerance, images, c.parsed.step)) for c in possible
        ]
        self.sequences = {quantity: self._sequence(quantity, possible) for quantity in QUANTITIES}

    def _sequence(self, quantity: str, claims: Sequence[Claim]) -> ConfidenceSequence:
        """Narrow early where the first claim of the quantity is right; valid in any case."""
        claim = next((claim for claim in claims if claim.quantity == quantity), None)
        if claim is None:
            return ConfidenceSequence.uniform(self.images, self.level)
        return ConfidenceSequence.of_claim(
            self.images, claim.number / 100, self.tolerance / 100, self.level
        )

    def stops(self, tally: Tally) -> bool:
        return self.decided(tally) or (self.limit is not None and tally.seen >= self.limit)

    def decided(self, tally: Tally) -> bool:
        """Whether a check has its answer."""
        return self.check and all(
            low <= high
            and self.sequences[quantity].decide(tally.seen, getattr(tally, quantity), low, high)
            is not None
            for quantity, (low, high) in self.ranges
        )

    def why(self, tally: Tally) -> str:
        """Why a run that came to its end stopped."""
        return "all" if tally.seen == self.images else "decided" if self.decided(tally) else "limit"
