"""`zoo list`: the models of an index with what it claims about them."""

from typing import TYPE_CHECKING

from zoo.cli.options import Format, IndexPaths, Names, OutputFormat, read_index
from zoo.cli.output.console import plural, print_json, print_table, say

if TYPE_CHECKING:
    from zoo.model_index.records.records import Entry


def list_models(
    names: Names = None, index: IndexPaths = None, format: OutputFormat = Format.TABLE
) -> None:
    """List the models of the index with what it claims about them."""

    read = read_index(index)
    entries = read.select(names or ())
    if format is Format.JSON:
        print_json([summary_of(entry) for entry in entries])
        return
    rows = [
        (
            e.name,
            e.collection or "",
            e.publisher,
            _raw(e, "flops"),
            _raw(e, "parameters"),
            _raw(e, "top1"),
            str(e.builder),
        )
        for e in entries
    ]
    columns = ("Model", "Family", "Publisher", "FLOPs", "Parameters", "Top 1", "Builder")
    print_table(columns, rows, right=("FLOPs", "Parameters", "Top 1"))
    where = f"{plural(len(entries), 'model')} in {plural(len(read.files), 'file')}"
    say(f"{where}, as claimed; `zoo verify` checks them")


def _raw(entry: "Entry", quantity: str) -> str:
    """Return the claim as printed: the entry's own, else another publisher's with its name."""
    for claim in entry.all_claims():
        if claim.quantity == quantity:
            return (
                claim.printed
                if claim.publisher == entry.publisher
                else f"{claim.printed} ({claim.publisher})"
            )
    return ""


def summary_of(entry: "Entry") -> dict[str, object]:
    return {
        "model": entry.name,
        "family": entry.collection,
        "publisher": entry.publisher,
        "builder": str(entry.builder),
        "file": entry.place.file,
        "line": entry.place.line,
        "claims": {claim.label: claim.printed for claim in entry.claims},
    }
