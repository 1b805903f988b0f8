"""Findings as one Markdown page: what `zoo verify --report FILE` writes, to be kept, sent and
compared."""

from collections.abc import Iterator, Sequence

from zoo.model_index.dialects.base.drafts import NOBODY
from zoo.model_index.findings import Finding, Verdict
from zoo.reporting.text.escape import one_line
from zoo.reporting.text.format import format_amount, format_residual
from zoo.reporting.text.markdown import line, table
from zoo.reporting.views.catalogue import Catalogue, Check, Zoo
from zoo.reporting.views.finding_groups import Caused, FamilyRows, Found, caused

QUIET = (Verdict.EXACT, Verdict.ROUNDED, Verdict.CONSISTENT, Verdict.UNCHECKED)
COLUMNS = (
    "Model",
    "Quantity",
    "Claimed",
    "Measured",
    "Verdict",
    "Cause",
    "Predicted",
    "Left over",
    "Where",
)


def report(zoo: Zoo, command: str) -> str:
    """The page: a summary, then by publisher and family the causes and every finding that is not
    plain agreement."""
    catalogue = Catalogue.of(zoo)
    checks = list(catalogue.checks)
    versions = sorted({evidence.cell.builder_version for evidence in zoo.evidence.values()})
    lines = [
        "# Findings",
        "",
        f"Written by `{one_line(command)}` with {', '.join(versions) or 'no model built'}: {len(catalogue.models)} "
        f"models, {len(checks)} claims. Every finding is listed but for claims that are exact, rounded or unchecked.",
        "",
        *_summary([check.finding for _, check in checks]),
    ]
    for publisher, family in dict.fromkeys(
        (check.claim.publisher, model.family) for model, check in checks
    ):
        mine = [(m, c) for m, c in checks if (c.claim.publisher, m.family) == (publisher, family)]
        heading = line(family) if publisher == NOBODY else f"{line(family)}, {line(publisher)}"
        lines += ["", f"## {heading}", "", *_family(mine)]
    return "\n".join(lines) + "\n"


def _summary(findings: Sequence[Finding]) -> Iterator[str]:
    """A table of verdicts by quantity."""
    yield table(
        ("Quantity", "Claims", *(str(v) for v in Verdict), "of them mistakes"), _counts(findings)
    )


def _counts(findings: Sequence[Finding]) -> Iterator[list[str]]:
    for label in dict.fromkeys(finding.claim.row.label for finding in findings):
        these = [finding for finding in findings if finding.claim.row.label == label]
        verdicts = [sum(f.verdict is verdict for f in these) for verdict in Verdict]
        yield [label, *map(str, (len(these), *verdicts, sum(f.mistake for f in these)))]


def _family(checks: Sequence[Found]) -> Iterator[str]:
    sentences = [sentence for group in caused(checks) for sentence in _sentences(group)]
    yield from (f"- {sentence}" for sentence in sentences)
    rows = [_row(check) for _, check in checks if check.verdict not in QUIET]
    if rows:
        yield from ([""] if sentences else [])
        yield table(COLUMNS, rows)
    if quiet := [sum(check.verdict is verdict for _, check in checks) for verdict in QUIET]:
        told = ", ".join(
            f"{number} {verdict}" for number, verdict in zip(quiet, QUIET, strict=True) if number
        )
        yield from (["", f"Besides: {told}."] if told else [])


def _sentences(group: Caused) -> Iterator[str]:
    """`FLOPs: all 6 rows are explained by thop's convention at 224x285 (dpn68, ...)`."""
    for rows in group.families:
        what = (
            "a mistake of the page" if group.mistake and rows.count == 1 else "mistakes of the page"
        )
        what = what if group.mistake else "explained"
        at = f" at {rows.sizes}" if rows.sizes else ""
        yield f"{group.quantity}: {rows.rows} {what}: {line(group.cause)}{at}{_odd(rows)}"


def _odd(rows: FamilyRows) -> str:
    names = ", ".join(line(model.name) for model, _ in rows.odd)
    return f"; the odd {'one' if len(rows.odd) == 1 else 'ones'} out: {names}" if names else ""


def _row(check: Check) -> list[str]:
    finding, claim = check.finding, check.claim
    claimed, measured = finding.display_values()
    residual = None if finding.prediction is None else finding.residual
    cells = (
        claim.model, claim.row.label, claimed, measured, check.standing.label, finding.cause or "",
        format_amount(claim.row, finding.prediction), format_residual(claim.row, residual),
        f"{claim.place.file}:{claim.place.line}",
    )  # fmt: skip
    return list(cells)
