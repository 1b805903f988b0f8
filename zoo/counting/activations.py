"""Activations: the elements that layers with weights write, under each convention in use.

timm's `infer_macts` and OpenMMLab's `Activations` come from counters after fvcore's
`ActivationCountAnalysis`; the paper on RegNet counts the outputs of convolutions alone.
"""

from zoo.counting.conventions import ANY, Reading, merge_equal, reading
from zoo.model_index.ledger.trace import Row, Trace

LAYERS = ("convolution", "linear")
PRODUCTS = ("matmul", "attention")


def count_activations(trace: Trace) -> int:
    """Count the elements that layers with weights write.

    Fixed filters, as those of blur pooling, are weights too; a product of two activations has none.
    """
    return sum(row.outputs for row in trace.rows if row.kind in LAYERS or _is_weighted(row))


def _is_weighted(row: Row) -> bool:
    return row.kind in PRODUCTS and row.parameters > 0


def all_readings(trace: Trace, most: int = ANY) -> list[Reading]:
    """Return each meaning of the quantity for a trace, simplest first, ranks up to `most`."""
    layers = {"layers": count_activations(trace)}
    products = sum(
        row.outputs
        for row in trace.rows
        # attention scales and normalises between its products
        if row.kind in PRODUCTS and row.macs and not _is_weighted(row)
    )
    convolutions = trace.total("outputs", ["convolution"])
    numbers = [
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
    return [meaning for meaning in numbers if meaning.rank <= most]


def readings(trace: Trace, most: int = ANY) -> list[Reading]:
    """Return the same meanings, those that give one number as one."""
    return merge_equal(all_readings(trace, most))
