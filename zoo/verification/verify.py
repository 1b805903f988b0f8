"""Claims against the live model: one finding a claim.

claims of the index -> the cells they need -> evidence, from the ledger or measured now -> findings,
each on its own merits first, then in the light of its siblings.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache

from zoo.counting.counts import Counts
from zoo.counting.measurer import Measurer
from zoo.explanation.causes import RULES
from zoo.explanation.judgement import Assessment
from zoo.explanation.siblings import Values, needs_siblings, settle
from zoo.model_index.errors import LedgerError
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.quantities.value import Parsed
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim, Entry
from zoo.models.builders import BuilderMissing
from zoo.models.cells import Variant
from zoo.verification import accuracy, applicability
from zoo.verification import weights as weights
from zoo.verification.checks import CHECKS, NEEDS_NO_MODEL, check_configuration, check_identity
from zoo.verification.counts import Live

Watch = Callable[[Entry], None]


def verify(
    entries: Iterable[Entry],
    measurer: Measurer,
    index: Sequence[Entry] = (),
    watch: Watch = lambda entry: None,
) -> list[tuple[Entry, list[Finding]]]:
    """Judge every claim of every entry; a model that cannot be built or counted costs its own
    findings only.

    `index` are all entries of the index: siblings of an entry are consulted where its own claims
    leave a question, and counted for that if need be. `watch` is called with each entry that is
    about to be done.
    """
    return [
        (entry, [one.finding for one in found])
        for entry, found in examine(entries, measurer, index, watch)
    ]


def examine(
    entries: Iterable[Entry],
    measurer: Measurer,
    index: Sequence[Entry] = (),
    watch: Watch = lambda entry: None,
) -> list[tuple[Entry, list[Assessment]]]:
    """As `verify`, with everything that was tried for each claim."""
    chosen = list(entries)
    index = index or chosen
    found: dict[Place, tuple[Entry, list[Assessment]]] = {}

    def judge(entry: Entry) -> None:
        if entry.place not in found:
            watch(entry)
            found[entry.place] = entry, judge_entry(entry, measurer)

    for entry in chosen:
        judge(entry)
    asking = [
        (e, one.finding.claim)
        for e, each in found.values()
        for one in each
        if needs_siblings(one.finding)
    ]
    collections = {entry.collection for entry, _ in asking if entry.collection}
    numbers = {(claim.quantity, claim.value) for _, claim in asking}
    for entry in index:
        alike = any((claim.quantity, claim.value) in numbers for claim in entry.all_claims())
        if alike or entry.collection in collections:
            judge(entry)
    unique = list({entry.place: entry for entry in index}.values())
    settled = settle(
        list(found.values()), unique, cache(lambda quantity: _values(unique, measurer, quantity))
    )
    judged = {entry.place: each for entry, each in settled}
    return [(entry, judged[entry.place]) for entry in chosen]


def _values(index: Sequence[Entry], measurer: Measurer, quantity: str) -> Values:
    """A quantity of every model of the index that was counted before; nothing is measured for
    this."""
    known = ((entry, measurer.look_up(entry, Variant(entry.image_size))) for entry in index)
    return tuple(
        (
            f"of {entry.name}",
            Decimal(RULES[quantity](Counts(evidence.trace, evidence.parts), 0)[0].total),
        )
        for entry, evidence in known
        if evidence and evidence.trace
    )


def judge_entry(entry: Entry, measurer: Measurer) -> list[Assessment]:
    """One finding for each claim of the entry in the order of the file, after one on the builder
    where it is amiss; then one for each checkpoint that was looked at."""
    judged = _without_weights(entry, measurer)
    seen = measurer.weights(entry)
    judged = _evaluated(entry, judged, measurer)
    if not seen:
        return judged
    found = [evidence for _, evidence in seen]
    judged = [
        Assessment(weights.file_size(one.finding.claim, found))
        if one.finding.claim.row.check == "weights"
        else one
        for one in judged
    ]
    return [
        *judged,
        *(
            Assessment(weights.weights(link, evidence, weights.recorded_digest(entry)))
            for link, evidence in seen
        ),
    ]


def settings_that_differ(entry: Entry, measurer: Measurer) -> list[Finding]:
    """What the entry states about preprocessing, and its pretrained configuration has otherwise."""
    try:
        evidence = measurer.count(entry, Variant(entry.image_size))
    except (BuilderMissing, LedgerError):
        return []
    if evidence is None or evidence.outcome == "failed":
        return []
    live = Live(entry, evidence, measurer)
    claims = [claim for claim in entry.all_claims() if claim.row.check == "configuration"]
    found = [check_configuration(claim, entry, live) for claim in claims]
    return [
        finding for finding in found if finding.verdict in (Verdict.EXPLAINED, Verdict.MISMATCH)
    ]


def _evaluated(entry: Entry, judged: list[Assessment], measurer: Measurer) -> list[Assessment]:
    """The findings with those on accuracies as evaluations say, where any is about them."""
    if not (documents := measurer.evaluations(entry)):
        return judged
    known = applicability.known(entry, documents, measurer.digests(entry))
    return [
        (accuracy.check(one.finding.claim, entry, known) or one)
        if one.finding.claim.row.check == "accuracy"
        else one
        for one in judged
    ]


def _without_weights(entry: Entry, measurer: Measurer) -> list[Assessment]:
    try:
        evidence = measurer.count(entry, Variant(entry.image_size))
    except BuilderMissing as error:
        return _all_without(entry, Verdict.UNCHECKED, str(error))
    except LedgerError as error:  # of this model alone
        return _all_without(entry, Verdict.ERROR, str(error))
    if evidence is None:
        return [
            _without(claim, entry, Verdict.UNCHECKED, "not measured yet")
            for claim in entry.all_claims()
        ]
    if evidence.outcome == "failed":
        return _all_without(
            entry, Verdict.ERROR, evidence.error or "measuring failed", (evidence.cell.key,)
        )
    live = Live(entry, evidence, measurer)
    findings = [
        _judged(CHECKS[claim.row.check](claim, entry, live)) for claim in entry.all_claims()
    ]
    if entry.builder.kind == "timm" and not entry.claim("id"):
        found = check_identity(builder_claim(entry, entry.builder.name), entry, live)
        findings = findings if found.verdict is Verdict.EXACT else [Assessment(found), *findings]
    return findings


def _judged(found: Finding | Assessment) -> Assessment:
    return found if isinstance(found, Assessment) else Assessment(found)


def builder_claim(entry: Entry, name: str | None = None) -> Claim:
    """That the entry's builder builds the model it names; a claim every entry makes without a
    word."""
    raw = str(entry.builder)
    place = entry.builder.place or entry.place
    return Claim(
        model=entry.name,
        publisher=entry.publisher,
        source=entry.source,
        quantity="builder",
        label="Builder",
        raw=raw,
        parsed=Parsed(name or raw),
        path="Builder",
        place=place,
    )


def _all_without(
    entry: Entry, verdict: Verdict, reason: str, evidence: tuple[str, ...] = ()
) -> list[Assessment]:
    """The findings on an entry that cannot be measured; the first says so for the builder."""
    builder = Assessment(
        Finding(claim=builder_claim(entry), verdict=verdict, reason=reason, evidence=evidence)
    )
    return [
        builder,
        *(_without(claim, entry, verdict, reason, evidence) for claim in entry.all_claims()),
    ]


def _without(
    claim: Claim, entry: Entry, verdict: Verdict, reason: str, evidence: tuple[str, ...] = ()
) -> Assessment:
    """A finding that needs a live model where there is none; claims that need none say so
    themselves."""
    if claim.row.check in NEEDS_NO_MODEL:
        return _judged(CHECKS[claim.row.check](claim, entry, None))
    return Assessment(Finding(claim=claim, verdict=verdict, reason=reason, evidence=evidence))


def primary_keys(entries: Iterable[Entry], measurer: Measurer) -> dict[Place, str]:
    """By place of the entry, the key of the evidence at its own input size, where there is any."""
    keys = {entry.place: measurer.cell(entry, Variant(entry.image_size)).key for entry in entries}
    return {place: key for place, key in keys.items() if key in measurer.evidence}
