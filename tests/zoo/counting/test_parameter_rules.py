"""Readings of the number of parameters of one model."""

from zoo.counting.counts import Counts
from zoo.counting.parameter_rules import readings
from zoo.model_index.ledger.trace import Part, Trace


def numbers(*parts: tuple[str, int]) -> dict[str, int]:
    """Return the readings of a model with these parameters, by module."""
    held = tuple(Part(name, "torch.nn.Module", count, count, 0, 1) for name, count in parts)
    counts = Counts(Trace(((1, 3, 8, 8),), ()), held)
    return {reading.name: reading.total for reading in readings(counts)}


def test_layers_only_leaves_out_what_blocks_hold_themselves() -> None:
    """The token is the model's, the scale the block's; `block1` is a prefix of no module's path."""
    parts = (("", 768), ("block1", 7), ("block", 3), ("block.norm", 20), ("block.fc", 100))
    assert numbers(*parts)["layers only"] == 127


def test_a_model_without_layers_has_no_such_reading() -> None:
    assert "layers only" not in numbers(("", 768))
    assert "layers only" not in numbers(("fc", 100))
