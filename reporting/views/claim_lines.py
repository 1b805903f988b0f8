"""A claim as a reader sees it everywhere: its standing, what to use in its place, and why in one
line."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, cast

from zoo.model_index.findings import Finding, Standing
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.rows.metrics import CHECK
from zoo.model_index.quantities.show import human, show_size
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.gettext import N_, _, current
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.catalogue import Catalogue, Check, Family, Model
from zoo.reporting.views.claim_words import claim_words, short_conditions
from zoo.reporting.views.finding_text import number_to_use, value_to_use
from zoo.reporting.views.hypotheses import differs, why_anchor

# What a reader calls a quantity, where that is not its label.
LABELS = {
    "top1": N_("Top-1"),
    "top5": N_("Top-5"),
    "reference_top1": N_("Top-1 of the paper"),
    "reference_top5": N_("Top-5 of the paper"),
    "id": N_("Model built"),
    "builder": N_("Model built"),
    "image_size": N_("Input size"),
    "crop_pct": N_("Crop"),
    "inference_time": N_("Latency"),
}
ORDER = (Standing.WRONG, Standing.RIGHT, Standing.UNKNOWN)
# The worst first: another model, then numbers, then settings; by the check of a quantity.
WEIGHT = {"identity": 0, "builder": 0, "configuration": 2, "depth": 2}
SMALL = ("configuration", "depth")  # checks of numbers of which the difference is said
FAR = 10  # a number that is this many times another is said in times
MEASURED = ("macs", "parameters")
BYTES = "bytes"
FLOPS = "flops"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """A claim in words, not escaped.

    `published` is the number with its unit in the notation of the site, `printed` the publisher's
    characters where they look different. `use` is the number to use, empty where none is known;
    `off_by` how far the claim is from it. `where` is file and line, relative to the index, and
    `where_url` its address on the web. `anchor` is that of the claim on the model's page,
    `why_anchor` that of its explanation, where it has one. `severity` sorts lines, the worst first.
    """

    standing: Standing
    quantity: str
    publisher: str
    published: str
    printed: str
    use: str
    off_by: str
    words: str
    where: str
    where_url: str | None
    anchor: str
    why_anchor: str
    severity: tuple[int, int, float]


class Counts(NamedTuple):
    """How many claims are wrong, right and unknown."""

    wrong: int
    right: int
    unknown: int

    @property
    def total(self) -> int:
        return sum(self)


def claim_line(model: Model, check: Check) -> ClaimLine:
    """Return a claim of a model in words, in the language of the page; made once for each."""
    key = check.anchor, current()
    known = model.remembered.get(key)
    if known is None or known[0] is not check:
        known = model.remembered[key] = check, _line(model, check)
    return cast(ClaimLine, known[1])


def _line(model: Model, check: Check) -> ClaimLine:
    finding, claim = check.finding, check.claim
    published, printed = published_text(claim), one_line(claim.printed)
    return ClaimLine(
        standing=finding.standing,
        quantity=quantity_name(model, claim),
        publisher=one_line(claim.publisher),
        published=published,
        printed="" if _look(printed) == _look(published) else printed,
        use=use_of(finding),
        off_by=off_by(finding),
        words=claim_words(model, finding),
        where=check.file or one_line(f"{claim.place.file.rpartition('/')[2]}:{claim.place.line}"),
        where_url=check.address,
        anchor=check.anchor,
        why_anchor=why_anchor(check) if differs(finding) else check.anchor,
        severity=severity(finding),
    )


def quantity_label(row: Quantity) -> str:
    """Return what a reader calls a quantity, without data set and conditions."""
    return _(LABELS.get(row.key, row.label))


def quantity_name(model: Model, claim: Claim) -> str:
    """Name a claim's quantity with its data set and conditions, as far as they tell it from
    others: `Latency, V100, FP32, batch size 1`."""
    name = quantity_label(claim.row)
    datasets = model.datasets.get(claim.quantity, ())
    if claim.dataset and (claim.row.check == CHECK or len(datasets) > 1):
        name = _("%(metric)s on %(dataset)s", metric=name, dataset=claim.dataset)
    return one_line(", ".join([name, *short_conditions(claim)]))


def published_text(claim: Claim) -> str:
    """Return the claimed number in the site's notation, with its unit and no more digits than the
    publisher printed: `15.00 G`, `79.65 %`."""
    row, value = claim.row, claim.value
    if isinstance(value, tuple):
        return show_size(value).replace("x", "×")
    if not isinstance(value, Decimal):
        return one_line(row.show(value))
    if row.unit == "%":
        return f"{_as_printed(claim, value):f} %"
    if row.unit == BYTES:
        return f"{human(value)}B"
    return _count(claim, value) if row.counted else one_line(row.show(value))


def _count(claim: Claim, value: Decimal) -> str:
    """Print a count with its prefix; one in fewer digits than two behind the point in those."""
    text = human(value)
    number, _space, prefix = text.partition(" ")
    if not prefix or claim.parsed.step is None or "." not in number:
        return text
    shown = value / Decimal(number) if Decimal(number) else Decimal(1)
    decimals = max(0, -(claim.parsed.step / _power(shown)).normalize().adjusted())
    return f"{Decimal(number):.{min(2, decimals)}f} {prefix}"


def _power(factor: Decimal) -> Decimal:
    """Return the power of a thousand that a prefix stands for."""
    return Decimal(1000) ** round(float(factor.log10()) / 3)


def _as_printed(claim: Claim, value: Decimal) -> Decimal:
    step = claim.parsed.step
    return value.quantize(step.normalize()) if step and step <= 1 else value.normalize()


def _look(text: str) -> str:
    """Return a text without what two notations of one number may differ in."""
    return text.replace(" ", "").replace("×", "x").replace(",", "").casefold()


def use_of(finding: Finding) -> str:
    """Return the number to use with its unit: of a wrong claim the corrected one, of a right count
    the measured one, else the right claim; empty where none is known."""
    value = finding.use
    if value is None:
        return ""
    if finding.standing is Standing.WRONG:
        text = number_to_use(finding)
    elif finding.claim.row.counted and isinstance(value, Decimal):
        text = f"{_spaced(human(value))}MACs" if finding.claim.quantity == FLOPS else human(value)
    elif finding.claim.row.check in ("identity", "builder"):
        text = str(finding.measured or finding.claim.value)
    else:
        return published_text(finding.claim)
    return one_line(_notation(text, is_size=isinstance(value, tuple)))


def _spaced(number: str) -> str:
    return number if number[-1].isalpha() else f"{number} "


def _notation(text: str, *, is_size: bool) -> str:
    text = text.replace("x", "×") if is_size else text
    return f"{text[:-1]} %" if text.endswith("%") and text[-2:-1] != " " else text


def off_by(finding: Finding) -> str:
    """Return how far a wrong claim is from the number to use: `+28.6 %`, `÷ 6,718`, `−80.44
    points`; empty where that is no number."""
    claimed, value = finding.claim.value, value_to_use(finding)
    if not isinstance(claimed, Decimal) or not isinstance(value, Decimal):
        return ""
    gap = claimed - value
    if finding.claim.row.unit == "%":
        return _signed(_("%(number)s points", number=f"{gap:+f}"))
    if finding.claim.row.check in SMALL or not value:
        return _signed(f"{gap.normalize():+f}")
    if claimed and (times := max(claimed / value, value / claimed)) >= FAR:
        return f"{'×' if gap > 0 else '÷'} {times:,.0f}"
    return _signed(f"{float(gap / value) * 100:+.1f} %")


def _signed(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def severity(finding: Finding) -> tuple[int, int, float]:
    """Return a key that sorts findings, the worst first: by standing, then what they are about,
    then how far off they are."""
    claimed, value = finding.claim.value, value_to_use(finding)
    distance = 0.0
    if isinstance(claimed, Decimal) and isinstance(value, Decimal) and claimed and value:
        distance = abs(math.log(abs(claimed / value)))
    return ORDER.index(finding.standing), WEIGHT.get(finding.claim.row.check, 1), -distance


def counts_of(whole: Model | Family | Catalogue) -> Counts:
    """Count the claims of a model, a family or a zoo by their standing."""
    checks = [check for _, check in whole.checks] if isinstance(whole, Catalogue) else whole.checks
    standings = [check.finding.standing for check in checks]
    return Counts(*(standings.count(standing) for standing in ORDER))


def usable(model: Model, quantity: str) -> Value | None:
    """Return the value of a model that plots, winners, sentences and snippets may use.

    `macs` and `parameters` are what was measured, of the model itself; anything else is claimed:
    by the entry, else by another publisher. None where that is wrong or unknown to anybody.
    """
    if quantity in MEASURED:
        number = getattr(model, quantity)
        return None if number is None else Decimal(number)
    check = usable_check(model, quantity)
    return check.usable if check else None


def usable_check(model: Model, quantity: str) -> Check | None:
    """Return the claim that stands for a quantity of a model: the entry's own, else another
    publisher's; one that is wrong never does."""
    checks = [check for check in model.checks if check.claim.quantity == quantity]
    right = [check for check in checks if check.usable is not None]
    own = (check for check in right if check.claim.publisher == model.entry.publisher)
    return next(own, None) or next(iter(right), None)
