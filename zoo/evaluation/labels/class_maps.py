"""From a label, as the data has it, to an output of a model: a table of rules, the first that fits
decides.

The order of folder names is the last resort. It is right only where the model was trained on just
these classes in just this order, and "1", "10", "2" or ImageNet-A's 200 classes show how it goes
wrong.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from zoo.evaluation.datasets.base import Images, natural_key
from zoo.evaluation.labels.imagenet import WORDNET, ClassSpace, space
from zoo.model_index.errors import UsageError

Name = str | int
"""One label: a class's name, or its index in the data."""


@dataclass(frozen=True)
class ClassMap:
    """Outputs by label.

    how       one sentence: how they were found
    expected  outputs and how the data would call them, of all classes that should have images
    names     the outputs' names, where they are known
    """

    of: Mapping[Name, int]
    how: str
    expected: Mapping[int, str]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class LabelSet:
    """The labels of a data set that a model with `outputs` is evaluated on, each once."""

    labels: tuple[Name, ...]
    outputs: int
    images: Images

    @property
    def space(self) -> ClassSpace | None:
        return space(self.outputs)

    def most(self, labels: Collection[Name]) -> bool:
        return 2 * len(labels) > len(self.labels)


def number(label: Name) -> int | None:
    """The class index that a label is, as a number or in digits."""
    if isinstance(label, int):
        return label
    return int(label) if label.isascii() and label.isdigit() and len(label) < 10 else None


def shift(outputs: int, indexes: Collection[int]) -> int:
    """How far outputs are behind indexes. Indexes that reach the last output count the background
    class themselves."""
    known = space(outputs)
    return 0 if known is None or outputs - 1 in indexes else known.offset


def map_by_file(question: LabelSet, indexes: dict[str, int], title: str) -> ClassMap:
    """By a file: by the label's own name, or by the name that the data has for the index.

    UsageError: the file has none of the labels.
    """
    classes = question.images.classes or ()
    found: dict[Name, int] = {}
    for label in question.labels:
        inner = (
            classes[label] if isinstance(label, int) and 0 <= label < len(classes) else str(label)
        )
        output = indexes.get(str(label), indexes.get(inner))
        if output is not None:
            found[label] = output
    if not found:
        some = ", ".join(repr(str(label)) for label in question.labels[:3])
        raise UsageError(f"{title}: no class of {question.images.where} is in it, neither {some}")
    names = {index: name for name, index in indexes.items() if index < question.outputs}
    every = tuple(names.get(index, "") for index in range(question.outputs))
    return ClassMap(found, f"by {title}", names, every if all(every) else None)


def _by_wordnet(question: LabelSet) -> ClassMap | None:
    """Folders of ImageNet's kind, n01440764."""
    known = question.space
    if known is None or not question.most(
        [each for each in question.labels if WORDNET.fullmatch(str(each))]
    ):
        return None
    found: dict[Name, int] = {
        label: known.index[label] for label in question.labels if label in known.index
    }
    expected = {output: identifier for identifier, output in known.index.items()}
    return ClassMap(found, f"by WordNet ids, {_title(known)}", expected, known.names)


def _by_data_names(question: LabelSet) -> ClassMap | None:
    """Indexes in the data whose names are ImageNet's classes in another order, or only some of
    them."""
    known, classes = question.space, question.images.classes
    if (
        known is None
        or not classes
        or not question.most([each for each in question.labels if isinstance(each, int)])
    ):
        return None
    named = {
        index: output
        for index, name in enumerate(classes)
        if (output := known.find(name)) is not None
    }
    own = all(index + known.offset == output for index, output in named.items())
    if 2 * len(named) <= len(classes) or (own and len(classes) + known.offset == question.outputs):
        return None
    expected = {output: classes[index] for index, output in named.items()}
    found: dict[Name, int] = {label: named[label] for label in question.labels if label in named}
    return ClassMap(found, f"by the data's class names, {_title(known)}", expected, known.names)


def _by_index(question: LabelSet) -> ClassMap | None:
    """Indexes of classes, as numbers or as folders called 0, 1, 10. UsageError: they seem to start
    at 1."""
    numbers = {label: index for label in question.labels if (index := number(label)) is not None}
    classes, outputs = question.images.classes, question.outputs
    if not question.most(numbers):
        return None
    behind = shift(outputs, numbers.values())
    if classes and len(classes) + behind != outputs:
        return None
    if outputs in numbers.values() and 0 not in numbers.values():
        raise UsageError(
            f"{question.images.where}: there is a class {outputs} and no class 0, and the model's outputs are numbered "
            f"from 0 to {outputs - 1}; say which is which with --class-map FILE"
        )
    found = {
        label: index + behind for label, index in numbers.items() if 0 <= index + behind < outputs
    }
    how = (
        "folder names are class indexes"
        if any(isinstance(each, str) for each in numbers)
        else "class indexes"
    )
    how += ", one behind for the background class" * bool(behind)
    names = classes or tuple(str(index) for index in range(outputs - behind))
    return ClassMap(
        found,
        how,
        dict(enumerate(names, behind)),
        ("background",) * behind + classes if classes else None,
    )


def _by_own_order(question: LabelSet) -> ClassMap | None:
    """Names, where the data lists its classes in the order of their indexes."""
    classes = question.images.classes or ()
    places = {name: index for index, name in enumerate(classes)}
    found: dict[Name, int] = {label: places[label] for label in question.labels if label in places}
    if len(classes) != question.outputs or not question.most(found):
        return None
    return ClassMap(found, "by the data's list of classes", dict(enumerate(classes)), classes)


def _by_words(question: LabelSet) -> ClassMap | None:
    """Names that are words of ImageNet's classes: tench, or "tench, Tinca tinca"."""
    if (known := question.space) is None:
        return None
    found = {
        label: output for label in question.labels if (output := known.find(str(label))) is not None
    }
    if not question.most(found):
        return None
    expected = dict(list(enumerate(known.names))[known.offset :])
    return ClassMap(found, f"by class names, {_title(known)}", expected, known.names)


def _by_order(question: LabelSet) -> ClassMap | None:
    """As many names as outputs, in natural order, as timm sorts folders."""
    if question.images.classes or len(question.labels) != question.outputs:
        return None
    names = sorted(map(str, question.labels), key=natural_key)
    how = f"the {len(names):,} folder names in natural order, as there are as many outputs"
    how += "; as plain text they would be in another order" * (names != sorted(names))
    places = {name: index for index, name in enumerate(names)}
    found: dict[Name, int] = {label: places[str(label)] for label in question.labels}
    return ClassMap(found, how, dict(enumerate(names)), tuple(names))


RULES: tuple[Callable[[LabelSet], ClassMap | None], ...] = (
    _by_wordnet,
    _by_data_names,
    _by_index,
    _by_own_order,
    _by_words,
    _by_order,
)


def choose_class_map(question: LabelSet) -> ClassMap:
    """What the first rule that fits says. UsageError: none does, and nothing is guessed."""
    for rule in RULES:
        if (found := rule(question)) is not None:
            return found
    where, classes = question.images.where, question.images.classes
    names = classes or sorted(map(str, question.labels), key=natural_key)
    some = ", ".join(repr(name) for name in names[:3]) + ", ..." * (len(names) > 3)
    raise UsageError(
        f"{where}: {len(names):,} classes ({some}), and the model has {question.outputs:,} outputs; "
        "say which is which with --class-map FILE"
    )


def _title(known: ClassSpace) -> str:
    return f"timm's list {known.name}" + ", one behind for the background class" * bool(
        known.offset
    )
