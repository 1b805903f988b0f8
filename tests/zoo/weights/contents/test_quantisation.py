"""Quantised layers, by the tensors that the tools write: how many weights they hold, or why that is
not known."""

import pytest

from zoo.weights.contents.quantisation import Layer, find_layers
from zoo.weights.formats import Tensor


def layer(**tensors: tuple[str, tuple[int, ...]]) -> list[Layer]:
    """The quantised layers among tensors `p.NAME`; `__` stands for a point."""
    listed = {f"p.{name.replace('__', '.')}": row for name, row in tensors.items()}
    return list(find_layers({name: Tensor(name, *row) for name, row in listed.items()}))


def gptq(bits: int, inputs: int = 256, outputs: int = 64, group: int = 128) -> list[Layer]:
    return layer(
        qweight=("int32", (inputs * bits // 32, outputs)),
        qzeros=("int32", (inputs // group, outputs * bits // 32)),
        scales=("float16", (inputs // group, outputs)),
        g_idx=("int32", (inputs,)),
        bias=("float16", (outputs,)),
    )


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_gptq(bits: int) -> None:
    (found,) = gptq(bits)
    assert (found.scheme, found.weights) == (f"GPTQ of {bits} bits in int32", 256 * 64)
    assert found.parts == {"p.qzeros", "p.scales", "p.g_idx"}


def test_awq() -> None:
    (found,) = layer(
        qweight=("int32", (256, 8)), qzeros=("int32", (2, 8)), scales=("float16", (2, 64))
    )
    assert (found.scheme, found.weights) == ("AWQ of 4 bits in int32", 256 * 64)


def test_int32_that_nothing_explains() -> None:
    (bare,) = layer(qweight=("int32", (32, 64)), scales=("float16", (2, 64)))
    assert (bare.weights, bare.problem) == (None, "no zero points give its bits")
    (odd,) = layer(
        qweight=("int32", (32, 63)), qzeros=("int32", (2, 8)), scales=("float16", (2, 64))
    )
    assert (odd.weights, odd.problem) == (None, "its shapes do not tell its bits")
    (empty,) = layer(
        qweight=("int32", (0, 0)), qzeros=("int32", (0, 0)), scales=("float16", (0, 0))
    )
    assert empty.weights is None


def test_bitsandbytes() -> None:
    (four,) = layer(
        weight=("uint8", (8192, 1)),
        weight__absmax=("uint8", (256,)),
        weight__quant_map=("float32", (16,)),
        weight__nested_absmax=("float32", (1,)),
        weight__nested_quant_map=("float32", (256,)),
        weight__quant_state__bitsandbytes__nf4=("uint8", (80,)),
    )
    assert (four.scheme, four.weights, len(four.parts)) == (
        "bitsandbytes fp4 of 4 bits",
        16384,
        4,
    )
    (eight,) = layer(weight=("int8", (64, 256)), SCB=("float32", (64,)))
    assert (eight.scheme, eight.weights) == ("bitsandbytes of 8 bits", 64 * 256)


def test_the_state_of_bitsandbytes_says_its_kind() -> None:
    state = "p.weight.quant_state.bitsandbytes__nf4"
    rows = [("p.weight", (8, 1)), ("p.weight.absmax", (1,)), (state, (9,))]
    (found,) = find_layers({name: Tensor(name, "uint8", shape) for name, shape in rows})
    assert (found.scheme, found.parts) == ("bitsandbytes nf4 of 4 bits", {"p.weight.absmax", state})


def test_compressed_tensors() -> None:
    packed = {"weight_packed": ("int32", (64, 32)), "weight_scale": ("float16", (64, 2))}
    (unknown,) = layer(**packed, weight_shape=("int64", (2,)))
    assert (unknown.weights, unknown.problem) == (
        None,
        "the values of weight_shape tell its shape",
    )
    (known,) = layer(**packed, weight_zero_point=("int32", (8, 2)))
    assert (known.scheme, known.weights) == ("compressed-tensors of 4 bits", 64 * 256)


@pytest.mark.parametrize(
    ("scheme", "weights", "tensors"),
    [
        (
            "MXFP4",
            4 * 8 * 2 * 32,
            {"up_blocks": ("uint8", (4, 8, 2, 16)), "up_scales": ("uint8", (4, 8, 2))},
        ),
        (
            "NVFP4",
            64 * 256,
            {"weight": ("uint8", (64, 128)), "weight_scale": ("float8_e4m3fn", (64, 16))},
        ),
        (
            "float8_e4m3fn with scales",
            64 * 256,
            {"weight": ("float8_e4m3fn", (64, 256)), "weight_scale_inv": ("float32", (1, 2))},
        ),
        (
            "int8 with scales",
            64 * 256,
            {"weight": ("int8", (64, 256)), "weight_scale": ("float32", (64, 1))},
        ),
        (
            "torch's qint8",
            64 * 256,
            {"weight": ("qint8", (64, 256)), "scale": ("float32", ())},
        ),
        ("MLX in uint32", None, {"weight": ("uint32", (64, 32)), "scales": ("float16", (64, 4))}),
        ("HQQ", None, {"W_q": ("uint8", (64, 32)), "scale": ("float16", (64, 4))}),
        (
            "uint8 with scales",
            None,
            {"weight": ("uint8", (64, 32)), "weight_scale": ("float16", (64, 4))},
        ),
    ],
)
def test_other_schemes(scheme: str, weights: int | None, tensors: dict) -> None:
    (found,) = layer(**tensors)
    assert (found.scheme, found.weights) == (scheme, weights)
    assert (weights is None) == bool(found.problem)


def test_names_that_only_look_like_a_layer() -> None:
    assert layer(norm__scale=("float32", (4,)), logit_scale=("float32", ())) == []
    assert layer(ln__scale=("float32", (4,)), ln__weight=("float32", (4,))) == []
    assert layer(SCB=("float32", (4,))) == layer(weight__absmax=("float32", (4,))) == []
