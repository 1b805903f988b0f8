"""What a conversion gives: files by their path, and what the target could not hold, by name and
number."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Losses:
    """Counts what is not in the target as it was in the source, by what it is and why."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, what: str, why: str) -> None:
        self.counts[what, why] += 1

    def rows(self) -> list[tuple[str, str, str]]:
        """What, how many times and why, in the order in which it first came up."""
        order = {what: place for place, (what, _) in reversed([*enumerate(self.counts)])}
        counts = sorted(self.counts.items(), key=lambda item: order[item[0][0]])
        return [(what, f"{number:,}", why) for (what, why), number in counts]


@dataclass(frozen=True, slots=True)
class Converted:
    """Files by their path below the folder they may be written to; a single one may be written
    anywhere."""

    files: dict[str, str]
    losses: Losses
