"""Map the outputs of ImageNet classifiers to classes, by the lists of WordNet ids in timm.

The list is chosen by the number of outputs, as timm does, and its order is that of the outputs. A
classifier with 1,001 outputs has TensorFlow's background class first, then ImageNet's 1,000
classes.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from timm.data.imagenet_info import ImageNetInfo

WORDNET = re.compile(r"n[0-9]{8}")

LISTS: dict[int, str] = {
    1000: "imagenet_synsets.txt",
    11221: "imagenet21k_miil_synsets.txt",
    11821: "imagenet12k_synsets.txt",
    21841: "imagenet22k_synsets.txt",
    21842: "imagenet22k_ms_synsets.txt",
    21843: "imagenet21k_goog_synsets.txt",
}
"""timm's list for a number of outputs."""

SUBSETS: dict[str, str] = {
    "ImageNet-A": "imagenet_a_synsets.txt",
    "ImageNet-R": "imagenet_r_synsets.txt",
    "mini-ImageNet": "mini_imagenet_synsets.txt",
}
"""Data sets of a part of ImageNet's classes; by convention only the outputs of these compete."""

BACKGROUND: dict[int, int] = {1001: 1000}
"""Numbers of outputs that have a background class first, and the number of classes after it."""


@lru_cache
def read_synsets(name: str) -> tuple[str, ...]:
    """Read a list of WordNet ids by the name of its file in timm."""
    return tuple(resources.files("timm.data").joinpath("_info", name).read_text().split())


@lru_cache
def _info() -> "ImageNetInfo":
    from timm.data.imagenet_info import ImageNetInfo  # imports torch

    return ImageNetInfo()


@dataclass(frozen=True)
class ClassSpace:
    """The classes of a classifier's outputs: output `i + offset` is class `identifiers[i]`."""

    name: str
    identifiers: tuple[str, ...]
    offset: int

    @cached_property
    def index(self) -> dict[str, int]:
        """Outputs by WordNet id."""
        return {
            identifier: index + self.offset for index, identifier in enumerate(self.identifiers)
        }

    @cached_property
    def names(self) -> tuple[str, ...]:
        """WordNet id and first word of each output."""
        words = (
            _info().label_name_to_description(identifier).split(",")[0]
            for identifier in self.identifiers
        )
        names = map(" ".join, zip(self.identifiers, words, strict=True))
        return ("background",) * self.offset + tuple(names)

    @cached_property
    def words(self) -> dict[str, int]:
        """Outputs by all their words or the first; words of two classes (crane) are left out."""
        pairs: list[tuple[str, int]] = []
        for identifier, output in self.index.items():
            text = _info().label_name_to_description(identifier)
            pairs += {(normalize(words), output) for words in (text, text.split(",")[0])}
        uses = Counter(words for words, _ in pairs)
        return {words: output for words, output in pairs if uses[words] == 1}

    def find(self, name: str) -> int | None:
        """Find the output of a class by its WordNet id or its words."""
        return self.index.get(name, self.words.get(normalize(name)))


def normalize(words: str) -> str:
    """Convert words to lower case, with single spaces for underscores and hyphens."""
    return " ".join(re.sub(r"[_\-\s]+", " ", words.lower()).split())


@lru_cache
def class_space(outputs: int) -> ClassSpace | None:
    """Return ImageNet's classes of a classifier with this many outputs; None if timm has no list
    for it."""
    classes = BACKGROUND.get(outputs, outputs)
    if classes not in LISTS:
        return None
    file = LISTS[classes]
    return ClassSpace(file.removesuffix("_synsets.txt"), read_synsets(file), outputs - classes)
