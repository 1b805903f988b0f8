"""Tensors of a file against live models: by name, through timm's own filter, in their order, or not
at all."""

import pytest
import torch
from msgspec.structs import replace

from tests.zoo.weights import networks
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
        [("float16", "float32", 1)],
    )
    assert comparison.counts == {
        "missing": 1,
        "unexpected": 1,
        "reshaped": 1,
        "unfit": 0,
        "shared": 0,
    }


def test_other_names_in_the_models_order() -> None:
    kernel, offset = replace(WEIGHT, name="kernel"), replace(BIAS, name="offset")
    comparison = compare([kernel, offset], TOY, ["torch"])
    assert (comparison.how, comparison.fits, comparison.parameters) == ("order", True, 8)
    assert compare([offset, kernel], TOY, ["torch"]).how == "names"


def test_order_means_nothing_where_a_format_sorts() -> None:
    kernel, offset = replace(WEIGHT, name="kernel"), replace(BIAS, name="offset")
    assert not compare([kernel, offset], TOY, ["torch"], ordered=False).fits


def test_a_name_of_both_sides_is_never_paired_with_another() -> None:
    stack = Builder("callable", "tests.zoo.weights.networks:Stack")
    tensors = [Tensor("1.weight", "float32", (2, 2)), Tensor("2.weight", "float32", (2, 2))]
    assert not compare(tensors, stack, ["tests"]).fits


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


def network(name: str) -> Builder:
    return Builder("callable", f"tests.zoo.weights.networks:{name}")


def state(name: str, prefix: str = "", **dtypes: str) -> list[Tensor]:
    """The tensors of a network's state dict."""
    module = getattr(networks, name)()
    return [
        Tensor(prefix + key, str(value.dtype).removeprefix("torch."), tuple(value.shape))
        for key, value in module.state_dict().items()
    ]


@pytest.mark.parametrize(("where", "parameters"), [("Tied", 600), ("TiedTransposed", 1200)])
@pytest.mark.parametrize("name", ["embedding.weight", "head.weight"])
def test_tensors_that_the_model_shares_stand_once_in_a_file(
    where: str, parameters: int, name: str
) -> None:
    """Torch counts a transposed view as a parameter of its own."""
    tensors = [tensor for tensor in state(where) if tensor.name == name]
    (absent,) = {"embedding.weight", "head.weight"} - {name}
    comparison = compare(tensors, network(where), ["tests"])
    assert (comparison.fits, comparison.how) == (True, "names")
    assert (comparison.matched, comparison.model, comparison.shared) == (1, 2, [absent])
    assert comparison.parameters == parameters
    assert compare(state(where), network(where), ["tests"]).fits


def test_a_file_states_the_names_that_it_leaves_out() -> None:
    """Of a model that does not share them the file's own words count."""
    tensors = [tensor for tensor in state("Untied") if tensor.name == "embedding.weight"]
    assert compare(tensors, network("Untied"), ["tests"]).missing == ["head.weight"]
    tied = {"head.weight": "embedding.weight", "format": "pt"}
    comparison = compare(tensors, network("Untied"), ["tests"], tied=tied)
    assert (comparison.fits, comparison.shared) == (True, ["head.weight"])
    assert comparison.parameters == 2 * 50 * 12


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(
    ("file", "builder", "how", "prefix"),
    [
        (state("Stack", "model."), "Stack", "prefix", "-model."),
        (state("Stack", "ema_model.module."), "Stack", "prefix", "-ema_model.module."),
        (state("Stack", "module."), "Stack", "names", ""),
        (state("Stack", "_orig_mod.module."), "Stack", "names", ""),
        (state("Wrapper"), "Wrapper", "names", ""),
        (state("Wrapper", "module."), "Wrapper", "names", ""),
        (state("Wrapper", "model."), "Wrapper", "prefix", "-model."),
        (state("Stack"), "Wrapper", "names", ""),
        (state("Stack"), "Backbone", "prefix", "+backbone."),
        (state("Averages"), "Stack", "names", ""),
        (state("Averages"), "Averages", "names", ""),
    ],
)
def test_a_prefix_of_one_side_is_taken_off_in_any_order(
    file: list[Tensor], builder: str, how: str, prefix: str, ordered: bool
) -> None:
    for tensors in (file, file[::-1]):
        comparison = compare(tensors, network(builder), ["tests"], ordered=ordered)
        assert (comparison.fits, comparison.how, comparison.prefix) == (True, how, prefix)


def test_a_prefix_of_some_names() -> None:
    file = state("Stack", "model.")
    file[-1] = replace(file[-1], name=file[-1].name.removeprefix("model."))
    assert compare(file, network("Stack"), ["tests"], ordered=False).fits


def test_a_prefix_and_a_head_that_is_missing() -> None:
    comparison = compare(state("Stack", "model.")[:-1], network("Stack"), ["tests"])
    assert (comparison.fits, comparison.matched, comparison.missing) == (False, 3, ["3.weight"])
    assert (comparison.how, comparison.prefix) == ("prefix", "-model.")


def test_two_states_in_one_file_are_not_one_model() -> None:
    file = state("Stack", "model.") + state("Stack", "ema.")
    comparison = compare(file, network("Stack"), ["tests"])
    assert (comparison.fits, comparison.matched, comparison.counts["unexpected"]) == (False, 4, 4)


@pytest.mark.parametrize(
    ("stored", "fits"),
    [
        ("float16", True),
        ("bfloat16", True),
        ("float64", True),
        ("float8_e4m3fn", True),
        ("Q8_0", True),
        ("int8", False),
        ("uint8", False),
        ("qint8", False),
        ("bool", False),
        ("complex64", False),
    ],
)
def test_types_in_place_of_float32(stored: str, fits: bool) -> None:
    comparison = compare([replace(WEIGHT, dtype=stored), BIAS], TOY, ["torch"])
    assert (comparison.fits, comparison.matched) == (fits, 2 if fits else 1)
    if fits:
        assert comparison.retyped == [(stored, "float32", 1)]
    else:
        assert comparison.unfit == [("weight", stored, "float32")]


def test_an_architecture_without_pretrained_weights_is_compared_too() -> None:
    assert not compare([WEIGHT], Builder("timm", "densenet264d")).fits
