"""Verify claims against the live model: one finding a claim.

claims of the index -> the cells they need -> evidence, from the ledger or measured now -> findings,
each on its own merits first, then in the light of its siblings.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache

from zoo.counting.counts import Counts
from zoo.counting.measurer import Measurer
from zoo.explanation.count_rules import COUNT_RULES
from zoo.explanation.judgement import Assessment
from zoo.explanation.siblings import Values, needs_siblings, settle
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.quantities.value import ParsedValue
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim, Entry
from zoo.models.cells import Variant
from zoo.verification.checks import judge_claim
from zoo.verification.context import Context, gather_context
from zoo.verification.guesses import doubt_guesses

Watch = Callable[[Entry], None]


def ignore(entry: Entry) -> None:
    """Watch nothing."""


def verify(
    entries: Iterable[Entry],
    measurer: Measurer,
    index: Sequence[Entry] = (),
    watch: Watch = ignore,
) -> list[tuple[Entry, list[Finding]]]:
    """Judge every claim of every entry; a model that cannot be built or counted costs its own
    findings only.

    `index` are all entries of the index: siblings of an entry are consulted where its own claims
    leave a question, and counted for that if need be. `watch` is called with each entry before it
    is judged.
    """
    return [
        (entry, [assessment.finding for assessment in assessments])
        for entry, assessments in examine(entries, measurer, index, watch)
    ]


def examine(
    entries: Iterable[Entry],
    measurer: Measurer,
    index: Sequence[Entry] = (),
    watch: Watch = ignore,
) -> list[tuple[Entry, list[Assessment]]]:
    """Judge as `verify` does, and return the search for causes with each finding."""
    chosen = list(entries)
    unique = {entry.place: entry for entry in index or chosen}
    judged: dict[Place, tuple[Entry, list[Assessment]]] = {}

    def judge(entry: Entry) -> None:
        if entry.place not in judged:
            watch(entry)
            judged[entry.place] = entry, judge_entry(entry, measurer)

    for entry in chosen:
        judge(entry)
    questions = [
        (entry, assessment.finding.claim)
        for entry, assessments in judged.values()
        for assessment in assessments
        if needs_siblings(assessment.finding)
    ]
    collections = {entry.collection for entry, _ in questions if entry.collection}
    numbers = {(claim.quantity, claim.value) for _, claim in questions}
    for entry in unique.values():
        same = any((claim.quantity, claim.value) in numbers for claim in entry.all_claims())
        if same or entry.collection in collections:
            judge(entry)

    @cache
    def totals(place: Place) -> dict[str, Decimal]:
        return count_totals(unique[place], measurer)

    everything = list(unique.values())
    values = list_values(everything, totals)
    settled = doubt_guesses(settle(list(judged.values()), everything, values))
    by_place = {entry.place: assessments for entry, assessments in settled}
    return [(entry, by_place[entry.place]) for entry in chosen]


def count_totals(entry: Entry, measurer: Measurer) -> dict[str, Decimal]:
    """Return the counted quantities of a model that was counted before; nothing is measured."""
    evidence = measurer.look_up(entry, Variant(entry.stated_input))
    counts = Counts.of(evidence) if evidence else None
    if counts is None:
        return {}
    totals = {quantity: rule.find_total(counts) for quantity, rule in COUNT_RULES.items()}
    return {quantity: Decimal(total) for quantity, total in totals.items() if total is not None}


def list_values(
    entries: Sequence[Entry], totals: Callable[[Place], dict[str, Decimal]]
) -> Callable[[str], Values]:
    """Return a function that lists a quantity of every model that was counted."""

    def values(quantity: str) -> Values:
        return tuple(
            (f"of {entry.name}", value)
            for entry in entries
            if (value := totals(entry.place).get(quantity)) is not None
        )

    return values


def judge_entry(entry: Entry, measurer: Measurer) -> list[Assessment]:
    """Judge each claim of the entry by its check, in the order of the file.

    A finding on the builder goes first, unless it builds the model of its name. Checkpoints that
    were inspected go last.
    """
    context = gather_context(entry, measurer)
    claims = (*entry.all_claims(), *(link for link, _ in context.weights))
    return [*_judge_builder(context), *(judge_claim(claim, context) for claim in claims)]


def _judge_builder(context: Context) -> list[Assessment]:
    entry = context.entry
    if entry.unclear:
        return []
    if context.live is None:
        obstacle = context.obstacle
        finding = obstacle.finding(builder_claim(entry))
        return [Assessment(finding)] if obstacle.of_builder else []
    if entry.builder.kind != "timm" or entry.claim("id"):
        return []
    assessment = judge_claim(builder_claim(entry, entry.builder.name), context)
    return [] if assessment.finding.verdict is Verdict.EXACT else [assessment]


def find_unlike_settings(entry: Entry, measurer: Measurer) -> list[Finding]:
    """Find the preprocessing settings that the entry states and its pretrained configuration has
    otherwise."""
    context = gather_context(entry, measurer)
    if context.live is None:
        return []
    claims = [claim for claim in entry.all_claims() if claim.row.check == "configuration"]
    findings = [judge_claim(claim, context).finding for claim in claims]
    unlike = (Verdict.EXPLAINED, Verdict.MISMATCH)
    return [finding for finding in findings if finding.verdict in unlike]


def builder_claim(entry: Entry, name: str | None = None) -> Claim:
    """Return the claim that the entry's builder builds the model it names; every entry makes it."""
    raw = str(entry.builder)
    return Claim(
        model=entry.name,
        publisher=entry.publisher,
        source=entry.source,
        quantity="builder",
        label="Builder",
        raw=raw,
        parsed=ParsedValue(name or raw),
        path="Builder",
        place=entry.builder.place or entry.place,
    )


def primary_keys(entries: Iterable[Entry], measurer: Measurer) -> dict[Place, str]:
    """Return, by place of the entry, the key of the evidence at its own input size, where there is
    any."""
    keys = {entry.place: measurer.cell(entry, Variant(entry.stated_input)).key for entry in entries}
    return {place: key for place, key in keys.items() if key in measurer.evidence}
