from collections.abc import Callable

import pytest

from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.model_index.ledger.trace_summary import MOST, by_class, by_module
from zoo.reporting.views.catalogue import Zoo

Rendered = Callable[[Zoo], dict[str, str]]
CONV, RELU = "torch.nn.modules.conv.Conv2d", "torch.nn.modules.activation.ReLU"


def trace_of(*paths: str) -> Trace:
    return Trace(
        ((1, 3, 2, 2),),
        tuple(Row("conv2d", "convolution", path, CONV, 10, 4, 5, 0, 3) for path in paths),
    )


def test_classes_stand_in_their_order_and_sum_up() -> None:
    rows = (Row("relu", "activation", "b", RELU, 0, 4, 4), *trace_of("a", "c").rows)
    convolution, activation = by_class(Trace(((1, 3, 2, 2),), rows))
    assert (convolution.kind, convolution.calls, convolution.macs, convolution.share) == (
        "convolution",
        2,
        20,
        100.0,
    )
    assert (convolution.parameters, convolution.inputs, convolution.outputs) == (6, 8, 10)
    assert (activation.kind, activation.share) == ("activation", 0.0)


MANY = range(MOST + 1)


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (
            ("stem.conv", "body.1.conv", "body.2.conv", "body.2.more"),
            ["stem.conv", "body.1", "body.2"],
        ),
        ([f"body.{n}.conv" for n in MANY] + ["head"], ["body.*", "head"]),
        (
            [f"body.b{n % 2}_{n}.conv" for n in MANY] + ["stem1"],
            ["body.b0_*", "body.b1_*", "stem1"],
        ),
        ([f"{a}.{b}" for a in "ab" for b in "cdefghijklmn"], ["a", "b"]),
        ([f"block{n}" for n in MANY] + ["head"], ["block*", "head"]),
        (["", "a"], ["the model itself", "a"]),
        ([], []),
    ],
)
def test_modules_are_cut_as_fine_as_stays_short(paths: list[str], shown: list[str]) -> None:
    assert [module.path for module in by_module(trace_of(*paths), ())] == shown


def test_a_wide_model_shows_the_modules_that_do_most() -> None:
    names = [chr(ord("a") + n) for n in range(20)]
    trace = trace_of(*names, "t", "t")
    made = by_module(trace, ())
    assert len(made) == MOST and "t" in [module.path for module in made]
    assert made[-2].path == "5 others" and sum(module.macs for module in made) == trace.macs


def test_a_module_has_its_layers_its_share_and_the_parameters_of_all_its_parts() -> None:
    rows = (*trace_of("a.x", "a.x", "b").rows, Row("relu", "activation", "a.x.y", RELU))
    parts = (
        Part("a.x", CONV, 7, 7, 1, 1),
        Part("a.x.z", CONV, 5, 5, 0, 0),
        Part("heads", "acme.Head", 2, 2, 0, 0),
    )
    first, second, unused = by_module(Trace(((1, 3, 2, 2),), rows), parts)
    assert (first.path, first.types, first.macs, first.parameters) == (
        "a.x",
        "Conv2d, ReLU",
        20,
        12,
    )
    assert (second.types, round(second.share, 1)) == ("Conv2d", 33.3)
    assert (unused.path, unused.types, unused.macs, unused.parameters) == ("heads", "Head", 0, 2)
