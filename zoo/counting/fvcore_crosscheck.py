"""Compare our formula of fvcore's convention with fvcore's own count of the same model.

fvcore cannot trace convolutions on meta, so it gets the model with real memory on the CPU; that is
slow and is done only with `--counter fvcore`, in another process.
"""

import logging
import warnings
from collections.abc import Collection
from dataclasses import dataclass

from zoo.counting.conventions import BY_NAME
from zoo.counting.measurer import Measurer
from zoo.isolation.pool import CallRequest, Pool
from zoo.model_index.errors import UsageError
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Builder, Entry
from zoo.models import builders
from zoo.models.cells import Variant
from zoo.models.inputs import make_random

TOLERANCE = 1e-6  # fvcore sums some operators in floating point


@dataclass(frozen=True, slots=True)
class Comparison:
    """Our total under fvcore's convention and fvcore's own; None where a count failed."""

    model: str
    ours: int | None
    theirs: int | None
    problem: str = ""

    @property
    def agrees(self) -> bool:
        """True where both exist and differ by at most a millionth."""
        if self.ours is None or self.theirs is None:
            return False
        return abs(self.ours - self.theirs) <= TOLERANCE * max(self.theirs, 1)

    def cells(self) -> tuple[str, str, str, str]:
        """Return a row of the printed table."""
        if self.ours is None or self.theirs is None:
            return self.model, "", "", self.problem
        difference = self.ours - self.theirs
        shown = f"{difference:+,}" if difference else "none"
        return self.model, f"{self.ours:,}", f"{self.theirs:,}", shown


def compare(entry: Entry, measurer: Measurer, pool: Pool) -> Comparison:
    """Count `entry` both ways at its own input size; fvcore counts in a process of the pool."""
    try:
        evidence = measurer.count(entry, Variant(entry.stated_input))
        if evidence is None or evidence.trace is None:
            error = evidence.error if evidence else None
            return Comparison(entry.name, None, None, error or "not measured")
        trace = evidence.trace
        ours = BY_NAME["fvcore"].total(trace)
    except builders.BuildError as problem:
        return Comparison(entry.name, None, None, str(problem))
    trusted = tuple(measurer.trusted)
    request = CallRequest(
        fvcore_total,
        (entry.builder, str(evidence.values["input"]), trusted),
        *builders.origin(entry.builder, trusted),
    )
    outcome = pool.call(request)
    theirs = None if outcome.error else int(outcome.result)
    return Comparison(entry.name, ours if theirs is not None else None, theirs, outcome.error)


def fvcore_total(builder: Builder, text: str, trusted: Collection[str] = ()) -> int:
    """Return the total of fvcore's FlopCountAnalysis for a model and an input, in its own unit.

    Raises:
        UsageError: the input has names, which fvcore does not take.
    """
    import torch

    built = builders.build(builder, trusted)
    model = built.model.to_empty(device="cpu")
    inputs = make_random(model, parse_input(text), builders.input_channels(built, builder))
    if inputs.kwargs:
        raise UsageError(f"fvcore takes arguments by position, and the input is {text}")
    for buffer in model.buffers():
        # uninitialised memory could hold signalling values that slow the arithmetic down
        buffer.zero_()
    logging.getLogger("fvcore.nn.jit_analysis").setLevel(logging.ERROR)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fvcore uses torch.jit, which is deprecated
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(model, inputs.args)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        total: float = analysis.total()
    return round(total)
