"""Print why claims differ: the answer, the sum that gives the number, where the work is, what else
was tried."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from zoo.cli.output.console import MANNER, plural, print_table, print_text, say
from zoo.cli.output.places import show_place
from zoo.model_index.findings import Standing, Verdict, order_hypotheses
from zoo.model_index.quantities.show import show_count
from zoo.reporting.text.format import format_amount, format_residual_share

if TYPE_CHECKING:
    from zoo.explanation.case import Case
    from zoo.explanation.judgement import Assessment
    from zoo.model_index.findings import Finding, Hypothesis
    from zoo.model_index.ledger.stages import Stage
    from zoo.model_index.records.input_spec import InputSpec

STAGES = 5  # rows that say where the work is
BEST = 4  # hypotheses listed of a claim
NEAR = Decimal("0.1")  # a hypothesis further off than this share of the claim says nothing
SMALLEST = 0.05  # percent of the work: what is less prints as 0.0%
TIMES = 10  # a claim off by more times than that is no matter of percents
# Signs in the names of stages.
ASCII = str.maketrans({"\N{EN DASH}": "-", "\N{HORIZONTAL ELLIPSIS}": "to"})
LIVE = "the live model has"  # begins a part of a reason that the table has, too
ORDER = {Standing.WRONG: 0, Standing.UNKNOWN: 1, Standing.RIGHT: 2}


def print_explanations(assessments: "Sequence[Assessment]", *, everything: bool) -> None:
    """Print the claims of a quantity, by model; the trace of a model once."""
    models: dict[str, list[Assessment]] = {}
    for assessment in assessments:
        models.setdefault(assessment.finding.claim.model, []).append(assessment)
    for number, group in enumerate(models.values()):
        if number:
            say("")
        _print_model(sorted(group, key=lambda a: ORDER[a.finding.standing]), everything)


def _print_model(assessments: "Sequence[Assessment]", everything: bool) -> None:
    print_text(_title(assessments))
    say("")
    _print_answers([assessment.finding for assessment in assessments])
    for assessment in assessments:
        if chosen := explaining(assessment):
            _print_terms(assessment.finding, chosen)
    cases: dict[InputSpec, Case] = {}
    for assessment in assessments:
        if case := assessment.case:
            cases.setdefault(case.input, case)
    for case in list(cases.values())[: None if everything else 1]:
        _print_work(case, everything)
    for assessment in assessments:
        if assessment.finding.tried:
            _print_tried(assessment, everything, several=len(assessments) > 1)
    if cases and not everything:
        say("")
        print_text("--all lists every hypothesis, operator class and module")


def _title(assessments: "Sequence[Assessment]") -> str:
    """Return what is explained: `dpn98: FLOPs. timm:dpn98 at 224x224 has 11,671,217,152 ...`."""
    finding, case = assessments[0].finding, assessments[0].case
    claim = finding.claim
    title = f"{claim.model}: {claim.row.label}"
    if not (case and isinstance(finding.measured, Decimal)):
        return title
    row, where = claim.row, f" at {case.input.show()}" if claim.row.needs_input else ""
    amount = f"{show_count(finding.measured)} {row.measured.removeprefix('all ')}"
    live = f"{case.entry.builder}{where}: {amount}"
    return f"{title}; {live}"


def _print_answers(findings: "Sequence[Finding]") -> None:
    columns = ("Standing", "Publisher", "Claimed", "Use", "Off")
    rows = [
        (
            _standing(finding),
            finding.claim.publisher,
            finding.claim.row.show(finding.claim.value),
            _use(finding),
            _off(finding),
        )
        for finding in findings
    ]
    print_table(columns, rows, right=columns[2:], notes=list(map(_why, findings)))
    if MANNER.verbose:
        for finding in findings:
            claim, keys = finding.claim, ", ".join(finding.evidence) or "none"
            print_text(f"{claim.publisher}: {claim.path}: {claim.raw}; evidence {keys}", indent=2)


def _standing(finding: "Finding") -> str:
    standing = str(finding.standing)
    return standing.upper() if finding.standing is Standing.WRONG else standing


def _use(finding: "Finding") -> str:
    if finding.use is None or finding.standing is Standing.RIGHT:
        return ""
    return finding.claim.row.show(finding.use)


def _off(finding: "Finding") -> str:
    """Return how far the claim is from what was measured: `+28.55%`."""
    claimed, measured = finding.claim.value, finding.measured
    if not isinstance(claimed, Decimal) or not isinstance(measured, Decimal):
        return ""
    return _share(claimed - measured, measured)


def _share(residual: Decimal, reference: Decimal) -> str:
    """Return `+28.55%`, or `x 967` of what is ten times as large or more."""
    if reference and abs(residual) >= TIMES * abs(reference):
        return f"x {(residual + reference) / reference:,.0f}"
    return format_residual_share(residual, reference)


def _why(finding: "Finding") -> str:
    """Return the cause in a sentence, without what other parts of the output say, and the place."""
    reason = finding.reason
    sums = {f": {hypothesis.terms}" for hypothesis in finding.tried if hypothesis.terms}
    for terms in sorted(sums, key=len, reverse=True):
        reason = reason.replace(terms, "")
    parts = [part for part in reason.split("; ") if not part.startswith(LIVE)]
    if finding.ambiguous:
        parts.append(f"fits as well: {', '.join(finding.alternatives)}")
    return "; ".join([*parts, show_place(finding.claim.place)])


def explaining(assessment: "Assessment") -> "Hypothesis | None":
    """Return the hypothesis that explains a claim; None where nothing does."""
    finding, inquiry = assessment.finding, assessment.inquiry
    if finding.verdict is not Verdict.EXPLAINED or inquiry is None:
        return None
    return inquiry.chosen


def _print_terms(finding: "Finding", chosen: "Hypothesis") -> None:
    """Print the sum that gives the claim, a row for each term."""
    terms = list(_split_terms(chosen.terms))
    if not terms:
        return
    row, total = finding.claim.row, sum(number for _, number in terms)
    rows = [(name, f"{number:,}") for name, number in terms]
    if len(terms) > 1:
        rows.append(("sum", f"{total:,}"))
    if chosen.prediction != total:
        rows.append((chosen.label, format_amount(row, chosen.prediction)))
    if chosen.residual:
        rows.append(("as printed", row.show(finding.claim.value)))
    say("")
    columns = (f"How {row.show(finding.claim.value)} comes about", "Count")
    print_table(columns, rows, right=columns[1:])


def _split_terms(terms: str) -> Iterator[tuple[str, int]]:
    """Yield name and number of each term of `conv 15003502080 + conv bias 1000`."""
    for term in terms.split(" + "):
        name, _, number = term.rpartition(" ")
        if number.isdecimal():
            yield name, int(number)


def _print_work(case: "Case", everything: bool) -> None:
    """Print where the multiply-adds or the parameters of a model are."""
    say("")
    if everything:
        _print_classes(case)
        say("")
        _print_modules(case)
        return
    from zoo.model_index.ledger.stages import stages

    by_parameters = case.claim.quantity == "parameters"

    def weigh(stage: "Stage") -> tuple[int, float]:
        if by_parameters:
            return stage.parameters, stage.parameter_share
        return stage.macs, stage.share

    listed = stages(case.counts.trace, case.counts.parts)
    weights = [(*weigh(stage), stage.name) for stage in listed]
    largest = sorted(weights, reverse=True)
    rows = [
        (name.translate(ASCII) or "the model itself", f"{number:,}", f"{share:.1f}%")
        for number, share, name in largest
        if share >= SMALLEST
    ]
    what = "parameters" if by_parameters else "multiply-adds"
    columns = (f"Where the {what} are", "Count", "Share")
    print_table(columns, rows[:STAGES], right=columns[1:])
    if len(rows) > STAGES:
        say(f"and {len(rows) - STAGES} smaller")
    if not by_parameters:
        say(f"by class: {', '.join(_list_classes(case))}")


def _list_classes(case: "Case") -> Iterator[str]:
    """Yield `convolution 100.0%`, of each operator class that does work."""
    from zoo.model_index.ledger.trace_summary import by_class

    for row in by_class(case.counts.trace):
        if row.share >= SMALLEST:
            yield f"{row.kind} {row.share:.1f}%"


def _print_classes(case: "Case") -> None:
    from zoo.model_index.ledger.trace_summary import by_class

    columns = ("Class", "Calls", "Multiply-adds", "Share", "Parameters used")
    rows = [
        (c.kind, f"{c.calls:,}", f"{c.macs:,}", f"{c.share:.1f}%", f"{c.parameters:,}")
        for c in by_class(case.counts.trace)
    ]
    print_table(columns, rows, right=columns[1:])


def _print_modules(case: "Case") -> None:
    from zoo.model_index.ledger.trace_summary import by_module

    columns = ("Module", "Types", "Multiply-adds", "Share", "Parameters")
    rows = [
        (m.path, m.types, f"{m.macs:,}", f"{m.share:.1f}%", f"{m.parameters:,}")
        for m in by_module(case.counts.trace, case.counts.parts)
    ]
    print_table(columns, rows, right=columns[2:])


def _print_tried(assessment: "Assessment", everything: bool, *, several: bool) -> None:
    """Print how many hypotheses were tried, and those that say something."""
    finding, row = assessment.finding, assessment.finding.claim.row
    ordered = order_hypotheses(finding.tried)
    listed = ordered if everything else list(_select(assessment, ordered))
    say("")
    about = f" for {finding.claim.printed} of {finding.claim.publisher}" if several else ""
    fits = sum(hypothesis.fits for hypothesis in ordered)
    number = plural(len(ordered), "hypothesis", "hypotheses")
    nothing_near = "" if listed or fits else ", none comes within 10%"
    print_text(f"{number} tried{about}: {_describe_fits(assessment, fits)}{nothing_near}")
    if not listed:
        return
    columns = ("Hypothesis", "Gives", "Claim off", "Matches digits")
    cells = [
        (
            hypothesis.label,
            format_amount(row, hypothesis.prediction),
            _share(hypothesis.residual, hypothesis.prediction) or "0",
            "yes" if hypothesis.fits else "no",
        )
        for hypothesis in listed
    ]
    print_table(columns, cells, right=columns[1:3])


def _select(assessment: "Assessment", ordered: "Sequence[Hypothesis]") -> "Iterator[Hypothesis]":
    """Yield the hypotheses that say something: none beside a cause that gives the last digit; else
    those that fit, then those that come near."""
    chosen = explaining(assessment)
    if chosen and not chosen.residual:
        return
    claimed = abs(assessment.finding.claim.number)
    near = [h for h in ordered if h.fits or abs(h.residual) <= NEAR * claimed]
    near.sort(key=lambda h: (h is not chosen, not h.fits))
    yield from near[:BEST]


def _describe_fits(assessment: "Assessment", fits: int) -> str:
    """Say how many hypotheses match the digits of a claim, and what that is worth."""
    digits = assessment.finding.claim.parsed.digits
    of_digits = f"its {digits} digits" if digits != 1 else "its digit"
    chosen = explaining(assessment)
    if chosen and not chosen.residual and fits == 1:
        return "this cause alone gives every digit"
    if fits == 0:
        return f"none matches {of_digits}"
    match = "matches" if fits == 1 else "match"
    return f"{fits} {match} {of_digits}" + ("" if chosen else ", which proves nothing")
