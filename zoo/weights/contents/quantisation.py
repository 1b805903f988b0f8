"""Find quantised layers by the names and shapes of their tensors.

A quantised layer is a tensor of packed integers, with scales and zero points beside it. How many
weights the integers hold is counted only where the shapes tell it for certain: AutoGPTQ's zero
points, for example, give the bits. Where they do not, the reason is part of the layer.

Sources: AutoGPTQ and AutoAWQ `QuantLinear`, bitsandbytes `Params4bit` and `Int8Params`,
compressed-tensors' formats, MLX `nn.QuantizedLinear`, gpt-oss' MXFP4, ModelOpt's NVFP4.
"""

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import NamedTuple

from zoo.weights.formats import Tensor
from zoo.weights.formats.dtypes import kind_of

Tensors = Mapping[str, Tensor]
# Endings of names beside a weight whose type holds one number an element.
SCALES = (
    "_scale",
    "_scale_inv",
    "_scale_2",
    "_zero_point",
    "_global_scale",
    "_shape",
    "_scale_and_zero_point",
)
LAYER_SCALES = ("input_scale", "output_scale", "k_scale", "v_scale", "q_scale", "scale")
BITSANDBYTES = (
    "absmax",
    "quant_map",
    "nested_absmax",
    "nested_quant_map",
    "quant_state.bitsandbytes__fp4",
    "quant_state.bitsandbytes__nf4",
)
HALF_QUADRATIC = ("scale", "zero", "nbits", "group_size", "shape", "axis", "channel_wise", "meta")
INTEGERS = ("int8", "uint8")
BITS_OF_INT32 = 32
NVFP4_BLOCK = 16


class Layer(NamedTuple):
    """A quantised tensor: its scheme, the weights in it, None where that is not certain, and why;
    `parts` are the names of its scales and other tensors that belong to it."""

    scheme: str
    name: str
    weights: int | None
    problem: str
    parts: frozenset[str]


def find_layers(tensors: Tensors) -> Iterator[Layer]:
    """Yield every quantised layer; a tensor belongs to one at most."""
    taken: set[str] = set()
    for ending, read in SCHEMES:
        for name in tensors:
            if not name.endswith(ending) or name in taken:
                continue
            if layer := read(name, name.removesuffix(ending), tensors):
                taken |= {layer.name, *layer.parts}
                yield layer


def _present(tensors: Tensors, *names: str) -> frozenset[str]:
    return frozenset(name for name in names if name in tensors)


def _read_int32(name: str, base: str, tensors: Tensors) -> Layer | None:
    """Read AutoGPTQ's and AutoAWQ's layers: int32 along the inputs, or along the outputs.

    Zero points (groups, outputs x bits / 32) give the bits; scales are (groups, outputs).
    """
    packed = tensors[name]
    scales, zeros = tensors.get(f"{base}.scales"), tensors.get(f"{base}.qzeros")
    parts = _present(tensors, *(f"{base}.{part}" for part in ("scales", "qzeros", "g_idx")))
    if scales is None or zeros is None or {len(t.shape) for t in (packed, scales, zeros)} != {2}:
        return Layer("packed int32", name, None, "no zero points give its bits", parts)
    rows, columns = packed.shape
    outputs = scales.shape[1]
    bits, rest = divmod(BITS_OF_INT32 * zeros.shape[1], outputs or 1)
    if outputs and not rest and bits in (2, 3, 4, 8):
        # integers hold rows of inputs (GPTQ), or neighbours of a row (AWQ)
        if columns == outputs and BITS_OF_INT32 * rows % bits == 0:
            inputs = BITS_OF_INT32 * rows // bits
            return Layer(f"GPTQ of {bits} bits in int32", name, inputs * outputs, "", parts)
        if columns * BITS_OF_INT32 == outputs * bits:
            return Layer(f"AWQ of {bits} bits in int32", name, rows * outputs, "", parts)
    return Layer("packed int32", name, None, "its shapes do not tell its bits", parts)


def _read_bitsandbytes_4(name: str, base: str, tensors: Tensors) -> Layer | None:
    """Read `Params4bit`: two weights a byte, and the state of the quantiser under its name."""
    if base not in tensors:
        return None
    parts = _present(tensors, *(f"{base}.{part}" for part in BITSANDBYTES))
    kind = "nf4" if f"{base}.{BITSANDBYTES[-1]}" in parts else "fp4"
    if tensors[base].dtype not in INTEGERS:
        return Layer("bitsandbytes", base, None, "its storage is no bytes", parts)
    return Layer(f"bitsandbytes {kind} of 4 bits", base, 2 * tensors[base].elements, "", parts)


def _read_bitsandbytes_8(name: str, base: str, tensors: Tensors) -> Layer | None:
    weight = tensors.get(f"{base}.weight")
    if weight is None or weight.dtype != "int8":
        return None
    parts = _present(tensors, name, f"{base}.weight_format")
    return Layer("bitsandbytes of 8 bits", weight.name, weight.elements, "", parts)


def _read_compressed(name: str, base: str, tensors: Tensors) -> Layer | None:
    """Read compressed-tensors' int32: (outputs, inputs x bits / 32); zero points, where there are
    some, are (outputs x bits / 32, groups)."""
    packed, scales = tensors[name], tensors.get(f"{base}.weight_scale")
    zeros = tensors.get(f"{base}.weight_zero_point")
    parts = _present(tensors, *(f"{base}.weight{ending}" for ending in SCALES))
    parts |= _present(tensors, f"{base}.weight_g_idx", f"{base}.input_global_scale")
    scheme = "compressed-tensors in int32"
    if packed.dtype == "uint8":  # two numbers of 4 bits a byte
        return Layer("compressed-tensors fp4", name, 2 * packed.elements, "", parts)
    if scales and zeros and zeros.dtype == packed.dtype and scales.shape[:1] != (0,):
        bits, rest = divmod(BITS_OF_INT32 * zeros.shape[0], scales.shape[0])
        if not rest and bits in (2, 4, 8):
            weights = packed.elements * BITS_OF_INT32 // bits
            return Layer(f"compressed-tensors of {bits} bits", name, weights, "", parts)
    return Layer(scheme, name, None, "the values of weight_shape tell its shape", parts)


def _read_mxfp4(name: str, base: str, tensors: Tensors) -> Layer | None:
    """Read gpt-oss' layers: blocks of 16 bytes, two weights a byte, and a scale a block."""
    blocks, scales = tensors[name], tensors.get(f"{base}_scales")
    if scales is None or blocks.dtype != "uint8" or blocks.shape[:-1] != scales.shape:
        return None
    return Layer("MXFP4", name, 2 * blocks.elements, "", frozenset((scales.name,)))


def _read_mlx(name: str, base: str, tensors: Tensors) -> Layer | None:
    """Read MLX' layers. Bits and size of a group stand in its configuration: 4 bits in groups of 64
    and 8 bits in groups of 32 have the same shapes."""
    weight = tensors.get(f"{base}.weight")
    if weight is None or weight.dtype != "uint32":
        return None
    parts = _present(tensors, name, f"{base}.biases")
    reason = "its bits stand in config.json, and other bits give the same shapes"
    return Layer("MLX in uint32", weight.name, None, reason, parts)


def _read_half_quadratic(name: str, base: str, tensors: Tensors) -> Layer | None:
    parts = _present(tensors, *(f"{base}.{part}" for part in HALF_QUADRATIC))
    return Layer("HQQ", name, None, "its bits stand in values of its tensors", parts)


def _read_scaled(name: str, base: str, tensors: Tensors) -> Layer | None:
    """Read a weight of one number an element with a scale beside it: FP8, INT8, NVFP4."""
    weight = tensors.get(f"{base}")
    if weight is None:
        return None
    layer = base.rpartition(".")[0]
    parts = _present(tensors, *(f"{base}{ending}" for ending in SCALES))
    parts |= _present(tensors, *(f"{layer}.{part}" for part in LAYER_SCALES))
    if weight.dtype.startswith("float8") or weight.dtype == "int8":
        return Layer(f"{weight.dtype} with scales", base, weight.elements, "", parts)
    if weight.dtype == "uint8":
        scale = tensors[name]
        rows, columns = weight.shape[:-1], weight.shape[-1:]
        blocks = tuple(-(-2 * side // NVFP4_BLOCK) for side in columns)
        if scale.dtype == "float8_e4m3fn" and scale.shape == (*rows, *blocks):
            return Layer("NVFP4", base, 2 * weight.elements, "", parts)
        return Layer("uint8 with scales", base, None, "nothing tells its bits", parts)
    return None


def _read_torch(name: str, base: str, tensors: Tensors) -> Layer | None:
    """Read a tensor of torch's quantised types, whose scale is no tensor of the file."""
    weight = tensors.get(f"{base}.weight")
    if weight is None or weight.dtype not in ("qint8", "quint8", "qint32"):
        return None
    return Layer(
        f"torch's {weight.dtype}",
        weight.name,
        weight.elements,
        "",
        _present(tensors, name, f"{base}.zero_point"),
    )


Read = Callable[[str, str, Tensors], Layer | None]
# By the ending of a name that only layers of the scheme have; the first that fits reads it.
SCHEMES: tuple[tuple[str, Read], ...] = (
    (".qweight", _read_int32),
    (".absmax", _read_bitsandbytes_4),
    (".SCB", _read_bitsandbytes_8),
    (".weight_packed", _read_compressed),
    ("_blocks", _read_mxfp4),
    (".W_q", _read_half_quadratic),
    (".scales", _read_mlx),
    ("_scale_inv", _read_scaled),
    ("_scale", _read_scaled),
    (".scale", _read_torch),
)


def describe_problem(tensor: Tensor) -> str:
    """Say why it is not known what a tensor of integers holds, which no scheme accounts for; empty
    for one that may be a table of positions."""
    packs = tensor.dtype in (*INTEGERS, "uint32") and len(tensor.shape) > 1
    return "integers without scales beside them" if packs and prod(tensor.shape) > 1 else ""


def is_whole_number(tensor: Tensor) -> bool:
    """Return whether a tensor holds integers or truth values."""
    return kind_of(tensor.dtype) in ("integer", "bool")
