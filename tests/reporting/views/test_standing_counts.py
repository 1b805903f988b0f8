"""Claims counted by standing: under a name, and on each day of a history."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.reporting.hypotheses import NONE, THOP
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.history import History, read, record
from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.claim_lines import Counts
from zoo.reporting.views.standing_counts import NamedCounts, columns_of, count_by, over_time

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def test_every_claim_is_counted_once_under_its_name(toy: Zoo) -> None:
    checks = list(Catalogue.of(toy).checks)
    rows = count_by((check.claim.publisher, "", check) for _, check in checks)
    assert sum(row.counts.total for row in rows) == len(checks)
    (whole,) = count_by(("all", "", check) for _, check in checks)
    assert whole.counts == Counts(1, 4, 6) and whole.checked == 5
    assert whole.percent == 100 * 5 / 11


def test_names_with_the_most_wrong_claims_come_first() -> None:
    def row(name: str, *counts: int) -> NamedCounts:
        return NamedCounts(name, Counts(*counts))

    assert columns_of([row("a", 0, 3, 1), row("b", 0, 2, 0)]) == ["right", "unknown"]
    assert columns_of([]) == []


def test_a_day_of_the_history_is_one_row(
    toy: Zoo, found: Callable[..., Finding], tmp_path: Path
) -> None:
    claim = toy.index.entries[0].claims[0]
    wrong = [found(claim, replace(THOP, wrong=True)), found(claim, NONE), found(claim, THOP)]
    before = [replace(finding, verdict=Verdict.UNCHECKED, wrong=False) for finding in wrong]
    record(tmp_path, before, {}, NOON)
    record(tmp_path, wrong, {}, NOON + timedelta(days=1))
    assert [(day.name, day.counts) for day in over_time(read(tmp_path).moments)] == [
        ("2026-11-27", Counts(0, 0, 3)),
        ("2026-11-28", Counts(2, 1, 0)),
    ]
    assert over_time(History().moments) == []
