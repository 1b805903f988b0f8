"""The trace against torch's own counter and against sums done by hand."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.zoo.counting.passes import count as count_all
from zoo.model_index.ledger.trace import Trace
from zoo.model_index.records.records import Index
from zoo.models.builders import build

NAMES = (
    "dpn68 dpn68b dpn92 dpn98 dpn107 dpn131 dla34 dla46_c dla46x_c dla60 dla60x dla60x_c "
    "dla60_res2net dla60_res2next "
    "dla102 dla102x dla102x2 dla169 densenet121 densenet161 densenet169 densenet201 densenet264"
).split()


def count(model: nn.Module, input_size: tuple[int, ...]) -> Trace:
    return count_all(model, input_size)[0]


def torch_flops(model: nn.Module, input_size: tuple[int, ...]) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(torch.empty(input_size, device="meta"))
    return counter.get_total_flops()


@pytest.mark.parametrize("name", NAMES)
def test_multiply_adds_equal_torchs_counter(embedded: Index, name: str) -> None:
    """Convolution plus linear multiply-adds are half of torch's count, to the last digit, for every
    model."""
    (entry,) = embedded.select([name])
    model = build(entry.builder).model
    trace = count(model, (1, 3, 224, 224))
    assert trace.uncounted == ()
    assert 2 * trace.total("macs", ["convolution", "linear"]) == torch_flops(
        model, (1, 3, 224, 224)
    )
    assert trace.macs == trace.total("macs", ["convolution", "linear"])


def on_meta(model: nn.Module) -> nn.Module:
    return model.eval().to("meta")


@pytest.mark.parametrize(
    ("model", "input_size"),
    [
        (nn.Conv2d(8, 16, 3, stride=2, padding=1, groups=4), (2, 8, 33, 31)),
        (nn.Conv2d(8, 16, 3, dilation=2), (1, 8, 20, 20)),
        (nn.ConvTranspose2d(8, 4, 3, stride=2), (1, 8, 7, 7)),
        (nn.ConvTranspose2d(8, 4, 3, groups=2), (1, 8, 7, 7)),
        (nn.Conv1d(4, 6, 5), (3, 4, 50)),
        (nn.Conv3d(2, 3, 3), (1, 2, 8, 9, 10)),
        (nn.Linear(7, 5), (4, 7)),
        (nn.Linear(7, 5, bias=False), (4, 3, 7)),
        (nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), (2, 9, 16)),
    ],
    ids=str,
)
def test_layers_equal_torchs_counter(model: nn.Module, input_size: tuple[int, ...]) -> None:
    assert 2 * count(on_meta(model), input_size).macs == torch_flops(model, input_size)


def rows(trace: Trace) -> list[tuple[str, str, str, int, int, int, int, int]]:
    return [
        (r.operator, r.kind, r.module, r.macs, r.inputs, r.outputs, r.reads, r.parameters)
        for r in trace.rows
    ]


def test_rows_of_a_small_network() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 10),
    )
    assert rows(count(on_meta(model), (1, 3, 4, 6))) == [
        ("conv2d", "convolution", "0", 8 * 24 * 27, 72, 192, 0, 216),
        ("conv2d", "bias", "0", 0, 0, 192, 0, 8),
        ("batch_norm", "normalisation", "1", 0, 192, 192, 0, 16),
        ("relu", "activation", "2", 0, 192, 192, 0, 0),
        ("max_pool2d", "pooling", "3", 0, 192, 48, 192, 0),
        ("adaptive_avg_pool2d", "pooling", "4", 0, 48, 8, 48, 0),
        ("linear", "linear", "6", 80, 8, 10, 0, 80),
        ("linear", "bias", "6", 0, 0, 10, 0, 10),
    ]


def test_module_types_are_exact_so_a_subclass_is_told_apart() -> None:
    class Own(nn.Linear):
        pass

    types = {
        row.module_type
        for row in count(on_meta(nn.Sequential(nn.Linear(4, 4), Own(4, 4))), (1, 4)).rows
    }
    assert "torch.nn.modules.linear.Linear" in types
    assert any(name.endswith(".Own") for name in types)


def test_attention_keeps_its_name() -> None:
    class Attend(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.scaled_dot_product_attention(x, x, x)

    trace = count(Attend(), (1, 2, 5, 4))
    assert {row.kind for row in trace.rows if row.macs} == {"attention"}
    assert trace.macs == 2 * (2 * 5 * 5 * 4)


def test_an_unknown_operator_that_uses_parameters_makes_the_count_incomplete() -> None:
    @torch.library.custom_op("zootest::scale", mutates_args=())
    def scale(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return x * weight

    @scale.register_fake
    def _(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return torch.empty_like(x)

    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(4))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.ops.zootest.scale(x, self.weight)

    assert count(on_meta(nn.Sequential(Scaled())), (2, 4)).uncounted == ("zootest::scale in 0",)


def test_an_assertion_gives_nothing_and_is_no_row() -> None:
    class Asserts(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            torch._assert_async((x.sum() >= 0).all())
            return x

    rows = count(on_meta(Asserts()), (1, 3, 4, 4)).rows
    assert [row.operator for row in rows] == ["sum", "all"]


class Called(nn.Module):
    """Calls a function of its input and one parameter."""

    def __init__(self, function: Callable, *shape: int) -> None:
        super().__init__()
        self.function = function
        self.weight = nn.Parameter(torch.ones(shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x, self.weight)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, w: torch.cdist(x, w),
        lambda x, w: torch.cdist(x, w * 2),  # a weight that was computed
        lambda x, w: torch.ops.aten._cdist_forward(x1=x, x2=w, p=2.0, compute_mode=None),
    ],
    ids=["parameter", "computed weight", "by keyword"],
)
def test_an_unknown_operator_on_two_tensors_is_never_silent(function: Callable) -> None:
    assert count(on_meta(Called(function, 5, 4)), (1, 3, 4)).uncounted == (
        "aten::_cdist_forward in the model",
    )


@pytest.mark.parametrize(
    ("function", "macs"),
    [
        (lambda x, w: torch.addbmm(w.new_zeros(3, 6), x, w), 2 * 3 * 4 * 6),
        (lambda x, w: torch.baddbmm(w.new_zeros(2, 3, 6), x, w), 2 * 3 * 4 * 6),
        (lambda x, w: torch.einsum("bij,bjk->bik", x, w), 2 * 3 * 4 * 6),
    ],
    ids=["addbmm", "baddbmm", "einsum"],
)
def test_products_of_batches(function: Callable, macs: int) -> None:
    assert count(on_meta(Called(function, 2, 4, 6)), (2, 3, 4)).macs == macs


def test_the_model_is_left_as_it_was_even_where_its_forward_raises() -> None:
    class Broken(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("no forward today")

    model = nn.Sequential(nn.Conv2d(3, 3, 1), Broken())
    with pytest.raises(RuntimeError, match="no forward today"):
        count(on_meta(model), (1, 3, 4, 4))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert count(on_meta(model[0]), (1, 3, 4, 4)).macs == 9 * 16


def test_parts_count_shared_tensors_once_and_buffers_apart() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    model.append(model[0])
    model[1].weight.requires_grad_(False)
    _, parts = count_all(on_meta(model), (2, 3))
    assert [(part.module, *part[2:]) for part in parts] == [
        ("0", 12, 12, 0, 1),
        ("1", 6, 3, 3 + 3 + 1, 1),
    ]


class Auxiliary(nn.Module):
    """A head that runs in training only, a scale used outside of any module, and a layer's weight
    used by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))
        self.body, self.extra, self.lent = (
            nn.Linear(4, 4),
            nn.Linear(4, 7),
            nn.Linear(4, 4, bias=False),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.body(x) * self.scale + nn.functional.linear(x, self.lent.weight)
        return out + self.extra(x).sum() if self.training else out


def test_parts_tell_what_ran() -> None:
    model = on_meta(Auxiliary())
    ran = {part.module: part.ran for part in count_all(model, (2, 4))[1]}
    assert ran == {"": 1, "body": 1, "extra": 0, "lent": 1}
    assert all(part.ran for part in count_all(model.train(), (2, 4))[1])


def test_a_trace_knows_the_bases_of_subclasses() -> None:
    class Own(nn.Conv2d):
        pass

    trace, _ = count_all(on_meta(nn.Sequential(Own(3, 4, 1), nn.Conv2d(4, 4, 1))), (1, 3, 4, 4))
    assert list(trace.bases.values()) == ["torch.nn.modules.conv.Conv2d"]
    assert next(iter(trace.bases)).endswith("Own")


@pytest.mark.parametrize(
    "act",
    [
        lambda x: torch.relu(x).transpose(1, 2),
        lambda x: (x.transpose(1, 2) * 2).reshape(2, -1),
        lambda x: x.transpose(1, 2).sigmoid_().contiguous(),
        lambda x: x + x.sum(dim=1, keepdim=True),
        lambda x: nn.functional.layer_norm(x.transpose(1, 2), (3,)).view(2, -1),
        lambda x: torch.addmm(x[0, 0], x[0], x[0, :, :3].t().contiguous()[:, :3] @ x[0, :3]),
        lambda x: (x.half() + x).add_(1),
        lambda x: x.mul_(x.mean()) / 3,
        lambda x: (x * x[0, 0] + x[:, :1]).transpose(0, 2).contiguous(),
        lambda x: x.transpose(0, 1) * x[0, 0],
        lambda x: nn.functional.batch_norm(x, torch.ones(3), torch.ones(3)),
        lambda x: nn.functional.batch_norm(x, None, None, training=True).transpose(1, 2),
        lambda x: nn.functional.group_norm(x, 3).view(2, -1),
        lambda x: nn.functional.group_norm(x.transpose(1, 2), 3),
        lambda x: nn.functional.group_norm(x, 1, torch.ones(3), torch.ones(3)),
        lambda x: x.transpose(1, 2).softmax(-1),
        lambda x: x.softmax(0, dtype=torch.float64),
        lambda x: nn.functional.scaled_dot_product_attention(x, x, x),
        lambda x: x.transpose(1, 2).mean((-1,), keepdim=True),
        lambda x: x.mean((0, 2)) * 2,
        lambda x: x.mean(-1, dtype=torch.float64),
        lambda x: nn.functional.normalize(x.transpose(1, 2), dim=-1),
        lambda x: torch.linalg.vector_norm(x, 2, (0, 1)),
        lambda x: nn.functional.gelu(x.transpose(1, 2), approximate="tanh"),
        lambda x: nn.functional.leaky_relu(x.transpose(1, 2), 0.1, inplace=True).clamp_min(1e-6),
        lambda x: nn.functional.elu(x).clamp(0, 6).clamp_max(3) ** 2,
        lambda x: x.clamp(x.mean(), None) if x.is_meta else x,
        lambda x: x[:, :1] * x.transpose(0, 1)[:1].contiguous(),
        lambda x: x[0, 0].contiguous() * x,
        lambda x: x[:1, :, :1] - x.transpose(1, 2),
    ],
)
def test_quick_outputs_have_the_shapes_and_strides_of_slow_ones(
    act: Callable[[torch.Tensor], torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strides decide what is copied later, and a copy is a row."""

    class Acts(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with torch.device("meta"):
                made.append(act(x))
            return made[-1]

    made: list[torch.Tensor] = []
    quick = count(Acts(), (2, 3, 3))
    monkeypatch.setattr("zoo.counting.tracer.find_output", lambda *_: None)
    slow = count(Acts(), (2, 3, 3))
    assert quick.rows == slow.rows
    assert [(t.shape, t.stride(), t.dtype) for t in made[:1]] == [
        (t.shape, t.stride(), t.dtype) for t in made[1:]
    ]


def test_tensors_with_data_keep_it() -> None:
    class Looks(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:, : int((torch.ones(2, device="cpu") * 1.5).relu().sum())]

    rows = count(Looks(), (1, 3, 4, 4)).rows
    assert rows[-1].operator == "sum"


def test_modules_made_during_the_pass_belong_to_the_one_around_them() -> None:
    class Makes(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.Conv2d(3, 2, 1, device="meta")(x)

    rows = count(nn.Sequential(Makes(), nn.ReLU()), (1, 3, 4, 4)).rows
    modules = {row.kind: row.module for row in rows}
    assert (modules["convolution"], modules["activation"]) == ("0", "1")
