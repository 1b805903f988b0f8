"""Tables of checkpoints."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zoo.cli.output.console import plural, print_table, say

if TYPE_CHECKING:
    from zoo.model_index.findings import Finding
    from zoo.model_index.records.records import Entry
    from zoo.weights.inspect import Inspector


def print_checkpoint(name: str, values: dict[str, Any], error: str | None, tensors: bool) -> None:
    say(name)
    print_table(("What", "Value"), [*rows_of(values), *([("Error", error)] if error else [])])
    if tensors:
        print_tensors(values)


def print_model(
    entry: "Entry", findings: "Sequence[Finding]", values: Sequence[dict[str, Any]], tensors: bool
) -> None:
    say("  ".join(part for part in (entry.name, entry.collection, str(entry.place)) if part))
    if not entry.links:
        say(f"{entry.name}: the index names no weights")
    for checkpoint in values:
        print_checkpoint(checkpoint["address"], checkpoint, checkpoint.get("error"), tensors)
    for finding in findings:
        claim = finding.claim
        say(f"{claim.place}: {claim.row.label}: {finding.verdict_label}: {finding.reason}")


def print_tensors(values: dict[str, Any]) -> None:
    rows = [
        (name, dtype, "x".join(map(str, shape))) for name, dtype, shape in values.get("tensors", ())
    ]
    print_table(("Tensor", "dtype", "Shape"), rows, right=("Shape",))


def rows_of(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of a checkpoint's table."""
    tensors = values.get("tensors") or ()
    dtypes = sorted({dtype for _, dtype, _ in tensors})
    facts = {
        "Size": f"{values['size']:,} bytes" if values.get("size") is not None else None,
        "SHA-256": f"{values['sha256']} ({values['sha256_by']})" if values.get("sha256") else None,
        "Format": values.get("format"),
        "State dict": values.get("key") or None,
        "Tensors": f"{len(tensors):,} ({', '.join(dtypes)})" if tensors else None,
        "Read": f"{values['transferred']:,} bytes" if values.get("transferred") else None,
        "Last seen": values.get("seen"),
    }
    return [(name, value) for name, value in facts.items() if value]


def summarise(inspector: "Inspector") -> None:
    """Print the number of inspected files on standard error."""
    looked = f"{plural(inspector.looked, 'file')} looked at, {inspector.unchanged} unchanged"
    say(f"weights: {looked}, {inspector.transferred:,} bytes read", error=True)
