"""Count claims by standing: under each name, and on each day of the history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zoo.model_index.findings import STANDINGS, Standing, Verdict
from zoo.model_index.ledger.history import Moment
from zoo.reporting.views.catalogue import Check
from zoo.reporting.views.claim_lines import ORDER, Counts

WRONG_CAUSE = "explained-wrong"  # how a history writes an explained claim that is wrong
MOST = 60  # days of the chart


@dataclass(frozen=True, slots=True)
class NamedCounts:
    """The claims under one name; `page` is the path of its page, if it has one."""

    name: str
    counts: Counts
    page: str = ""

    @property
    def checked(self) -> int:
        return self.counts.wrong + self.counts.right

    @property
    def percent(self) -> float:
        """Return the share of claims that were compared with a measurement."""
        return 100 * self.checked / self.counts.total if self.counts.total else 0.0


def count_by(named: Iterable[tuple[str, str, Check]]) -> list[NamedCounts]:
    """Count claims by name and page, most wrong ones first, then most claims."""
    groups: dict[tuple[str, str], list[Standing]] = {}
    for name, page, check in named:
        groups.setdefault((name, page), []).append(check.finding.standing)
    rows = [
        NamedCounts(name, Counts(*map(standings.count, ORDER)), page)
        for (name, page), standings in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row.counts.wrong, -row.counts.total))


def over_time(moments: Sequence[Moment]) -> list[NamedCounts]:
    """Return the counts at the end of each day that has a moment, the newest last."""
    days: dict[str, Counts] = {}
    for moment in moments:
        totals = dict.fromkeys(ORDER, 0)
        for verdicts in moment.coverage.get("family", {}).values():
            for key, number in verdicts.items():
                totals[_standing(key)] += number
        days[moment.at[:10]] = Counts(*totals.values())
    return [NamedCounts(day, counts) for day, counts in days.items()][-MOST:]


def _standing(key: str) -> Standing:
    """Return the standing of a verdict as a history writes it; of one of a later version,
    unknown."""
    if key == WRONG_CAUSE:
        return Standing.WRONG
    return STANDINGS[Verdict(key)] if key in set(Verdict) else Standing.UNKNOWN


def columns_of(rows: Iterable[NamedCounts]) -> list[Standing]:
    """Return the standings that any row has a claim of: the others get no column."""
    totals = [sum(numbers) for numbers in zip(*(row.counts for row in rows), strict=True)]
    return [standing for standing, total in zip(ORDER, totals, strict=False) if total]
