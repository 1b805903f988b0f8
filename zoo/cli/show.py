"""`zoo list`, `show`, `schema` and `env`: look at the index and the machine; none of them imports
torch."""

from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.list import summary_of
from zoo.cli.options import LEDGER, Format, IndexPaths, LedgerFolder, OutputFormat, read_index
from zoo.cli.output.console import print_json, print_table, say
from zoo.cli.output.findings import named
from zoo.cli.output.weights import print_described
from zoo.cli.session import measurer_for

if TYPE_CHECKING:
    from zoo.model_index.ledger.store import Evidence
    from zoo.model_index.records.fields import Plain
    from zoo.model_index.records.records import Entry


SAID = {
    "name",
    "in collection",
    "publisher",
    "source",
    "builder",
    "metadata",
    "results",
    "reported",
    "type",
}


def show(
    name: Annotated[str, typer.Argument(help="A model's name.")],
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
) -> None:
    """Show everything the index and the ledger hold about one model."""
    from zoo.verification.verify import verify

    read = read_index(index)
    shown = []
    for entry in read.select([name]):
        measurer = measurer_for(ledger, index, None, live=False)
        findings = verify([entry], measurer, read.entries)[0][1]
        if format is Format.JSON:
            shown.append(_everything(entry, findings, measurer.evidence))
        else:
            _print_entry(entry, findings, measurer.evidence)
    if format is Format.JSON:
        print_json(shown[0] if len(shown) == 1 else shown)


def _everything(entry: "Entry", findings: list, evidence: dict) -> dict[str, object]:
    return {
        **summary_of(entry),
        "arguments": entry.builder.arguments,
        "metadata": entry.metadata,
        "weights": list(entry.weights),
        "findings": [finding.to_dict() for finding in findings],
        "evidence": [_without_trace(item) for item in evidence.values()],
    }


def _without_trace(evidence: "Evidence") -> dict[str, object]:
    """The document as JSON without its longest part."""
    import msgspec

    data = msgspec.to_builtins(evidence)
    return data | {
        "values": {key: value for key, value in data["values"].items() if key != "trace"}
    }


def _print_entry(entry: "Entry", findings: list, evidence: dict) -> None:
    from zoo.model_index.records.fields import fold_key

    say("  ".join(part for part in (entry.name, entry.collection, str(entry.place)) if part))
    say("")
    facts = [
        ("Published by", f"{entry.publisher}, {entry.source}" if entry.source else entry.publisher)
    ]
    facts += [
        ("Built by", str(entry.builder)),
        *((k, str(v)) for k, v in entry.builder.arguments.items()),
    ]
    fields = {
        key: _joined(value) for key, value in (entry.fields | entry.inherited).items() if value
    }
    facts += [
        (key, text)
        for key, text in fields.items()
        if fold_key(key) not in SAID and "\n" not in text
    ]
    facts += [(key, _joined(value)) for key, value in entry.metadata.items()]
    print_table(("Field", "As published"), facts)
    rows = []
    for finding in findings:
        claimed, measured = finding.display_values()
        claim, verdict = finding.claim, finding.verdict_label
        rows.append(
            (
                named(claim),
                claim.publisher,
                claimed,
                measured,
                verdict,
                str(claim.place),
                finding.reason,
            )
        )
    columns = ("Quantity", "Publisher", "Claimed", "Measured", "Verdict", "Where", "Why")
    print_table(columns, rows, right=("Claimed", "Measured"))
    for item in evidence.values():
        if item.cell.kind == "weights":
            print_described(item.cell.conditions["address"], item.values, item.error, tensors=False)
            continue
        if found := item.evaluation:
            numbers = ", ".join(f"{name} {value}%" for name, value in found.percents().items())
            seen = f"{found.seen:,} of {found.images:,} images of {found.dataset_label}"
            say(
                f"evidence {item.cell.key}: {numbers} by {seen}, {item.cell.builder_version}, {item.started_at}"
            )
            continue
        size = "x".join(map(str, item.values.get("trace", {}).get("input_size", []))) or "no trace"
        line = f"evidence {item.cell.key}: {item.outcome}, {size}, {item.cell.builder_version}, {item.started_at}"
        say(line)
    if not evidence:
        say(f"no evidence in the ledger yet; `zoo verify {entry.name}` measures it")


def _joined(value: "Plain") -> str:
    """A field on one line: `value 57.1, hardware V100; value 30.2, hardware T4`."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_joined(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ("; " if any(isinstance(part, dict) for part in value) else ", ").join(
            map(_joined, value)
        )
    return value or ""
