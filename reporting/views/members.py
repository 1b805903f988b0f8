"""Arrange the members of a family as a table: its metric, its costs, its speed, its claims."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zoo.model_index.records.leaderboards import Leaderboard, LeaderboardMetric, Leaderboards
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.benchmarks import BENCHMARK, records, significant
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.claim_lines import (
    ClaimLine,
    Counts,
    claim_line,
    counts_of,
    quantity_label,
)

GIGA, MEGA = 10**9, 10**6
SPEEDS = 2  # columns of latencies
SMALL = 0.1  # of the unit; where all are smaller, the next smaller unit is taken


@dataclass(frozen=True, slots=True)
class MemberColumn:
    """The header of a column of numbers and its unit."""

    label: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A model with its numbers, empty where unknown; `metric` is its claim in words."""

    model: Model
    metric: ClaimLine | None
    metric_text: str
    macs: str
    parameters: str
    speeds: tuple[str, ...]
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The table: its columns, None where no member has a value, and what is said below it."""

    rows: tuple[Member, ...]
    metric: MemberColumn | None
    macs: MemberColumn | None
    parameters: MemberColumn | None
    speeds: tuple[MemberColumn, ...]
    notes: tuple[str, ...]


def members_of(models: Sequence[Model]) -> Members:
    """Return the table of a family's members, in the order of the index."""
    boards = Leaderboards(model.entry for model in models)
    board = boards.choose()
    metrics = boards.metrics(board)
    metric = metrics[0] if board and metrics else None
    claims = {
        model.slug: check
        for model in models
        if board and metric and (check := _claim(boards, model, board, metric))
    }
    macs, macs_unit = _scale([model.macs for model in models], GIGA, "GMACs", "MMACs")
    parameters, unit = _scale([model.parameters for model in models], MEGA, "M", "k")
    speeds = list(_speeds(models))[:SPEEDS]
    rows = tuple(
        _member(model, claims.get(model.slug), macs, parameters, speeds) for model in models
    )
    row = next(iter(claims.values())).claim.row if claims else None
    heading = row.column.heading if row and row.column else row.label if row else ""
    return Members(
        rows=rows,
        metric=MemberColumn(_(heading), row.unit) if row else None,
        macs=MemberColumn(macs_unit, "") if any(r.macs for r in rows) else None,
        parameters=MemberColumn(_(N_("Params")), unit) if any(r.parameters for r in rows) else None,
        speeds=tuple(speed.column for speed in speeds),
        notes=tuple(_notes(claims, board, metric, speeds, models)),
    )


def _claim(
    boards: Leaderboards, model: Model, board: Leaderboard, metric: LeaderboardMetric
) -> Check | None:
    """Return the check of a model's claim of the metric: one that is not wrong before others."""
    claims = [id(claim) for claim in boards.claims_on(model.entry, board, metric)]
    checks = [check for check in model.checks if id(check.claim) in claims]
    checks.sort(key=lambda check: check.usable is None)
    return next(iter(checks), None)


def _member(
    model: Model,
    check: Check | None,
    macs: float,
    parameters: float,
    speeds: Sequence["SpeedColumn"],
) -> Member:
    line = claim_line(model, check) if check else None
    return Member(
        model=model,
        metric=line,
        metric_text=_plain_number(check) if check else "",
        macs=f"{model.macs / macs:,.2f}" if model.macs else "",
        parameters=f"{model.parameters / parameters:,.2f}" if model.parameters else "",
        speeds=tuple(speed.values.get(model.slug, "") for speed in speeds),
        counts=counts_of(model),
    )


def _plain_number(check: Check) -> str:
    """Return the number of a claim without its unit, which stands in the header."""
    value = check.claim.value
    if not isinstance(value, Decimal):
        return one_line(check.claim.row.show(value))
    return f"{value:.2f}" if check.claim.row.unit == "%" else f"{value.normalize():,f}"


def _scale(values: Sequence[int | None], large: int, unit: str, smaller: str) -> tuple[float, str]:
    """Return how many make one of the unit of a column, and the unit."""
    most = max((value for value in values if value), default=large)
    return (large, unit) if most >= large * SMALL else (large / 1000, smaller)


@dataclass(frozen=True, slots=True)
class SpeedColumn:
    """Latencies under the same conditions, by the slug of a model, and the conditions in words."""

    column: MemberColumn
    values: dict[str, str]
    note: str


def _speeds(models: Sequence[Model]) -> Iterator[SpeedColumn]:
    """Yield a column of latencies for each machine, the measured ones first; of the set-ups of a
    machine the one of most models, with the smallest batch."""
    groups: dict[tuple[int, str, int, str], dict[str, str]] = {}
    for model in models:
        for key, value in (*_measured(model), *_published(model)):
            groups.setdefault(key, {})[model.slug] = value
    best: dict[str, tuple[int, str, int, str]] = {}
    for key in sorted(groups, key=lambda key: (key[0], -len(groups[key]), key[2])):
        best.setdefault(key[1], key)
    for name, key in best.items():
        yield SpeedColumn(MemberColumn(name, "ms"), groups[key], key[3])


# Whether it is published, the machine, the batch size, and all conditions in words.
_SetUp = tuple[int, str, int, str]


def _measured(model: Model) -> Iterator[tuple[_SetUp, str]]:
    for record in records(model):
        if record.benchmark and record.mode == "latency":
            words = _(
                "%(where)s, batch %(batch)s, measured here",
                where=f"{record.machine}, {record.engine}, {record.precision}",
                batch=record.batch,
            )
            value = significant(record.benchmark.seconds * 1000)
            yield (0, record.machine, record.batch, words), value


def _published(model: Model) -> Iterator[tuple[_SetUp, str]]:
    for check in model.checks:
        claim, conditions = check.claim, dict(check.claim.conditions)
        hardware, batch = conditions.pop("hardware", ""), conditions.pop("batch size", "")
        is_time = claim.row.check == BENCHMARK and claim.quantity == "inference_time"
        if is_time and check.usable is not None and hardware and batch.isdecimal():
            stated = [v for k, v in sorted(conditions.items()) if k in ("precision", "engine")]
            words = _(
                "%(where)s, batch %(batch)s, as %(publisher)s reports",
                where=", ".join([hardware, *reversed(stated)]),
                batch=batch,
                publisher=claim.publisher,
            )
            yield (1, one_line(hardware), int(batch), one_line(words)), f"{claim.number:,.1f}"


def _notes(
    claims: dict[str, Check],
    board: Leaderboard | None,
    metric: LeaderboardMetric | None,
    speeds: Sequence[SpeedColumn],
    models: Sequence[Model],
) -> Iterator[str]:
    """Yield what the numbers are: whose claims, and under which conditions."""
    if claims and board and metric:
        by = ", ".join(dict.fromkeys(check.claim.publisher for check in claims.values()))
        row = next(iter(claims.values())).claim.row
        name = quantity_label(row)
        on = _("%(metric)s on %(dataset)s", metric=name, dataset=board.dataset)
        conditions = "".join(f", {name} {value}" for name, value in metric.conditions)
        yield _(
            "%(what)s as published by %(by)s.",
            what=(on if board.dataset else name) + conditions,
            by=by,
        )
    for speed in speeds:
        yield f"{speed.note}."
    if built := [model for model in models if model.another]:
        names = ", ".join(f"{model.name} ({model.another})" for model in built)
        yield _("These names build another model, whose cost is not shown: %(names)s.", names=names)
