"""Findings: the verdict and the standing of a claim, with its measurement, cause and hypotheses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from zoo.model_index.errors import Fault
from zoo.model_index.quantities.value import to_plain
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


class Standing(StrEnum):
    """Whether a claim can be used as it is printed: the first question of a reader."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"


# The standing of each verdict; `explained` is wrong where its cause is (`Finding.wrong`).
STANDINGS = {
    Verdict.EXACT: Standing.RIGHT,
    Verdict.ROUNDED: Standing.RIGHT,
    Verdict.CONSISTENT: Standing.RIGHT,
    Verdict.EXPLAINED: Standing.RIGHT,
    Verdict.MISMATCH: Standing.WRONG,
    Verdict.UNCHECKED: Standing.UNKNOWN,
    Verdict.ERROR: Standing.UNKNOWN,
}
STRICT = frozenset({Verdict.EXPLAINED, Verdict.UNCHECKED})  # fail with --strict as well
# kinds of gaps of a model that was never built; --allow-unbuilt lets them pass
UNBUILT = frozenset({"untrusted", "missing", "unknown", "unavailable"})
PLAIN_RANK = 2  # the highest rank of a cause that is likely by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A possible cause of a difference, and its prediction.

    `causes` are the names of one or two causes, `label` says them in words, `terms` is the
    prediction as a sum. `residual` is claim minus prediction; `fits` tells whether the prediction
    is the claim to its printed digits. `size` is the input counted where it is another than the
    claim's. `wrong` marks a cause that makes the claim wrong: another input, another model or a
    slipped decimal point does; another convention for the same model at the stated input does not.
    `rank` is how far-fetched it is, 1 the least. `also` are other causes that come to the same for
    this model. `plain` is the name of the plain count.
    """

    causes: tuple[str, ...]
    label: str
    rank: int
    prediction: Decimal
    residual: Decimal
    fits: bool
    terms: str = ""
    size: tuple[int, int] | None = None
    wrong: bool = False
    also: tuple[tuple[str, ...], ...] = ()
    plain: str = "macs"

    @property
    def name(self) -> str:
        """Return the causes in short, an input by its size: `thop at 224x285`."""
        rules = [cause for cause in self.causes if not (self.size and cause in SIZED)]
        if not self.size:
            return ", ".join(rules)
        return f"{', '.join(rules) or self.plain} at {self.size[0]}x{self.size[1]}"

    def to_dict(self) -> dict[str, object]:
        """For machines: `{causes, label, rank, prediction, residual, fits, terms}`."""
        return {
            "causes": list(self.causes),
            "label": self.label,
            "rank": self.rank,
            "prediction": to_plain(self.prediction),
            "residual": to_plain(self.residual),
            "fits": self.fits,
            "terms": self.terms,
        }


def order_hypotheses(tried: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Sort hypotheses for readers: those that fit, simplest first, then single plain causes, then
    all others, each by how near they come."""

    def order(hypothesis: Hypothesis) -> tuple[bool, bool, int, Decimal]:
        far_fetched = hypothesis.rank > PLAIN_RANK or len(hypothesis.causes) > 1
        fitting_rank = hypothesis.rank if hypothesis.fits else 0
        return (
            not hypothesis.fits,
            far_fetched and not hypothesis.fits,
            fitting_rank,
            abs(hypothesis.residual),
        )

    return sorted(tried, key=order)


NEAR = 10  # a hypothesis off by more than one part in so many is not near a claim


def find_nearest(
    tried: Sequence[Hypothesis], claimed: Decimal, measured: Decimal
) -> Hypothesis | None:
    """Return the first hypothesis as a reader sees them, where it comes nearer to the claim than
    the measurement does; None where that is no help."""
    nearest = next(iter(order_hypotheses(tried)), None)
    limit = min(abs(claimed - measured), claimed / NEAR)
    return nearest if nearest and abs(nearest.residual) < limit else None


ANOTHER_MODEL = "another model is built"
# causes that are an input size
SIZED = frozenset({"configured size", "test-time size", "photograph", "square"})


class Gap(NamedTuple):
    """Why the model of a claim was not counted.

    `kind` is a key of `zoo.model_index.gaps.MODELS`, `subject` the package or the library that it
    is about, `advice` what to type where the table's advice does not do.
    """

    kind: str
    subject: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim and its verdict.

    `measured` is in the quantity's unit. `cause` names the cause that reproduces an explained claim
    and `prediction` is what it gives; `causes` are its parts, the same for claims counted alike at
    other sizes. `residual` is claim minus prediction (or minus measurement where nothing explains
    it); `alternatives` are causes that fit as well and are as simple. `wrong` says that the cause
    makes the claim wrong. `tried` are the hypotheses, `evidence` are ledger keys. `gap` is why the
    claim's model was not counted, where it needs one. `is_estimate` says that nothing was measured,
    so that there is no number to use.
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
    wrong: bool = False
    tried: Sequence[Hypothesis] = ()
    gap: Gap | None = None
    is_estimate: bool = False

    @property
    def unbuilt(self) -> bool:
        """Return whether the claim's model was never built."""
        return self.gap is not None and self.gap.kind in UNBUILT

    @property
    def rests_on_builder(self) -> bool:
        """Return whether the claim's model was never built, which its builder's finding says."""
        return self.unbuilt and self.claim.quantity != "builder"

    @property
    def ambiguous(self) -> bool:
        """Return whether another cause fits as well and is as simple."""
        return bool(self.alternatives)

    @property
    def standing(self) -> Standing:
        """Return whether the claim can be used as it is printed."""
        return Standing.WRONG if self.wrong else STANDINGS[self.verdict]

    @property
    def use(self) -> Decimal | str | tuple[int, int] | None:
        """Return the value to use, in the quantity's unit; None where none is known.

        It is the measured value of the live model, in multiply-adds for FLOPs. Where nothing was
        measured, or a sample alone, it is what a wrong claim must have meant, or a right claim
        itself. None for a claim of unknown standing, and for one that is right by an estimate. The
        name of a model that is built in place of the named one is never used.
        """
        standing = self.standing
        if standing is Standing.UNKNOWN or self.is_estimate:
            return None
        if self.causes == (ANOTHER_MODEL,) and standing is Standing.WRONG:
            return None
        sampled = self.claim.row.evaluated and self.residual is None
        if self.measured is not None and not (sampled and self.verdict is not Verdict.EXACT):
            return self.measured
        return self.claim.value if standing is Standing.RIGHT else self.prediction

    @property
    def verdict_label(self) -> str:
        """Return standing and verdict in words: `wrong (explained)`."""
        return f"{self.standing} ({self.verdict})"

    def fails(self, strict: bool = False, allow_unbuilt: bool = False) -> bool:
        """Tell whether the finding fails a run: a wrong claim or an error; with `strict` also what
        differs or was not checked.

        Of a model that was not built the finding on its builder fails, unless `allow_unbuilt`.
        """
        if self.rests_on_builder or (self.unbuilt and allow_unbuilt):
            return False
        return (
            self.standing is Standing.WRONG
            or self.verdict is Verdict.ERROR
            or (strict and self.verdict in STRICT)
        )

    def to_dict(self) -> dict[str, object]:
        """For machines: `{model, publisher, quantity, key, dataset, task, conditions, claimed,
        measured, unit, standing, use, verdict, cause, prediction, residual, alternatives,
        ambiguous, estimate, reason, gap, file, line}`.

        `gap` is why the model was not counted: `{kind, subject, advice}`.
        """
        return {
            "model": self.claim.model,
            "publisher": self.claim.publisher,
            "quantity": self.claim.label,
            "key": self.claim.quantity,
            "dataset": self.claim.dataset,
            "task": self.claim.task,
            "conditions": dict(self.claim.conditions),
            "claimed": to_plain(self.claim.value),
            "measured": to_plain(self.measured),
            "unit": self.claim.row.unit,
            "standing": str(self.standing),
            "use": to_plain(self.use),
            "verdict": str(self.verdict),
            "cause": self.cause,
            "prediction": to_plain(self.prediction),
            "residual": to_plain(self.residual),
            "alternatives": list(self.alternatives),
            "ambiguous": self.ambiguous,
            "estimate": self.is_estimate,
            "reason": self.reason,
            "gap": None if self.gap is None else self.gap._asdict(),
            "file": self.claim.place.file,
            "line": self.claim.place.line,
        }

    def display_values(self) -> tuple[str, str]:
        """Return claimed and measured value as text."""
        show = self.claim.row.show
        return show(self.claim.value), "" if self.measured is None else show(self.measured)


def fault_to_dict(fault: Fault) -> dict[str, object]:
    """Return a value that cannot be read as `Finding.to_dict` returns a finding: an error without a
    measurement."""
    return {
        "model": fault.model or None,
        "publisher": None,
        "quantity": fault.path.rpartition(".")[2] or None,
        "key": None,
        "dataset": None,
        "task": None,
        "conditions": {},
        "claimed": None,
        "measured": None,
        "unit": None,
        "standing": str(Standing.UNKNOWN),
        "use": None,
        "verdict": str(Verdict.ERROR),
        "cause": None,
        "prediction": None,
        "residual": None,
        "alternatives": [],
        "ambiguous": False,
        "estimate": False,
        "reason": f"unreadable: {fault.path or 'the file'}: expected {fault.expected}, "
        f"got {fault.got}",
        "gap": None,
        "file": fault.file,
        "line": fault.line,
    }


def percent(residual: Decimal, claimed: Decimal) -> str:
    """Print a residual as `+0.31%`; the plain difference where that would be 0.00%, or where the
    claim is zero."""
    share = f"{float(residual / claimed) * 100:+.2f}%" if claimed else ""
    return share if claimed and float(share[:-1]) else f"{residual:+,f}"
