"""Compare our formula of fvcore's convention with fvcore's own count of the same model.

fvcore cannot trace convolutions on meta, so it gets the model with real memory on the CPU; that is
slow and is done only with `--counter fvcore`.
"""

import logging
import warnings
from dataclasses import dataclass

from zoo.counting.conventions import BY_NAME
from zoo.counting.measurer import Measurer
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.cells import Variant

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


def compare(entry: Entry, measurer: Measurer) -> Comparison:
    """Count `entry` both ways at its own input size."""
    try:
        evidence = measurer.count(entry, Variant(entry.image_size))
        if evidence is None or evidence.trace is None:
            error = evidence.error if evidence else None
            return Comparison(entry.name, None, None, error or "not measured")
        trace = evidence.trace
        ours = BY_NAME["fvcore"].total(trace)
        return Comparison(entry.name, ours, fvcore_total(entry, trace.input_size, measurer))
    except builders.BuildError as problem:
        return Comparison(entry.name, None, None, str(problem))
    # fvcore's tracer may fail on any model; the next ones are still compared
    except Exception as problem:
        return Comparison(entry.name, None, None, f"{type(problem).__name__}: {problem}")


def fvcore_total(entry: Entry, input_size: tuple[int, ...], measurer: Measurer) -> int:
    """Return the total of fvcore's FlopCountAnalysis for the entry's model, in its own unit."""
    import torch

    model = builders.build(entry.builder, measurer.trusted).model.to_empty(device="cpu")
    for buffer in model.buffers():
        # uninitialised memory could hold signalling values that slow the arithmetic down
        buffer.zero_()
    logging.getLogger("fvcore.nn.jit_analysis").setLevel(logging.ERROR)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fvcore uses torch.jit, which is deprecated
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(model, torch.zeros(input_size))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        total: float = analysis.total()
    return round(total)
