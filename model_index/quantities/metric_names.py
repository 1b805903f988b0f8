"""Read the name of a metric: the quantity that it means, or none.

A name is read word by word, and one word that is not understood makes it another metric: `Balanced
Accuracy`, `Top-1 Error` and `kNN Accuracy` are no top-1 accuracy. A type says what a name leaves
open, and nothing else: model cards give the type `accuracy` to all of these.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from zoo.model_index.quantities.lookup import find_with_unit, normalize
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import BY_KEY

WORD = re.compile(r"[^\W\d_]+|\d+|[^\s\w\-()\[\]:,./↑]")
RANKED = {"1": BY_KEY["top1"], "one": BY_KEY["top1"], "5": BY_KEY["top5"], "five": BY_KEY["top5"]}
ACCURACY = frozenset({"accuracy", "acc"})
RANK_MARKS = frozenset({"top", "@"})
SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
PLAIN = frozenset({"%", "percent", "score", "overall", "eval", "evaluation"})
# the task whose bare "accuracy" is a top-1 accuracy
CLASSIFICATION = "image classification"
# settings of images and names stand in Metadata; `Mean` of a metric is an average
SETTINGS = frozenset({"configuration", "identity"})


@dataclass(frozen=True, slots=True)
class Metric:
    """The quantity of a metric, the unit that its name implies, and the split that it names."""

    row: Quantity
    unit: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True)
class _Accuracy:
    """What a name says of an accuracy: which of the guesses count, `%`, and the split."""

    rank: Quantity | None
    unit: str
    split: str


def find_metric(
    name: str | None, kind: str | None, tasks: Sequence[str | None], guesses: str | None = None
) -> Metric | None:
    """Return what a metric means by its name, or by its type (`kind`) where it has no name.

    `tasks` are the name and the type of its task, which say what a bare accuracy is. `guesses` is
    the `top_k` of its arguments. None: it is another metric.
    """
    label = name or kind or ""
    match = find_with_unit(label)
    if match and match[0].check not in SETTINGS:
        return Metric(*match)
    accuracy = None if match else _read_accuracy(label)
    if accuracy is None:
        return None
    rank = accuracy.rank
    if rank is None and name and kind:
        typed = _read_accuracy(kind)
        if typed is None:
            return None
        rank = typed.rank
    if rank is None and any(task and normalize(task) == CLASSIFICATION for task in tasks):
        rank = RANKED.get(guesses or "1")
    return Metric(rank, accuracy.unit, accuracy.split) if rank else None


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
        elif word in SPLITS:
            splits.append(SPLITS[word])
        elif word in ACCURACY:
            named = True
        elif word not in PLAIN and word not in RANK_MARKS:
            return None
        before = word
    if not (named or ranks) or len(ranks) > 1 or len(splits) > 1 or before in RANK_MARKS:
        return None
    unit = "%" if "%" in words or "percent" in words else ""
    return _Accuracy(next(iter(ranks), None), unit, next(iter(splits), ""))
