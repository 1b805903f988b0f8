"""Map a data set's labels to a model's outputs: a table of rules, of which the first that applies
decides.

The order of folder names is the last rule. It is right only if the model was trained on exactly
these classes in exactly this order; "1", "10", "2" or ImageNet-A's 200 classes show how it fails.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from zoo.evaluation.datasets.base import Images, natural_key
from zoo.evaluation.labels.imagenet import WORDNET, ClassSpace, class_space
from zoo.model_index.errors import UsageError

Name = str | int
"""A label: a class's name, or its index in the data."""


@dataclass(frozen=True)
class ClassMap:
    """Outputs by label.

    outputs   the output that each label means
    how       one sentence: the rule that found them
    expected  the data's name of each output that should have images
    names     the outputs' names, if they are known
    """

    outputs: Mapping[Name, int]
    how: str
    expected: Mapping[int, str]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class LabelSet:
    """The distinct labels of a data set, and the number of outputs of the model."""

    labels: tuple[Name, ...]
    outputs: int
    images: Images

    @property
    def space(self) -> ClassSpace | None:
        return class_space(self.outputs)

    def is_majority(self, labels: Collection[Name]) -> bool:
        """Whether these are more than half of the labels."""
        return 2 * len(labels) > len(self.labels)


def class_index(label: Name) -> int | None:
    """Return the class index that a label is, as a number or in digits."""
    if isinstance(label, int):
        return label
    return int(label) if label.isascii() and label.isdigit() and len(label) < 10 else None


def background_offset(outputs: int, indexes: Collection[int]) -> int:
    """Return how many background classes precede the output of class index 0.

    Indexes that reach the last output include the background class: then it is 0.
    """
    space = class_space(outputs)
    return 0 if space is None or outputs - 1 in indexes else space.offset


def map_by_file(labels: LabelSet, indexes: dict[str, int], title: str) -> ClassMap:
    """Map by a file of class names: of the labels, or of the names that the data has for them.

    Raises:
        UsageError: the file has none of the labels.
    """
    classes = labels.images.classes or ()
    outputs: dict[Name, int] = {}
    for label in labels.labels:
        in_range = isinstance(label, int) and 0 <= label < len(classes)
        name = classes[int(label)] if in_range else str(label)
        output = indexes.get(str(label), indexes.get(name))
        if output is not None:
            outputs[label] = output
    if not outputs:
        examples = ", ".join(repr(str(label)) for label in labels.labels[:3])
        raise UsageError(f"{title}: it has no class of {labels.images.where}, such as {examples}")
    names = {index: name for name, index in indexes.items() if index < labels.outputs}
    all_names = tuple(names.get(index, "") for index in range(labels.outputs))
    return ClassMap(outputs, f"by {title}", names, all_names if all(all_names) else None)


def _by_wordnet(labels: LabelSet) -> ClassMap | None:
    """WordNet ids, such as n01440764."""
    space = labels.space
    identifiers = [label for label in labels.labels if WORDNET.fullmatch(str(label))]
    if space is None or not labels.is_majority(identifiers):
        return None
    outputs: dict[Name, int] = {
        label: space.index[label]
        for label in labels.labels
        if isinstance(label, str) and label in space.index
    }
    expected = {output: identifier for identifier, output in space.index.items()}
    return ClassMap(outputs, f"by WordNet ids, {_title(space)}", expected, space.names)


def _by_data_names(labels: LabelSet) -> ClassMap | None:
    """Class indexes whose names in the data are ImageNet's classes, in another order or a part."""
    space, classes = labels.space, labels.images.classes
    indexes = [label for label in labels.labels if isinstance(label, int)]
    if space is None or not classes or not labels.is_majority(indexes):
        return None
    by_index = {
        index: output
        for index, name in enumerate(classes)
        if (output := space.find(name)) is not None
    }
    same_order = all(index + space.offset == output for index, output in by_index.items())
    all_outputs = len(classes) + space.offset == labels.outputs
    if 2 * len(by_index) <= len(classes) or (same_order and all_outputs):
        return None
    expected = {output: classes[index] for index, output in by_index.items()}
    outputs: dict[Name, int] = {index: by_index[index] for index in indexes if index in by_index}
    return ClassMap(outputs, f"by the data's class names, {_title(space)}", expected, space.names)


def _by_index(labels: LabelSet) -> ClassMap | None:
    """Class indexes, as numbers or as folders called 0, 1, 10.

    Raises:
        UsageError: the indexes seem to start at 1.
    """
    indexes = {label: index for label in labels.labels if (index := class_index(label)) is not None}
    if not labels.is_majority(indexes):
        return None
    classes, outputs = labels.images.classes, labels.outputs
    offset = background_offset(outputs, indexes.values())
    if classes and len(classes) + offset != outputs:
        return None
    if outputs in indexes.values() and 0 not in indexes.values():
        raise UsageError(
            f"{labels.images.where}: there is a class {outputs} and no class 0, and the model's "
            f"outputs are numbered from 0 to {outputs - 1}; give the classes with --class-map FILE"
        )
    in_folders = any(isinstance(label, str) for label in indexes)
    how = "folder names are class indexes" if in_folders else "class indexes"
    names = classes or tuple(str(index) for index in range(outputs - offset))
    return ClassMap(
        outputs={
            label: index + offset
            for label, index in indexes.items()
            if 0 <= index + offset < outputs
        },
        how=how + offset_note(offset),
        expected=dict(enumerate(names, offset)),
        names=("background",) * offset + classes if classes else None,
    )


def _by_class_list(labels: LabelSet) -> ClassMap | None:
    """Names, if the data lists its classes in the order of their indexes."""
    classes = labels.images.classes or ()
    places = {name: index for index, name in enumerate(classes)}
    outputs: dict[Name, int] = {
        label: places[label]
        for label in labels.labels
        if isinstance(label, str) and label in places
    }
    if len(classes) != labels.outputs or not labels.is_majority(outputs):
        return None
    return ClassMap(outputs, "by the data's list of classes", dict(enumerate(classes)), classes)


def _by_words(labels: LabelSet) -> ClassMap | None:
    """Names that are words of ImageNet's classes: tench, or "tench, Tinca tinca"."""
    if (space := labels.space) is None:
        return None
    outputs = {
        label: output for label in labels.labels if (output := space.find(str(label))) is not None
    }
    if not labels.is_majority(outputs):
        return None
    expected = dict(list(enumerate(space.names))[space.offset :])
    return ClassMap(outputs, f"by class names, {_title(space)}", expected, space.names)


def _by_order(labels: LabelSet) -> ClassMap | None:
    """As many names as outputs, in natural order, as timm sorts folders."""
    if labels.images.classes or len(labels.labels) != labels.outputs:
        return None
    names = sorted(map(str, labels.labels), key=natural_key)
    how = f"the {len(names):,} folder names in natural order, as there are as many outputs"
    how += "; as plain text they would be in another order" * (names != sorted(names))
    places = {name: index for index, name in enumerate(names)}
    outputs: dict[Name, int] = {label: places[str(label)] for label in labels.labels}
    return ClassMap(outputs, how, dict(enumerate(names)), tuple(names))


RULES: tuple[Callable[[LabelSet], ClassMap | None], ...] = (
    _by_wordnet,
    _by_data_names,
    _by_index,
    _by_class_list,
    _by_words,
    _by_order,
)


# Rules that know the classes by their names, and not by their number or order.
NAMED_RULES = (_by_wordnet, _by_class_list, _by_words)


def choose_class_map(labels: LabelSet) -> ClassMap:
    """Apply the first rule that fits; nothing is guessed.

    Raises:
        UsageError: no rule fits.
    """
    for rule in RULES:
        if (class_map := rule(labels)) is not None:
            return class_map
    names = labels.images.classes or sorted(map(str, labels.labels), key=natural_key)
    examples = ", ".join(repr(name) for name in names[:3]) + ", ..." * (len(names) > 3)
    raise UsageError(
        f"{labels.images.where}: {len(names):,} classes ({examples}), and the model has "
        f"{labels.outputs:,} outputs; give the classes with --class-map FILE"
    )


def _title(space: ClassSpace) -> str:
    return f"timm's list {space.name}" + offset_note(space.offset)


def offset_note(offset: int) -> str:
    """Say that outputs are shifted by a background class, for a sentence that ends with it."""
    return ", one behind for the background class" if offset else ""
