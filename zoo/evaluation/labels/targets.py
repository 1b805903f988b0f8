"""What is right: from what the data says of an image to the outputs of a model that may be the
highest.

Nothing is dropped silently. An image whose class no output stands for counts as wrong and is a
fault by the class's name; one that the data set's own protocol leaves out is `excluded`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zoo.evaluation.datasets import catalogue
from zoo.evaluation.datasets.base import Images, Label
from zoo.evaluation.labels import class_maps, files
from zoo.evaluation.labels.class_maps import ClassMap, LabelSet, Name
from zoo.evaluation.labels.imagenet import SUBSETS, ClassSpace, read, space
from zoo.model_index.errors import UsageError


@dataclass(frozen=True)
class LabelFault:
    """`kind` of `name`, a class or an image: unknown class, label out of range, missing class,
    unlabelled."""

    kind: str
    name: str
    detail: str


@dataclass(frozen=True)
class Targets:
    """What is right for each image.

    answers      the outputs that are right, one an image; (): none can be, and it counts as wrong
    excluded     images that the data set's own protocol leaves out
    subset       the outputs that compete; None: all
    class_names  the outputs' names, where they are known
    faults       by name
    how          one sentence: how labels became outputs
    """

    answers: tuple[tuple[int, ...], ...]
    excluded: frozenset[int]
    subset: tuple[int, ...] | None
    class_names: tuple[str, ...] | None
    faults: tuple[LabelFault, ...]
    how: str


def build_targets(
    images: Images,
    outputs: int,
    *,
    class_map: Path | None = None,
    labels: Path | str | None = None,
    dataset: str | None = None,
) -> Targets:
    """What is right for each of the images, for a model with this many outputs.

    class_map  a file of class names and outputs
    labels     a file of right answers by image, or `real`; the data set ImageNet-ReaL means the
               latter
    dataset    what the data set is, where `images.dataset` does not say so; the name of a folder
               says nothing

    Raises: UsageError: the data is unlabelled, nothing says which class is which output, a file is
        none, or an entry of `labels` is the answer of two images.
    """
    name = catalogue.canonical(dataset or (images.dataset if images.stated else None))
    if labels is None and name == "ImageNet-ReaL":
        labels = files.REAL
    if labels is not None:
        return _by_image(images, outputs, files.read_labels(labels), name)
    distinct = {each: None for label in images.labels for each in _several(label)}
    if not distinct:
        raise UsageError(
            f"{images.where}: the images are unlabelled; give their labels with --labels FILE"
        )
    question = LabelSet(tuple(distinct), outputs, images)
    found = (
        class_maps.choose_class_map(question)
        if class_map is None
        else class_maps.map_by_file(question, files.read_class_map(class_map), str(class_map))
    )
    return _by_class(images, outputs, found, None if class_map else name)


def _several(label: Label) -> tuple[Name, ...]:
    return () if label is None else label if isinstance(label, tuple) else (label,)


def _by_class(images: Images, outputs: int, found: ClassMap, name: str | None) -> Targets:
    fits = {label: output for label, output in found.of.items() if output < outputs}
    answers = tuple(
        _sorted(fits[each] for each in _several(label) if each in fits) for label in images.labels
    )
    row, classes = catalogue.DATASETS.get(name or ""), space(outputs)
    names = classes.names if classes and row and row.synsets else found.names
    subset, how = (
        _subset(classes, found, name)
        if classes and found.names is classes.names
        else (None, found.how)
    )
    whole = read(row.synsets) if classes and row and row.synsets else ()
    among = (
        subset
        or [classes.index[each] for each in whole if classes and each in classes.index]
        or found.expected
    )
    expected = {
        output: found.expected.get(output, names[output] if names else str(output))
        for output in among
    }
    return Targets(
        answers=answers,
        excluded=frozenset(),
        subset=subset,
        class_names=names,
        faults=(
            *_unlabelled(images),
            *_unmapped(images, outputs, found),
            *_missing(images, answers, expected),
        ),
        how=how,
    )


def _sorted(answers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(answers)))


def _subset(
    classes: ClassSpace, found: ClassMap, name: str | None
) -> tuple[tuple[int, ...] | None, str]:
    """The outputs of a data set of some of ImageNet's classes: by its name, or where its classes
    are exactly these."""
    present = set(found.of.values())
    for title, file in SUBSETS.items():
        members = [
            classes.index[identifier] for identifier in read(file) if identifier in classes.index
        ]
        if len(members) == len(read(file)) and (title == name or present == set(members)):
            return _sorted(
                members
            ), f"{found.how}; only the {len(members)} outputs of {title} compete"
    return None, found.how


def _unlabelled(images: Images) -> list[LabelFault]:
    return [
        LabelFault("unlabelled", name, "the data has no label for it")
        for name, label in zip(images.names, images.labels, strict=True)
        if label is None
    ]


def _unmapped(images: Images, outputs: int, found: ClassMap) -> list[LabelFault]:
    """A fault for each class that no output stands for."""
    tally = Counter(each for label in images.labels for each in _several(label))
    faults = []
    for label, number in tally.items():
        output = found.of.get(label)
        if output is not None and output < outputs:
            continue
        beyond = output is not None or class_maps.number(label) is not None
        kind, why = (
            ("label out of range", f"; the model has {outputs:,} outputs")
            if beyond
            else ("unknown class", "")
        )
        faults.append(LabelFault(kind, str(label), f"{_count(number)}{why}"))
    return faults


def _missing(
    images: Images, answers: Iterable[tuple[int, ...]], expected: dict[int, str]
) -> list[LabelFault]:
    """A fault for each class without an image; one for all where there are not even as many images
    as classes."""
    present = {output for each in answers for output in each}
    missing = [name for output, name in sorted(expected.items()) if output not in present]
    if missing and len(images) < len(expected):
        return [
            LabelFault(
                "missing class",
                images.dataset,
                f"{len(missing):,} of {len(expected):,} classes have no image",
            )
        ]
    return [LabelFault("missing class", name, "no image") for name in missing]


def _count(number: int) -> str:
    return f"{number:,} image{'s' * (number != 1)}"


def _by_image(images: Images, outputs: int, right: files.LabelFile, name: str | None) -> Targets:
    """Answers by the images' names. UsageError: the file has none of them, or one entry for two of
    them."""
    classes, row = space(outputs), catalogue.DATASETS.get(name or "")
    found = right.of_all(images.names)
    if all(each is None for each in found):
        raise UsageError(
            f"{right.title}: no image of {images.where} is in it, neither {images.names[0]!r}"
        )
    offset = class_maps.shift(outputs, {index for each in right.by_name.values() for index in each})
    faults = []
    for image, each in zip(images.names, found, strict=True):
        if each is None:
            faults.append(LabelFault("unlabelled", image, f"not in {right.title}"))
        elif beyond := [index for index in each if index + offset >= outputs]:
            faults.append(
                LabelFault(
                    "label out of range", image, f"{beyond[0]:,}; the model has {outputs:,} outputs"
                )
            )
    return Targets(
        answers=tuple(
            _sorted(index + offset for index in each or () if index + offset < outputs)
            for each in found
        ),
        excluded=frozenset(index for index, each in enumerate(found) if each == ()),
        subset=None,
        class_names=classes.names if classes and row and row.synsets else None,
        faults=tuple(faults),
        how=f"by {right.title}" + ", one behind for the background class" * bool(offset),
    )
