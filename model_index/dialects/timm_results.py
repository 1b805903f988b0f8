"""Read timm's tables of results, CSV files with accuracies and speeds of all its models: one row
for each model and input size.

Rows about one model are one entry; the input size tells their numbers apart. What a table of speeds
was measured on is in its name (`timm_names`), and becomes the conditions of each of its numbers.

`infer_step_time` is the time of a step over the whole batch, in milliseconds: in the published
tables it is a thousand times `infer_batch_size / infer_samples_per_sec`, to 0.2% on a GPU and to 6%
at most on a CPU.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePath

from zoo.model_index.dialects.tables.join import join_tables
from zoo.model_index.dialects.tables.timm_names import conditions_of
from zoo.model_index.errors import Fault, UsageError
from zoo.model_index.quantities.lookup import find_with_unit
from zoo.model_index.quantities.parse import parse_count, parse_size, states_nothing
from zoo.model_index.quantities.value import ParsedValue
from zoo.model_index.reading.encodings import decode_file
from zoo.model_index.reading.limits import TooLarge, read_bytes
from zoo.model_index.reading.reader import cut
from zoo.model_index.records.fields import Plain
from zoo.model_index.records.input_spec import InputSpec, image_input
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Builder, Claim, Entry, Index

PUBLISHER = "timm"
SOURCE = "https://github.com/huggingface/pytorch-image-models/tree/main/results"
LIBRARY: dict[str, Plain] = {"Name": PUBLISHER, "Headline": "PyTorch Image Models", "Docs": SOURCE}
TASK = "Image Classification"
DATASETS = {
    "imagenet": "ImageNet",
    "imagenet-real": "ImageNet ReaL",
    "imagenet-a": "ImageNet-A",
    "imagenet-r": "ImageNet-R",
    "sketch": "ImageNet-Sketch",
}

# What columns are called here. Speeds and costs are of a run, which the columns begin with.
SETTINGS = {
    "param_count": "Parameters (M)",
    "img_size": "Image Size",
    "crop_pct": "Crop Pct",
    "interpolation": "Interpolation",
}
METRICS = {"top1": "Top 1 Accuracy", "top5": "Top 5 Accuracy"}
SPEEDS = {
    "infer": {"samples_per_sec": "Throughput", "step_time": "Inference Time (ms)"},
    "train": {"samples_per_sec": "Throughput"},  # a step of training is no inference
}
COSTS = {"gmacs": "GMACs", "macts": "Activations (M)"}
LONGEST_HEADER = 1 << 16  # bytes
NEEDED = ("top1", *(f"{run}_samples_per_sec" for run in SPEEDS))
SIZES = {
    f"{run}_{column}": parse
    for run in SPEEDS
    for column, parse in (("batch_size", parse_count), ("img_size", parse_size))
}
FRACTION = re.compile(r"0?\.\d+|[01](?:\.0*)?")  # a percentage that would be read as a fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One cell: its column, label, characters, place and conditions.

    `dataset` is that of a metric, None for what stands in Metadata.
    """

    column: str
    label: str
    raw: str
    place: Place
    conditions: tuple[tuple[str, str], ...] = ()
    dataset: str | None = None

    @property
    def is_quantity(self) -> bool:
        return find_with_unit(self.label) is not None

    def parse(self) -> ParsedValue:
        """Return the value.

        Raises:
            ValueError: with what was expected.
        """
        match = find_with_unit(self.label)
        return match[0].parse(self.raw + match[1]) if match else parse_count(self.raw)

    def claim(self, model: str, alone: bool) -> Claim:
        """Return the claim, with its column as path; the settings of an accuracy that is `alone`
        are in Metadata."""
        match = find_with_unit(self.label)
        assert match is not None
        return Claim(
            model=model,
            publisher=PUBLISHER,
            source=SOURCE,
            quantity=match[0].key,
            label=self.label,
            raw=self.raw,
            parsed=self.parse(),
            path=self.column,
            place=self.place,
            dataset=self.dataset,
            task=TASK if self.dataset else None,
            input=_read_size(dict(self.conditions).get("input size")),
            conditions=() if self.dataset and alone else self.conditions,
            unit=match[1],
        )


def _read_size(text: str | None) -> InputSpec | None:
    """Return the image of a row; None where it has none that can be read, which is a fault."""
    try:
        value = parse_size(text).value if text else None
    except ValueError:
        return None
    return image_input(value) if isinstance(value, tuple) else None


@dataclass(slots=True)
class ModelRows:
    """The rows of all tables about one model: its first place, and the numbers of each row."""

    name: str
    place: Place
    rows: list[list[Number]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its columns, the conditions in its name, and the data set of its accuracies."""

    name: str
    columns: list[str]
    environment: dict[str, str]
    dataset: str

    def numbers(self, row: dict[str, str], line: int) -> Iterator[Number]:
        """Yield the numbers of a row, Metadata first; an empty cell states nothing."""

        def number(
            column: str, label: str, conditions: dict[str, str], dataset: str | None = None
        ) -> Iterator[Number]:
            raw = row.get(column, "")
            if not states_nothing(raw):
                place = Place(self.name, line, self.columns.index(column) + 1)
                raw = f"{raw}%" if dataset and FRACTION.fullmatch(raw) else raw
                stated = tuple((key, text) for key, text in conditions.items() if text)
                yield Number(
                    column=column,
                    label=label,
                    raw=raw,
                    place=place,
                    conditions=stated,
                    dataset=dataset,
                )

        for column, label in SETTINGS.items():
            yield from number(column, label, {})
        for run, speeds in SPEEDS.items():
            size = {"input size": row.get(f"{run}_img_size", "")}
            run_conditions = {
                "batch size": row.get(f"{run}_batch_size", ""),
                **size,
                "mode": "train" if run == "train" else "",
            }
            for column, label in speeds.items():
                yield from number(f"{run}_{column}", label, self.environment | run_conditions)
            for column, label in COSTS.items():
                yield from number(f"{run}_{column}", label, size)
        settings = {
            "input size": "img_size",
            "crop pct": "crop_pct",
            "interpolation": "interpolation",
        }
        for column, label in METRICS.items():
            yield from number(
                column, label, {key: row.get(at, "") for key, at in settings.items()}, self.dataset
            )

    def row_faults(self, row: dict[str, str], line: int) -> Iterator[Fault]:
        """Yield the faults for which no number of a row can be used: those of its name and of the
        sizes that it was measured at."""
        if not row["model"]:
            yield Fault(self.name, line, "model", "a name", "nothing")
        for column, parse in SIZES.items():
            if row.get(column) and (expected := _problem(partial(parse, row[column]))):
                yield self._fault(line, column, expected, row[column], row)

    def number_fault(self, number: Number, row: dict[str, str]) -> Fault | None:
        """Return the fault of one number; None where it can be used."""
        expected = _problem(number.parse)
        line = number.place.line
        return self._fault(line, number.column, expected, number.raw, row) if expected else None

    def _fault(self, line: int, column: str, expected: str, raw: str, row: dict[str, str]) -> Fault:
        return Fault(self.name, line, column, expected, repr(cut(raw)), model=row["model"])


def _problem(parse: Callable[[], ParsedValue]) -> str | None:
    """Return what was expected; None where the value is valid."""
    try:
        value = parse().value
    except ValueError as error:
        return str(error)
    return "a number above 0" if not isinstance(value, (str, tuple)) and value <= 0 else None


def recognises(path: str | Path) -> bool:
    """Return whether a file has the header of a table of results; a file that cannot be read counts
    as one, so that reading it says why."""
    try:
        with open(path, "rb") as file:
            text = decode_file(path, file.read(LONGEST_HEADER)).text.lstrip("\ufeff \r\n")
        header = next(csv.reader(io.StringIO(text, newline="")), [])
    except (OSError, ValueError, csv.Error):
        return True
    return "model" in header and any(column in header for column in NEEDED)


def read(paths: Iterable[str | Path]) -> tuple[Index, list[Fault]]:
    """Read tables; return their index and the faults of the cells and rows that were left out. The
    column of a place counts cells.

    Raises:
        UsageError: a file that cannot be read, or that is no such table.
    """
    models: dict[str, ModelRows] = {}
    faults: list[Fault] = []
    names = [str(path) for path in paths]
    for name in names:
        rows = _rows(name)
        table = _table(name, next(rows, (1, []))[1])
        for line, cells in rows:
            if len(cells) != len(table.columns):
                faults.append(Fault(name, line, "", f"{len(table.columns)} cells", str(len(cells))))
                continue
            row = dict(zip(table.columns, (" ".join(cell.split()) for cell in cells), strict=True))
            wrong = list(table.row_faults(row, line))
            faults += wrong
            if wrong:
                continue
            numbers = []
            for number in table.numbers(row, line):
                if fault := table.number_fault(number, row):
                    faults.append(fault)
                else:
                    numbers.append(number)
            if numbers:
                rows_of_model = ModelRows(row["model"], Place(name, line))
                models.setdefault(row["model"], rows_of_model).rows.append(numbers)
    return Index(entries=tuple(map(_entry, models.values())), files=tuple(names)), faults


def join(index: Index, paths: Sequence[str]) -> tuple[Index, list[Fault]]:
    """Add the rows of tables to an index, and return the faults of what was left out.

    Raises:
        UsageError: as `read`.
    """
    tables, faults = read(paths)
    return join_tables(index, tables), faults


def _table(name: str, columns: list[str]) -> Table:
    if "model" not in columns or not any(column in columns for column in NEEDED):
        got = cut(", ".join(columns)) or "nothing"
        raise UsageError(
            f"{name}: expected a table with the columns model and {' or '.join(NEEDED)}, got {got}"
        )
    if twice := [column for column, count in Counter(filter(None, columns)).items() if count > 1]:
        raise UsageError(f"{name}: expected each column once, got {cut(twice[0])!r} again")
    dataset = PurePath(name).stem.removeprefix("results-")
    return Table(name, columns, conditions_of(name), DATASETS.get(dataset, dataset))


def _rows(name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty, with its line.

    Raises:
        UsageError: where the file cannot be read.
    """
    if (printable := name.encode("utf-8", "backslashreplace").decode()) != name:
        raise UsageError(f"{printable}: expected a file whose name is UTF-8 text")
    try:
        text = read_bytes(name).decode("utf-8-sig")
    except TooLarge as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: expected a text in UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(
            f"{name}:{reader.line_num}: expected a row of a table, got {error}"
        ) from error


def _entry(model_rows: ModelRows) -> Entry:
    """Return the record of a model; what all rows agree on is stated once."""
    metadata: dict[str, list[Number]] = {}
    results: list[Plain] = []
    claims, alone = [], len(model_rows.rows) == 1
    stood: set[tuple[str, str, tuple[tuple[str, str], ...]]] = set()
    for numbers in model_rows.rows:
        metrics: dict[str, Plain] = {}
        for number in numbers:
            if number.dataset is None:
                alike = metadata.setdefault(number.label, [])
                if (key := (number.label, number.raw, number.conditions)) in stood:
                    continue
                stood.add(key)
                alike.append(number)
            if number.dataset is not None:
                metrics[number.label] = number.raw if alone else [_valued(number)]
            if number.is_quantity:
                claims.append(number.claim(model_rows.name, alone))
        if metrics:
            dataset = next(number.dataset for number in numbers if number.dataset)
            results.append({"Task": TASK, "Dataset": dataset, "Metrics": metrics})
    stated = {label: _field(numbers) for label, numbers in metadata.items()}
    fields: dict[str, Plain] = {
        "Name": model_rows.name,
        "Metadata": stated,
        **({"Results": results} if results else {}),
    }
    return Entry(
        name=model_rows.name,
        collection=None,
        publisher=PUBLISHER,
        source=SOURCE,
        builder=Builder("timm", model_rows.name),
        claims=tuple(claims),
        reported=(),
        metadata=stated,
        fields=fields,
        place=model_rows.place,
        library=LIBRARY,
    )


def _field(numbers: list[Number]) -> Plain:
    """Return one value as it is printed; several, and those with conditions, as a list of
    mappings."""
    if len(numbers) == 1 and not numbers[0].conditions:
        return numbers[0].raw
    return [_valued(number) for number in numbers]


def _valued(number: Number) -> Plain:
    return {"value": number.raw, **dict(number.conditions)}
