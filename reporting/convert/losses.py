"""The result of a conversion: files by their path, and what the target could not hold."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Losses:
    """Counts what the target does not hold as it was in the source, by name and reason."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, name: str, why: str) -> None:
        self.counts[name, why] += 1

    def rows(self) -> list[tuple[str, str, str]]:
        """Return name, number and reason of each loss, by the first occurrence of the name."""
        names = list(dict.fromkeys(name for name, _ in self.counts))
        counts = sorted(self.counts.items(), key=lambda item: names.index(item[0][0]))
        return [(name, f"{number:,}", why) for (name, why), number in counts]


@dataclass(frozen=True, slots=True)
class Conversion:
    """Files by their path below the output folder, and the losses; a single file may be written
    anywhere."""

    files: dict[str, str]
    losses: Losses
