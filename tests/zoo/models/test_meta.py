"""On the meta device is shared what was shared: parameters, buffers, and views of one memory."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from zoo.model_index.records.records import Builder
from zoo.models.builders import build
from zoo.models.builders.meta import MetaMemo, move_to_meta


def parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def buffers(model: nn.Module) -> int:
    return sum(b.numel() for b in model.buffers())


def tied() -> nn.Module:
    model = nn.Sequential(nn.Embedding(50, 12), nn.Linear(12, 50, bias=False))
    model[1].weight = model[0].weight
    return model


def loaded() -> nn.Module:
    vectors = torch.zeros(50, 12)
    model = nn.Sequential(
        nn.Embedding.from_pretrained(vectors, freeze=False), nn.Linear(12, 50, bias=False)
    )
    model[1].weight = model[0].weight
    return model


def tied_buffers() -> nn.Module:
    model = nn.Sequential(nn.BatchNorm1d(4), nn.BatchNorm1d(4))
    model[1].running_mean = model[0].running_mean
    return model


class Halved(nn.Module):
    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight / 2


def tied_below_parametrizations() -> nn.Module:
    model = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    model[1].weight = model[0].weight
    for layer in model:
        parametrize.register_parametrization(layer, "weight", Halved())
    return model


def one_norm_twice() -> nn.Module:
    norm = parametrizations.weight_norm(nn.Linear(4, 4))
    return nn.Sequential(norm, norm, nn.Sequential(norm))


@pytest.mark.filterwarnings("ignore:.*is deprecated:FutureWarning")
@pytest.mark.parametrize(
    ("make", "count", "buffer_count"),
    [
        (tied, 600, 0),
        (loaded, 600, 0),
        (tied_buffers, 16, 4 + 4 + 4 + 2),
        (tied_below_parametrizations, 16, 0),
        (one_norm_twice, 4 + 16 + 4, 0),
        (lambda: nn.LSTM(4, 5, 2), 4 * 5 * (4 + 5 + 2) + 4 * 5 * (5 + 5 + 2), 0),
        (lambda: torch.jit.script(tied()), 600, 0),
    ],
)
def test_nothing_is_counted_twice(
    make: Callable[[], nn.Module], count: int, buffer_count: int
) -> None:
    model = make()
    assert (parameters(model), buffers(model)) == (count, buffer_count)
    assert move_to_meta(model) is model
    assert (parameters(model), buffers(model)) == (count, buffer_count)
    assert all(tensor.is_meta for tensor in (*model.parameters(), *model.buffers()))


def test_views_of_one_memory_stay_views_of_one_memory() -> None:
    model = nn.Module()
    model.weight = nn.Parameter(torch.zeros(6, 4))
    model.turned = nn.Parameter(model.weight.data.t(), requires_grad=False)
    model.register_buffer("last", model.weight.data[4:])
    move_to_meta(model)
    memory = {t.untyped_storage()._cdata for t in (*model.parameters(), *model.buffers())}
    assert len(memory) == 1
    assert (model.turned.shape, model.turned.stride()) == ((4, 6), (1, 4))
    assert (model.last.shape, model.last.storage_offset()) == ((2, 4), 16)
    assert (model.weight.requires_grad, model.turned.requires_grad) == (True, False)


def test_a_recurrent_layer_runs_on_meta_after_the_move() -> None:
    out, _ = move_to_meta(nn.LSTM(4, 5))(torch.empty(3, 1, 4, device="meta"))
    assert out.is_meta


def test_lazy_and_sparse_tensors_move_too() -> None:
    model = nn.Sequential(nn.LazyLinear(4))
    model.register_buffer("sparse", torch.eye(2).to_sparse())
    move_to_meta(model)
    assert model.sparse.is_meta and model[0].weight.is_meta
    assert model(torch.empty(2, 3, device="meta")).shape == (2, 4)


def test_a_module_moves_the_tensors_that_it_keeps_by_itself() -> None:
    class Anchored(nn.Linear):
        def __init__(self) -> None:
            super().__init__(2, 2)
            self.anchors = [torch.ones(3)]

        def _apply(self, function: Callable, recurse: bool = True) -> nn.Module:
            self.anchors = [function(anchor) for anchor in self.anchors]
            return super()._apply(function, recurse)

    assert move_to_meta(nn.Sequential(Anchored()))[0].anchors[0].is_meta


def test_one_memo_serves_a_model_that_moves_in_parts() -> None:
    memo, model = MetaMemo(), tied()
    move_to_meta(model[0], memo)
    move_to_meta(model[1], memo)
    assert model[0].weight is model[1].weight and model[0].weight.is_meta
    assert memo.convert(model[0].weight) is model[0].weight


TIED = """
import numpy, torch
from torch import nn

class Loaded(nn.Module):
    def __init__(self):
        super().__init__()
        vectors = torch.from_numpy(numpy.zeros((50, 12), dtype=numpy.float32))
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=False)
        self.head = nn.Linear(12, 50, bias=False)
        self.head.weight = self.emb.weight

class OnCpu(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(12, 12, device="cpu")
        self.b = nn.Linear(12, 12, device="cpu")
        self.b.weight = self.a.weight

class Merging(OnCpu):
    def fuse(self):
        pass
"""


@pytest.mark.parametrize(
    ("name", "form", "count"), [("Loaded", "", 600), ("OnCpu", "", 168), ("Merging", "fused", 168)]
)
def test_a_built_model_has_its_shared_parameters_once(
    toy: Path, name: str, form: str, count: int
) -> None:
    (toy / "toyzoo.py").write_text(TIED)
    model = build(Builder("callable", f"toyzoo:{name}"), ["toyzoo"], form).model
    assert parameters(model) == count
    assert all(p.is_meta for p in model.parameters())
