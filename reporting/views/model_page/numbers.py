"""The claims of a model as the rows of a table, by standing: wrong, right, unknown. Claims about
speed that nothing here measures are many, and one row for each publisher."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from zoo.model_index.findings import Standing
from zoo.reporting.i18n.gettext import _, n_
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.benchmarks import BENCHMARK, significant
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.claim_lines import ORDER, ClaimLine, Counts, claim_line, counts_of

FEW = 2  # claims about speed that stand in rows of their own
ON_SCREEN = 24  # rows of a group that are shown at once
CORRECTIONS = 4  # in the strip


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedRow:
    """Several claims of one publisher about speed: what they are, their range, and where they were
    said to be measured."""

    quantity: str
    publisher: str
    published: str
    hardware: str
    where: str
    where_url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """The claims of one standing; `more` are those that a reader has to open."""

    standing: Standing
    count: int
    rows: tuple[ClaimLine, ...]
    speeds: tuple[SpeedRow, ...]
    more: tuple[ClaimLine, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """All claims of a model by standing, and the wrong ones that the strip shows first."""

    groups: tuple[Group, ...]
    corrections: tuple[ClaimLine, ...]
    counts: Counts

    @property
    def total(self) -> int:
        return self.counts.total


def numbers(model: Model) -> Numbers:
    """Arrange the claims of a model for its page."""
    groups = [_group(model, standing) for standing in ORDER]
    wrong = groups[0]
    return Numbers(
        tuple(group for group in groups if group.count),
        tuple(islice((*wrong.rows, *wrong.more), CORRECTIONS)),
        counts_of(model),
    )


def _group(model: Model, standing: Standing) -> Group:
    checks = [check for check in model.checks if check.finding.standing is standing]
    speeds: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        if check.claim.row.check == BENCHMARK:
            speeds.setdefault((check.claim.publisher, check.claim.quantity), []).append(check)
    many = [alike for alike in speeds.values() if len(alike) > FEW]
    in_rows = {id(check) for alike in many for check in alike}
    lines = [claim_line(model, check) for check in checks if id(check) not in in_rows]
    if standing is Standing.WRONG:
        lines.sort(key=lambda line: line.severity)
    shown, rest = lines[:ON_SCREEN], lines[ON_SCREEN:]
    rows = tuple(_speed_row(model, alike) for alike in many)
    return Group(standing, len(checks), tuple(shown), rows, tuple(rest))


def _speed_row(model: Model, checks: Sequence[Check]) -> SpeedRow:
    first = claim_line(model, checks[0])
    name, count = first.quantity.partition(",")[0], len(checks)
    return SpeedRow(
        quantity=n_("%(name)s, %(count)s claim", "%(name)s, %(count)s claims", count, name=name),
        publisher=first.publisher,
        published=_range(checks),
        hardware=", ".join(_values(checks, "hardware")),
        where=first.where,
        where_url=first.where_url,
    )


def _range(checks: Iterable[Check]) -> str:
    """Return the smallest and the largest claim: `6.15 to 62.78 ms`."""
    claims = [check.claim for check in checks if isinstance(check.claim.value, Decimal)]
    if not claims:
        return ""
    first, last = (significant(float(end(c.number for c in claims))) for end in (min, max))
    text = first if first == last else _("%(low)s to %(high)s", low=first, high=last)
    return f"{text} {claims[0].row.unit}".strip()


def _values(checks: Iterable[Check], condition: str) -> list[str]:
    """Return the values of a condition, each once, in the order of the claims."""
    values = (dict(check.claim.conditions).get(condition) for check in checks)
    return list(dict.fromkeys(one_line(value) for value in values if value))
