"""The worked example: one number of a zoo, followed to its last digit.

The number is chosen by rule: a wrong one whose cause is known and gives it exactly, the largest
difference and the best-known model first; else the worst finding; else a right one, if it can be
one that is followed the same way. A zoo in which nothing was counted has none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zoo.model_index.findings import SIZED, Hypothesis, Standing, Verdict
from zoo.model_index.quantities.value import Size
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.pages.base import Site
from zoo.reporting.pages.home.known import Pair, best_known
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.cause_words import term_text
from zoo.reporting.views.claim_lines import ClaimLine, claim_line
from zoo.reporting.views.hypotheses import explaining_hypothesis, terms_of

FLOPS, PARAMETERS = "flops", "parameters"
MOST_TERMS = 6
EXACT_DIGITS = 6  # of a right number that is worth following
# The heading by quantity: of a wrong number with one to use, without one, of a right number.
HEADINGS = {
    (FLOPS, "wrong"): N_("%(publisher)s says %(model)s takes %(published)s. It takes %(use)s."),
    (FLOPS, "right"): N_("%(publisher)s says %(model)s takes %(published)s. It does."),
    (PARAMETERS, "wrong"): N_(
        "%(publisher)s says %(model)s has %(published)s parameters. It has %(use)s."
    ),
    (PARAMETERS, "right"): N_(
        "%(publisher)s says %(model)s has %(published)s parameters. It does."
    ),
}
OTHERS = {
    "wrong": N_("%(publisher)s prints %(published)s as %(quantity)s of %(model)s. Use %(use)s."),
    "right": N_("%(publisher)s prints %(published)s as %(quantity)s of %(model)s. That is right."),
}
UNUSABLE = N_("%(publisher)s prints %(published)s as %(quantity)s of %(model)s. That is wrong.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedExample:
    """A claim that the start page follows to its last digit.

    `terms` are names and numbers of a sum that is `total`, which `counted` names; empty where there
    is none. `sizes` are the input of the page and the one that was counted, where these differ.
    """

    model: Model
    line: ClaimLine
    heading: str
    terms: tuple[tuple[str, str], ...] = ()
    counted: str = ""
    total: str = ""
    sizes: tuple[Size, Size] | None = None


def worked_example(site: Site) -> WorkedExample | None:
    """Return the example of a zoo; None where no claim was compared with anything."""
    checks = list(site.catalogue.checks)
    wrong = [pair for pair in checks if pair[1].finding.standing is Standing.WRONG]
    right = [pair for pair in checks if pair[1].finding.standing is Standing.RIGHT]
    for pairs in (_exact(wrong, FLOPS), _exact(wrong, PARAMETERS)):
        if pairs:
            return _follow(best_known(pairs))
    if wrong:
        return _follow(min(wrong, key=lambda pair: claim_line(*pair).severity))
    for pairs in (_exact(right, FLOPS), _exact(right, PARAMETERS), *_plain(right)):
        if pairs:
            return _follow(best_known(pairs))
    return None


def _exact(pairs: Sequence[Pair], quantity: str) -> list[Pair]:
    """Return the claims of a quantity that a named sum gives to the last digit, those of several
    terms where there are any."""
    exact = [
        (len(terms) > 1, pair)
        for pair in pairs
        if pair[1].claim.quantity == quantity and (terms := _terms(pair[1]))
    ]
    several = [pair for is_sum, pair in exact if is_sum]
    return several or [pair for _, pair in exact]


def _plain(right: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Yield right claims that no sum gives, those that say most first: counted and exact in many
    digits, counted, any."""
    yield _of_many_digits(right)
    yield [pair for pair in right if pair[1].claim.row.counted]
    yield list(right)


def _of_many_digits(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the counted claims that are exact in many digits."""
    return [
        (model, check)
        for model, check in pairs
        if check.claim.row.counted
        and check.verdict is Verdict.EXACT
        and (check.claim.parsed.digits or 0) >= EXACT_DIGITS
    ]


def _cause(check: Check) -> Hypothesis | None:
    """Return the hypothesis that gives a claim to the last digit."""
    return None if check.finding.residual else explaining_hypothesis(check.finding)


def _terms(check: Check) -> list[tuple[str, int]]:
    """Return the sum that gives a claim; empty where none does, or one of many terms."""
    cause = _cause(check)
    terms = terms_of(cause) if cause and cause.prediction == check.claim.value else []
    return terms if len(terms) <= MOST_TERMS else []


def _follow(pair: Pair) -> WorkedExample:
    """Make the example of a claim."""
    model, check = pair
    line, cause, terms = claim_line(model, check), _cause(check), _terms(check)
    return WorkedExample(
        model=model,
        line=line,
        heading=_heading(model, check, line),
        terms=tuple((term_text(name), f"{number:,}") for name, number in terms),
        counted=_counted(cause) if cause else "",
        total=f"{sum(number for _, number in terms):,}",
        sizes=_sizes(model, check, cause),
    )


def _heading(model: Model, check: Check, line: ClaimLine) -> str:
    key = str(line.standing)
    message = HEADINGS.get((check.claim.quantity, key)) or OTHERS[key]
    if key == "wrong" and not line.use:
        message = UNUSABLE
    published = line.published
    if check.claim.quantity == FLOPS and published[-1:].isalpha():
        published = f"{published}FLOPs"
    return _(
        message,
        publisher=line.publisher,
        model=model.name,
        published=published,
        use=line.use,
        quantity=line.quantity,
    )


def _counted(cause: Hypothesis) -> str:
    """Name what the sum is: `thop, 224×285`."""
    rules = [name for name in cause.causes if not (cause.size and name in SIZED)]
    size = "×".join(map(str, cause.size)) if cause.size else ""
    return ", ".join(filter(None, [*rules, size]))


def _sizes(model: Model, check: Check, cause: Hypothesis | None) -> tuple[Size, Size] | None:
    """Return the input that the page states and the one that was counted, where these differ."""
    stated = check.claim.size or (model.input.image_size if model.input else None)
    counted = cause.size if cause else None
    return (stated, counted) if stated and counted and stated != counted else None
