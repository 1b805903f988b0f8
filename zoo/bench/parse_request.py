"""Parse what a request to benchmark states as text: lists, times and sizes."""

import re
from typing import TYPE_CHECKING

from zoo.bench.request import BenchRequest

if TYPE_CHECKING:
    from zoo.bench.plan import Grid
    from zoo.bench.run import RunLimits
    from zoo.model_index.records.input_spec import InputSpec

UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}  # in seconds


def grid_of(request: BenchRequest, *, local: bool) -> "Grid":
    """Return the conditions to combine, checked; threads are those of this machine only where it
    measures.

    Raises:
        UsageError: a name or a number that is none.
    """
    from zoo.bench.plan import Grid, validate

    return validate(
        Grid(
            engines=names_in(request.engine),
            devices=names_in(request.device),
            precisions=names_in(request.precision),
            batch_sizes=numbers_in("--batch-size", request.batch_size),
            modes=names_in(request.mode),
            channels_last=request.channels_last,
            threads=request.threads if local else None,
            l2=request.l2,
            input=read_stated_input(request.input_size, request.input),
            compile_mode=request.compile_mode,
        )
    )


def limits_of(request: BenchRequest) -> "RunLimits":
    """Return how long the run may take, and when a cell has enough replicates."""
    from zoo.bench.protocol import Stopping
    from zoo.bench.run import RunLimits

    budget = None if request.budget is None else duration("--budget", request.budget)
    return RunLimits(
        stopping=Stopping(request.replicates, more=budget is not None),
        budget=budget,
        timeout=duration("--timeout", request.timeout),
        seed=request.seed,
        energy=request.energy,
    )


def names_in(text: str) -> tuple[str, ...]:
    """Return the parts of `fp32,fp16`, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",")))


def numbers_in(option: str, text: str) -> tuple[int, ...]:
    """Return the numbers of `1,4,8`.

    Raises:
        UsageError: for what is none.
    """
    from zoo.model_index.errors import UsageError

    parts = names_in(text)
    if not all(re.fullmatch(r"[1-9]\d{0,8}", part) for part in parts):
        raise UsageError(f"{option}: expected whole numbers from 1 such as 1,4,8, got {text!r}")
    return tuple(map(int, parts))


def read_stated_input(size: str | None, text: str | None) -> "InputSpec | None":
    """Return the input that a person states, by the size of an image or in whole; None for none.

    Raises:
        UsageError: for what is no size or no input, and for both.
    """
    from zoo.model_index.errors import UsageError
    from zoo.model_index.records.input_spec import image_input
    from zoo.model_index.records.input_text import parse_option

    if size is not None and text is not None:
        raise UsageError("--input and --input-size both state the input")
    if size is not None:
        return image_input(parse_size(size))
    return None if text is None else parse_option(text)


def parse_size(text: str) -> tuple[int, int]:
    """Return height and width of `224` or `224x285`.

    Raises:
        UsageError: for what is no size.
    """
    from zoo.model_index.errors import UsageError

    match = re.fullmatch(r"([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?", text)
    if not match:
        raise UsageError(f"--input-size: expected N or HxW such as 224 or 224x285, got {text!r}")
    return int(match[1]), int(match[2] or match[1])


def duration(option: str, text: str) -> float:
    """Return the seconds of `90s`, `10m`, `1.5h` or `90`.

    Raises:
        UsageError: for what is no time.
    """
    from zoo.model_index.errors import UsageError

    match = re.fullmatch(r"(\d+(?:\.\d+)?)(s|min|m|h|)", text.strip())
    if not match or not float(match[1]):
        raise UsageError(f"{option}: expected a time such as 90s, 10m or 2h, got {text!r}")
    return float(match[1]) * UNITS[match[2]]
