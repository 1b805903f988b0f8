"""Capture a model's graph with torch.export, for one batch size or proven for any."""

import io
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from inspect import signature
from threading import get_ident
from typing import Any, TextIO

import torch
from torch import nn

from zoo.bench.engines import FIXED_LIST
from zoo.bench.engines.errors import Unsupported
from zoo.models.inputs import Inputs

BATCH = "batch"  # the name of the free dimension in a file
LONGEST_REASON = 200  # characters
VIOLATED = "Constraints violated"  # so torch.export says that a dimension is not free
SUGGESTED = re.compile(r"Suggested fixes:\n\s*(.+)")


class ExportFailure(Unsupported):
    """The model has no such graph; the message names the operator or the rule that prevents it."""


def capture(model: nn.Module, inputs: Inputs, *, dynamic: bool) -> torch.export.ExportedProgram:
    """Return the graph of a model in evaluation mode.

    Args:
        inputs: an example.
        dynamic: for any batch size of one or more. torch.export checks that every branch and shape
            of the code holds for all of them.

    Raises:
        ExportFailure: the code cannot be traced, or the batch size is not free.
    """
    if dynamic and inputs.batch == 1:
        inputs = _double(inputs)  # a batch of one would be taken for a constant
    shapes = _free_shapes(model, inputs) if dynamic else None
    failures: list[Exception] = []
    for strict in (False, True):
        try:
            with silence_exporter(), torch.no_grad():
                return torch.export.export(
                    model, inputs.args, inputs.kwargs, dynamic_shapes=shapes, strict=strict
                )
        except Exception as error:  # the model's code may raise anything when it is traced
            failures.append(error)
    # of branches on the batch size, the stricter way knows the bounds
    cause = next((row for row in reversed(failures) if VIOLATED in str(row)), failures[0])
    raise ExportFailure(_reason(cause)) from cause


def _double(inputs: Inputs) -> Inputs:
    twice = inputs.map(lambda tensor: torch.cat([tensor, tensor]))
    return twice._replace(batch=2 * inputs.batch)


def _free_shapes(model: nn.Module, inputs: Inputs) -> dict[str, Any]:
    """Return the free dimensions by name of the argument, as torch.export takes them.

    Raises:
        ExportFailure: the input is a list, whose length no graph leaves open, or the forward pass
            has no such arguments.
    """
    if any(isinstance(value, list) for value in (*inputs.args, *inputs.kwargs.values())):
        raise ExportFailure(FIXED_LIST)
    batch = torch.export.Dim(BATCH, min=1)

    def free(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: free(part) for name, part in value.items()}
        if isinstance(value, tuple):
            return tuple(map(free, value))
        rows = len(value) // inputs.batch
        return {0: batch if rows == 1 else rows * batch}

    try:
        bound = signature(model.forward).bind(*inputs.args, **inputs.kwargs)
    except TypeError as error:
        raise ExportFailure(f"its forward pass does not take the input: {error}") from error
    return {name: free(value) for name, value in bound.arguments.items()}


def _reason(error: Exception) -> str:
    suggestion = SUGGESTED.search(str(error))
    if VIOLATED not in str(error):
        return f"torch.export cannot capture it: {root_cause(error)}"
    allowed = f": torch.export suggests {suggestion[1].strip()}" if suggestion else ""
    return (
        f"its code does not treat every batch size alike{allowed}; --static writes a file for the "
        "one of --batch-size"
    )


class _Quiet(io.TextIOBase):
    """Standard error without what this thread writes; progress comes from another one."""

    def __init__(self, stream: TextIO):
        self.stream, self.thread = stream, get_ident()

    def write(self, text: str) -> int:
        return len(text) if get_ident() == self.thread else self.stream.write(text)

    def flush(self) -> None:
        self.stream.flush()


@contextmanager
def silence_exporter() -> Iterator[None]:
    """Silence the exporters' warnings about a model's code, and the graphs that they print: its
    output is compared anyway."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stderr(_Quiet(sys.stderr)):
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
