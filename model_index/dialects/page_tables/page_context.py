"""What headings and captions say about all rows of a table: data set, task, pre-training, size."""

import os
import re
from dataclasses import dataclass
from pathlib import PurePath

from zoo.model_index.dialects.huggingface import name_from_path
from zoo.model_index.dialects.page_tables.data_sets import (
    DATA_SETS,
    TRAINED,
    TUNED,
    find_data_set,
    find_task,
)
from zoo.model_index.quantities.parse import parse_size
from zoo.model_index.reading.tables.grid import Grid
from zoo.model_index.records.input_spec import InputSpec, image_input

REFERENCES = re.compile(r"\s*\[+\d+\]*(?:\([^)]*\))?\]*")
SIDES = re.compile(r"\b(\d{3,4}\s?[x×]\s?\d{3,4})\b|\b(?:resolution|size)\s+(\d{3,4})\b", re.I)
LARGE = ("ImageNet-21k",)  # data that nobody reports a top-1 accuracy of
LONGEST = 100  # characters of a collection's name


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContext:
    """What a table's surroundings state: `family` is the heading that it stands under, `number`
    its place among the tables of the page, from 0."""

    family: str
    number: int = 0
    dataset: str | None = None
    task: str | None = None
    conditions: tuple[tuple[str, str], ...] = ()
    input: InputSpec | None = None


def read_context(grid: Grid, file: str, number: int = 0) -> TableContext:
    """Return what caption and headings say; the nearest that names something holds."""
    headings = [text for text in map(clean_heading, grid.headings) if text]
    texts = [*filter(None, [clean_heading(grid.caption)]), *reversed(headings)]
    conditions = []
    if trained := next((text for text in texts if _is_pretraining(text)), None):
        conditions.append(("pretraining", _printed_set(trained)))
    if tuned := next((match for text in texts if (match := TUNED.search(text))), None):
        conditions.append(("fine-tuned at", tuned[1].replace(" ", "")))
    page = name_from_path(os.path.abspath(file)) or PurePath(file).stem
    return TableContext(
        family=headings[-1] if headings else page,
        number=number,
        dataset=next((name for text in texts if (name := _data_set_of(text))), None) or None,
        task=next((task for text in texts if (task := find_task(text))), None),
        conditions=tuple(conditions),
        input=next((spec for text in texts if (spec := _read_sides(text))), None),
    )


def clean_heading(text: str) -> str:
    """Return a heading without references to a bibliography and the colon behind it."""
    return " ".join(REFERENCES.sub(" ", text).split()).strip(" :#*")[:LONGEST]


def _is_pretraining(text: str) -> bool:
    name = find_data_set(text)
    return name in LARGE and TRAINED.search(text) is not None


def _printed_set(text: str) -> str:
    """Return the data set as a text spells it."""
    return next((match[0] for pattern, _ in DATA_SETS if (match := pattern.search(text))), text)


def _data_set_of(text: str) -> str | None:
    """Return the data set that numbers below a heading are of; None where it names none, several,
    or what models were trained on before."""
    names = {name for pattern, name in DATA_SETS if pattern.search(text)}
    if not names or _is_pretraining(text):
        return None
    name = find_data_set(text)
    return name if len(names) == 1 or names <= {name, "ImageNet"} else None


def _read_sides(text: str) -> InputSpec | None:
    match = SIDES.search(text)
    try:
        value = parse_size((match[1] or match[2]).replace(" ", "")).value if match else None
    except ValueError:
        return None
    return image_input(value) if isinstance(value, tuple) else None
