"""Compare what a name states of a checkpoint with what the checkpoint holds."""

from decimal import Decimal
from typing import NamedTuple

from zoo.model_index.quantities.show import human
from zoo.model_index.records.checkpoint_name import NameStatements, NameWidth, read_name
from zoo.weights.contents.readings import READINGS
from zoo.weights.contents.summary import Summary

LEAST_SHARE = 0.25  # of the weights that have the width of the name: embeddings often have another


class NameFit(NamedTuple):
    """What of a name agrees with a checkpoint, and what contradicts it, a clause each."""

    agreements: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()

    def join(self, other: "NameFit") -> "NameFit":
        """Return both, each clause once."""
        return NameFit(
            tuple(dict.fromkeys((*self.agreements, *other.agreements))),
            tuple(dict.fromkeys((*self.contradictions, *other.contradictions))),
        )


def compare_name(name: str, summary: Summary) -> NameFit:
    """Compare a name with a whole checkpoint; what the file does not tell is in neither list."""
    stated = read_name(name)
    fit = _compare_width(stated.width, summary) if stated.width else NameFit()
    return NameFit() if stated.part else _compare_counts(stated, summary).join(fit)


def _compare_counts(stated: NameStatements, summary: Summary) -> NameFit:
    """Compare counts of parameters. Of several in a name, some may be about other things."""
    number = summary.parameters
    if number is None or not stated.counts or summary.adapter or stated.component:
        return NameFit()
    named = {"": number} | summary.readings
    for count in stated.counts:
        for reading, value in named.items():
            if count.fits(value):
                what = f": {READINGS[reading].label}" if reading else " parameters"
                return NameFit((f"{count.text} of the name is {value:,}{what}",))
    if len(stated.counts) > 1:
        return NameFit()
    held = f"{number:,} parameters ({human(Decimal(number))})"
    return NameFit((), (f"the name says {stated.counts[0].text}, the file has {held}",))


def _compare_width(width: NameWidth, summary: Summary) -> NameFit:
    """Compare the width of a weight: that of the whole, or of a good part of it."""
    total = sum(summary.widths.values())
    if summary.parameters is None or not total:
        return NameFit()
    low, high = width.band
    within = sum(n for bits, n in summary.widths.items() if low <= float(bits) <= high)
    mean = 8 * summary.weight_bytes / total
    if width.dtype:
        typed = sum(d.elements for d in summary.dtypes if d.dtype.startswith(width.dtype))
        within = min(within, typed)
    elif low <= mean <= high:
        within = total
    share = f"{within / total:.0%} of the weights"
    if within >= LEAST_SHARE * total:
        return NameFit((f"{width.text} of the name: {mean:.4g} bits a weight",))
    types = ", ".join(row.dtype for row in summary.dtypes[:3])
    kind = width.dtype or f"{width.bits} bits"
    return NameFit(
        (), (f"the name says {width.text}, {share} have {kind} ({mean:.4g} bits each; {types})",)
    )
