"""Finding the weights to evaluate, and loading them into the model."""

import re
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from zoo.evaluation.checkpoint import load_model
from zoo.evaluation.checkpoint_files import WeightsError, find_weights
from zoo.model_index.errors import UsageError
from zoo.model_index.records.records import Entry
from zoo.weights.formats import Unreadable

INDEX = "Models:\n- Name: toy\n  Builder: toyzoo:Toy\n  Weights: [{}]\n"
Read = Callable[[str], list[Entry]]


@pytest.fixture
def state(toy: Path) -> dict[str, torch.Tensor]:
    import toyzoo

    torch.manual_seed(1)
    return toyzoo.Toy().state_dict()


def load_state(read: Read, folder: Path, name: str) -> dict[str, torch.Tensor]:
    [entry] = read(INDEX.format(name))
    built, _ = load_model(entry, find_weights(entry, {}, None, None), ("toyzoo",))
    assert not built.model.training
    return built.model.state_dict()


SAVED: dict[str, Callable[[dict, Path], None]] = {
    "plain.pth": torch.save,
    "old.pth": lambda state, path: torch.save(state, path, _use_new_zipfile_serialization=False),
    "parallel.pth": lambda state, path: torch.save(
        {f"module.{name}": value for name, value in state.items()}, path
    ),
    "script.pth": lambda state, path: torch.save({"epoch": 3, "state_dict": state}, path),
    "average.pth": lambda state, path: torch.save(
        {"state_dict": {name: value * 0 for name, value in state.items()}, "state_dict_ema": state},
        path,
    ),
    "namespace.pth": lambda state, path: torch.save(
        {"state_dict": state, "args": Namespace(lr=0.1), "best": np.float64(98.9)}, path
    ),
    "prefix.pth": lambda state, path: torch.save(
        {f"model.{name}": value for name, value in state.items()}, path
    ),
    "prefix.safetensors": lambda state, path: save_file(
        {f"model.{name}": value for name, value in state.items()}, path
    ),
    "plain.safetensors": save_file,
    "renamed.pth": lambda state, path: torch.save(
        {f"n{i}": v for i, v in enumerate(state.values())}, path
    ),
}


@pytest.mark.parametrize("name", SAVED)
def test_the_files_tensors_are_the_models(
    read: Read, toy: Path, state: dict[str, torch.Tensor], name: str
) -> None:
    SAVED[name](state, toy / name)
    loaded = load_state(read, toy, name)
    assert loaded.keys() == state.keys()
    assert all(torch.equal(loaded[key], value) for key, value in state.items())


def test_tensors_that_are_not_the_models_are_refused(
    read: Read, toy: Path, state: dict[str, torch.Tensor]
) -> None:
    state["5.weight"] = torch.zeros(7, 8)
    del state["5.bias"]
    torch.save(state, toy / "other.pth")
    message = "other.pth: 7 of 9 tensors of toy match; 1 missing, 1 reshaped"
    with pytest.raises(WeightsError, match=f"^{re.escape(message)}$"):
        load_state(read, toy, "other.pth")


def test_half_precision_fits_and_integers_do_not(
    read: Read, toy: Path, state: dict[str, torch.Tensor]
) -> None:
    save_file({name: value.half() for name, value in state.items()}, toy / "half.safetensors")
    loaded = load_state(read, toy, "half.safetensors")
    assert all(torch.allclose(loaded[k], v.half().to(v.dtype)) for k, v in state.items())
    save_file(
        {name: value.to(torch.int8) for name, value in state.items()}, toy / "int8.safetensors"
    )
    with pytest.raises(WeightsError, match=r"match; \d of another type$"):
        load_state(read, toy, "int8.safetensors")


@pytest.fixture
def shared(toy: Path) -> dict[str, torch.Tensor]:
    """The state of a model whose two layers share their weights and that has an index."""
    (toy / "tiedzoo.py").write_text(TIED)
    import tiedzoo

    return tiedzoo.Tied().state_dict()


TIED = """
import torch
from torch import nn

class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False)
        self.second.weight = self.first.weight
        self.register_buffer("order", torch.arange(4))
"""


def load_tied(read: Read, folder: Path, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    torch.save(state, folder / "tied.pth")
    [entry] = read(INDEX.format("tied.pth").replace("toyzoo:Toy", "tiedzoo:Tied"))
    built, _ = load_model(entry, find_weights(entry, {}, None, None), ("tiedzoo",))
    return built.model.state_dict()


def test_tensors_that_the_model_shares(
    read: Read, toy: Path, shared: dict[str, torch.Tensor]
) -> None:
    values = torch.randn(4, 4)
    for names in (["first.weight"], ["second.weight"], ["first.weight", "second.weight"]):
        state = {name: values for name in names} | {"order": shared["order"].half()}
        loaded = load_tied(read, toy, state)
        assert torch.equal(loaded["first.weight"], values)
        assert torch.equal(loaded["second.weight"], values)
        assert torch.equal(loaded["order"], torch.arange(4))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"second.weight": torch.ones(4, 4)},
            "first.weight and second.weight differ; the live model has them as one",
        ),
        ({"order": torch.full((4,), 0.5)}, "order has fractions; the live model has integers"),
    ],
)
def test_values_that_loading_would_change_are_refused(
    read: Read,
    toy: Path,
    shared: dict[str, torch.Tensor],
    change: dict[str, torch.Tensor],
    message: str,
) -> None:
    with pytest.raises(WeightsError, match=f"^tied.pth: {message}$"):
        load_tied(read, toy, shared | change)


def test_a_format_that_is_only_inspected_is_refused(read: Read, toy: Path) -> None:
    np.savez(toy / "toy.npz", a=np.zeros(3))
    with pytest.raises(
        WeightsError,
        match=r"toy\.npz: npz cannot be loaded; safetensors and torch files can$",
    ):
        load_state(read, toy, "toy.npz")


def test_the_first_local_file_is_taken(
    read: Read, toy: Path, state: dict[str, torch.Tensor]
) -> None:
    torch.save(state, toy / "here.pth")
    [entry] = read(INDEX.format("https://example.org/toy.pth, gone.pth, here.pth"))
    weights = find_weights(entry, {}, None, None)
    assert (weights.reference, weights.file) == ("here.pth", toy / "here.pth")
    explicit = find_weights(entry, {}, str(toy / "here.pth"), None)
    assert (weights.explicit, explicit.explicit) == (False, True)
    assert explicit.sha256 == weights.sha256


@pytest.mark.parametrize(
    ("links", "configuration", "message"),
    [
        (
            "https://example.org/a.pth",
            {},
            "https://example.org/a.pth is an address: add --download",
        ),
        ("gone.pth", {}, "gone.pth: no such file beside the index"),
        ("", {}, "the index names none; give a file with --weights FILE"),
        ("", {"hf_hub_id": "timm/toy"}, "hf:timm/toy is an address: add --download"),
    ],
)
def test_the_error_says_why_there_are_no_weights(
    read: Read, links: str, configuration: dict[str, object], message: str
) -> None:
    [entry] = read(INDEX.format(links))
    with pytest.raises(UsageError, match=f"^toy: no local weights: {re.escape(message)}$"):
        find_weights(entry, configuration, None, None)


def test_a_file_that_is_not_what_its_name_says_is_refused(
    read: Read, toy: Path, state: dict[str, torch.Tensor]
) -> None:
    torch.save(state, toy / "toy-00000000.pth")
    [entry] = read(INDEX.format("toy-00000000.pth"))
    message = r"^toy-00000000\.pth: its name says SHA-256 00000000, the file has [0-9a-f]{8}$"
    with pytest.raises(WeightsError, match=message):
        find_weights(entry, {}, None, None)


def test_nothing_in_a_file_is_executed(
    read: Read, toy: Path, state: dict[str, torch.Tensor]
) -> None:
    class Bomb:
        def __reduce__(self) -> tuple:
            return Path.touch, (Path("went-off"),)

    torch.save({"state_dict": state, "bomb": Bomb()}, toy / "bomb.pth")
    with pytest.raises(
        Unreadable, match=r"^'bomb\.pth': it refers to 'builtins\.getattr', which may run code; "
    ):
        load_state(read, toy, "bomb.pth")
    assert not Path("went-off").exists()
