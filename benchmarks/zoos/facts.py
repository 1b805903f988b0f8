"""Facts about a zoo: counts by quantity, reasons of what is unknown, and its wrong numbers."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.zoos.review import HandVerdict, find_verdict
from benchmarks.zoos.table import Copy, Zoo
from zoo.model_index.findings import Finding, Standing, Verdict
from zoo.model_index.gaps import CLAIMS, MODELS
from zoo.model_index.quantities.show import human
from zoo.model_index.records.records import Index

# Findings about a builder or a link are about no number.
NO_NUMBERS = frozenset({"builder", "checkpoint"})
LARGE = 10_000  # from here on a number to use is printed in short
OTHER = "other metrics"
# Reasons that name a model or a number: what they come to.
REASONS = (
    (r"may be another model", "the builder was guessed from the row's name, and differs"),
    (r"^it is a number of the .* part", "it is a number of a part of the model"),
    (r"work depends on the data", "the work depends on the data"),
    (r"the count is incomplete", "the count is incomplete"),
    (r"of so few digits that several", "a number of so few digits that several conventions fit"),
    (r"they are of another form than was built", "file sizes of quantized weights not inspected"),
)
COUNTS = ("read", "right", "explained", "wrong", "not_confirmed", "unknown")


def make_facts(
    zoo: Zoo,
    copy: Copy,
    index: Index,
    findings: Iterable[Finding],
    left_out: Counter[str],
    verdicts: Sequence[HandVerdict],
) -> dict[str, Any]:
    """Return the facts of a zoo, as JSON has them."""
    numbers = [f for f in findings if f.claim.quantity not in NO_NUMBERS]
    rows = [describe_wrong(zoo, copy, f, verdicts) for f in numbers if is_wrong(f)]
    confirmed = [row for row in rows if row.pop("confirmed")]
    doubtful = [row for row in rows if row not in confirmed]
    counts = count_standings(numbers, zoo.name, verdicts)
    return {
        "name": zoo.name,
        "title": zoo.title,
        "source": zoo.source,
        "version": copy.version,
        "note": zoo.note,
        "models": len(index.entries),
        "published": len(numbers) + left_out.total(),
        "left_out": dict(left_out.most_common()),
        **{key: sum(quantity[key] for quantity in counts.values()) for key in COUNTS},
        "quantities": counts,
        "reasons": dict(_count_reasons(numbers).most_common()),
        "wrong_numbers": confirmed,
        "doubtful_numbers": group_doubtful(doubtful),
    }


def group_doubtful(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the models of numbers that are not confirmed, by quantity and reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        groups.setdefault((row["quantity"], row["cause"]), []).append(row["model"])
    return [
        {"quantity": quantity, "cause": cause, "models": models}
        for (quantity, cause), models in groups.items()
    ]


def is_wrong(finding: Finding) -> bool:
    """Return whether we would call a number wrong."""
    return finding.standing is Standing.WRONG


def count_standings(
    findings: Iterable[Finding], zoo: str, verdicts: Sequence[HandVerdict]
) -> dict[str, dict[str, int]]:
    """Return the counts of each quantity; metrics that no row knows are one quantity. `explained`
    are among the right ones."""
    counts: dict[str, Counter[str]] = {}
    for finding in findings:
        row = finding.claim.row
        label = OTHER if row.key.startswith("other") else row.label
        standing = str(finding.standing)
        if is_wrong(finding) and not _confirmed(zoo, finding, verdicts):
            standing = "not_confirmed"
        own = counts.setdefault(label, Counter())
        own.update(["read", standing])
        if standing == Standing.RIGHT and finding.verdict is Verdict.EXPLAINED:
            own["explained"] += 1
    ordered = sorted(counts.items(), key=lambda item: -item[1]["read"])
    return {label: {key: own[key] for key in COUNTS} for label, own in ordered}


def _confirmed(zoo: str, finding: Finding, verdicts: Sequence[HandVerdict]) -> bool:
    verdict = _verdict_of(zoo, finding, verdicts)
    return verdict is not None and verdict.confirmed


def _verdict_of(zoo: str, finding: Finding, verdicts: Sequence[HandVerdict]) -> HandVerdict | None:
    claim = finding.claim
    return find_verdict(verdicts, zoo, claim.quantity, claim.model, claim.printed, _reason(finding))


def _reason(finding: Finding) -> str:
    return f"{finding.cause}: {finding.reason}" if finding.cause else finding.reason


def describe_wrong(
    zoo: Zoo, copy: Copy, finding: Finding, verdicts: Sequence[HandVerdict]
) -> dict[str, Any]:
    """Return a number that we would call wrong, with the number to use and the cause in words."""
    claim = finding.claim
    verdict = _verdict_of(zoo.name, finding, verdicts)
    where = {}
    if copy.folder:
        page = os.path.relpath(claim.place.file, copy.folder)
        where = {"page": page.replace(os.sep, "/"), "line": claim.place.line}
    return {
        "model": claim.model,
        "quantity": claim.row.label,
        "claimed": claim.printed,
        "use": show_use(finding),
        "cause": verdict.explain(finding.cause) if verdict else _reason(finding),
        "confirmed": verdict is not None and verdict.confirmed,
        **where,
    }


def show_use(finding: Finding) -> str:
    """Return the number to use, a large one also in short: `11,671,217,152 (11.67 G)`."""
    use = finding.use
    if use is None:
        return ""
    text = finding.claim.row.show(use)
    is_count = not isinstance(use, str | tuple) and use >= LARGE
    return f"{text} ({human(use)})" if is_count else text


def _count_reasons(findings: Iterable[Finding]) -> Counter[str]:
    return Counter(explain_unknown(f) for f in findings if f.standing is Standing.UNKNOWN)


def explain_unknown(finding: Finding) -> str:
    """Return why nobody could check a number here, without names and numbers."""
    for pattern, words in REASONS:
        if re.search(pattern, finding.reason):
            return words
    if finding.gap is not None:
        return MODELS[finding.gap.kind].reason.format(finding.gap.subject)
    if row := CLAIMS.get(finding.claim.row.check):
        return f"{row.nouns} {row.reason}"
    if finding.verdict is Verdict.ERROR:
        return "counting failed"
    return finding.reason
