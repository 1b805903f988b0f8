"""Findings: the verdict on a claim, with its measurement, cause and hypotheses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from zoo.model_index.records.records import Claim


class Verdict(StrEnum):
    """How a claim compares with what was measured."""

    EXACT = "exact"
    ROUNDED = "rounded"
    CONSISTENT = "consistent"
    EXPLAINED = "explained"
    MISMATCH = "mismatch"
    UNCHECKED = "unchecked"
    ERROR = "error"


FAILING = frozenset({Verdict.MISMATCH, Verdict.ERROR})
FAILING_STRICT = FAILING | {Verdict.EXPLAINED, Verdict.UNCHECKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A possible cause of a difference, and its prediction.

    `causes` are the names of one or two causes, `label` says them in words, `terms` is the
    prediction as a sum. `residual` is claim minus prediction; `fits` tells whether the prediction
    is the claim to its printed digits. `size` is the input counted where it is another than the
    claim's. `mistake` marks a cause that makes the page wrong, as a slipped decimal point does, and
    another convention does not. `rank` is how far-fetched it is, 1 the least. `also` are other
    causes that come to the same for this model. `plain` is the name of the plain count.
    """

    causes: tuple[str, ...]
    label: str
    rank: int
    prediction: Decimal
    residual: Decimal
    fits: bool
    terms: str = ""
    size: tuple[int, int] | None = None
    mistake: bool = False
    also: tuple[tuple[str, ...], ...] = ()
    plain: str = "macs"

    @property
    def name(self) -> str:
        """Return the causes in short, an input by its size: `thop at 224x285`."""
        rules = [cause for cause in self.causes if not (self.size and cause in SIZED)]
        if not self.size:
            return ", ".join(rules)
        return f"{', '.join(rules) or self.plain} at {self.size[0]}x{self.size[1]}"


# causes that are an input size
SIZED = frozenset({"configured size", "test-time size", "photograph", "square"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim and its verdict.

    `measured` is in the quantity's unit. `cause` names the cause that reproduces an explained claim
    and `prediction` is what it gives; `causes` are its parts, the same for claims counted alike at
    other sizes. `residual` is claim minus prediction (or minus measurement where nothing explains
    it); `alternatives` are causes that fit as well and are as simple. `mistake` says that the cause
    makes the page wrong. `tried` are the hypotheses, `evidence` are ledger keys.
    """

    claim: Claim
    verdict: Verdict
    reason: str
    measured: Decimal | str | tuple[int, int] | None = None
    cause: str | None = None
    prediction: Decimal | None = None
    residual: Decimal | None = None
    alternatives: tuple[str, ...] = ()
    evidence: tuple[str, ...] = field(default=())
    causes: tuple[str, ...] = ()
    mistake: bool = False
    tried: Sequence[Hypothesis] = ()

    @property
    def ambiguous(self) -> bool:
        """Return whether another cause fits as well and is as simple."""
        return bool(self.alternatives)

    @property
    def verdict_label(self) -> str:
        """Return the verdict in words: an explanation that makes the page wrong is marked."""
        return (
            f"{self.verdict} (mistake)"
            if self.mistake and self.verdict is Verdict.EXPLAINED
            else str(self.verdict)
        )

    def fails(self, strict: bool = False) -> bool:
        return self.mistake or self.verdict in (FAILING_STRICT if strict else FAILING)

    def to_dict(self) -> dict[str, object]:
        """For machines: `{model, publisher, quantity, claimed, measured, unit, verdict, cause,
        prediction, residual, alternatives, ambiguous, mistake, reason, file, line}`."""
        return {
            "model": self.claim.model,
            "publisher": self.claim.publisher,
            "quantity": self.claim.row.label,
            "claimed": _plain(self.claim.value),
            "measured": _plain(self.measured),
            "unit": self.claim.row.unit,
            "verdict": str(self.verdict),
            "cause": self.cause,
            "prediction": _plain(self.prediction),
            "residual": _plain(self.residual),
            "alternatives": list(self.alternatives),
            "ambiguous": self.ambiguous,
            "mistake": self.mistake,
            "reason": self.reason,
            "file": self.claim.place.file,
            "line": self.claim.place.line,
        }

    def display_values(self) -> tuple[str, str]:
        """Return claimed and measured value as text."""
        show = self.claim.row.show
        return show(self.claim.value), "" if self.measured is None else show(self.measured)


def _plain(value: Decimal | str | tuple[int, int] | None) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(value) if isinstance(value, tuple) else value


def percent(residual: Decimal, claimed: Decimal) -> str:
    """Print a residual as `+0.31%`; the plain difference where that would be 0.00%, or where the
    claim is zero."""
    share = f"{float(residual / claimed) * 100:+.2f}%" if claimed else ""
    return share if claimed and float(share[:-1]) else f"{residual:+,f}"
