"""Say what is wrong with the published numbers of a family, in its title and in a few sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zoo.model_index.findings import Standing
from zoo.reporting.i18n.gettext import _, n_
from zoo.reporting.views.catalogue import Check, Family, Model
from zoo.reporting.views.claim_lines import claim_line, counts_of, quantity_label
from zoo.reporting.views.finding_text import value_to_use

MOST = 4  # sentences
FAR = 10  # from this factor on, a range of differences is said in times

ModelCheck = tuple[Model, Check]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is wrong with a publisher's numbers, not escaped, and the model that shows it."""

    text: str
    model: Model
    anchor: str


@dataclass(frozen=True, slots=True)
class Story:
    """The title of a family's page, its sentences, and how many wrong numbers none of them has."""

    title: str
    sentences: tuple[Sentence, ...]
    others: int


def story_of(family: Family) -> Story:
    """Return the story of a family; of one without a wrong number, a title and no sentences."""
    groups = sorted(_groups(family), key=lambda group: -len(group))
    sentences = tuple(_sentence(family, group) for group in groups[:MOST])
    others = sum(map(len, groups[MOST:]))
    return Story(_title(family, groups), sentences, others)


def _groups(family: Family) -> list[list[ModelCheck]]:
    """Return the wrong claims by publisher, quantity and the parts of their cause but sizes."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[ModelCheck]] = {}
    for model in family.models:
        for check in model.checks:
            if check.finding.standing is Standing.WRONG:
                claim = check.claim
                key = claim.publisher, claim.quantity, check.finding.causes
                groups.setdefault(key, []).append((model, check))
    return list(groups.values())


def _title(family: Family, groups: Sequence[Sequence[ModelCheck]]) -> str:
    """Say how many of which numbers are wrong; of a family that nothing is known about, its
    name."""
    if groups:
        quantity = _worst_quantity(groups)
        judged = [c.finding.standing for c in family.checks if c.claim.quantity == quantity]
        wrong, right = judged.count(Standing.WRONG), judged.count(Standing.RIGHT)
        if wrong > 1 and not right:
            return _(
                "%(family)s: all %(count)s published %(quantity)s are wrong",
                family=family.name,
                count=wrong,
                quantity=_name(quantity, groups),
            )
    counts = counts_of(family)
    if counts.wrong:
        return n_(
            "%(family)s: %(count)s of %(total)s published numbers is wrong",
            "%(family)s: %(count)s of %(total)s published numbers are wrong",
            counts.wrong,
            family=family.name,
            total=f"{counts.total:,}",
        )
    if counts.right:
        return _("%(family)s: no published number is known to be wrong", family=family.name)
    return family.name


def _worst_quantity(groups: Sequence[Sequence[ModelCheck]]) -> str:
    """Return the key of the quantity with most wrong claims."""
    counts: dict[str, int] = {}
    for group in groups:
        quantity = group[0][1].claim.quantity
        counts[quantity] = counts.get(quantity, 0) + len(group)
    return max(counts, key=lambda quantity: counts[quantity])


def _name(quantity: str, groups: Sequence[Sequence[ModelCheck]]) -> str:
    row = next(c.claim.row for group in groups for _m, c in group if c.claim.quantity == quantity)
    return quantity_label(row)


def _sentence(family: Family, group: Sequence[ModelCheck]) -> Sentence:
    model, check = group[0]
    claim = check.claim
    alike = [
        c
        for c in family.checks
        if (c.claim.publisher, c.claim.quantity) == (claim.publisher, claim.quantity)
        and c.finding.standing is not Standing.UNKNOWN
    ]
    line = claim_line(model, check)
    values = {
        "publisher": claim.publisher,
        "quantity": quantity_label(claim.row),
        "count": len(group),
        "total": len(alike),
        "model": model.name,
    }
    if len(group) == 1:
        text = _("%(quantity)s of %(model)s, by %(publisher)s: wrong", **values)
        off = line.off_by
    elif len(group) == len(alike):
        text = _("%(quantity)s by %(publisher)s: all %(count)s are wrong", **values)
        off = _range([c for _m, c in group])
    else:
        text = _("%(quantity)s by %(publisher)s: %(count)s of %(total)s are wrong", **values)
        off = _range([c for _m, c in group])
    sums = f"{text} ({off})." if off else f"{text}."
    return Sentence(f"{sums} {_stop(line.words)}", model, line.why_anchor)


def _stop(words: str) -> str:
    return words if words[-1:] in ".!?" else f"{words}."


def _range(checks: Sequence[Check]) -> str:
    """Return how far claims are from the numbers to use, from the least to the most:
    `+28.5 to +28.6 %`; empty where that is no number."""
    factors = sorted(_factors(checks))
    if not factors:
        return ""
    low, high = factors[0], factors[-1]
    if high >= FAR or low <= 1 / FAR:
        far = (1 / high, 1 / low) if high < 1 else (low, high)
        sign = "÷" if high < 1 else "×"
        return f"{sign} {far[0]:,.0f}–{far[1]:,.0f}"
    first, last = (f"{(end - 1) * 100:+.1f}".replace("-", "\N{MINUS SIGN}") for end in (low, high))
    return f"{first} %" if first == last else _("%(low)s to %(high)s %%", low=first, high=last)


def _factors(checks: Sequence[Check]) -> Iterator[float]:
    """Yield claimed by true, of counts."""
    for check in checks:
        claimed, value = check.claim.value, value_to_use(check.finding)
        if not (check.claim.row.counted and isinstance(claimed, Decimal)):
            continue
        if isinstance(value, Decimal) and claimed > 0 and value > 0:
            yield float(claimed / value)
