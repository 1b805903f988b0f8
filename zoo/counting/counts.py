"""The result of counting one variant of a model."""

from typing import NamedTuple

from zoo.model_index.ledger.trace import Part, Trace


class Counts(NamedTuple):
    """The trace of one pass and the modules that hold parameters."""

    trace: Trace
    parts: tuple[Part, ...]
