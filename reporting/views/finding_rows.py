"""Findings as rows of one table, the worst first, and what can be said of all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zoo.model_index.findings import Standing, Verdict
from zoo.model_index.quantities.value import to_plain
from zoo.reporting.views.catalogue import Catalogue, Check, Family, Model
from zoo.reporting.views.cause_kinds import KINDS, NO_CAUSE, CauseKind, kind_of
from zoo.reporting.views.claim_lines import ClaimLine, claim_line, counts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A claim that is not what was measured: wrong, or right by another convention."""

    model: Model
    check: Check
    line: ClaimLine
    kind: CauseKind

    @property
    def wrong(self) -> bool:
        return self.line.standing is Standing.WRONG

    @property
    def published(self) -> float | None:
        """Return the claimed number, for sorting; None of a text."""
        value = to_plain(self.check.claim.value)
        if isinstance(value, list):
            value = value[0]
        return float(value) if isinstance(value, int | float) else None

    @property
    def distance(self) -> float | None:
        """Return how far off the claim is, for sorting; None where that is no number."""
        return -self.line.severity[-1] if self.line.off_by else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseShare:
    """The wrong rows of one publisher and quantity whose cause is of one kind."""

    kind: CauseKind
    rows: tuple[FindingRow, ...]

    @property
    def families(self) -> list[str]:
        return list(dict.fromkeys(row.model.family for row in self.rows))

    @property
    def words(self) -> str:
        """Return the cause in the words of its rows; empty where these differ."""
        words = {row.line.words for row in self.rows}
        return words.pop() if len(words) == 1 else ""


def list_rows(catalogue: Catalogue) -> list[FindingRow]:
    """Return every claim that is wrong or right by another convention, the worst first."""
    rows = [
        FindingRow(
            model=model, check=check, line=claim_line(model, check), kind=kind_of(check.finding)
        )
        for model, check in catalogue.checks
        if is_finding(check)
    ]
    return sorted(rows, key=lambda row: row.line.severity)


def is_finding(check: Check) -> bool:
    """Return whether a claim differs from what was measured: rounding and tolerance do not
    count."""
    return check.finding.standing is Standing.WRONG or (
        check.verdict is Verdict.EXPLAINED and check.finding.standing is Standing.RIGHT
    )


def group_rows(rows: Iterable[FindingRow]) -> Mapping[CauseKind, Sequence[FindingRow]]:
    """Return the rows by the kind of their cause, the largest group first, right ones last."""
    groups: dict[CauseKind, list[FindingRow]] = {}
    for row in rows:
        groups.setdefault(row.kind, []).append(row)
    order = {kind: number for number, kind in enumerate(KINDS)}
    return dict(
        sorted(
            groups.items(),
            key=lambda pair: (not pair[1][0].wrong, -len(pair[1]), order[pair[0]]),
        )
    )


def main_cause(rows: Iterable[FindingRow]) -> CauseShare | None:
    """Return the known cause that makes most wrong rows of one publisher and quantity, where it
    makes at least two."""
    groups: dict[tuple[str, str, str], list[FindingRow]] = {}
    for row in rows:
        if row.wrong and row.kind is not NO_CAUSE:
            claim = row.check.claim
            key = claim.publisher, claim.quantity, row.kind.key
            groups.setdefault(key, []).append(row)
    largest = max(groups.values(), key=len, default=[])
    if len(largest) < 2:
        return None
    return CauseShare(kind=largest[0].kind, rows=tuple(largest))


def worst_families(catalogue: Catalogue) -> list[Family]:
    """Return the families with the most wrong claims: several where they have as many; none where
    no claim is wrong."""
    wrong = {family.key: counts_of(family).wrong for family in catalogue.families}
    most = max(wrong.values(), default=0)
    return [family for family in catalogue.families if most and wrong[family.key] == most]
