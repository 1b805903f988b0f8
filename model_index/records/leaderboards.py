"""Sort published metrics into leaderboards: one task on one data set.

Numbers of two tasks or of two data sets must not stand in one column, nor those that were measured
under other conditions: another split, a test at several scales, another channel.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.quantities.table import OTHER, QUANTITIES
from zoo.model_index.records.records import Claim, Entry

Conditions = tuple[tuple[str, str], ...]
SEPARATORS = re.compile(r"[\W_]+")
ORDER = {row.key: number for number, row in enumerate(QUANTITIES)}
# Words in the name of a condition that say how a model was evaluated: by these two numbers may
# differ. What a table states besides, as a schedule of training, is of the model.
EVALUATION = frozenset(
    "split config revision args subset subtask language test eval evaluation scale flip crop tta"
    " channel threshold iou area part size resolution input pixels shot shots prompt protocol"
    " metric k hardware device gpu gpus precision batch mode engine backend threads"
    " corrected".split()
)
# Conditions that say how an image becomes the input.
PREPROCESSING = frozenset("input image size resolution crop pct interpolation".split())
TRAINING = frozenset("train training pretraining pretrained pretrain schedule sched lr".split())
MOST_CONDITIONS = 6  # sets of conditions under which a metric is a column, the most frequent ones


class Leaderboard(NamedTuple):
    """A task and a data set, as they are spelled first; empty where nobody states them."""

    task: str
    dataset: str

    def __str__(self) -> str:
        return " on ".join(filter(None, self)) or "no task and no data set"


class LeaderboardMetric(NamedTuple):
    """A metric of a leaderboard: the key of its quantity, and the conditions of its numbers."""

    key: str
    conditions: Conditions = ()


@lru_cache(maxsize=4096)
def fold_name(name: str) -> str:
    """Return what is compared of the name of a task or a data set: `COCO-2017` is `coco 2017`."""
    return SEPARATORS.sub(" ", name.casefold()).strip() or name.strip()


def conditions_of(claim: Claim) -> Conditions:
    """Return the conditions under which a number was measured, sorted: numbers under the same ones
    are comparable."""
    return _comparable(claim.conditions) if claim.conditions else ()


@lru_cache(maxsize=4096)
def _comparable(conditions: Conditions) -> Conditions:
    return tuple(sorted(pair for pair in conditions if pair[1] and _compares(pair[0])))


@lru_cache(maxsize=4096)
def _compares(name: str) -> bool:
    words = set(fold_name(name).split())
    return bool(words & EVALUATION) and not words & TRAINING


class Leaderboards:
    """The leaderboards of an index: those with most models first, each with a metric that the table
    of quantities has."""

    def __init__(self, entries: Iterable[Entry]):
        self._boards: dict[tuple[str, str], Leaderboard] = {}
        self._models: Counter[Leaderboard] = Counter()
        self._metrics: dict[Leaderboard, Counter[LeaderboardMetric]] = {}
        self._by_dataset: dict[tuple[str, str], Counter[Leaderboard]] = {}
        untold: list[Entry] = []
        for entry in entries:
            claims = [claim for claim in entry.all_claims() if claim.row.metric]
            self._count(entry, [claim for claim in claims if claim.task])
            if any(not claim.task for claim in claims):
                untold.append(entry)
        for entry in untold:  # where one task is on their data set, theirs is that
            self._count(entry, [c for c in entry.all_claims() if c.row.metric and not c.task])
        self.boards = tuple(board for board, _ in self._models.most_common())

    def _count(self, entry: Entry, claims: Sequence[Claim]) -> None:
        placed = dict.fromkeys(
            (self._place(entry, claim), metric_of(entry, claim)) for claim in claims
        )
        known = (board for board, metric in placed if not metric.key.startswith(OTHER))
        self._models.update(dict.fromkeys(known, 1))
        for board, metric in placed:
            self._metrics.setdefault(board, Counter())[metric] += 1
            at = fold_name(board.dataset), metric.key
            self._by_dataset.setdefault(at, Counter())[board] += 1

    def _place(self, entry: Entry, claim: Claim) -> Leaderboard:
        """Return the leaderboard of a claim; a new one where there is none of its task and data
        set."""
        task, dataset = claim.task or "", claim.dataset or ""
        if not task:
            if known := self._by_dataset.get((fold_name(dataset), claim.quantity)):
                return known.most_common(1)[0][0]
            task = next(iter(entry.tasks), "")
        key = fold_name(task), fold_name(dataset)
        return self._boards.setdefault(key, Leaderboard(task, dataset))

    def board_of(self, entry: Entry, claim: Claim) -> Leaderboard:
        """Return the leaderboard that a claim of a metric stands on."""
        return self._place(entry, claim)

    def count_models(self, board: Leaderboard) -> int:
        """Return the number of models with a number on a leaderboard."""
        return self._models[board]

    def metrics(self, board: Leaderboard | None) -> list[LeaderboardMetric]:
        """Return the metrics of a leaderboard that the table of quantities has: what most models
        state first, then as the table has them."""
        counts = self._metrics.get(board, Counter()) if board else Counter()
        known = [metric for metric in counts if not metric.key.startswith(OTHER)]
        by_key: dict[str, list[LeaderboardMetric]] = {}
        for metric in sorted(known, key=lambda metric: -counts[metric]):
            by_key.setdefault(metric.key, []).append(metric)
        keys = sorted(by_key, key=lambda key: (-counts[by_key[key][0]], ORDER.get(key, len(ORDER))))
        return [metric for key in keys for metric in by_key[key][:MOST_CONDITIONS]]

    def usual_conditions(self, board: Leaderboard, key: str) -> Conditions:
        """Return the conditions under which most models state a metric on a leaderboard."""
        counts = self._metrics.get(board, Counter())
        own = {metric: count for metric, count in counts.items() if metric.key == key}
        return max(own, key=lambda metric: own[metric]).conditions if own else ()

    def with_metric(self, key: str) -> list[Leaderboard]:
        """Return the leaderboards with a metric, those with most of its numbers first."""
        counts = {
            board: sum(count for metric, count in metrics.items() if metric.key == key)
            for board, metrics in self._metrics.items()
        }
        return sorted(filter(counts.get, counts), key=lambda board: -counts[board])

    def claims_on(
        self, entry: Entry, board: Leaderboard, metric: LeaderboardMetric
    ) -> Iterator[Claim]:
        """Yield the claims of a metric on a leaderboard, the entry's own publisher's first."""
        for claim in entry.all_claims():
            same = claim.quantity == metric.key and metric_of(entry, claim) == metric
            if same and self._place(entry, claim) == board:
                yield claim

    def choose(self, task: str = "", dataset: str = "") -> Leaderboard | None:
        """Return the leaderboard with most models of this task and this data set, whole names
        before parts of them; None where the index has no metrics.

        Raises:
            UsageError: it has none of that task or data set.
        """
        if not self.boards and not task and not dataset:
            return None
        boards = self.boards
        for what, query, names in (
            ("task", task, [board.task for board in boards]),
            ("data set", dataset, [board.dataset for board in boards]),
        ):
            if not query:
                continue
            matching = _matching(query, boards, what == "task")
            if not matching:
                raise UsageError(describe_unknown(f"no {what}", query, list(dict.fromkeys(names))))
            boards = tuple(matching)
        return boards[0]


def _matching(query: str, boards: Sequence[Leaderboard], by_task: bool) -> list[Leaderboard]:
    wanted = fold_name(query)
    names = {board: fold_name(board.task if by_task else board.dataset) for board in boards}
    whole = [board for board, name in names.items() if name == wanted]
    return whole or [board for board, name in names.items() if wanted in name]


def metric_of(entry: Entry, claim: Claim) -> LeaderboardMetric:
    """Return the metric of a claim, with the conditions that it is compared under.

    An image of the model's own size is none: most tables do not repeat it.
    """
    conditions = conditions_of(claim)
    if conditions and claim.size and claim.size == entry.image_size:
        conditions = tuple(pair for pair in conditions if not _preprocesses(pair[0]))
    return LeaderboardMetric(claim.quantity, conditions)


@lru_cache(maxsize=4096)
def _preprocesses(name: str) -> bool:
    return set(fold_name(name).split()) <= PREPROCESSING
