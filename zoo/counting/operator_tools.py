"""Counting tools that see operators: formulas over the rows of a trace.

ptflops' second backend sees them at the dispatcher of the CPU, torchprofile in a graph of
`torch.jit.trace`.
"""

from zoo.counting.hook_based_tools import RECURRENT, Terms
from zoo.model_index.ledger.trace import Row, Trace

PRODUCTS = ("mm", "bmm", "addmm")  # that ptflops counts outside of linear layers
AVERAGES = ("adaptive_avg_pool1d", "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "avg_pool3d")
MEANS = (*AVERAGES, "adaptive_avg_pool3d", "_adaptive_avg_pool3d", "mean")


def _total(rows: list[Row], column: str) -> int:
    return sum(getattr(row, column) for row in rows)


def ptflops_aten(trace: Trace) -> Terms:
    """Count as ptflops 0.7's ATen backend on the CPU: multiply-adds and biases of convolutions,
    linear layers and matrix products; fused attention counts nothing there."""
    products = [r for r in trace.rows if r.kind == "linear" or r.operator in PRODUCTS]
    return {
        "conv": trace.total("macs", ["convolution"]),
        "linear": _total([r for r in products if r.kind == "linear"], "macs"),
        "matmul": _total([r for r in products if r.kind == "matmul"], "macs"),
        "bias": trace.total("outputs", ["bias"]),
    }


def torchprofile(trace: Trace) -> Terms:
    """Count as torchprofile 0.1: multiply-adds, products of elements, and one operation for each
    output of affine norms, averages and leaky activations."""
    rows = [row for row in trace.rows if not row.module_type.startswith(RECURRENT)]
    norms = [row for row in rows if row.kind == "normalisation" and row.parameters]
    means = [row for row in rows if row.operator in MEANS and row.kind == "pooling"]
    bilinear = [row for row in rows if row.operator in ("upsample_bilinear2d", "grid_sampler_2d")]
    return {
        "conv": _total([row for row in rows if row.kind == "convolution"], "macs"),
        "linear": _total([row for row in rows if row.kind == "linear"], "macs"),
        "matmul": _total([row for row in rows if row.kind in ("matmul", "attention")], "macs"),
        "elementwise": _total([row for row in rows if row.operator == "mul"], "outputs"),
        "norm": _total(norms, "outputs"),
        "pooling": _total(means, "outputs"),
        "activation": _total([row for row in rows if row.operator == "leaky_relu"], "outputs"),
        "resizing": 4 * _total(bilinear, "outputs"),
    }
