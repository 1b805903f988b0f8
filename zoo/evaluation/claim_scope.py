"""Decide which images a claim is about: a data set, its split, and what else tells one set of
images from another.

A claim that names no split is about the one that accuracies are published on. Light to import.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from zoo.evaluation.dataset_catalogue import DATASETS, DatasetInfo, canonical, same_dataset
from zoo.evaluation.split_names import canonical as canonical_split
from zoo.model_index.records.records import Claim

TRAINING = "train"
CONFIGURATION = ("config", "args")  # a claim without them is about the data set as it is
CONDITIONS = (*CONFIGURATION, "revision")
USUAL = "default"  # the configuration of a data set that has one only


@dataclass(frozen=True, slots=True)
class ImageSet:
    """The images of an evaluation: data set, split and stated conditions; `where` they lie."""

    dataset: str
    split: str | None
    where: str
    conditions: Mapping[str, str] = field(default_factory=dict)

    @property
    def info(self) -> DatasetInfo | None:
        """The data set in the catalogue."""
        return DATASETS.get(canonical(self.dataset) or "")

    @property
    def usual_split(self) -> str | None:
        """The split that claims are about where they name none."""
        return self.info.split if self.info else None

    @property
    def is_usual(self) -> bool:
        """Whether these are the images of published accuracies; data of a known data set that names
        no split is taken for these, since their number is compared."""
        return self.split is None or canonical_split(self.split) == self.usual_split


def stated_split(claim: Claim) -> str | None:
    """Return the split that a claim names, by its usual name."""
    return canonical_split(_condition(claim, "split"))


def scope_objections(claim: Claim, images: ImageSet) -> Iterator[str]:
    """Yield why a claim is not about these images of its data set."""
    yield from _split_objections(claim, images)
    for name in CONDITIONS:
        claimed, evaluated = _condition(claim, name), images.conditions.get(name)
        if name == "config" and (claimed or "").lower() == USUAL:
            claimed = None
        if claimed and evaluated is None:
            yield (
                f"the claim is about the {name} {claimed} of {images.dataset}, and {images.where} "
                f"is not known to be that; --condition '{name}={claimed}' states it"
            )
        elif claimed and claimed != evaluated:
            yield f"evaluated on the {name} {evaluated}; the claim is about {claimed}"
        elif evaluated and not claimed and name in CONFIGURATION:
            yield f"evaluated on the {name} {evaluated}; the claim names none"


def _split_objections(claim: Claim, images: ImageSet) -> Iterator[str]:
    claimed, evaluated = stated_split(claim), canonical_split(images.split)
    usual = images.usual_split
    place = f"evaluated on the split {evaluated} of {images.dataset}"
    if claimed and evaluated is None and claimed != usual:
        yield (
            f"the claim is about the split {claimed}, and the split of {images.where} is not "
            f"known; --split {claimed} states it"
        )
    elif claimed and evaluated and claimed != evaluated:
        yield f"{place}; the claim is about {claimed}"
    elif not claimed and evaluated and usual and evaluated != usual:
        yield f"{place}; claims are about {usual}"
    elif not claimed and evaluated == TRAINING and evaluated != usual:
        yield f"{place}; the claim does not name that split"


def is_about(claim: Claim, images: ImageSet) -> bool:
    """Tell whether a claim is about these images."""
    same = same_dataset(claim.dataset, images.dataset)
    return same and next(scope_objections(claim, images), None) is None


def _condition(claim: Claim, name: str) -> str | None:
    return next((value for key, value in claim.conditions if key.lower() == name), None)
