"""fvcore as a second opinion: its own count of the same model beside our formula of its convention.

fvcore cannot trace convolutions on meta, so it gets the model with real memory on the CPU; that is
slow and is done only when asked for.
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
    """Our total under fvcore's convention and fvcore's own; None where one could not be had."""

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
        """A row of the table for people."""
        if self.ours is None or self.theirs is None:
            return self.model, "", "", self.problem
        difference = self.ours - self.theirs
        return (
            self.model,
            f"{self.ours:,}",
            f"{self.theirs:,}",
            f"{difference:+,}" if difference else "none",
        )


def compare(entry: Entry, measurer: Measurer) -> Comparison:
    """Count `entry` both ways at its own input size."""
    try:
        evidence = measurer.count(entry, Variant(entry.image_size))
        if evidence is None or evidence.trace is None:
            return Comparison(
                entry.name, None, None, (evidence and evidence.error) or "not measured"
            )
        trace = evidence.trace
        ours = BY_NAME["fvcore"].total(trace)
        return Comparison(entry.name, ours, fvcore_total(entry, trace.input_size, measurer))
    except builders.BuildError as error:
        return Comparison(entry.name, None, None, str(error))
    except (
        Exception
    ) as error:  # fvcore's tracer may fail on any model; the others are still compared
        return Comparison(entry.name, None, None, f"{type(error).__name__}: {error}")


def fvcore_total(entry: Entry, input_size: tuple[int, ...], measurer: Measurer) -> int:
    """fvcore's FlopCountAnalysis total of the entry's model, in its own unit."""
    import torch

    model = builders.build(entry.builder, measurer.trusted).model.to_empty(device="cpu")
    for buffer in model.buffers():
        # uninitialised memory could hold signalling values that slow the arithmetic down
        buffer.zero_()
    logging.getLogger("fvcore.nn.jit_analysis").setLevel(logging.ERROR)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch.jit, which fvcore uses, about being deprecated
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(model, torch.zeros(input_size))
        return round(
            analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total()
        )
