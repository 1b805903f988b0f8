"""What each column of a table means: by its header, else by what stands in its cells."""

import re
from collections.abc import Sequence
from dataclasses import replace

from zoo.model_index.dialects.page_tables.cell_numbers import is_numeric, read_numbers
from zoo.model_index.dialects.page_tables.data_sets import take_data_set
from zoo.model_index.dialects.page_tables.header import Meaning, Role, read_header
from zoo.model_index.dialects.page_tables.table_settings import TableSettings
from zoo.model_index.quantities.lookup import normalize
from zoo.model_index.quantities.parse import states_nothing
from zoo.model_index.quantities.table import BY_KEY
from zoo.model_index.reading.tables.grid import GridCell

# Headers of the column that names the model, the surest first.
NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        r"models?|model names?|模型|模型名称|names?|networks?|nets?|model variant|variants?",
        r"arch(?:itectures?)?|encoders?|methods?|checkpoints?|weights?|algorithms?|approach",
        r"(?:pretrained|pre trained) (?:models?|weights?)|config(?:uration)?s?|backbones?|",
    )
)
LINK_HEADER = re.compile(r"download|下载|links?|checkpoint|ckpt|weights|logs?|paper|code|config")
FILE_HEADER = re.compile(r"downloads?|weights?|checkpoints?|ckpt|files?|下载")
FILE_SIZES = re.compile(r"[\d.,]+\s?[kKMG]i?B")
Columns = tuple[tuple[Meaning, ...], ...]


def read_columns(
    header: Sequence[Sequence[GridCell]],
    rows: Sequence[Sequence[GridCell]],
    task: str | None,
    settings: TableSettings,
) -> Columns:
    """Return the meanings of each column; a column has several where its header names several
    quantities: `Top-1 / Top-5`. One column at most is that of the names."""
    width = len(header[0]) if header else 0
    columns = []
    for place in range(width):
        texts = _header_texts(header, place)
        cells = [row[place] for row in rows]
        columns.append(_meanings(texts, cells, task, settings))
    name = _find_names(columns, rows)
    return tuple(
        (replace(meanings[0], role=Role.NAME),)
        if place == name
        else tuple(_without_name(meaning) for meaning in meanings)
        for place, meanings in enumerate(columns)
    )


def is_of_models(columns: Columns) -> bool:
    """Return whether a table has a column of names, and a number about them."""
    meanings = [meaning for column in columns for meaning in column]
    named = next((meaning for meaning in meanings if meaning.role is Role.NAME), None)
    known = any(meaning.role is Role.QUANTITY and meaning.row for meaning in meanings)
    return named is not None and (known or _rank(named.label) is not None)


def _header_texts(header: Sequence[Sequence[GridCell]], place: int) -> list[str]:
    """Return the texts above a column, from the top; a cell over several rows once."""
    cells: list[GridCell] = []
    for row in header:
        if not any(row[place] is cell for cell in cells):
            cells.append(row[place])
    return [text for cell in cells if (text := " ".join(cell.text.split()))]


def _meanings(
    texts: list[str], cells: Sequence[GridCell], task: str | None, settings: TableSettings
) -> list[Meaning]:
    whole = " ".join(texts)
    if stated := settings.meaning_of(whole, texts[-1] if texts else ""):
        return [stated]
    parts = [part for part in re.split(r"\s*/\s*", whole) if part]
    if len(parts) > 1 and (several := _read_several(parts, task)):
        return several
    return [_suit(_read_texts(texts, task), cells)]


def _read_several(parts: list[str], task: str | None) -> list[Meaning] | None:
    """Return the meanings of a header that names several quantities; None where one of its parts
    means nothing known. A unit at the end is that of all."""
    unit = re.search(r"\s*\([^()]*\)$", parts[-1])
    meanings = [read_header(part, task) for part in parts]
    if unit and not all(meaning.unit for meaning in meanings):
        meanings = [
            meaning if meaning.unit else read_header(part + unit[0], task)
            for part, meaning in zip(parts, meanings, strict=True)
        ]
    return meanings if all(meaning.role is Role.QUANTITY for meaning in meanings) else None


def _read_texts(texts: list[str], task: str | None) -> Meaning:
    """Return the meaning of a header of one or several rows: of all words, else of the lowest
    row's, with those above as a data set or a condition."""
    whole = " ".join(texts)
    meaning = read_header(whole, task)
    if meaning.role is Role.QUANTITY or len(texts) < 2:
        return meaning
    below = read_header(texts[-1], task)
    if below.role is not Role.QUANTITY:
        return meaning
    rest, dataset = take_data_set(" ".join(texts[:-1]))
    words = " ".join(rest.split())
    group = (("group", words),) if words else ()
    return replace(
        below,
        label=whole,
        dataset=below.dataset or dataset,
        conditions=(*below.conditions, *group),
    )


def _suit(meaning: Meaning, cells: Sequence[GridCell]) -> Meaning:
    """Return the meaning as the cells below allow it: a column of links holds no quantity, `size`
    is one of images only where its numbers are."""
    filled = [cell for cell in cells if not states_nothing(cell.text)]
    numeric = sum(bool(read_numbers(cell.text)) for cell in filled)
    linked = sum(bool(cell.links) for cell in filled)
    if linked and not meaning.row and 2 * linked >= len(filled):
        if numeric < linked:
            return replace(meaning, role=Role.LINKS)
        if FILE_HEADER.fullmatch(meaning.label.lower()) and FILE_SIZES.fullmatch(filled[0].text):
            return replace(meaning, role=Role.QUANTITY, row=BY_KEY["file_size"])
    if meaning.is_image_size and normalize(meaning.label) == "size" and not _are_sides(filled):
        meaning = replace(meaning, role=Role.OPEN, row=None)
    if meaning.role is Role.OPEN and numeric and 2 * numeric > len(filled):
        return replace(meaning, role=Role.QUANTITY)
    return meaning


def _are_sides(cells: Sequence[GridCell]) -> bool:
    """Return whether numbers are sides of images: products, or multiples of 16 from 96 on."""
    for cell in cells:
        text = cell.text.strip()
        if not re.fullmatch(r"\d+(?:\s?[x×]\s?\d+)+", text) and not (
            text.isdigit() and int(text) >= 96 and int(text) % 16 == 0
        ):
            return False
    return bool(cells)


def _find_names(
    columns: Sequence[Sequence[Meaning]], rows: Sequence[Sequence[GridCell]]
) -> int | None:
    """Return the column of names: by its header, else the first that holds texts."""
    candidates = []
    for place, (meaning, *others) in enumerate(columns):
        if others or meaning.row or not _holds_names([row[place] for row in rows]):
            continue
        if meaning.role is Role.NAME:
            return place
        if meaning.role is Role.LINKS and LINK_HEADER.search(meaning.label.lower()) and place:
            continue
        if meaning.role not in (Role.IGNORED, Role.TEXT, Role.QUANTITY):
            rank = _rank(meaning.label)
            candidates.append((len(NAMES) if rank is None else rank, place))
    return min(candidates)[1] if candidates else None


def _holds_names(cells: Sequence[GridCell]) -> bool:
    texts = [cell.text for cell in cells if not states_nothing(cell.text)]
    return bool(texts) and 2 * sum(map(is_numeric, texts)) <= len(texts)


def _rank(label: str) -> int | None:
    words = normalize(label).strip(" :.*")
    return next((rank for rank, names in enumerate(NAMES) if names.fullmatch(words)), None)


def _without_name(meaning: Meaning) -> Meaning:
    """Return the meaning of a second column of names, which tells rows apart."""
    return replace(meaning, role=Role.OPEN) if meaning.role is Role.NAME else meaning
