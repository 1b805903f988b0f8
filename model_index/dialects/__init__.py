"""The dialects of an index: each maps its own spelling to the records of
`zoo.model_index.records`.

Adding a dialect is a module here and a row of `DIALECTS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.model_index.dialects import hub_metadata, huggingface, onnx_hub, pwc, timm_results
from zoo.model_index.dialects.base.page import Page
from zoo.model_index.dialects.base.part import Files, IndexPart
from zoo.model_index.errors import Fault
from zoo.model_index.reading import markdown
from zoo.model_index.reading.discover import DOCUMENTS, suffix
from zoo.model_index.reading.tables.read import TABLE_SUFFIXES
from zoo.model_index.records.records import Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A dialect that is read file by file.

    `recognises` tells whether a file that was found, not named, is of this dialect. `read` returns
    what a page states in this dialect, an empty part where that is nothing. A page that an `alone`
    dialect recognises, found or named, is read by no other.
    """

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Page], bool]
    read: Callable[[Page, Files], IndexPart]
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDialect:
    """A dialect whose files are read together after all others: `join` adds their claims to an
    index. `recognises` tells by its header whether a file is such a table."""

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[str | Path], bool]
    join: Callable[[Index, Sequence[str]], tuple[Index, list[Fault]]]


PAPERS_WITH_CODE = Dialect(
    name="Papers with Code",
    suffixes=(*DOCUMENTS, *markdown.SUFFIXES),
    recognises=pwc.recognises,
    read=pwc.read,
)
# Every dialect of a file's suffix reads it, in this order.
DIALECTS = (
    Dialect(
        name="ONNX hub manifest",
        suffixes=(".json",),
        recognises=onnx_hub.recognises,
        read=onnx_hub.read,
        alone=True,
    ),
    Dialect(
        name="Hugging Face Hub metadata",
        suffixes=(".json",),
        recognises=hub_metadata.recognises,
        read=hub_metadata.read,
        alone=True,
    ),
    PAPERS_WITH_CODE,
    Dialect(
        name="Hugging Face model card",
        suffixes=markdown.SUFFIXES,
        recognises=huggingface.recognises,
        read=huggingface.read,
    ),
)
TABLES = (
    TableDialect(
        name="timm results",
        suffixes=(".csv",),
        recognises=timm_results.recognises,
        join=timm_results.join,
    ),
)


def dialects_of(page: Page) -> list[Dialect]:
    """Return the dialects that a page may be written in; any file that is named may be an index,
    if it is not of a format that only tables have."""
    ending = suffix(page.path)
    fitting = [dialect for dialect in DIALECTS if ending in dialect.suffixes]
    for dialect in fitting:
        if dialect.alone and dialect.recognises(page):
            return [dialect]
    others = [dialect for dialect in fitting if not dialect.alone]
    return others or ([] if ending in TABLE_SUFFIXES else [PAPERS_WITH_CODE])


def table_dialect(path: str | Path) -> TableDialect | None:
    """Return the dialect of a file that is a table of results, by its suffix and its header; any
    other table is a page."""
    ending = suffix(Path(path))
    return next(
        (table for table in TABLES if ending in table.suffixes and table.recognises(path)), None
    )
