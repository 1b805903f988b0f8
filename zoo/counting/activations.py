"""Activations: the elements that layers with weights write, under each convention in use.

timm's `infer_macts` and OpenMMLab's `Activations` come from counters after fvcore's
`ActivationCountAnalysis`; the paper on RegNet counts the outputs of convolutions alone.
"""

from zoo.counting.conventions import ANY, Reading, distinct, reading
from zoo.model_index.ledger.trace import Row, Trace

PRODUCTS = ("matmul", "attention")
LAYERS = ("convolution", "linear", *PRODUCTS)


def count_activations(trace: Trace) -> int:
    """Count the elements that layers with weights write."""
    return sum(row.outputs for row in trace.rows if _has_weights(row))


def _has_weights(row: Row) -> bool:
    return row.kind in LAYERS and row.parameters > 0


def all_readings(trace: Trace, most: int = ANY) -> list[Reading]:
    """Return each meaning of the quantity for a trace, simplest first, ranks up to `most`."""
    layers = {"layers": count_activations(trace)}
    products = sum(row.outputs for row in trace.rows if row.kind in PRODUCTS and not row.parameters)
    convolutions = trace.total("outputs", ["convolution"])
    found = [
        reading("layer outputs", "outputs of layers with weights", 0, layers),
        reading(
            "outputs of products",
            "outputs of layers and of matrix products",
            2,
            layers,
            {"matrix products": products},
        ),
        reading("convolution outputs", "outputs of convolutions", 2, {"conv": convolutions}),
    ]
    return [meaning for meaning in found if meaning.rank <= most]


def readings(trace: Trace, most: int = ANY) -> list[Reading]:
    """Return the same meanings, those that give one number as one."""
    return distinct(all_readings(trace, most))
