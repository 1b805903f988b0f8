"""Build an evaluation's targets: the outputs of the model that are right for each image.

Nothing is dropped silently. An image whose class no output stands for counts as wrong and is a
fault by the class's name; one that the data set's own protocol leaves out is `excluded`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from zoo.evaluation import dataset_catalogue
from zoo.evaluation.datasets.base import Images, Label
from zoo.evaluation.labels import class_maps, files
from zoo.evaluation.labels.class_maps import ClassMap, LabelSet, Name
from zoo.evaluation.labels.imagenet import SUBSETS, ClassSpace, class_space, read_synsets
from zoo.model_index.errors import UsageError


@dataclass(frozen=True)
class LabelFault:
    """A fault of a class or an image.

    kind  unknown class, label out of range, missing class, unlabelled
    name  the class or the image
    """

    kind: str
    name: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Targets:
    """The right outputs for each image.

    answers      the outputs that are right, a tuple for each image; (): none can be right
    excluded     images that the data set's own protocol leaves out
    subset       the outputs that compete; None: all
    class_names  the outputs' names, if they are known
    faults       of classes and images
    how          one sentence: how labels were mapped to outputs
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
    """Build the targets of images for a model with this many outputs.

    class_map  a file of class names and outputs
    labels     a file of right answers by image, or `real`; the data set ImageNet-ReaL implies
               `real`
    dataset    the name of the data set, if `images.dataset` is only a folder's name

    Raises:
        UsageError: the data is unlabelled, no rule maps its classes to outputs, a file cannot be
            read, or an entry of `labels` matches two images.
    """
    name = dataset_catalogue.canonical(dataset or (images.dataset if images.stated else None))
    if labels is None and name == "ImageNet-ReaL":
        labels = files.REAL
    if labels is not None:
        return _by_image(images, outputs, files.read_labels(labels), name)
    distinct = dict.fromkeys(_all_names(images.labels))
    if not distinct:
        raise UsageError(
            f"{images.where}: the images are unlabelled; give their labels with --labels FILE"
        )
    label_set = LabelSet(tuple(distinct), outputs, images)
    if class_map is None:
        return _by_class(images, outputs, class_maps.choose_class_map(label_set), name)
    indexes = files.read_class_map(class_map)
    mapping = class_maps.map_by_file(label_set, indexes, str(class_map))
    return _by_class(images, outputs, mapping, None)


def _names(label: Label) -> tuple[Name, ...]:
    """The classes that a label names: none, one or several."""
    return () if label is None else label if isinstance(label, tuple) else (label,)


def _all_names(labels: Iterable[Label]) -> Iterator[Name]:
    for label in labels:
        yield from _names(label)


def _sorted(answers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(answers)))


def _by_class(images: Images, outputs: int, mapping: ClassMap, dataset: str | None) -> Targets:
    """Map each image's labels to outputs by a class map."""
    space = _imagenet_space(outputs, dataset)
    names = space.names if space else mapping.names
    in_range = {label: output for label, output in mapping.outputs.items() if output < outputs}
    answers = tuple(
        _sorted(in_range[name] for name in _names(label) if name in in_range)
        for label in images.labels
    )
    subset, how = _subset(outputs, mapping, dataset)
    expected = {
        output: mapping.expected.get(output, names[output] if names else str(output))
        for output in subset or _dataset_outputs(space, dataset) or mapping.expected
    }
    return Targets(
        answers=answers,
        excluded=frozenset(),
        subset=subset,
        class_names=names,
        faults=(
            *_unlabelled(images),
            *_unmapped(images, outputs, mapping),
            *_missing(images, answers, expected),
        ),
        how=how,
    )


def _imagenet_space(outputs: int, dataset: str | None) -> ClassSpace | None:
    """The classes of the outputs, if the data set has ImageNet's classes."""
    info = dataset_catalogue.DATASETS.get(dataset or "")
    return class_space(outputs) if info and info.synsets else None


def _dataset_outputs(space: ClassSpace | None, dataset: str | None) -> list[int]:
    """The outputs of the classes that a data set is known to have."""
    info = dataset_catalogue.DATASETS.get(dataset or "")
    if space is None or info is None or info.synsets is None:
        return []
    return [space.index[name] for name in read_synsets(info.synsets) if name in space.index]


def _subset(
    outputs: int, mapping: ClassMap, dataset: str | None
) -> tuple[tuple[int, ...] | None, str]:
    """The outputs that compete for a data set of a part of ImageNet's classes, and the rule.

    The data set is recognised by its name, or by having exactly these classes.
    """
    space = class_space(outputs)
    if space is None or mapping.names is not space.names:
        return None, mapping.how
    present = set(mapping.outputs.values())
    for title, file in SUBSETS.items():
        synsets = read_synsets(file)
        members = [space.index[identifier] for identifier in synsets if identifier in space.index]
        if len(members) == len(synsets) and (title == dataset or present == set(members)):
            how = f"{mapping.how}; only the {len(members)} outputs of {title} compete"
            return _sorted(members), how
    return None, mapping.how


def _unlabelled(images: Images) -> list[LabelFault]:
    return [
        LabelFault("unlabelled", name, "the data has no label for it")
        for name, label in zip(images.names, images.labels, strict=True)
        if label is None
    ]


def _unmapped(images: Images, outputs: int, mapping: ClassMap) -> list[LabelFault]:
    """A fault for each class that no output stands for."""
    faults = []
    for name, number in Counter(_all_names(images.labels)).items():
        output = mapping.outputs.get(name)
        if output is not None and output < outputs:
            continue
        detail = _count(number)
        if output is not None or class_maps.class_index(name) is not None:
            detail += f"; the model has {outputs:,} outputs"
            faults.append(LabelFault("label out of range", str(name), detail))
        else:
            faults.append(LabelFault("unknown class", str(name), detail))
    return faults


def _missing(
    images: Images, answers: Iterable[tuple[int, ...]], expected: dict[int, str]
) -> list[LabelFault]:
    """A fault for each class without an image; one for all if there are fewer images than
    classes."""
    present = {output for answer in answers for output in answer}
    missing = [name for output, name in sorted(expected.items()) if output not in present]
    if missing and len(images) < len(expected):
        detail = f"{len(missing):,} of {len(expected):,} classes have no image"
        return [LabelFault("missing class", images.dataset, detail)]
    return [LabelFault("missing class", name, "no image") for name in missing]


def _count(number: int) -> str:
    return f"{number:,} image{'s' * (number != 1)}"


def _by_image(
    images: Images, outputs: int, labels: files.LabelFile, dataset: str | None
) -> Targets:
    """Look the answers up by the images' names.

    Raises:
        UsageError: the file has none of them, or one entry for two of them.
    """
    entries = labels.look_up(images.names)
    if all(entry is None for entry in entries):
        example = repr(images.names[0])
        raise UsageError(f"{labels.title}: it has no image of {images.where}, such as {example}")
    indexes = {index for entry in labels.by_name.values() for index in entry}
    offset = class_maps.background_offset(outputs, indexes)
    answers, faults = [], []
    for name, entry in zip(images.names, entries, strict=True):
        answers.append(_sorted(i + offset for i in entry or () if i + offset < outputs))
        if entry is None:
            faults.append(LabelFault("unlabelled", name, f"not in {labels.title}"))
        elif beyond := [index for index in entry if index + offset >= outputs]:
            detail = f"{beyond[0]:,}; the model has {outputs:,} outputs"
            faults.append(LabelFault("label out of range", name, detail))
    space = _imagenet_space(outputs, dataset)
    return Targets(
        answers=tuple(answers),
        excluded=frozenset(index for index, entry in enumerate(entries) if entry == ()),
        subset=None,
        class_names=space.names if space else None,
        faults=tuple(faults),
        how=f"by {labels.title}" + class_maps.offset_note(offset),
    )
