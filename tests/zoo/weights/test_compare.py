"""Tensors of a file against live models: by name, through timm's own filter, in their order, or not
at all."""

import pytest
import torch
from msgspec.structs import replace

from zoo.model_index.records.records import Builder
from zoo.weights.compare import compare
from zoo.weights.formats import Tensor

TOY = Builder("callable", "torch.nn:Linear", {"in_features": 3, "out_features": 2})
WEIGHT, BIAS = Tensor("weight", "float32", (2, 3)), Tensor("bias", "float32", (2,))


def test_the_models_own_tensors() -> None:
    comparison = compare([WEIGHT, BIAS], TOY, ["torch"])
    assert (
        comparison.how,
        comparison.matched,
        comparison.model,
        comparison.parameters,
        comparison.fits,
    ) == (
        "names",
        2,
        2,
        8,
        True,
    )


@pytest.mark.parametrize(
    "wrapper", ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."]
)
def test_wrappers_are_taken_off(wrapper: str) -> None:
    assert compare(
        [replace(tensor, name=wrapper + tensor.name) for tensor in (WEIGHT, BIAS)], TOY, ["torch"]
    ).fits


def test_differences() -> None:
    comparison = compare(
        [replace(WEIGHT, shape=(4, 3), dtype="float16"), Tensor("more", "int64", ())],
        TOY,
        ["torch"],
    )
    assert (comparison.fits, comparison.matched, comparison.parameters) == (False, 0, None)
    assert (comparison.missing, comparison.unexpected, comparison.reshaped, comparison.retyped) == (
        ["bias"],
        ["more"],
        [("weight", [4, 3], [2, 3])],
        [("weight", "float16", "float32")],
    )
    assert comparison.counts == {"missing": 1, "unexpected": 1, "reshaped": 1, "retyped": 1}


def test_other_names_in_the_models_order() -> None:
    comparison = compare(
        [replace(WEIGHT, name="kernel"), replace(BIAS, name="offset")], TOY, ["torch"]
    )
    assert (comparison.how, comparison.fits, comparison.parameters) == ("order", True, 8)
    assert (
        compare([replace(BIAS, name="offset"), replace(WEIGHT, name="kernel")], TOY, ["torch"]).how
        == "names"
    )


def test_timms_own_filter() -> None:
    """torchvision's DenseNet-121 of 2017 has dots in the names of its layers, which timm's filter
    takes out."""
    with torch.device("meta"):
        import timm

        model = timm.create_model("densenet121")
    expected = [
        Tensor(n, str(v.dtype).removeprefix("torch."), tuple(v.shape))
        for n, v in model.state_dict().items()
    ]
    layers = [(f"{kind}{n}.", f"{kind}.{n}.") for kind in ("norm", "conv") for n in (1, 2)]
    old = [tensor for tensor in expected if not tensor.name.endswith("num_batches_tracked")]
    for new, former in layers:
        old = [
            replace(e, name=e.name.replace(new, former)) if "denselayer" in e.name else e
            for e in old
        ]
    plain, filtered = (
        compare(expected, Builder("timm", "densenet121")),
        compare(old, Builder("timm", "densenet121")),
    )
    assert (plain.how, plain.fits, plain.parameters) == ("names", True, 7_978_856)
    assert (filtered.how, filtered.fits, filtered.matched) == ("filter", True, len(old))


def test_an_architecture_without_pretrained_weights_is_compared_too() -> None:
    assert not compare([WEIGHT], Builder("timm", "densenet264d")).fits
