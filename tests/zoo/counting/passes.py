"""Count a module over one tensor of a size."""

from torch import nn

from zoo.counting import tracer
from zoo.model_index.ledger.trace import Part, Trace
from zoo.model_index.records.input_text import parse_input
from zoo.models.inputs import make_empty


def count(model: nn.Module, size: tuple[int, ...]) -> tuple[Trace, tuple[Part, ...]]:
    """Trace a pass over a tensor of this size, on the model's device and of its type of numbers."""
    spec = parse_input(f"{'x'.join(map(str, size))} tensor")
    return tracer.count(model, make_empty(model, spec))
