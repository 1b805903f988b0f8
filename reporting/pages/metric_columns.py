"""The columns of published metrics: those of each leaderboard, one task on one data set; and those
of what is published of speed and training."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.rows.metrics import CHECK
from zoo.model_index.quantities.table import QUANTITIES, row_of
from zoo.model_index.records.leaderboards import (
    Conditions,
    Leaderboard,
    LeaderboardMetric,
    Leaderboards,
    conditions_of,
    metric_of,
)
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.i18n.vocabulary import tasks_of
from zoo.reporting.pages.columns import (
    Column,
    Raw,
    plain_number,
)
from zoo.reporting.text.escape import replace_invisible
from zoo.reporting.views.benchmarks import hyphenate
from zoo.reporting.views.catalogue import Catalogue, Check, Model
from zoo.reporting.views.dataset_sizes import SHARES, count_images
from zoo.reporting.views.names import slugs

BENCHMARK = "benchmark"
FEWEST = 2  # models of a leaderboard with a page: a single one is compared with nothing
MOST_BOARDS = 150
MOST_METRICS = 12  # columns of a leaderboard
ByModel = dict[str, Check]  # by the slug of a model


@dataclass(frozen=True, slots=True)
class BoardView:
    """A leaderboard with a page of its own; `slug` is "" for the one of the table of all models.

    `models` counts those that have a number on it.
    """

    board: Leaderboard
    slug: str
    models: int

    @property
    def label(self) -> str:
        """Name task and data set in the current language."""
        task, dataset = (replace_invisible(name) for name in self.board)
        if task and dataset:
            return _("%(task)s on %(dataset)s", task=tasks_of(task), dataset=dataset)
        return tasks_of(task) if task else dataset or _("No task and no data set is stated")


class BoardTables:
    """The leaderboards of a zoo, and the columns of each."""

    def __init__(self, catalogue: Catalogue):
        self._leaderboards = Leaderboards(model.entry for model in catalogue.models)
        self.views = tuple(self._view_boards())
        self._checks = _sort_checks(catalogue, self._leaderboards)
        self._published = _sort_published(catalogue)

    def _view_boards(self) -> Iterator[BoardView]:
        boards = self._leaderboards.boards
        counted = [(board, self._leaderboards.count_models(board)) for board in boards]
        large = [pair for n, pair in enumerate(counted) if not n or pair[1] >= FEWEST][:MOST_BOARDS]
        names = slugs(hyphenate(" ".join(board)) or "metrics" for board, _models in large)
        for number, ((board, models), slug) in enumerate(zip(large, names, strict=True)):
            if self._leaderboards.metrics(board) or not number:
                yield BoardView(board, slug if number else "", models)

    def models_of(self, view: BoardView) -> frozenset[str]:
        """Return the slugs of the models with a number on a leaderboard."""
        return frozenset(
            slug for (board, _), own in self._checks.items() if board == view.board for slug in own
        )

    def columns(self) -> Iterator[Column]:
        """Yield the columns of all leaderboards, those of the table of all models first."""
        for view in self.views:
            for metric in self._leaderboards.metrics(view.board)[:MOST_METRICS]:
                yield self._metric_column(view, metric)

    def published_columns(self) -> Iterator[Column]:
        """Yield a column for each quantity of speed and training that a model publishes, under the
        conditions that most state."""
        for row in QUANTITIES:
            if row.key in self._published:
                conditions, checks = self._published[row.key]
                yield _column(row, f"{row.key}_published", _note("", conditions), checks)

    def _metric_column(self, view: BoardView, metric: LeaderboardMetric) -> Column:
        usual = self._leaderboards.usual_conditions(view.board, metric.key)
        others = "" if metric.conditions == usual else _note("", metric.conditions)
        key = "--".join(filter(None, (metric.key, view.slug, hyphenate(others))))
        checks = self._checks[view.board, metric]
        note = _note(view.board.dataset, metric.conditions)
        if view.slug and view.board.task:  # the same metric may stand on the data set in two tasks
            note = f"{note} ({replace_invisible(view.board.task)})"
        row = row_of(metric.key)
        column = _column(row, key, note, checks, board=view.slug, listed=not others)
        images = count_images(view.board.dataset) if row.key in SHARES else None
        return replace(column, dataset=replace_invisible(view.board.dataset), images=images)


def _sort_checks(
    catalogue: Catalogue, leaderboards: Leaderboards
) -> dict[tuple[Leaderboard, LeaderboardMetric], ByModel]:
    """Return the checks of metrics; of a model's numbers that of its own publisher."""
    sorted_checks: dict[tuple[Leaderboard, LeaderboardMetric], ByModel] = {}
    for model in catalogue.models:
        for check in model.checks:
            claim = check.claim
            if claim.row.metric and isinstance(claim.value, Decimal):
                board = leaderboards.board_of(model.entry, claim)
                metric = metric_of(model.entry, claim)
                _add(sorted_checks.setdefault((board, metric), {}), model, check)
    return sorted_checks


def _sort_published(catalogue: Catalogue) -> dict[str, tuple[Conditions, ByModel]]:
    """Return by quantity the conditions that most models state, and the checks under these."""
    by_key: dict[str, dict[Conditions, ByModel]] = {}
    for model in catalogue.models:
        for check in model.checks:
            row = check.claim.row
            if not row.metric and row.check in (CHECK, BENCHMARK):
                conditions = conditions_of(check.claim)
                _add(by_key.setdefault(row.key, {}).setdefault(conditions, {}), model, check)
    usual = {
        key: Counter({conditions: len(own) for conditions, own in groups.items()}).most_common(1)
        for key, groups in by_key.items()
    }
    return {key: (found[0][0], by_key[key][found[0][0]]) for key, found in usual.items()}


def _add(checks: ByModel, model: Model, check: Check) -> None:
    """Keep the check that stands for a model: one that is not wrong before one that is, then that
    of the model's own publisher, then the first."""
    before = checks.get(model.slug)
    if before is None or _rank(model, check) > _rank(model, before):
        checks[model.slug] = check


def _rank(model: Model, check: Check) -> tuple[bool, bool]:
    return check.usable is not None, check.claim.publisher == model.entry.publisher


def _column(
    row: Quantity,
    key: str,
    note: str,
    checks: ByModel,
    *,
    board: str | None = None,
    listed: bool = False,
) -> Column:
    def raw(model: Model) -> Raw:
        return plain_number(checks.get(model.slug))

    return Column(
        key=key,
        label=row.column.heading if row.column else row.label,
        note=note or N_("claimed"),
        note_is_text=bool(note),
        raw=raw,
        unit=row.unit,
        better=row.better,
        facet=row.column.facet if row.column else "range" if row.better else "",
        axis=True,
        listed=listed,
        check=lambda model: checks.get(model.slug),
        board=board,
    )


def _note(dataset: str, conditions: Conditions) -> str:
    texts = [dataset, *(f"{name} {value}" for name, value in conditions)]
    return replace_invisible(", ".join(filter(None, texts)))
