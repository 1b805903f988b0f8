"""The findings of `zoo verify`, one line each: for a pipe, and as CSV."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from zoo.cli.output.console import print_csv, print_tabs

if TYPE_CHECKING:
    from zoo.cli.gates import Judgement
    from zoo.model_index.errors import Fault
    from zoo.model_index.findings import Finding

ERROR = "error"
STANDINGS = ("wrong", ERROR, "right", "unknown")  # the order of lines
CSV_COLUMNS = (
    "standing",
    "verdict",
    "model",
    "quantity",
    "key",
    "conditions",
    "claimed",
    "measured",
    "use",
    "unit",
    "publisher",
    "cause",
    "reason",
    "file",
    "line",
    "known",
)


class Line(NamedTuple):
    """A finding, or a value that cannot be read, in words; `value` is the number to use, of a right
    claim the measured one. `known` says that the baseline has it."""

    standing: str
    model: str
    quantity: str
    claimed: str
    value: str
    publisher: str
    reason: str
    place: str
    known: bool = False
    finding: "Finding | None" = None
    fault: "Fault | None" = None

    @property
    def label(self) -> str:
        """The standing; of a known finding that, too."""
        return f"{self.standing}, known" if self.known else self.standing


def list_lines(
    findings: "Sequence[Finding]",
    faults: "Sequence[Fault]",
    judgement: "Judgement",
    *,
    everything: bool = False,
    exact: bool = False,
    terms: bool = False,
) -> list[Line]:
    """List the findings, then values that cannot be read, by standing, in the order of the index;
    without `everything` known ones are left out."""
    flags = list(zip(judgement.known, judgement.hidden, strict=True))
    lines = [
        _line(finding, known, exact, terms)
        for finding, (known, hidden) in zip(findings, flags, strict=False)
        if everything or not hidden
    ]
    lines += [
        _fault_line(fault, known)
        for fault, (known, hidden) in zip(faults, flags[len(findings) :], strict=True)
        if everything or not hidden
    ]
    return sorted(lines, key=lambda line: STANDINGS.index(line.standing))


def _line(finding: "Finding", known: bool, exact: bool, terms: bool) -> Line:
    from zoo.model_index.findings import Verdict
    from zoo.reporting.views.finding_text import (
        claimed_text,
        measured_text,
        quantity_text,
        reason_text,
        use_text,
    )

    claim = finding.claim
    failed = finding.verdict is Verdict.ERROR and not finding.rests_on_builder
    return Line(
        standing=ERROR if failed else str(finding.standing),
        model=claim.model,
        quantity=quantity_text(claim, short=True),
        claimed=claimed_text(claim, exact=exact),
        value=use_text(finding, exact=exact) or measured_text(finding, exact=exact),
        publisher=claim.publisher,
        reason=reason_text(finding, terms=terms),
        place=str(claim.place),
        known=known,
        finding=finding,
    )


def _fault_line(fault: "Fault", known: bool) -> Line:
    return Line(
        standing=ERROR,
        model=fault.model,
        quantity=fault.path.rpartition(".")[2],
        claimed=fault.got,
        value="",
        publisher="",
        reason=f"{fault.path or 'the file'}: expected {fault.expected}, got {fault.got}",
        place=f"{fault.file}:{fault.line}",
        known=known,
        fault=fault,
    )


def print_lines(lines: Sequence[Line]) -> None:
    """Print one line a finding: standing, model, quantity, claimed, use or measured, publisher,
    reason, place."""
    for line in lines:
        print_tabs((line.label, *line[1:8]))


def print_findings_csv(
    findings: "Sequence[Finding]", faults: "Sequence[Fault]", judgement: "Judgement"
) -> None:
    """Print all findings with raw numbers, in the order of the index."""
    print_csv(CSV_COLUMNS, _list_cells(findings, faults, judgement))


def _list_cells(
    findings: "Sequence[Finding]", faults: "Sequence[Fault]", judgement: "Judgement"
) -> "Iterator[list[object]]":
    from zoo.model_index.findings import fault_to_dict

    conditions = [
        "; ".join(f"{key}: {value}" for key, value in finding.claim.conditions)
        for finding in findings
    ]
    rows = [*(finding.to_dict() for finding in findings), *map(fault_to_dict, faults)]
    conditions += [""] * len(faults)
    for row, texts, known in zip(rows, conditions, judgement.known, strict=True):
        cells = row | {"conditions": texts, "known": "yes" if known else ""}
        yield [_flat(cells[name]) for name in CSV_COLUMNS]


def _flat(value: object) -> object:
    """Write a size as an index does: `224x224`."""
    return "x".join(map(str, value)) if isinstance(value, list) else value
