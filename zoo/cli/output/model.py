"""Print one model on one screen: what it is, its cost, its claims, what of them is wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli.output.console import print_fields, print_table, print_text, say
from zoo.cli.output.places import show_place
from zoo.model_index.findings import Standing, Verdict
from zoo.model_index.gaps import describe_standings
from zoo.model_index.quantities.rows.metrics import CHECK
from zoo.model_index.quantities.show import human
from zoo.model_index.records.fields import look_up
from zoo.model_index.records.input_text import parse_input
from zoo.reporting.views.finding_text import (
    claimed_text,
    metric_text,
    quantity_text,
    use_text,
)
from zoo.reporting.views.results import beside

if TYPE_CHECKING:
    from zoo.api.listing.speeds import Speeds
    from zoo.model_index.findings import Finding
    from zoo.model_index.ledger.store import Evidence
    from zoo.model_index.records.fields import Plain
    from zoo.model_index.records.records import Claim, Collection, Entry

MOST = 5  # wrong claims that are listed
PUBLISHED = frozenset({"benchmark", CHECK})  # checks of quantities that are shown as published
MOST_METRICS = 12  # metrics that are listed
SHOWN_ACCURACIES = ("top1", "top5")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a model: its entry and family, the findings on its claims, the document
    that counts it, its latency, the license of its weights."""

    entry: "Entry"
    collection: "Collection | None"
    findings: "Sequence[Finding]"
    count: "Evidence | None"
    latency: "Speeds"

    @property
    def another(self) -> str:
        """The model that is built in place of this one; its numbers are none of this model's."""
        from zoo.model_index.ledger.store import Summary

        summary = Summary.of(self.count) if self.count else None
        return summary.another if summary else ""


def print_model(known: Known) -> None:
    """Print a model: at most a screen."""
    entry = known.entry
    full_name = known.collection.text("full name") if known.collection else None
    family = entry.collection or ""
    if full_name and full_name != family:
        family = f"{family} ({full_name})"
    say("  ".join(filter(None, (entry.name, family))))
    facts = (
        *_list_identity(known),
        *_list_accuracies(known),
        *_list_metrics(known),
        *_list_costs(known),
        *_list_published(known),
    )
    print_fields(facts)
    say("")
    _print_findings(known)


def _list_identity(known: Known) -> Iterator[tuple[str, str]]:
    entry, count = known.entry, known.count
    resolved = count.values.get("resolved") if count else None
    built = str(entry.builder)
    if resolved and resolved != entry.builder.name:
        built += f" (as {resolved})"
    yield "Builder", built
    publishers = (entry.publisher, *(report.publisher for report in entry.reported))
    yield "Numbers of", ", ".join(dict.fromkeys(publishers))
    if paper := _paper(known):
        yield "Paper", paper
    if license := _license(known):
        yield "License", license
    if entry.weights:
        names = [address.split("?")[0].rstrip("/").rpartition("/")[2] for address in entry.weights]
        yield "Weights", ", ".join(names)
    yield "Entry", show_place(entry.place)


def _paper(known: Known) -> str:
    """Return title and address of the paper of a model or its family."""
    entry = known.entry
    own = look_up(entry.fields, "paper") or look_up(entry.inherited, "paper")
    if own is None and known.collection:
        own = known.collection.paper
    if not isinstance(own, dict):
        return _join(own)
    values = (look_up(own, "title"), look_up(own, "url"))
    return ", ".join(value for value in values if isinstance(value, str))


def _license(known: Known) -> str:
    entry = known.entry
    for fields in (entry.fields, entry.inherited, entry.metadata):
        for key in ("license", "licence"):
            if text := _join(look_up(fields, key)):
                return text
    is_own = known.count is not None and not known.another
    configuration = known.count.values.get("configuration") or {} if known.count and is_own else {}
    license = configuration.get("license")
    return f"{license} (of the weights)" if license else ""


def _show_input(count: "Evidence") -> str:
    """Return what a counted model was given."""
    return parse_input(str(count.values["input"])).show()


def _list_costs(known: Known) -> Iterator[tuple[str, str]]:
    """Yield what was measured; where nothing was, how to."""
    name, count = known.entry.name, known.count
    if not known.entry.builder.makes_models:
        return
    if count is None:
        yield "Measured", f"not yet: zoo verify {name}"
    elif known.another:
        yield "Measured", f"nothing: the name builds {known.another}"
        return
    elif count.outcome == "failed":
        yield "Measured", f"counting failed: {count.error}"
    elif count.trace is None:
        at = f"({count.cell.builder_version}, {count.started_at[:10]})"
        yield "Measured", f"{human(count.parameters)} parameters {at}"
        yield "FLOPs", f"not known: {count.error}"
    else:
        macs = human(count.trace.macs) + "MACs"
        if count.trace.incomplete:
            macs = f"more than {macs} ({count.trace.incomplete})"
        at = f"at {_show_input(count)} ({count.cell.builder_version}, {count.started_at[:10]})"
        yield "Measured", f"{macs}, {human(count.parameters)} parameters {at}"
    if known.latency.values:
        value = next(iter(known.latency.values.values()))
        yield "Latency", f"{value} ms ({known.latency.setup})"
    else:
        yield "Latency", f"not measured yet: zoo bench {name}"


def _list_accuracies(known: Known) -> Iterator[tuple[str, str]]:
    """Yield the claimed accuracies by quantity, each with its standing and its publisher."""
    for key in SHOWN_ACCURACIES:
        findings = [finding for finding in known.findings if finding.claim.quantity == key]
        if not findings:
            continue
        column = findings[0].claim.row.column
        label = column.heading if column else findings[0].claim.row.label
        yield label, "; ".join(map(_accuracy, findings))


def _list_metrics(known: Known) -> Iterator[tuple[str, str]]:
    """Yield the claimed metrics that nothing here measures, each with its data set."""
    claims = [
        finding.claim
        for finding in known.findings
        if finding.claim.row.metric and finding.claim.quantity not in SHOWN_ACCURACIES
    ]
    shown: dict[str, list[str]] = {}
    for claim in claims:
        text = f"{claim.row.show(claim.value)} by {claim.publisher}"
        shown.setdefault(metric_text(claim), []).append(text)
    for label, texts in list(shown.items())[:MOST_METRICS]:
        yield label, "; ".join(dict.fromkeys(texts))
    if len(shown) > MOST_METRICS:
        yield f"and {len(shown) - MOST_METRICS:,} more", f"zoo show {known.entry.name} --all"


def _list_published(known: Known) -> Iterator[tuple[str, str]]:
    """Yield what is published of speed and training, and nothing here measures: a value, or how
    many there are."""
    claims: dict[str, list[Claim]] = {}
    for finding in known.findings:
        claim = finding.claim
        if not claim.row.metric and claim.row.check in PUBLISHED:
            claims.setdefault(claim.row.label, []).append(claim)
    for label, own in claims.items():
        text = beside(own[0].row.show(own[0].value), own[0].conditions)
        yield (
            label,
            text if len(own) == 1 else f"{len(own):,} values: zoo show {own[0].model} --all",
        )


def _accuracy(finding: "Finding") -> str:
    claim, measured = finding.claim, finding.measured
    live = f", measured {claim.row.show(measured)}" if isinstance(measured, Decimal) else ""
    return f"{claim.row.show(claim.value)} by {claim.publisher}, {finding.standing}{live}"


def _print_findings(known: Known) -> None:
    """Print the wrong claims, a row each; count all others."""
    findings, name = known.findings, known.entry.name
    wrong = [finding for finding in findings if finding.standing is Standing.WRONG]
    if wrong:
        columns = ("Wrong", "Claimed", "Publisher", "Use", "Where")
        rows = [_wrong_row(finding, known.entry) for finding in wrong[:MOST]]
        print_table(columns, rows, right=("Claimed", "Use"))
        if len(wrong) > MOST:
            say(f"and {len(wrong) - MOST:,} more: zoo show {name} --all")
    errors = [finding for finding in findings if finding.verdict is Verdict.ERROR]
    say(describe_standings(findings))
    for finding in errors[:MOST]:
        print_text(f"error: {quantity_text(finding.claim)}: {finding.reason}")
    say("")
    print_fields(list(_list_next(known, wrong)))


def _wrong_row(finding: "Finding", entry: "Entry") -> tuple[str, ...]:
    claim = finding.claim
    same_file = claim.place.file == entry.place.file
    place = f"{Path(claim.place.file).name}:{claim.place.line}" if same_file else str(claim.place)
    use = use_text(finding, change=False).removeprefix("use ")
    return quantity_text(claim), claimed_text(claim), claim.publisher, use, place


def _list_next(known: Known, wrong: "Sequence[Finding]") -> Iterator[tuple[str, str]]:
    """Yield what to type next, and what it tells."""
    name = known.entry.name
    counted = [finding for finding in wrong if finding.claim.row.counted]
    if counted:
        yield f"zoo explain {name} {counted[0].claim.row.label}", "why a claim differs"
    yield f"zoo verify {name}", "every claim with its reason"
    accuracies = [finding for finding in known.findings if finding.claim.row.check == "accuracy"]
    unknown = any(finding.standing is Standing.UNKNOWN for finding in accuracies)
    if unknown and known.entry.builder.makes_models:
        yield f"zoo eval {name} --data PATH", "checks the accuracies"
    yield f"zoo show {name} --all", "every field and all evidence"


def _join(value: "Plain") -> str:
    """Return a field on one line: `value 57.1, hardware V100; value 30.2, hardware T4`."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_join(part)}" for key, part in value.items())
    if isinstance(value, list):
        nested = any(isinstance(part, dict) for part in value)
        return ("; " if nested else ", ").join(map(_join, value))
    return value or ""
