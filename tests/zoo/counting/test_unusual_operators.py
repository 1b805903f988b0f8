"""Weights that are no parameters, and calls that reach the tracer in another shape than usual: they
are counted, or the count is incomplete."""

from collections.abc import Callable, Iterator

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.zoo.counting.passes import count
from zoo.model_index.ledger.trace import Trace
from zoo.models.builders.meta import move_to_meta


@pytest.fixture
def library() -> Iterator[torch.library.Library]:
    """Operators of a library that nobody knows, without kernels but on meta."""
    with torch.library._scoped_library("zoounknown", "DEF") as library:
        yield library


def define(library: torch.library.Library, schema: str, function: Callable) -> Callable:
    library.define(schema)
    name = schema.partition("(")[0]
    library.impl(name, function, "Meta")
    return getattr(torch.ops.zoounknown, name)


class Called(nn.Module):
    """Calls a function of its input and one buffer."""

    def __init__(self, function: Callable, buffer: torch.Tensor) -> None:
        super().__init__()
        self.function = function
        self.register_buffer("weight", buffer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x, self.weight)


def traced(function: Callable, buffer: torch.Tensor, *size: int) -> Trace:
    return count(move_to_meta(Called(function, buffer)), size)[0]


INTEGERS = torch.zeros(64, 192, dtype=torch.int8)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, w: torch._int_mm(x.to(torch.int8), w.t()),
        lambda x, w: torch.mm(x.to(torch.int8), w.t()),
        lambda x, w: F.linear(x, w.float()),
        lambda x, w: torch._weight_int8pack_mm(x.bfloat16(), w, torch.ones(64).bfloat16()),
        lambda x, w: torch._scaled_mm(
            x.to(torch.float8_e4m3fn), w.to(torch.float8_e4m3fn).t(), torch.ones(()), torch.ones(())
        ),
    ],
    ids=["_int_mm", "mm", "linear", "_weight_int8pack_mm", "_scaled_mm"],
)
def test_a_product_with_a_buffer_of_integers_is_counted(function: Callable) -> None:
    with torch.device("meta"):
        trace = traced(function, INTEGERS, 32, 192)
    assert (trace.macs, trace.uncounted) == (32 * 192 * 64, ())


@pytest.mark.parametrize(
    "buffer",
    [
        INTEGERS,
        torch.zeros(64, 192, dtype=torch.bool),
        torch.zeros(64, 192, dtype=torch.complex64),
        torch.zeros(64, 192, dtype=torch.float8_e4m3fn),
    ],
    ids=lambda buffer: str(buffer.dtype),
)
def test_an_unknown_operator_on_a_second_tensor_of_any_type_makes_the_count_incomplete(
    library: torch.library.Library, buffer: torch.Tensor
) -> None:
    linear = define(
        library,
        "linear(Tensor x, Tensor w) -> Tensor",
        lambda x, w: x.new_empty(x.shape[0], w.shape[0]),
    )
    assert traced(linear, buffer, 32, 192).uncounted == ("zoounknown::linear in the model",)


def test_an_unknown_operator_of_another_library_may_keep_its_weight_to_itself(
    library: torch.library.Library,
) -> None:
    hidden = define(library, "hidden(Tensor x) -> Tensor", lambda x: x.new_empty(x.shape))
    trace = traced(lambda x, w: hidden(x), INTEGERS, 32, 192)
    assert trace.uncounted == ("zoounknown::hidden in the model",)


def test_an_unknown_operator_may_write_into_its_argument(library: torch.library.Library) -> None:
    into = define(
        library, "linear_out(Tensor x, Tensor w, Tensor(a!) out) -> ()", lambda x, w, out: None
    )

    def call(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        into(x, w, out := x.new_empty(32, 64))
        return out

    assert traced(call, INTEGERS, 32, 192).uncounted == ("zoounknown::linear_out in the model",)


def test_an_operator_of_torch_that_reads_a_buffer_makes_the_count_incomplete() -> None:
    trace = traced(lambda x, w: x @ torch.linalg.inv(w), torch.eye(4), 2, 4)
    assert trace.uncounted == ("aten::linalg_inv_ex in the model",)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, i: x.new_zeros(4, 3).index_add(0, i, x),
        lambda x, i: x.new_zeros(4, 3).scatter_add(0, i[:, None].expand(2, 3), x),
        lambda x, i: F.embedding_bag(i[None], x.new_zeros(9, 4)),
        lambda x, i: x.masked_select(x > 0) if not x.is_meta else torch.bucketize(x, i),
        lambda x, i: torch.complex(x, x).real,
    ],
    ids=["index_add", "scatter_add", "embedding_bag", "bucketize", "complex"],
)
def test_looking_up_and_adding_up_multiplies_nothing(function: Callable) -> None:
    trace = traced(function, torch.zeros(2, dtype=torch.long), 2, 3)
    assert (trace.macs, trace.uncounted) == (0, ())


def test_the_norm_of_a_weight_is_known() -> None:
    layer = torch.nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 8, 3, padding=1))
    trace = count(move_to_meta(layer), (1, 3, 8, 8))[0]
    assert (trace.macs, trace.uncounted) == (8 * 64 * 27, ())


def test_no_row_has_fewer_parameters_than_none() -> None:
    """A bias that is computed is no parameter, and neither is anything of a model on the CPU less
    than nothing."""

    class Shifted(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(6, 3, 1, 1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return F.conv2d(x, self.weight, self.weight.sum((1, 2, 3)))

    trace = count(move_to_meta(Shifted()), (1, 3, 4, 4))[0]
    assert [row.parameters for row in trace.rows if row.kind in ("convolution", "bias")] == [18, 0]


def small() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 4),
    ).eval()


def test_a_model_on_the_cpu_has_the_same_rows() -> None:
    model = small()
    on_cpu, parts = count(model, (1, 3, 8, 8))
    assert (on_cpu, parts) == count(move_to_meta(model), (1, 3, 8, 8))
    assert [row.parameters for row in on_cpu.rows] == [216, 8, 16, 0, 0, 32, 4]


def test_inference_mode_gives_the_same_rows() -> None:
    class Inferring(nn.Sequential):
        @torch.inference_mode()
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x)

    model = move_to_meta(small())
    plain, inferring = count(model, (1, 3, 8, 8))[0], count(Inferring(*model), (1, 3, 8, 8))[0]
    assert plain.uncounted == inferring.uncounted == ()
    assert plain.rows == inferring.rows


def test_attention_in_inference_mode_is_counted() -> None:
    class Attends(nn.Module):
        @torch.inference_mode()
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return F.scaled_dot_product_attention(x, x, x)

    trace = count(Attends(), (1, 2, 5, 4))[0]
    assert (trace.macs, trace.uncounted) == (2 * (2 * 5 * 5 * 4), ())
    assert {row.kind for row in trace.rows if row.macs} == {"attention"}


@pytest.mark.filterwarnings("ignore:.*deprecated:FutureWarning", "ignore:.*deprecated:UserWarning")
@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.jit.script(small()),
        lambda: torch.jit.trace(small(), torch.zeros(1, 3, 8, 8)),
        lambda: nn.Sequential(torch.jit.script(small())),
        lambda: torch.jit.freeze(torch.jit.script(small())),
    ],
    ids=["script", "trace", "inside", "frozen"],
)
def test_torchscript_is_counted_or_the_count_is_incomplete(make: Callable[[], nn.Module]) -> None:
    try:
        trace, parts = count(move_to_meta(make()), (1, 3, 8, 8))
    except RuntimeError as error:
        assert "hook" not in str(error)
    else:
        assert (trace.macs, trace.uncounted) == (8 * 64 * 27 + 32, ())
        assert sum(part.parameters for part in parts) in (8 * 27 + 8 + 16 + 36, 0)


def test_an_ensemble_by_vmap_is_counted() -> None:
    class Ensemble(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(5, 24, 12))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.vmap(lambda weight: F.linear(x, weight))(self.weight)

    trace, parts = count(move_to_meta(Ensemble()), (16, 12))
    assert (trace.macs, trace.uncounted) == (5 * 16 * 24 * 12, ())
    assert [(part.parameters, part.ran) for part in parts] == [(5 * 24 * 12, 1)]


def test_a_nested_tensor_is_counted() -> None:
    class Ragged(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(12, 24)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            ragged = torch.nested.nested_tensor([x[:5], x[5:]], layout=torch.jagged)
            return self.layer(ragged).values()

    trace, parts = count(move_to_meta(Ragged()), (16, 12))
    assert (trace.macs, trace.uncounted) == (16 * 12 * 24, ())
    assert [(part.parameters, part.ran) for part in parts] == [(12 * 24 + 24, 1)]
    assert [r.parameters for r in trace.rows if r.macs] == [288]


def test_states_made_in_forward_may_be_on_the_cpu() -> None:
    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.LSTM(12, 20)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layer(x, (torch.zeros(1, 1, 20), torch.zeros(1, 1, 20)))[0]

    assert count(move_to_meta(Recurrent()), (16, 1, 12))[0].macs == 16 * 4 * 20 * (12 + 20)


def test_an_error_of_the_model_is_its_first_one() -> None:
    class Reads(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[: int(torch.ones(2).sum())].reshape(7)

    with pytest.raises(RuntimeError, match="shape"):
        count(Reads(), (3, 4))


def test_weights_of_half_precision_get_an_input_of_their_type() -> None:
    assert count(move_to_meta(nn.Conv2d(3, 8, 3).half()), (1, 3, 8, 8))[0].macs == 8 * 36 * 27


def test_an_operator_that_takes_functions_is_named() -> None:
    class Branches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cond(x.sum() > 0, self.a, self.b, (x,))

    with pytest.raises(NotImplementedError, match="no rule for the operator cond, which takes"):
        count(move_to_meta(Branches()), (1, 4))
