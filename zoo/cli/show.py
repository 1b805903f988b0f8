"""`zoo show`: print the claims, findings and evidence of one model; never imports torch."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.list import summary_of
from zoo.cli.options import LEDGER, Format, IndexPaths, LedgerFolder, OutputFormat, read_index
from zoo.cli.output.console import (
    MANNER,
    print_csv,
    print_fields,
    print_json,
    print_table,
    print_text,
    say,
)
from zoo.cli.output.model import PUBLISHED, Known, print_model
from zoo.cli.output.places import show_place
from zoo.cli.output.tables_read import print_tables
from zoo.cli.output.weights import print_checkpoint
from zoo.cli.session import measurer_for
from zoo.reporting.text.format import flat
from zoo.reporting.views.finding_text import quantity_text
from zoo.reporting.views.results import other_metrics

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.model_index.findings import Finding
    from zoo.model_index.ledger.store import Evidence
    from zoo.model_index.records.fields import Plain
    from zoo.model_index.records.records import Entry, Index


SHOWN = {  # fields that other rows of the output have
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


# Columns of the claims as CSV.
FINDING = (
    "model",
    "publisher",
    "quantity",
    "key",
    "claimed",
    "measured",
    "unit",
    "standing",
    "use",
    "verdict",
    "cause",
    "reason",
    "file",
    "line",
    "key",
    "dataset",
    "conditions",
)


def show(
    name: Annotated[
        str, typer.Argument(metavar="MODEL", help="Model of the index, by name or glob.")
    ],
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
    everything: Annotated[
        bool, typer.Option("--all", "-a", help="Show every field, every claim, all evidence.")
    ] = False,
) -> None:
    """Show one model: what it is, what it costs, what is claimed, what is wrong."""
    from zoo.verification.verify import verify

    read = read_index(index)
    records, rows = [], []
    for number, entry in enumerate(read.select([name])):
        measurer = measurer_for(ledger, index, None, live=False)
        findings = _published_last(verify([entry], measurer, read.entries)[0][1])
        if format is Format.JSON:
            records.append(_everything(entry, findings, measurer.evidence))
        elif format is Format.CSV:
            rows += [_plain_row(finding) for finding in findings]
        else:
            if number:
                say("")
            if everything or MANNER.verbose:
                _print_entry(entry, findings, measurer.evidence)
            else:
                print_model(_gather(entry, read, findings, measurer))
    if format is Format.JSON:
        print_json(records[0] if len(records) == 1 else records)
    elif format is Format.CSV:
        print_csv(FINDING, rows)
    else:
        print_tables(read.tables)


def _published_last(findings: "Sequence[Finding]") -> "list[Finding]":
    """Return the findings in reading order, those on speed and training last: nothing here judges
    them."""
    return sorted(findings, key=_is_published)


def _is_published(finding: "Finding") -> bool:
    row = finding.claim.row
    return not row.metric and row.check in PUBLISHED


def _gather(
    entry: "Entry", read: "Index", findings: "Sequence[Finding]", measurer: "Measurer"
) -> "Known":
    from zoo.api.listing.speeds import read_speeds
    from zoo.models.cells import Variant

    return Known(
        entry=entry,
        collection=read.collection_of(entry),
        findings=findings,
        count=measurer.look_up(entry, Variant(entry.stated_input)),
        latency=read_speeds([entry], measurer.ledger, "latency"),
    )


def _plain_row(finding: "Finding") -> list[object]:
    row = finding.to_dict() | {"conditions": flat(dict(finding.claim.conditions))}
    return [row[name] for name in FINDING]


def _everything(
    entry: "Entry", findings: "Sequence[Finding]", evidence: "Mapping[str, Evidence]"
) -> dict[str, object]:
    return {
        **summary_of(entry),
        "arguments": entry.builder.arguments,
        "metadata": entry.metadata,
        "other_metrics": dict(other_metrics(entry)),
        "weights": list(entry.weights),
        "findings": [finding.to_dict() for finding in findings],
        "evidence": [_without_trace(item) for item in evidence.values()],
    }


def _without_trace(evidence: "Evidence") -> dict[str, object]:
    """Return the document as JSON without the trace."""
    import msgspec

    data: dict[str, Any] = msgspec.to_builtins(evidence)
    return data | {
        "values": {key: value for key, value in data["values"].items() if key != "trace"}
    }


def _print_entry(
    entry: "Entry", findings: "Sequence[Finding]", evidence: "Mapping[str, Evidence]"
) -> None:
    place = show_place(entry.place)
    say("  ".join(part for part in (entry.name, entry.collection, place) if part))
    say("")
    print_fields(_facts(entry))
    say("")
    columns = ("Quantity", "Claimed", "Measured", "Verdict")
    reasons = list(map(_describe, findings))
    print_table(columns, list(map(_row, findings)), right=("Claimed", "Measured"), notes=reasons)
    say("")
    for document in evidence.values():
        _print_evidence(document)
    if not evidence:
        print_text(f"no evidence in the ledger yet; `zoo verify {entry.name}` measures it")


def _facts(entry: "Entry") -> list[tuple[str, str]]:
    """Return the builder, fields, metadata and metrics that are no claims as published, those of
    one line."""
    from zoo.model_index.records.fields import fold_key

    source = f"{entry.publisher}, {entry.source}" if entry.source else entry.publisher
    facts = [("Published by", source), ("Built by", str(entry.builder))]
    facts += [(key, str(value)) for key, value in entry.builder.arguments.items()]
    fields = (entry.fields | entry.inherited).items()
    texts = [(key, _join(value)) for key, value in fields if value and fold_key(key) not in SHOWN]
    facts += [(key, text) for key, text in texts if "\n" not in text]
    facts += [(key, _join(value)) for key, value in entry.metadata.items()]
    return facts + list(other_metrics(entry))


def _row(finding: "Finding") -> tuple[str, ...]:
    claimed, measured = finding.display_values()
    return finding.claim.row.label, claimed, measured, finding.verdict_label


def _describe(finding: "Finding") -> str:
    """Return publisher, place, conditions of a benchmark, and the reason."""
    claim = finding.claim
    conditions = quantity_text(claim).removeprefix(claim.row.label).removeprefix(", ")
    parts = (f"{claim.publisher}, {show_place(claim.place)}", conditions, finding.reason)
    return ": ".join(filter(None, parts))


def _print_evidence(document: "Evidence") -> None:
    cell, values = document.cell, document.values
    if cell.kind == "weights":
        print_checkpoint(cell.conditions["address"], values, document.error, tensors=False)
        return
    form = f", {cell.conditions['form']}" if cell.conditions.get("form") else ""
    if evaluation := document.evaluation:
        percents = evaluation.percents().items()
        numbers = ", ".join(f"{name} {value}%" for name, value in percents)
        images = (
            f"{evaluation.seen:,} of {evaluation.images:,} images of {evaluation.dataset_label}"
        )
        result = f"{numbers} by {images}"
    else:
        result = f"{document.outcome}, {values.get('input') or 'no trace'}"
        if document.error:
            result += f", {document.error}"
    print_text(
        f"evidence {cell.key}: {cell.model}{form}: {result}, {cell.builder_version}, "
        f"{document.started_at}"
    )


def _join(value: "Plain") -> str:
    """A field on one line: `value 57.1, hardware V100; value 30.2, hardware T4`."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_join(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ("; " if any(isinstance(part, dict) for part in value) else ", ").join(
            map(_join, value)
        )
    return value or ""
