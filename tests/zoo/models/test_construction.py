"""A model is built on meta; what reads values on the CPU, with its parameters on meta; what reads
its parameters on the CPU, within a limit."""

from contextlib import suppress
from pathlib import Path

import pytest
import torch
from torch.nn.modules import module as hooks

from zoo.model_index.records.records import Builder
from zoo.models.builders import BuildError, BuiltModel, TooLarge, build

SOURCE = """
import torch
from torch import nn

def rates():
    return [rate.item() for rate in torch.linspace(0, 1, 3)]

class Reading(nn.Module):
    def __init__(self):
        super().__init__()
        rates()

class Plain(nn.Linear):
    def __init__(self):
        super().__init__(4, 4)

class Tied(Reading):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 12)
        self.head = nn.Linear(12, 50, bias=False)
        self.head.weight = self.embedding.weight

class Twice(Reading):
    def __init__(self):
        super().__init__()
        weight = nn.Parameter(torch.ones(5, 7))
        self.first = weight
        self.second = weight
        self.layers = nn.ModuleList([nn.Module(), nn.Module()])
        for layer in self.layers:
            layer.register_parameter("weight", weight)

class Views(Reading):
    def __init__(self):
        super().__init__()
        flat = torch.zeros(12)
        self.first = nn.Parameter(flat[:6])
        self.second = nn.Parameter(flat[6:])

class Many(Reading):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(64, 64) for _ in range(40)])

class Lazy(Reading):
    def __init__(self):
        super().__init__()
        self.layer = nn.LazyLinear(4)

    def forward(self, x):
        return self.layer(x.flatten(1))

class Recurrent(Reading):
    def __init__(self):
        super().__init__()
        self.layer = nn.LSTM(4, 5, 2)

class OwnValues(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.full((3, 4), 2.0))
        self.layer = nn.Linear(4, int(self.weight.sum().item()))

class Random(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, int(torch.randint(1, 1000, ()).item()))

class Large(OwnValues):
    def __init__(self):
        super().__init__()
        self.more = nn.ModuleList([nn.Linear(512, 512, bias=False) for _ in range(8)])

class LargeBuffers(Reading):
    def __init__(self):
        super().__init__()
        for number in range(8):
            self.register_buffer(f"buffer{number}", torch.zeros(512, 512))

class Replaced(OwnValues):
    def __init__(self):
        super().__init__()
        for _ in range(8):
            self.layer = nn.Linear(512, 512, bias=False)

class Wrong(OwnValues):
    def __init__(self):
        super().__init__()
        raise ValueError("a wrong\\n   argument")

class AlwaysWrong(nn.Module):
    def __init__(self):
        raise ValueError("a wrong argument")

class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 3)

    def fuse(self):
        return nn.Linear(3, 3)

class Merging(Tied):
    def __init__(self):
        super().__init__()
        self.branches = Branches()
"""


@pytest.fixture(autouse=True)
def module(toy: Path) -> None:
    (toy / "toyzoo.py").write_text(SOURCE)


def made(name: str, **options: object) -> BuiltModel:
    return build(Builder("callable", f"toyzoo:{name}"), ["toyzoo"], **options)


def parameters(built: BuiltModel) -> int:
    return sum(parameter.numel() for parameter in built.model.parameters())


def all_on_meta(built: BuiltModel) -> bool:
    return all(t.is_meta for t in (*built.model.parameters(), *built.model.buffers()))


@pytest.mark.parametrize(
    ("name", "way", "count"),
    [
        ("Plain", "meta", 20),
        ("Tied", "parameters on meta", 600),
        ("Twice", "parameters on meta", 35),
        ("Views", "parameters on meta", 12),
        ("Many", "parameters on meta", 40 * 65 * 64),
        ("Recurrent", "parameters on meta", 4 * 5 * (4 + 5 + 2) + 4 * 5 * (5 + 5 + 2)),
        ("OwnValues", "cpu", 12 + 5 * 24),
    ],
)
def test_the_first_way_that_works(name: str, way: str, count: int) -> None:
    built = made(name)
    assert (built.construction.way, parameters(built)) == (way, count)
    assert all_on_meta(built)


def test_what_was_shared_is_shared() -> None:
    twice = made("Twice").model
    assert twice.first is twice.second is twice.layers[0].weight is twice.layers[1].weight
    views = made("Views").model
    assert views.first.untyped_storage()._cdata == views.second.untyped_storage()._cdata


def test_lazy_layers_get_their_sizes_in_the_pass() -> None:
    built = made("Lazy")
    built.model(torch.empty(2, 3, device="meta"))
    assert (built.construction.way, parameters(built)) == ("parameters on meta", 16)


@pytest.mark.parametrize("form", ["training", "fused"])
def test_every_form_takes_the_same_road(form: str) -> None:
    built = made("Merging", form=form)
    assert built.construction.way == "parameters on meta"
    assert parameters(built) == 600 + (12 if form == "fused" else 24) and all_on_meta(built)
    assert built.model.training == (form == "training")


def test_the_evidence_of_the_last_way_has_limit_and_reason() -> None:
    construction = made("OwnValues", memory=1 << 20).construction
    assert construction.limit == 1 << 20
    assert construction.reason == "RuntimeError: Tensor.item() cannot be called on meta tensors"
    assert construction.describe() == "cpu, limit 0.000977 GiB"


@pytest.mark.parametrize("name", ["Large", "LargeBuffers"])
def test_more_than_the_limit_is_an_error_with_the_limit(name: str) -> None:
    with pytest.raises(TooLarge) as raised:
        made(name, memory=4 << 20)
    assert str(raised.value) == (
        f"toyzoo:{name}: its parameters and buffers take more than 0.00391 GiB of memory; "
        "--memory-limit allows more (on the CPU; on the meta device RuntimeError: Tensor.item() "
        "cannot be called on meta tensors)"
    )
    assert all_on_meta(made(name, memory=16 << 20))


def test_released_memory_does_not_count() -> None:
    assert made("Replaced", memory=4 << 20).construction.way == "cpu"


def test_a_model_of_random_numbers_is_always_the_same() -> None:
    torch.manual_seed(7)
    state = torch.get_rng_state()
    assert parameters(made("Random")) == parameters(made("Random"))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", ["Tied", "OwnValues", "Large", "Wrong", "AlwaysWrong"])
def test_hooks_are_removed_whatever_happens(name: str) -> None:
    with suppress(BuildError):
        made(name, memory=4 << 20)
    assert not hooks._global_parameter_registration_hooks
    assert not hooks._global_buffer_registration_hooks
    assert torch.get_default_device() == torch.device("cpu")


def test_the_message_is_that_of_the_cpu_on_one_line() -> None:
    with pytest.raises(BuildError) as raised:
        made("Wrong")
    assert str(raised.value) == (
        "toyzoo:Wrong raised ValueError: a wrong argument (on the CPU; on the meta device "
        "RuntimeError: Tensor.item() cannot be called on meta tensors)"
    )
    with pytest.raises(
        BuildError, match=r"^toyzoo:AlwaysWrong raised ValueError: a wrong argument$"
    ):
        made("AlwaysWrong")


@pytest.mark.parametrize(
    ("name", "way", "count"),
    [
        ("regnet_y_128gf", "parameters on meta", 644_812_894),
        ("regnet_x_400mf", "parameters on meta", 5_495_976),
        ("swin_t", "meta", 28_288_354),
    ],
)
def test_torchvision(name: str, way: str, count: int) -> None:
    built = build(Builder("torchvision", name))
    assert (built.construction.way, parameters(built)) == (way, count)
    assert all_on_meta(built)
