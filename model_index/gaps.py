"""Say in a line how many claims are wrong, right and unknown; which models and claims a run did
not examine, why, and what to type."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zoo.model_index.findings import Finding, Gap, Standing, Verdict
from zoo.model_index.records.records import Entry

UNKNOWN = (Verdict.UNCHECKED, Verdict.ERROR)
ORDER = (Standing.WRONG, Standing.RIGHT, Standing.UNKNOWN)
ALWAYS = (Standing.WRONG, Standing.RIGHT)  # counted though there are none


class GapRow(NamedTuple):
    """A kind of gap: the reason, and what to type; `{}` is the gap's subject."""

    reason: str
    advice: str


class ClaimRow(NamedTuple):
    """The claims of a check that were not examined: their nouns, the reason, and what to type."""

    noun: str
    nouns: str
    reason: str
    advice: str


# Of models; by `Gap.kind`.
MODELS = {
    "untrusted": GapRow("not built: {} is not trusted", "--trust {}"),
    "missing": GapRow("not built: {} is not installed", "pip install {}"),
    "unknown": GapRow("not built: {} has no model of that name", "correct the Builder"),
    "unavailable": GapRow("not built: nothing here builds models of {}", "Builder: none"),
    "unreachable": GapRow("not built: a file or an address could not be reached", "--all"),
    "unnamed": GapRow("not built: no builder is named", "Builder: KIND:NAME"),
    "bare": GapRow("without a builder or weights", "zoo show"),
    "unread": GapRow("without a builder, and their weights not inspected", "zoo verify --weights"),
    "stored": GapRow("judged by their checkpoints alone", "zoo weights"),
    "failed": GapRow("not counted: counting failed", "--fresh tries again"),
    "forward": GapRow("without counts of work: the forward pass failed", "--all"),
    "uncounted": GapRow("not counted", "zoo verify"),
}
# Of claims, by the check of their quantity.
CLAIMS = {
    "benchmark": ClaimRow("benchmark", "benchmarks", "not measured here", "zoo bench"),
    "accuracy": ClaimRow("accuracy", "accuracies", "not evaluated", "zoo eval"),
    "file size": ClaimRow("file size", "file sizes", "not inspected", "zoo verify --weights"),
    "unmeasured": ClaimRow("other metric", "other metrics", "nothing here measures", "--all"),
    "weight width": ClaimRow(
        "width of weights", "widths of weights", "not inspected", "zoo verify --weights"
    ),
    "checkpoint": ClaimRow(
        "link to weights", "links to weights", "not inspected", "zoo verify --weights"
    ),
}
OTHER = ClaimRow("other claim", "other claims", "", "--all")
UNREADABLE = ClaimRow("value", "values", "unreadable", "zoo lint")


class GapCount(NamedTuple):
    """A part of the line; `unbuilt` says that it is about models that were not built or counted,
    `claims` that it is about claims of models that were."""

    text: str
    unbuilt: bool = False
    claims: bool = False


def describe_standings(findings: Sequence[Finding]) -> str:
    """Return `3 wrong, 6 right, 23 unknown of 32 claims`; of unknown ones also how many are
    errors."""
    counts = Counter(finding.standing for finding in findings)
    errors = sum(f.verdict is Verdict.ERROR and not f.rests_on_builder for f in findings)
    parts = [f"{counts[key]:,} {key}" for key in ORDER if counts[key] or key in ALWAYS]
    if errors:
        parts[-1] += f" ({_plural(errors, 'error', 'errors')})"
    return f"{', '.join(parts)} of {_plural(len(findings), 'claim', 'claims')}"


def list_gaps(
    findings: Sequence[Finding],
    entries: Sequence[Entry],
    *,
    unreadable: int = 0,
    skipped: Sequence[str] = (),
) -> list[GapCount]:
    """List what was not examined of these entries: models by reason, then claims by their check,
    then values that cannot be read, then files that were skipped."""
    gaps: dict[Gap, list[Finding]] = {}
    claims: dict[ClaimRow, int] = {}
    for finding in findings:
        if finding.verdict not in UNKNOWN:
            continue
        if finding.gap is not None:
            gaps.setdefault(finding.gap, []).append(finding)
        else:
            row = OTHER if finding.evidence else CLAIMS.get(finding.claim.row.check, OTHER)
            claims[row] = claims.get(row, 0) + 1
    of_all = f"of {_plural(len(entries), 'model', 'models')}"
    counts = [
        GapCount(f"{_count_models(group):,} {of_all} {_because(gap)}", unbuilt=True)
        for gap, group in gaps.items()
    ]
    if silent := sum(next(entry.all_claims(), None) is None for entry in entries):
        counts.append(GapCount(f"{silent:,} {of_all} without a claim (zoo lint)"))
    counts += _list_claims(claims)
    counts += _list_claims({UNREADABLE: unreadable} if unreadable else {})
    return counts + list_skipped(skipped)


def list_skipped(files: Sequence[str]) -> list[GapCount]:
    """List the files of a folder that were not read as an index."""
    if not files:
        return []
    number = _plural(len(files), "file", "files")
    return [GapCount(f"{number} without an index, or links out of the folder (zoo lint)")]


def _count_models(findings: Sequence[Finding]) -> int:
    """Count the models of a gap: one for each finding on a builder, else one for each name."""
    builders = sum(finding.claim.quantity == "builder" for finding in findings)
    return max(builders, len({finding.claim.model for finding in findings}))


def _because(gap: Gap) -> str:
    row = MODELS[gap.kind]
    advice = gap.advice or row.advice.format(gap.subject)
    return f"{row.reason.format(gap.subject)} ({advice})"


def _list_claims(claims: dict[ClaimRow, int]) -> Iterator[GapCount]:
    order = (*CLAIMS.values(), OTHER, UNREADABLE)
    for row in sorted(claims, key=order.index):
        words = (_plural(claims[row], row.noun, row.nouns), row.reason, f"({row.advice})")
        yield GapCount(" ".join(filter(None, words)), claims=row is not UNREADABLE)


def _plural(number: int, noun: str, nouns: str) -> str:
    return f"{number:,} {noun if number == 1 else nouns}"


def describe_gaps(counts: Sequence[GapCount]) -> str:
    """Return the gaps in a line: `not examined: 2 of 5 models not built: ...; 6 accuracies ...`."""
    if not counts:
        return "every claim was examined"
    return f"not examined: {'; '.join(count.text for count in counts)}"
