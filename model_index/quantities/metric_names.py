"""Read the name of a metric: the quantity that it means.

A name is read word by word, and one word that is not understood makes it another metric: `Balanced
Accuracy`, `Top-1 Error` and `kNN Accuracy` are no top-1 accuracy. Another metric is a quantity
under its own name. A type says what a name leaves open, and nothing else: model cards give the type
`accuracy` to all of these.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from zoo.model_index.quantities.lookup import find_with_unit, normalize
from zoo.model_index.quantities.metric_words import SPLIT, SPLITS, read_name
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import BY_KEY, OTHER, row_of

WORD = re.compile(r"[^\W\d_]+|\d+|[^\s\w\-()\[\]:,./↑]")
RANKED = {"1": BY_KEY["top1"], "one": BY_KEY["top1"], "5": BY_KEY["top5"], "five": BY_KEY["top5"]}
ACCURACY = frozenset({"accuracy", "acc"})
RANK_MARKS = frozenset({"top", "@"})
PLAIN = frozenset({"%", "percent", "score", "overall", "eval", "evaluation"})
# the task whose bare "accuracy" is a top-1 accuracy
CLASSIFICATION = "image classification"
# settings of images and names stand in Metadata; `Mean` of a metric is an average
SETTINGS = frozenset({"configuration", "identity"})
FOOTNOTES = " *\\\u2020\u2021\u00a7"  # marks around a name
# What a bare AP is, by the task; of any other task it stays a bare AP.
BARE = {
    "object detection": "box_",
    "semi supervised object detection": "box_",
    "video object detection": "box_",
    "instance segmentation": "mask_",
    "video instance segmentation": "mask_",
    "keypoint detection": "keypoint_",
    "pose estimation": "keypoint_",
    "human pose estimation": "keypoint_",
    "body 2d keypoint": "keypoint_",
    "animal 2d keypoint": "keypoint_",
    "hand 2d keypoint": "keypoint_",
    "face 2d keypoint": "keypoint_",
    "fashion 2d keypoint": "keypoint_",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """The quantity of a metric, the unit that its name implies, and the conditions that it
    states."""

    row: Quantity
    unit: str = ""
    conditions: tuple[tuple[str, str], ...] = ()

    @property
    def is_other(self) -> bool:
        """Return whether no row knows it."""
        return self.row.key.startswith(OTHER)


@dataclass(frozen=True, slots=True)
class _Accuracy:
    """What a name says of an accuracy: which of the guesses count, `%`, and the split."""

    rank: Quantity | None
    unit: str
    split: str

    @property
    def conditions(self) -> tuple[tuple[str, str], ...]:
        return ((SPLIT, self.split),) if self.split else ()


def find_metric(
    name: str | None, kind: str | None, tasks: Sequence[str | None], guesses: str | None = None
) -> Metric | None:
    """Return what a metric means by its name, or by its type (`kind`) where it has no name.

    `tasks` are the name and the type of its task, which say what a bare accuracy or a bare AP is.
    `guesses` is the `top_k` of its arguments. A metric that no row knows is one under its own name.
    None: it has no name.
    """
    label = name or kind
    if not label or not label.strip():
        return None
    match = find_with_unit(label.strip(FOOTNOTES))
    if match and match[0].check not in SETTINGS:
        return Metric(*match)
    if not match and (read := read_name(label)):
        return Metric(_of_task(read.row, tasks), read.unit, read.conditions)
    accuracy = None if match else _find_accuracy(name, kind, tasks, guesses)
    return accuracy or Metric(row_of(_other_key(label, kind), label))


def _other_key(label: str, kind: str | None) -> str:
    """Return the key of a metric that no row knows, by its name; by its type where that contradicts
    the name: an `Accuracy` of the type `balanced_accuracy`."""
    named = kind if kind and _read_accuracy(label) else label
    return OTHER + normalize(named)


def _of_task(row: Quantity, tasks: Sequence[str | None]) -> Quantity:
    """Return the AP of boxes, masks or keypoints for a bare AP, where the task says which."""
    for task in tasks:
        kind = BARE.get(normalize(task)) if task else None
        if kind and kind + row.key in BY_KEY:
            return row_of(kind + row.key)
    return row


def _find_accuracy(
    name: str | None, kind: str | None, tasks: Sequence[str | None], guesses: str | None
) -> Metric | None:
    """Return the quantity of an accuracy; None where a word of its name is not understood."""
    accuracy = _read_accuracy(name or kind or "")
    if accuracy is None:
        return None
    rank = accuracy.rank
    if rank is None and name and kind:
        typed = _read_accuracy(kind)
        if typed is None:
            return None
        rank = typed.rank
    images = any(task and normalize(task) == CLASSIFICATION for task in tasks)
    if rank is None and (images or guesses):
        rank = RANKED.get(guesses or "1") if images else None
    elif rank is None:
        rank = BY_KEY["accuracy"]
    return Metric(rank, accuracy.unit, accuracy.conditions) if rank else None


@lru_cache(maxsize=4096)
def _read_accuracy(label: str) -> _Accuracy | None:
    """Read `Top-1 Accuracy (Val)`; None where a word is not understood."""
    words = WORD.findall(label.lower())
    ranks: list[Quantity] = []
    splits: list[str] = []
    named = False
    before = ""
    for word in words:
        if before in RANK_MARKS:
            if word not in RANKED:
                return None
            ranks.append(RANKED[word])
        elif (word,) in SPLITS:
            splits.append(SPLITS[(word,)])
        elif word in ACCURACY:
            named = True
        elif word not in PLAIN and word not in RANK_MARKS:
            return None
        before = word
    if not (named or ranks) or len(ranks) > 1 or len(splits) > 1 or before in RANK_MARKS:
        return None
    unit = "%" if "%" in words or "percent" in words else ""
    return _Accuracy(next(iter(ranks), None), unit, next(iter(splits), ""))
