"""An evaluation: batches of a seeded order, what is known of them and what is not yet, until the
end or a decision.

The order is drawn once from the seed, so a run that goes on after a kill sees the images it would
have seen, and what was seen at any moment is a random sample of all images.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from torch import nn

from zoo.evaluation.datasets.base import Images
from zoo.evaluation.distributed import Ranks
from zoo.evaluation.inference import UNREAD, Scorer, Setup, load_batches, reason
from zoo.evaluation.labels.targets import Targets
from zoo.evaluation.predictions import Batch, Predictions, select_rows
from zoo.evaluation.preprocessing import Preprocessing
from zoo.model_index.errors import ZooError

FLUSH = 2.0  # seconds of work that a killed run may lose
Load = Callable[[Images, np.ndarray, Preprocessing, Setup], Iterator]
NO_ANSWER = -2  # pads the right outputs of an image; a prediction is never that


def draw_order(count: int, excluded: frozenset[int], seed: int) -> np.ndarray:
    """The images in the order they are evaluated in: a permutation drawn from the seed, without
    those left out."""
    order = np.random.Generator(np.random.PCG64(seed)).permutation(count)
    return order[~np.isin(order, list(excluded))] if excluded else order


def pad_answers(answers: Sequence[tuple[int, ...]]) -> np.ndarray:
    """(images, most right outputs of one), padded with `NO_ANSWER`."""
    width = max(map(len, answers), default=0) or 1
    table = np.full((len(answers), width), NO_ANSWER, dtype=np.int64)
    for row, right in enumerate(answers):
        table[row, : len(right)] = right
    return table


@dataclass(slots=True)
class Tally:
    """Counts so far: images seen, those with a right best and a right one among the best five, and
    by class (seen, right) where each image has one right output. Images that could not be read are
    seen, and not right."""

    answers: np.ndarray
    classes: int
    seen: int = 0
    top1: int = 0
    top5: int = 0
    faults: dict[int, str] = field(default_factory=dict)
    by_class: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.by_class = np.zeros((2, self.classes), dtype=np.int64)

    def add(self, batch: Batch) -> None:
        right = self.answers[batch.images]
        hits = (batch.top[:, :, None] == right[:, None, :]).any(2)
        first, any_of = hits[:, 0], hits.any(1)
        self.seen += len(batch.images)
        self.top1 += int(first.sum())
        self.top5 += int(any_of.sum())
        self.faults |= {int(batch.images[row]): why for row, why in batch.faults.items()}
        if self.answers.shape[1] == 1:
            known = right[:, 0] >= 0
            np.add.at(self.by_class[0], right[known, 0], 1)
            np.add.at(self.by_class[1], right[known & first, 0], 1)

    @property
    def mean_per_class(self) -> float | None:
        """The mean of the classes' own top-1 accuracies, in 0..1; None where images have several
        right outputs."""
        seen, right = self.by_class
        return float((right[seen > 0] / seen[seen > 0]).mean()) if seen.any() else None


def never_stop(tally: Tally) -> bool:
    """The rule that stops nothing."""
    return False


@dataclass(frozen=True)
class EvaluationLoop:
    """Everything that is fixed before the first image."""

    model: nn.Module
    images: Images
    targets: Targets
    order: np.ndarray
    pre: Preprocessing
    setup: Setup
    outputs: int
    predictions: Predictions
    ranks: Ranks = field(default_factory=Ranks)
    load: Load = load_batches

    def tally(self) -> Tally:
        """Counts of no image yet."""
        return Tally(pad_answers(self.targets.answers), self.outputs)

    def evaluate(
        self,
        tally: Tally,
        stop: Callable[[Tally], bool] = never_stop,
        watch: Callable[[int], None] = lambda fresh: None,
    ) -> None:
        """Count until all images are seen or `stop` says so, which is asked before each batch is
        evaluated.

        What earlier runs predicted is counted in any case. `watch` gets the number of images of
        each batch that were evaluated now, none of those known before. What was predicted is on
        disk when this returns or raises.
        """
        flushed = time.monotonic()
        try:
            for batch, fresh in self._batches(tally, stop):
                tally.add(batch)
                if fresh and self.ranks.first:
                    self.predictions.add(batch)
                    if time.monotonic() - flushed > FLUSH:
                        self.predictions.flush()
                        flushed = time.monotonic()
                watch(len(batch.images) if fresh else 0)
        finally:
            if self.ranks.first:
                self.predictions.close()

    def _batches(self, tally: Tally, stop: Callable[[Tally], bool]) -> Iterator[tuple[Batch, bool]]:
        """All batches in their order, from disk where they are there and from the model where they
        are not."""
        known = self._known()
        size = self.setup.batch_size
        total = -(-len(self.order) // size)
        fresh = self._fresh(
            [number for number in range(total) if number not in known], tally.answers
        )
        for number in range(total):
            if number in known:
                yield known[number], False
            elif tally.seen and stop(tally):
                return
            else:
                yield next(fresh), True

    def _known(self) -> dict[int, Batch]:
        """By number, the batches that earlier runs finished and that are of this order."""
        found = self.ranks.broadcast(self.predictions.read() if self.ranks.first else None)
        if found is None:
            return {}
        size = self.setup.batch_size
        batches = {}
        for number in np.unique(found.positions // size):
            rows = np.flatnonzero(found.positions // size == number)
            wanted = self.order[number * size : (number + 1) * size]
            if len(rows) == len(wanted) and (found.images[rows] == wanted).all():
                batches[int(number)] = select_rows(found, rows)
        return batches

    def _fresh(self, numbers: list[int], answers: np.ndarray) -> Iterator[Batch]:
        """The batches of these numbers from the model; with several processes in rounds of one
        batch each.

        What one process cannot do, all raise, so that none waits for it.
        """
        mine = self._evaluated(numbers[self.ranks.rank :: self.ranks.size], answers)
        for _ in range(0, len(numbers), self.ranks.size):
            for found in self.ranks.gather(_tried(mine)):
                if isinstance(found, ZooError):
                    raise found
                if found is not None:
                    yield found

    def _evaluated(self, numbers: list[int], answers: np.ndarray) -> Iterator[Batch]:
        if not numbers:
            return
        size = self.setup.batch_size
        positions = [
            np.arange(number * size, min((number + 1) * size, len(self.order)))
            for number in numbers
        ]
        scorer = Scorer(self.model, self.setup, answers, self.targets.subset)
        batches = self.load(
            self.images, self.order[np.concatenate(positions)], self.pre, self.setup
        )
        for place, (inputs, marked) in zip(positions, batches, strict=True):
            batch = scorer.batch(inputs, marked, place, self.order[place])
            for row in batch.faults:
                if batch.faults[row] == UNREAD:
                    batch.faults[row] = reason(self.images, int(batch.images[row]), self.pre.mode)
            yield batch


def _tried(batches: Iterator[Batch]) -> Batch | ZooError | None:
    """The next batch, None where there is none, or why it cannot be had."""
    try:
        return next(batches, None)
    except ZooError as error:
        return error
