"""Records of evaluations: counts of right answers, bounds, and the settings that decide them."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

import msgspec

DIGITS = 4  # decimals of an accuracy in percent, where it has more


def _several(value: Any) -> str:
    return ", ".join(map(str, value))


# Settings in which two evaluations may differ: the cause that this is of their difference, and how
# the other's value is printed.
SETTINGS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("input_size", "other input size", lambda size: f"size {'x'.join(map(str, size[1:]))}"),
    ("crop_pct", "other crop", lambda crop: f"crop {crop:g}"),
    ("crop_mode", "other crop mode", lambda mode: f"crop mode {mode}"),
    ("interpolation", "other interpolation", str),
    (
        "resize",
        "resized as a tensor",
        lambda on: "on antialiased tensors" if on == "tensor" else "on PIL images",
    ),
    ("mean", "other mean", lambda mean: f"mean {_several(mean)}"),
    ("std", "other standard deviation", lambda std: f"std {_several(std)}"),
)
DIFFERENCES = tuple((key, cause) for key, cause, _ in SETTINGS)


class Share(msgspec.Struct, frozen=True):
    """Right answers among the images seen, and bounds of the number among all images."""

    right: int
    low: int
    high: int


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """One model on one data set.

    `conditions` are what else a person says of the data set: its config, revision or args. `images`
    are those that count, `seen` those evaluated, in a random order; `excluded` are left out by the
    data set's own rules. `level` is the chance that the bounds are wrong at any moment of the run,
    `tolerance` how far, in points, a claim may be off that is checked by a part of the images.
    `settings` are the entry's claims about preprocessing at that time, `defaults` the settings that
    nothing stated, `own` says that the pipeline was the entry's own. `unread` images, and `broken`
    ones whose outputs are not finite, count as wrong. `named` weights and `given` labels are a
    person's and not the index's or the data's own; `pretrained` are references to the weights of
    the builder's pretrained tag. `unjudged` images, for whose class no output stands, count as
    wrong too. `variation` says what else than an image the outputs depend on: no accuracy is a
    property of the model and the images then. `stated` says that the data set is known and not only
    called like its folder, `stamp` stands for the state of its files. Of `resumed` images an
    earlier run left the predictions. `stopped` says why it ended: `all`, `decided`, `limit` or
    `interrupted`.
    """

    dataset: str
    split: str | None = None
    conditions: dict[str, str] = {}
    where: str
    images: int
    seen: int
    excluded: int = 0
    top1: Share
    top5: Share | None = None
    mean_per_class: float | None = None
    level: float
    tolerance: str
    settings: dict[str, str] = {}
    defaults: list[str] = []
    variation: str = ""
    own: bool = True
    preprocessing: dict[str, Any]
    precision: str
    device: str
    weights: str
    sha256: str
    named: bool = False
    pretrained: list[str] = []
    fit: str
    resolved: str
    outputs: int
    labels: str
    given: str = ""
    stated: bool = True
    stamp: str = ""
    unread: int = 0
    broken: int = 0
    unjudged: int = 0
    faults: list[tuple[str, str, str]] = []
    predictions: str
    rate: float | None = None
    resumed: int = 0
    stopped: str = "all"

    @property
    def complete(self) -> bool:
        return self.seen == self.images

    @property
    def dataset_label(self) -> str:
        """Return the data set and its split: `digits test`."""
        return f"{self.dataset} {self.split}" if self.split else self.dataset

    def share(self, quantity: str) -> Share | None:
        """Return the counts of `top1` or `top5`; None for every other quantity."""
        return {"top1": self.top1, "top5": self.top5}.get(quantity)

    def percent(self, quantity: str) -> Decimal | None:
        """The accuracy among the images seen, in percent, to four decimals where it has more."""
        share = self.share(quantity)
        return percent(share.right, self.seen) if share else None

    def percents(self) -> dict[str, Decimal]:
        """Return the accuracies that were counted, by their usual names."""
        shares = {"top-1": self.percent("top1"), "top-5": self.percent("top5")}
        return {name: value for name, value in shares.items() if value is not None}

    def bounds(self, quantity: str) -> tuple[Decimal, Decimal] | None:
        """Return the bounds of the accuracy among all images, in percent, at the evaluation's
        level."""
        share = self.share(quantity)
        return (
            (percent(share.low, self.images), percent(share.high, self.images)) if share else None
        )

    def decide(self, quantity: str, claimed: Decimal, step: Decimal | None = None) -> bool | None:
        """Return whether a claim, in percent, holds within the tolerance; None where the bounds
        leave it open."""
        share = self.share(quantity)
        low, high = within(claimed, Decimal(self.tolerance), self.images, step)
        if share is None or low > high:
            return None
        if low <= share.low and share.high <= high:
            return True
        return False if share.high < low or share.low > high else None


def percent(right: int, total: int) -> Decimal:
    """Return `right` of `total` in percent, exactly where four decimals do."""
    if not total:
        return Decimal(0)
    value = round(Decimal(right) * 100 / Decimal(total), DIGITS).normalize()
    # 100, not 1E+2
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def within(
    claimed: Decimal, tolerance: Decimal, images: int, step: Decimal | None = None
) -> tuple[int, int]:
    """Return the fewest and the most right answers of so many images with which a claim holds; both
    in percent.

    A claim is never asked for more than it prints: half of the `step` of its last digit is within.
    Of few images no number may be that near; then the fewest are more than the most.
    """
    center, margin = (
        Fraction(claimed) / 100,
        max(Fraction(tolerance), Fraction(step or 0) / 2) / 100,
    )
    return counts_near(center, margin, images)


def counts_near(center: Fraction, margin: Fraction, images: int) -> tuple[int, int]:
    """Return the fewest and the most of so many images whose share is within the margin,
    exactly."""
    return max(0, ceil((center - margin) * images)), min(images, floor((center + margin) * images))


def differences(first: Evaluation, second: Evaluation) -> Iterator[tuple[str, str]]:
    """Yield what differs in the second pipeline: (cause, `bilinear`)."""
    for key, cause, describe in SETTINGS:
        value = second.preprocessing.get(key)
        if value != first.preprocessing.get(key):
            yield cause, describe(value)
    if second.precision != first.precision:
        yield "other precision", second.precision
