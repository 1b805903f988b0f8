"""The evaluation loop: count right answers batch by batch, in a seeded random order.

The order is drawn once from the seed. So a run that resumes after a kill sees the same images as an
uninterrupted one, and the images seen so far are always a random sample of all images.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from torch import nn

from zoo.evaluation.datasets.base import Images
from zoo.evaluation.distributed import Ranks
from zoo.evaluation.inference import UNREAD, Batches, Scorer, Setup, load_batches, read_error
from zoo.evaluation.labels.targets import Targets
from zoo.evaluation.predictions import Batch, Predictions, select_rows
from zoo.evaluation.preprocessing import Preprocessing
from zoo.model_index.errors import ZooError

FLUSH = 2.0  # seconds of work that a killed run may lose
Load = Callable[[Images, np.ndarray, Preprocessing, Setup], Batches]
NO_ANSWER = -2  # pads the right outputs of an image; a prediction is never that


def draw_order(count: int, excluded: frozenset[int], seed: int) -> np.ndarray:
    """Draw the order of evaluation: a permutation of the images without the excluded ones."""
    order = np.random.Generator(np.random.PCG64(seed)).permutation(count)
    return order[~np.isin(order, list(excluded))] if excluded else order


def pad_answers(answers: Sequence[tuple[int, ...]]) -> np.ndarray:
    """Return the right outputs as an array (images, width), padded with `NO_ANSWER`."""
    width = max(map(len, answers), default=0) or 1
    table = np.full((len(answers), width), NO_ANSWER, dtype=np.int64)
    for row, right in enumerate(answers):
        table[row, : len(right)] = right
    return table


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of right answers so far. Images that could not be read are seen, and not right.

    answers   (images, width): the right outputs of each image, padded
    classes   how many outputs the model has
    top1      images whose best output is right
    top5      images with a right output among the best five
    faults    reasons by image
    by_class  (2, classes): seen and right, where each image has one right output
    """

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
        """Count one batch."""
        right = self.answers[batch.images]
        hits = (batch.top[:, :, None] == right[:, None, :]).any(2)
        first = hits[:, 0]
        self.seen += len(batch.images)
        self.top1 += int(first.sum())
        self.top5 += int(hits.any(1).sum())
        self.faults |= {int(batch.images[row]): reason for row, reason in batch.faults.items()}
        if self.answers.shape[1] == 1:
            labelled = right[:, 0] >= 0
            np.add.at(self.by_class[0], right[labelled, 0], 1)
            np.add.at(self.by_class[1], right[labelled & first, 0], 1)

    @property
    def mean_per_class(self) -> float | None:
        """The mean of the top-1 accuracies of the classes, in 0..1; None where images have several
        right outputs."""
        seen, right = self.by_class
        return float((right[seen > 0] / seen[seen > 0]).mean()) if seen.any() else None


def never_stop(tally: Tally) -> bool:
    """The rule that never stops a run."""
    return False


@dataclass(frozen=True, kw_only=True)
class EvaluationLoop:
    """Evaluates one model on one data set in a fixed order.

    order    the images' indexes in the order of evaluation
    outputs  how many outputs the model has
    load     loads batches of images
    """

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
        """Return a tally with no image in it."""
        return Tally(answers=pad_answers(self.targets.answers), classes=self.outputs)

    def evaluate(
        self,
        tally: Tally,
        stop: Callable[[Tally], bool] = never_stop,
        watch: Callable[[int], None] = lambda fresh: None,
    ) -> None:
        """Count until all images are seen or `stop` returns true, which is called before a batch.

        Predictions of earlier runs are counted in any case. `watch` gets the number of images of
        each batch that were evaluated now, 0 for a batch that was read from disk. All predictions
        are on disk when this returns or raises.
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
        """Yield all batches in order, with whether they come from the model and not from disk."""
        stored = self._read_stored()
        total = -(-len(self.order) // self.setup.batch_size)
        missing = [number for number in range(total) if number not in stored]
        fresh = self._fresh(missing, tally.answers)
        for number in range(total):
            if number in stored:
                yield stored[number], False
            elif tally.seen and stop(tally):
                return
            else:
                yield next(fresh), True

    def _read_stored(self) -> dict[int, Batch]:
        """Read the complete batches of earlier runs of this order, by number."""
        stored = self.ranks.broadcast(self.predictions.read() if self.ranks.first else None)
        if stored is None:
            return {}
        size = self.setup.batch_size
        numbers = stored.positions // size
        batches = {}
        for number in np.unique(numbers):
            rows = np.flatnonzero(numbers == number)
            expected = self.order[number * size : (number + 1) * size]
            if len(rows) == len(expected) and (stored.images[rows] == expected).all():
                batches[int(number)] = select_rows(stored, rows)
        return batches

    def _fresh(self, numbers: list[int], answers: np.ndarray) -> Iterator[Batch]:
        """Evaluate the batches of these numbers; several processes do one batch each in rounds.

        An error of one process is raised in all, so that none waits for it.
        """
        local = self._evaluate_batches(numbers[self.ranks.rank :: self.ranks.size], answers)
        for _ in range(0, len(numbers), self.ranks.size):
            for result in self.ranks.gather(_next_result(local)):
                if isinstance(result, ZooError):
                    raise result
                if result is not None:
                    yield result

    def _evaluate_batches(self, numbers: list[int], answers: np.ndarray) -> Iterator[Batch]:
        if not numbers:
            return
        size, images = self.setup.batch_size, self.images
        positions = [
            np.arange(number * size, min((number + 1) * size, len(self.order)))
            for number in numbers
        ]
        scorer = Scorer(self.model, self.setup, answers, self.targets.subset)
        indexes = self.order[np.concatenate(positions)]
        batches = self.load(images, indexes, self.pre, self.setup)
        for place, (inputs, marked) in zip(positions, batches, strict=True):
            batch = scorer.batch(inputs, marked, place, self.order[place])
            for row in batch.faults:
                if batch.faults[row] == UNREAD:
                    batch.faults[row] = read_error(images, int(batch.images[row]), self.pre.mode)
            yield batch


def _next_result(batches: Iterator[Batch]) -> Batch | ZooError | None:
    """Return the next batch, None after the last one, or the error that prevents it."""
    try:
        return next(batches, None)
    except ZooError as error:
        return error
