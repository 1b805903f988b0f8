"""Lint an index: find what is wrong by reading it. No model is built and nothing is fetched.

Each check is one row of `CHECKS` and one small function that yields what it points at and a
message. A message says what stands there, what was expected and why. A finding here is about the
index alone; claims against the live model are the business of `zoo.verification.verify`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from zoo.model_index.checks.accuracy_pairs import half, is_adversarial, pairs
from zoo.model_index.checks.contradictions import (
    find_contradictions,
    find_unlike_inputs,
    repeats_row,
)
from zoo.model_index.checks.decimal_slips import Rate, find_slips, print_claim, rate_of
from zoo.model_index.checks.keys import find_misspelt_keys
from zoo.model_index.checks.metric_bounds import find_impossible_metrics
from zoo.model_index.checks.weight_width import expected_bytes
from zoo.model_index.errors import Fault, UsageError
from zoo.model_index.errors.suggestions import describe_unknown, find_close
from zoo.model_index.quantities.show import show_count
from zoo.model_index.quantities.table import ACCURACIES, BY_KEY
from zoo.model_index.reading.reader import cut
from zoo.model_index.records.fields import look_up
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim, Collection, Entry, Index

FEWEST = 1000  # parameters or operations: fewer lack their unit
IMAGE_SIZES = (8, 2048)  # 8: scikit-learn's digits
LONGEST_PATH = 250
WITHOUT_PAGES = ".mim"  # the folder of OpenMMLab's metafiles in an installed package
# collections that a message lists, and unknown ones that are looked for; among so many
FEW, MANY = (
    50,
    200,
)


class KeyOfEntry(NamedTuple):
    """A key of a model, by its place."""

    place: Place
    name: str


Subjects = Claim | Entry | Collection | Fault | KeyOfEntry
Hit = tuple[Subjects, str]


@dataclass(frozen=True, slots=True)
class Lint:
    """One finding: the check's name, what is wrong, where, and the model it is about."""

    rule: str
    message: str
    place: Place
    model: str

    def __str__(self) -> str:
        return f"{self.place}:{self.place.column}: {self.rule}: {self.model}: {self.message}"

    def to_dict(self) -> dict[str, object]:
        """Return the finding for machines: `{rule, model, message, file, line}`."""
        return {
            "rule": self.rule,
            "model": self.model,
            "message": self.message,
            "file": self.place.file,
            "line": self.place.line,
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """The claims of one publisher about one model in one place: the first claim of each
    quantity."""

    entry: Entry
    publisher: str
    first: dict[str, Claim]


@dataclass(frozen=True, slots=True)
class Subject:
    """The index as checks need it: statements, and claims by quantity."""

    index: Index
    statements: list[Statement] = field(default_factory=list)
    claims: dict[str, list[Claim]] = field(default_factory=dict)

    @classmethod
    def of(cls, index: Index) -> "Subject":
        subject = cls(index)
        for entry in index.entries:
            subject._add(entry, entry.publisher, entry.claims)
            for report in entry.reported:
                subject._add(entry, report.publisher, report.claims)
        return subject

    def _add(self, entry: Entry, publisher: str, claims: tuple[Claim, ...]) -> None:
        first: dict[str, Claim] = {}
        for claim in claims:
            first.setdefault(claim.quantity, claim)
            self.claims.setdefault(claim.quantity, []).append(claim)
        self.statements.append(Statement(entry, publisher, first))


@dataclass(frozen=True, slots=True)
class Check:
    """One row of `CHECKS`."""

    rule: str
    description: str
    find: Callable[[Subject], Iterator[Hit]]


def validate_rules(names: Sequence[str]) -> Sequence[str]:
    """Return these names of checks.

    Raises:
        UsageError: there is no check of a name.
    """
    rules = [check.rule for check in CHECKS]
    for name in names:
        if name not in rules:
            raise UsageError(describe_unknown("no check", name, rules))
    return names


def lint(index: Index, ignore: Sequence[str] = ()) -> list[Lint]:
    """Run every check but those to ignore; return the findings ordered by file and line."""
    subject = Subject.of(index)
    findings = [
        Lint(check.rule, message, *_location(at))
        for check in CHECKS
        if check.rule not in ignore
        for at, message in check.find(subject)
    ]
    return sorted(findings, key=lambda lint: (lint.place.file, lint.place.line, lint.rule))


def _location(at: Subjects) -> tuple[Place, str]:
    """Return the place of a finding, and the name of what it is about."""
    if isinstance(at, Fault):
        return Place(at.file, at.line), at.model or at.path or at.file
    return at.place, at.model if isinstance(at, Claim) else at.name


def unreadable(subject: Subject) -> Iterator[Hit]:
    for fault in subject.index.faults:
        yield fault, f"{fault.path or 'the file'}: expected {fault.expected}, got {fault.got}"


def unknown_key(subject: Subject) -> Iterator[Hit]:
    for key, model, message in find_misspelt_keys(subject.index):
        yield KeyOfEntry(key.place, model), message


def no_claim(subject: Subject) -> Iterator[Hit]:
    unread = {fault.model for fault in subject.index.faults}
    for entry in subject.index.entries:
        stated = entry.name in unread or entry.unclear or entry.links
        if not (stated or any(entry.all_claims())):
            yield entry, "states no number that can be checked"


def small_count(subject: Subject) -> Iterator[Hit]:
    for key in ("parameters", "flops"):
        for claim in subject.claims.get(key, ()):
            # a type may have few elements
            if 0 < claim.number < FEWEST and "dtype" not in dict(claim.conditions):
                yield claim, f"{print_claim(claim)}: expected at least {FEWEST:,} (a unit missing?)"


def accuracy_range(subject: Subject) -> Iterator[Hit]:
    for claim in (c for key in BY_KEY if key in ACCURACIES for c in subject.claims.get(key, ())):
        if not 0 <= claim.number <= 100:
            yield claim, f"{print_claim(claim)}: expected 0 to 100%"


def metric_bounds(subject: Subject) -> Iterator[Hit]:
    yield from find_impossible_metrics(subject.index)


def accuracy_pair(subject: Subject) -> Iterator[Hit]:
    """The true class is among the first five at least as often as it is the first, and at most five
    times as often: a model ranks its guesses, so none of the later four is right more often than
    the first, unless the images were chosen because models get them wrong."""
    for top1, top5 in (
        pair for entry in subject.index.entries for pair in pairs(entry.all_claims())
    ):
        if top5.number < top1.number:
            yield (
                top5,
                f"{print_claim(top5)}: expected at least {print_claim(top1)} "
                "(error rates in place of accuracies?)",
            )
        elif not is_adversarial(top1.dataset) and top5.number > 5 * (top1.number + half(top1)):
            yield (
                top1,
                f"{print_claim(top1)}: expected at least a fifth of {print_claim(top5)}, "
                "as guesses are ranked",
            )


def file_size(subject: Subject) -> Iterator[Hit]:
    for statement in subject.statements:
        size, parameters = statement.first.get("file_size"), statement.first.get("parameters")
        if size is None or parameters is None or parameters.number <= 0:
            continue
        low, high, reason = expected_bytes(statement.entry)
        if (
            not low * (parameters.number - half(parameters))
            <= size.number
            <= high * (parameters.number + half(parameters))
        ):
            count = show_count(parameters.number)
            rate = f"{size.number / parameters.number:.2f} bytes for each of {count} parameters"
            yield size, f"{print_claim(size)}: {rate}, expected {low} to {high}{reason}"


def duplicate_name(subject: Subject) -> Iterator[Hit]:
    first: dict[str, Entry] = {}
    for entry in subject.index.entries:
        if (earlier := first.setdefault(entry.name, entry)) is not entry:
            yield (
                entry,
                f"Name {entry.name!r}: expected each name once, it stands at {earlier.place} too",
            )


def duplicate_weights(subject: Subject) -> Iterator[Hit]:
    first: dict[str, Entry] = {}
    for entry in subject.index.entries:
        for url in dict.fromkeys(entry.weights):
            earlier = first.setdefault(url, entry)
            if earlier is not entry and not repeats_row(entry, earlier):
                yield (
                    entry,
                    f"Weights {url}: expected this model's own, "
                    f"{earlier.name} at {earlier.place} has the same",
                )


def id_unlike_name(subject: Subject) -> Iterator[Hit]:
    """The ID is the builder's name and may carry an owner before it and a pretrained tag behind
    it."""
    for claim in subject.claims.get("id", ()):
        built_name = str(claim.value).rpartition("/")[2]
        if _normal(claim.model) not in (_normal(built_name), _normal(built_name.partition(".")[0])):
            yield claim, f"{print_claim(claim)}: expected the model's name, {claim.model}"


@lru_cache(maxsize=4096)
def _normal(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def unknown_collection(subject: Subject) -> Iterator[Hit]:
    names = dict.fromkeys(collection.name for collection in subject.index.collections)
    some = [cut(name) for name in list(names)[:FEW]]
    more = [f"{len(names) - FEW:,} more"] if len(names) > FEW else []
    expected = ", ".join((*some, *more)) or "none"
    hints: dict[str, str] = {}
    for entry in subject.index.entries:
        name = entry.collection
        if name is not None and name not in names:
            if name not in hints:
                hints[name] = _close(name, names) if len(hints) < FEW else ""
            yield entry, f"In Collection {cut(name)!r}: {hints[name]}expected one of {expected}"


def _close(name: str, names: Iterable[str]) -> str:
    """Return a name that is nearly this one; comparing two texts takes as long as the product of
    their lengths."""
    close = find_close(name, islice(names, MANY), 1)
    return f"did you mean {close[0]}? " if close else ""


def duplicate_collection(subject: Subject) -> Iterator[Hit]:
    first: dict[str, Collection] = {}
    for collection in subject.index.collections:
        if (earlier := first.setdefault(collection.name, collection)) is not collection:
            message = (
                f"Collection {collection.name!r}: expected each name once, "
                f"it stands at {earlier.place} too"
            )
            yield collection, message


def readme(subject: Subject) -> Iterator[Hit]:
    """Report a README that does not exist. It is looked for only where its folder exists: an
    index may be read outside of its repository. OpenMMLab's wheels hold metafiles without the pages
    that they name."""
    records: list[Collection | Entry] = [*subject.index.collections, *subject.index.entries]
    for record in records:
        path = (
            record.text("readme") if isinstance(record, Collection) else _own_text(record, "readme")
        )
        if not path or len(path) > LONGEST_PATH or not path.isprintable() or "://" in path:
            continue
        parts = Path(path).parts
        if (
            Path(path).is_absolute()
            or ".." in parts
            or Path(path).suffix not in (".md", ".mdx", ".rst")
        ):
            continue
        location = Path(record.place.file)
        if WITHOUT_PAGES in location.absolute().parts:
            continue
        folders = (
            [location.parent]
            if location.is_absolute() or ".." in location.parts
            else location.parents
        )
        beside = [folder / path for folder in folders if (folder / parts[0]).exists()]
        if not any(file.is_file() for file in beside) and (beside or len(parts) == 1):
            yield record, f"README {path}: expected a file"


def _own_text(entry: Entry, key: str) -> str | None:
    value = look_up(entry.fields, key)
    return value if isinstance(value, str) else None


def image_size(subject: Subject) -> Iterator[Hit]:
    low, high = IMAGE_SIZES
    for claim in subject.claims.get("image_size", ()):
        sides = claim.value if isinstance(claim.value, tuple) else ()
        if not all(low <= side <= high for side in sides):
            yield claim, f"{print_claim(claim)}: expected sides of {low} to {high} pixels"


def crop_pct(subject: Subject) -> Iterator[Hit]:
    for claim in subject.claims.get("crop_pct", ()):
        if not 0 < claim.number <= 1:
            yield claim, f"{print_claim(claim)}: expected a fraction above 0, 1 at most"


def siblings(subject: Subject) -> Iterator[Hit]:
    families: dict[tuple[str, str], list[Rate]] = {}
    for statement in subject.statements:
        flops, parameters = map(statement.first.get, ("flops", "parameters"))
        size = (flops.size if flops else None) or statement.entry.named_size
        rate = rate_of(flops, parameters, size)
        if rate and statement.entry.collection:
            families.setdefault((statement.entry.collection, statement.publisher), []).append(rate)
    for rates in families.values():
        yield from find_slips(rates)


def contradiction(subject: Subject) -> Iterator[Hit]:
    yield from find_contradictions(subject.index)


def input_size(subject: Subject) -> Iterator[Hit]:
    yield from find_unlike_inputs(subject.index)


CHECKS = (
    Check("unreadable", "each value and each file can be read", unreadable),
    Check("unknown-key", "no key is nearly one that is read", unknown_key),
    Check("no-claim", "each model states a number", no_claim),
    Check("small-count", "parameters and FLOPs are at least 1,000", small_count),
    Check("accuracy-range", "an accuracy is a percentage from 0 to 100", accuracy_range),
    Check("metric-bounds", "no metric is above what it can be", metric_bounds),
    Check("accuracy-pair", "top-5 is at least top-1, and five times top-1 at most", accuracy_pair),
    Check("file-size", "a weights file has the bytes a parameter that its name states", file_size),
    Check("duplicate-name", "each model name stands once in an index", duplicate_name),
    Check("duplicate-weights", "each weights address belongs to one model", duplicate_weights),
    Check(
        "id-unlike-name",
        "the ID is the name, but for case, punctuation and a pretrained tag",
        id_unlike_name,
    ),
    Check("duplicate-collection", "each collection stands once in an index", duplicate_collection),
    Check("readme", "a README that is named exists", readme),
    Check(
        "unknown-collection", "In Collection names a collection of the index", unknown_collection
    ),
    Check("siblings", "FLOPs per parameter are like those of the same family", siblings),
    Check("contradiction", "rows of one name and one input have the same counts", contradiction),
    Check("image-size", "an image side has 8 to 2048 pixels", image_size),
    Check("input-size", "Input and Image Size of an entry are of one size", input_size),
    Check("crop-pct", "a crop fraction is above 0, and 1 at most", crop_pct),
)
