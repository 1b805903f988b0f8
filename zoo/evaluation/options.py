"""Options of an evaluation, as `zoo eval` and the API set them."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from zoo.evaluation.inference import Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationOptions:
    """Options of `zoo eval`; see `zoo eval --help` for their meaning.

    conditions what else the data is, as claims state it: config, revision, args
    tolerance  how far a checked claim may be off, in percentage points
    level      the probability that a decision or the bounds are wrong
    trusted    packages whose code may run
    flags      the command-line options that repeat this evaluation
    """

    setup: Setup
    data: str | None = None
    split: str | None = None
    root: Path | None = None
    dataset: str | None = None
    conditions: tuple[tuple[str, str], ...] = ()
    class_map: Path | None = None
    class_folder: str | None = None
    labels: str | None = None
    weights: str | None = None
    seed: int = 0
    limit: int | None = None
    check: bool = False
    tolerance: Decimal = Decimal("0.5")
    level: float = 0.01
    sensitivity: bool = False
    fresh: bool = False
    trusted: tuple[str, ...] = ()
    flags: str = ""
