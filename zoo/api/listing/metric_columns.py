"""The columns of metrics: those of one task on one data set at a time, as they are published."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from zoo.api.listing.columns import Cell, Column, describe_unknown, find_column, shown_unit
from zoo.api.listing.facts import Facts
from zoo.api.listing.row import ModelRow
from zoo.model_index.checks.accuracy_pairs import impossible
from zoo.model_index.errors import UsageError
from zoo.model_index.quantities.lookup import find_with_unit, normalize
from zoo.model_index.quantities.metric_words import read_name
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import BY_KEY, OTHER, row_of
from zoo.model_index.records.leaderboards import (
    Conditions,
    Leaderboard,
    LeaderboardMetric,
    Leaderboards,
    conditions_of,
    fold_name,
    metric_of,
)
from zoo.model_index.records.records import Claim, Entry

BENCHMARK = "benchmark"  # the check of quantities whose conditions have to be alike
MOST_NUMBERS = 3  # columns of costs and metrics without being asked for
MOST_PLACES = 3
COSTS = ("gmacs", "params")
TRAINING = ("inference_time", "training_memory")  # shown where no cost is known
FIRST = ("name", "family")


class MetricColumns:
    """Finds columns by name: those of a metric show the leaderboard of the table.

    `board` is that leaderboard; None where the index publishes no metrics. A metric that it does
    not have is shown of another one, which its heading names.
    """

    def __init__(self, entries: Iterable[Entry], task: str = "", dataset: str = ""):
        self.entries = tuple(entries)
        self._task, self._dataset = task, dataset
        self.leaderboards = Leaderboards(self.entries)
        self.board = self.leaderboards.choose(task, dataset)
        self.setups: dict[str, str] = {}
        self._by_metric: dict[tuple[str, Conditions | None], Column] = {}

    def find(self, name: str) -> Column | None:
        """Return the column of a name, in any spelling that an index may use."""
        column = find_column(name)
        if column is not None and not _is_published(column.key):
            return column
        row, conditions = self._read(name, column)
        return self._column(row, conditions) if row else None

    def get(self, names: Iterable[str]) -> list[Column]:
        """Return columns by names.

        Raises:
            UsageError: a name that no column has.
        """
        columns = []
        for name in names:
            if (column := self.find(name)) is None:
                raise UsageError(describe_unknown(name))
            columns.append(column)
        return columns

    def defaults(self, rows: Sequence[ModelRow]) -> list[Column]:
        """Return the columns that are shown without being asked for: those of them that some model
        has a value for."""

        def present(names: Iterable[str]) -> list[Column]:
            return [column for column in self.get(names) if any(row.cell(column) for row in rows)]

        metrics = dict.fromkeys(metric.key for metric in self.leaderboards.metrics(self.board))
        costs = present(COSTS)
        return [
            *self.get(FIRST[:1]),
            *present(FIRST[1:]),
            *costs,
            *present(list(metrics)[: MOST_NUMBERS - len(costs)]),
            *([] if costs or metrics else present(TRAINING)),
        ]

    def is_listed(self, entry: Entry) -> bool:
        """Return whether an entry is for the task that was asked for, and has a number on the
        data set that was asked for."""
        if self.board is None or not (self._task or self._dataset):
            return True
        if not self._dataset:
            return fold_name(self.board.task) in map(fold_name, entry.tasks)
        claims = (claim for claim in entry.all_claims() if claim.row.metric)
        return any(self.leaderboards.board_of(entry, claim) == self.board for claim in claims)

    def list_others(self) -> list[Leaderboard]:
        """Return the other leaderboards of the index, those with most models first."""
        return [board for board in self.leaderboards.boards if board != self.board]

    def _read(self, name: str, column: Column | None) -> tuple[Quantity | None, Conditions | None]:
        """Return the quantity of a name, and the conditions that it states."""
        if column is not None:
            return row_of(column.key), None
        if match := find_with_unit(name):
            return match[0], None
        if read := read_name(name):
            return read.row, tuple(sorted(read.conditions)) or None
        key = name if name.startswith(OTHER) else OTHER + normalize(name)
        claim = next(iter(self._claims(key)), None)
        return (claim.row, None) if claim else (None, None)

    def _column(self, row: Quantity, conditions: Conditions | None) -> Column:
        key = row.key, conditions
        if key not in self._by_metric:
            make = self._metric_column if row.metric else self._benchmark_column
            self._by_metric[key] = make(row, conditions)
        return self._by_metric[key]

    def _metric_column(self, row: Quantity, conditions: Conditions | None) -> Column:
        boards = self.leaderboards.with_metric(row.key)
        board = self._nearest(boards)
        usual = self.leaderboards.usual_conditions(board, row.key) if board else ()
        metric = LeaderboardMetric(row.key, usual if conditions is None else conditions)

        def read(facts: Facts) -> Cell | None:
            entry = facts.entry
            claims = self.leaderboards.claims_on(entry, board, metric) if board else ()
            claim = next((claim for claim in claims if not _is_impossible(claim, entry)), None)
            return Cell(claim.value) if claim else None

        heading = row.column.heading if row.column else row.label
        heading += f" on {board.dataset}" if board and board != self.board else ""
        key = row.key if metric.conditions == usual else f"{row.key} ({_text(metric.conditions)})"
        if metric.conditions:
            self.setups[key] = _text(metric.conditions)
        claims = (c for e in self.entries for c in e.all_claims() if metric_of(e, c) == metric)
        return _make(row, key, heading, read, claims)

    def _benchmark_column(self, row: Quantity, conditions: Conditions | None) -> Column:
        """Return the column of a published speed, under the conditions of most models."""
        counts = Counter(map(conditions_of, self._claims(row.key)))
        usual = counts.most_common(1)[0][0] if counts else ()

        def read(facts: Facts) -> Cell | None:
            claims = (c for c in facts.entry.all_claims() if c.quantity == row.key)
            claim = next((c for c in claims if conditions_of(c) == usual), None)
            return Cell(claim.value) if claim else None

        if usual:
            self.setups[row.key] = _text(usual)
        return _make(row, row.key, row.label, read, list(self._claims(row.key)))

    def _nearest(self, boards: Sequence[Leaderboard]) -> Leaderboard | None:
        """Return the leaderboard of the table, else one of its data set, else of its task, else the
        one with most models."""
        own = self.board
        if own is None or own in boards:
            return own if own in boards else next(iter(boards), None)
        same = [board for board in boards if board.dataset == own.dataset]
        alike = [board for board in boards if board.task == own.task]
        return next(iter((*same, *alike, *boards)), None)

    def _claims(self, key: str) -> Iterable[Claim]:
        return (c for entry in self.entries for c in entry.all_claims() if c.quantity == key)


def _is_impossible(claim: Claim, entry: Entry) -> bool:
    """Return whether an accuracy cannot be true beside the others of its publisher."""
    return claim.row.check == "accuracy" and impossible(claim, entry) is not None


def _is_published(key: str) -> bool:
    """Return whether a column shows a metric or a published speed."""
    row = BY_KEY.get(key)
    return row is not None and (row.metric or (row.check == BENCHMARK and key in TRAINING))


def _make(
    row: Quantity,
    key: str,
    heading: str,
    read: Callable[[Facts], Cell | None],
    claims: Iterable[Claim],
) -> Column:
    """Return a column whose numbers have as many decimals as any of these claims."""
    unit, shown = shown_unit(row)
    steps = [claim.parsed.step / shown for claim in claims if claim.parsed.step]
    places = max((_places(step) for step in steps), default=0)
    return Column(
        key=key,
        heading=f"{heading} ({unit})" if unit else heading,
        read=read,
        number=True,
        shown=shown,
        decimals=True,
        places=min(places, MOST_PLACES),
        better=row.better,
    )


def _places(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _text(conditions: Conditions) -> str:
    return ", ".join(f"{name} {value}" for name, value in conditions)
