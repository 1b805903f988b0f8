"""Write findings as one Markdown page, for `zoo verify --report FILE`."""

from collections.abc import Iterator, Sequence

from zoo.model_index.findings import Finding, Standing, Verdict
from zoo.model_index.gaps import describe_gaps, list_gaps
from zoo.reporting.text.escape import one_line
from zoo.reporting.text.format import format_amount, format_residual
from zoo.reporting.text.markdown import line, table
from zoo.reporting.views.catalogue import Catalogue, Check, Zoo
from zoo.reporting.views.finding_groups import CauseGroup, FamilyRows, ModelCheck, cause_groups
from zoo.reporting.views.verdicts import BY_KEY as BADGES

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
    """Return the page: a summary, then by publisher and family the causes and every finding that is
    not exact, rounded, consistent or unchecked."""
    catalogue = Catalogue.of(zoo)
    checks = list(catalogue.checks)
    versions = sorted({evidence.cell.builder_version for evidence in zoo.evidence.values()})
    lines = [
        "# Findings",
        "",
        f"Written by `{one_line(command)}` with {', '.join(versions) or 'no model built'}: "
        f"{len(catalogue.models)} models, {len(checks)} claims. "
        "Every finding is listed but for claims that are exact, rounded, consistent or unchecked.",
        "",
        *_summary([check.finding for _, check in checks]),
        "",
        f"{line(_examined(catalogue, [check.finding for _, check in checks]))}.",
    ]
    groups: dict[tuple[str, str], list[ModelCheck]] = {}
    for model, check in checks:
        groups.setdefault((check.claim.publisher, model.family), []).append((model, check))
    for (publisher, family), members in groups.items():
        lines += ["", f"## {line(family)}, {line(publisher)}", "", *_family(members)]
    if faults := catalogue.zoo.index.faults:
        lines += ["", "## Values that cannot be read", ""]
        lines += [f"- {line(str(fault))}" for fault in faults]
    return "\n".join(lines) + "\n"


def _examined(catalogue: Catalogue, findings: Sequence[Finding]) -> str:
    """Say what was not examined, and why."""
    index = catalogue.zoo.index
    text = describe_gaps(
        list_gaps(findings, index.entries, unreadable=len(index.faults), skipped=index.passed)
    )
    return f"{text[:1].upper()}{text[1:]}"


def _summary(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a table of verdicts by quantity."""
    yield table(
        ("Quantity", "Claims", *(str(v) for v in Verdict), "of them wrong"), _counts(findings)
    )


def _counts(findings: Sequence[Finding]) -> Iterator[list[str]]:
    for label in dict.fromkeys(finding.claim.row.label for finding in findings):
        same = [finding for finding in findings if finding.claim.row.label == label]
        verdicts = [sum(finding.verdict is verdict for finding in same) for verdict in Verdict]
        wrong = sum(finding.standing is Standing.WRONG for finding in same)
        yield [label, *map(str, (len(same), *verdicts, wrong))]


def _family(checks: Sequence[ModelCheck]) -> Iterator[str]:
    sentences = [sentence for group in cause_groups(checks) for sentence in _sentences(group)]
    yield from (f"- {sentence}" for sentence in sentences)
    rows = [_row(check) for _, check in checks if check.verdict not in QUIET]
    if rows:
        yield from ([""] if sentences else [])
        yield table(COLUMNS, rows)
    if quiet := [sum(check.verdict is verdict for _, check in checks) for verdict in QUIET]:
        counts = ", ".join(
            f"{number} {verdict}" for number, verdict in zip(quiet, QUIET, strict=True) if number
        )
        yield from (["", f"Besides: {counts}."] if counts else [])


def _sentences(group: CauseGroup) -> Iterator[str]:
    """Yield `FLOPs: all 6 rows are explained by thop's convention at 224x285 (dpn68, ...)`."""
    for rows in group.families:
        kind = BADGES["explained-wrong" if group.wrong else "explained"].label
        at = f" at {rows.sizes}" if rows.sizes else ""
        yield f"{group.quantity}: {rows.rows} {kind}: {line(group.cause)}{at}{_odd(rows)}"


def _odd(rows: FamilyRows) -> str:
    names = ", ".join(line(model.name) for model, _ in rows.odd)
    return f"; the odd {'one' if len(rows.odd) == 1 else 'ones'} out: {names}" if names else ""


def _row(check: Check) -> list[str]:
    finding, claim = check.finding, check.claim
    claimed, measured = finding.display_values()
    residual = None if finding.prediction is None else finding.residual
    return [
        claim.model,
        claim.row.label,
        claimed,
        measured,
        check.verdict_badge.label,
        finding.cause or "",
        format_amount(claim.row, finding.prediction),
        format_residual(claim.row, residual),
        f"{claim.place.file}:{claim.place.line}",
    ]
