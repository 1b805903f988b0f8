"""Which output of an ImageNet classifier is which class: the lists of WordNet ids that come with
timm.

The order of the outputs is the order of the list, which is chosen by their number, as timm does. A
classifier of 1,001 outputs has TensorFlow's background class first and ImageNet's 1,000 classes
after it.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from timm.data import ImageNetInfo

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
"""Data sets of some of ImageNet's classes, where by convention only the outputs of these
compete."""

BACKGROUND: dict[int, int] = {1001: 1000}
"""Numbers of outputs that have a background class first, and how many classes are behind it."""


@lru_cache
def read(name: str) -> tuple[str, ...]:
    """A list of WordNet ids by the name of its file in timm."""
    return tuple(resources.files("timm.data").joinpath("_info", name).read_text().split())


@lru_cache
def _info() -> "ImageNetInfo":
    from timm.data import ImageNetInfo  # torch comes with it

    return ImageNetInfo()


@dataclass(frozen=True)
class ClassSpace:
    """The outputs of a classifier: output `i + offset` is the class `identifiers[i]`."""

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
        """One an output: its WordNet id and the first of its words."""
        words = (
            _info().label_name_to_description(identifier).split(",")[0]
            for identifier in self.identifiers
        )
        named = (
            f"{identifier} {word}" for identifier, word in zip(self.identifiers, words, strict=True)
        )
        return ("background",) * self.offset + tuple(named)

    @cached_property
    def words(self) -> dict[str, int]:
        """Outputs by their words, all of them or the first; words of two classes (crane) are of
        none."""
        found: list[tuple[str, int]] = []
        for identifier, output in self.index.items():
            text = _info().label_name_to_description(identifier)
            found += {(plain(each), output) for each in (text, text.split(",")[0])}
        uses = Counter(word for word, _ in found)
        return {word: output for word, output in found if uses[word] == 1}

    def find(self, name: str) -> int | None:
        """The output that a class's name is for, WordNet id or words."""
        return self.index.get(name, self.words.get(plain(name)))


def plain(words: str) -> str:
    """Words as they are compared: without case, with single spaces for underscores and hyphens."""
    return " ".join(re.sub(r"[_\-\s]+", " ", words.lower()).split())


@lru_cache
def space(outputs: int) -> ClassSpace | None:
    """The classes of a classifier with this many outputs, if it is ImageNet's. None: nothing says
    so."""
    classes = BACKGROUND.get(outputs, outputs)
    if classes not in LISTS:
        return None
    return ClassSpace(
        LISTS[classes].removesuffix("_synsets.txt"), read(LISTS[classes]), outputs - classes
    )
