"""Say how the tensors of a checkpoint fit the live model: reason, verdict and cause."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from zoo.model_index.findings import Verdict
from zoo.weights.compare import WeightsComparison

MAX_NAMES = 3  # of a kind of difference
# What a fitting file has of the live model, by the way in which it was matched.
FITS = {
    "names": "are the live model's, names and shapes",
    "filter": "are the live model's after timm's own filter, names and shapes",
    "prefix": "are the live model's, names and shapes, {}",
    "order": "have the live model's shapes in its order, under other names",
}
RENAMED = frozenset(("prefix", "order"))


class Fit(NamedTuple):
    """The reason and verdict of a comparison, and the cause where there is one."""

    reason: str
    verdict: Verdict
    cause: str | None = None


def describe_fit(values: dict[str, Any]) -> Fit:
    """Describe the comparison that evidence of the kind `weights` holds."""
    data = values.get("comparison")
    if data is None or "error" in data:
        error = (data or {}).get("error", "no tensors")
        return Fit(f"not compared with the live model: {error}", Verdict.UNCHECKED)
    comparison = msgspec.convert(data, WeightsComparison)
    remarks = list(_remarks(comparison))
    if not comparison.fits:
        where = f" {_describe_prefix(comparison.prefix)}" if comparison.prefix else ""
        match = f"{comparison.matched} of the live model's {comparison.model} tensors match{where}"
        differences = ", ".join(_differences(comparison))
        return Fit("; ".join([match, differences, *remarks]), Verdict.MISMATCH)
    fit = FITS[comparison.how].format(_describe_prefix(comparison.prefix))
    reason = "; ".join([f"{comparison.matched} tensors {fit}", *remarks])
    if comparison.how in RENAMED:
        return Fit(reason, Verdict.EXPLAINED, "other names")
    return Fit(reason, Verdict.EXACT)


def _describe_prefix(prefix: str) -> str:
    side = {"-": "without the file's prefix", "+": "with the live model's prefix"}
    return f"{side[prefix[0]]} {prefix[1:]!r}" if prefix else ""


def _remarks(comparison: WeightsComparison) -> Iterator[str]:
    """Yield what is remarkable about tensors that fit."""
    if number := comparison.counts["shared"]:
        verb = "shares" if number == 1 else "share"
        yield f"{_listing(comparison.shared, number)} {verb} the values of others"
    for stored, live, number in comparison.retyped:
        yield f"{number} {'is' if number == 1 else 'are'} {stored} instead of {live}"


def _differences(comparison: WeightsComparison) -> Iterator[str]:
    counts = comparison.counts
    for kind, names in (("missing", comparison.missing), ("unexpected", comparison.unexpected)):
        if counts[kind]:
            yield f"{counts[kind]} {kind} ({_listing(names, counts[kind])})"
    shapes = [(name, _shape(theirs), _shape(ours)) for name, theirs, ours in comparison.reshaped]
    rows = (("reshaped", "another shape", shapes), ("unfit", "another type", comparison.unfit))
    for kind, words, pairs in rows:
        if number := counts[kind]:
            name, theirs, ours = pairs[0]
            more = " ..." if number > 1 else ""
            yield f"{number} of {words} ({name} {theirs} instead of {ours}{more})"


def _listing(names: Sequence[str], number: int) -> str:
    return ", ".join(names[:MAX_NAMES]) + (" ..." if number > MAX_NAMES else "")


def _shape(sides: Sequence[int]) -> str:
    return "x".join(map(str, sides)) or "scalar"
