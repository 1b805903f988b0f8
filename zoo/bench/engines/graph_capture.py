"""Capture a model's graph with torch.export, for one batch size or proven for any."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from zoo.bench.engines.errors import Unsupported

BATCH = "batch"  # the name of the free dimension in a file
LONGEST_REASON = 200  # characters
VIOLATED = "Constraints violated"  # so torch.export says that a dimension is not free
SUGGESTED = re.compile(r"Suggested fixes:\n\s*(.+)")


class ExportFailure(Unsupported):
    """The model has no such graph; the message names the operator or the rule that prevents it."""


def capture(
    model: nn.Module, inputs: torch.Tensor, *, dynamic: bool
) -> torch.export.ExportedProgram:
    """Return the graph of a model in evaluation mode.

    Args:
        inputs: an example, (batch, channels, height, width).
        dynamic: for any batch size of one or more. torch.export checks that every branch and shape
            of the code holds for all of them.

    Raises:
        ExportFailure: the code cannot be traced, or the batch size is not free.
    """
    if dynamic and len(inputs) == 1:
        inputs = torch.cat([inputs, inputs])  # a batch of one would be taken for a constant
    shapes = ({0: torch.export.Dim(BATCH, min=1)},) if dynamic else None
    failures: list[Exception] = []
    for strict in (False, True):
        try:
            with silence_exporter(), torch.no_grad():
                return torch.export.export(model, (inputs,), dynamic_shapes=shapes, strict=strict)
        except Exception as error:  # the model's code may raise anything when it is traced
            failures.append(error)
    # of branches on the batch size, the stricter way knows the bounds
    cause = next((row for row in reversed(failures) if VIOLATED in str(row)), failures[0])
    raise ExportFailure(_reason(cause)) from cause


def _reason(error: Exception) -> str:
    suggestion = SUGGESTED.search(str(error))
    if VIOLATED not in str(error):
        return f"torch.export cannot capture it: {root_cause(error)}"
    allowed = f": torch.export suggests {suggestion[1].strip()}" if suggestion else ""
    return (
        f"its code does not treat every batch size alike{allowed}; --static writes a file for the "
        "one of --batch-size"
    )


@contextmanager
def silence_exporter() -> Iterator[None]:
    """Silence the exporters' warnings about a model's code: its output is compared anyway."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def root_cause(error: BaseException) -> str:
    """Return the first cause of an exporter's error in a line."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = next(
        (line.strip() for line in str(error).splitlines() if line.strip()), "no reason given"
    )
    return f"{type(error).__name__}: {text}"[:LONGEST_REASON]
