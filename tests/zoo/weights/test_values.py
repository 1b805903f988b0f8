"""Values of a checkpoint's tensors: those that torch and safetensors read, and those that they
refuse to."""

import argparse
import datetime
import pathlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from zoo.weights.formats import Unreadable
from zoo.weights.local_files import read_file
from zoo.weights.values import load_values

Save = Callable[[Any, Path], object]
FORMATS: dict[str, Save] = {
    "zip": torch.save,
    "legacy": lambda state, path: torch.save(state, path, _use_new_zipfile_serialization=False),
}


@pytest.fixture(params=FORMATS.values(), ids=FORMATS.keys())
def save(request: pytest.FixtureRequest) -> Save:
    return request.param


def load(path: Path) -> dict[str, torch.Tensor]:
    return load_values(path, read_file(path))


def assert_equal(read: dict[str, torch.Tensor], state: dict[str, torch.Tensor]) -> None:
    assert read.keys() == state.keys()
    for name, value in state.items():
        assert (read[name].dtype, read[name].shape) == (value.dtype, value.shape), name
        assert torch.equal(read[name], value.detach()), name


FLAT = torch.arange(40.0)
STATES: dict[str, dict[str, torch.Tensor]] = {
    "plain": {"a": torch.randn(3, 4), "b": torch.tensor(5), "c": torch.zeros(0, 3)},
    "parameters": {"a": torch.nn.Parameter(torch.randn(3, 4))},
    "transposed": {"a": torch.randn(3, 4).t(), "b": torch.randn(2, 3, 4).permute(2, 0, 1)},
    "views of one storage": {"a": FLAT[:6].view(2, 3), "b": FLAT[6:], "c": FLAT[1::3]},
    "shared": {"a": FLAT, "b": FLAT},
    "expanded": {"a": torch.randn(1, 3).expand(4, 3)},
    "channels last": {"a": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last)},
    **{
        str(dtype): {"a": torch.arange(6).to(dtype).view(2, 3)[:, 1:]}
        for dtype in (
            torch.float64,
            torch.float16,
            torch.bfloat16,
            torch.int64,
            torch.int8,
            torch.uint8,
            torch.bool,
            torch.complex64,
        )
    },
}


@pytest.mark.parametrize("name", STATES)
def test_values_are_those_that_torch_reads(save: Save, name: str, tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    save(STATES[name], path)
    assert_equal(load(path), STATES[name])
    assert_equal(load(path), torch.load(path, weights_only=True))


@pytest.mark.parametrize("dtype", [torch.uint16, torch.uint32, torch.float8_e4m3fn])
def test_types_without_a_storage_class(dtype: torch.dtype, tmp_path: Path) -> None:
    state = {"a": torch.arange(6.0).to(dtype)[2:]}
    torch.save(state, tmp_path / "net.pth")
    assert_equal(load(tmp_path / "net.pth"), state)


BESIDE: dict[str, Any] = {
    "namespace": argparse.Namespace(lr=0.1, model="toy"),
    "scalar of numpy": np.float64(98.996),
    "state of numpy's generator": np.random.get_state(),
    "date": datetime.datetime(2026, 1, 1),
    "path": pathlib.PosixPath("runs/1"),
    "tensor": torch.tensor(98.996),
}


@pytest.mark.parametrize("beside", BESIDE)
def test_plain_data_beside_the_weights_is_passed_over(
    save: Save, beside: str, tmp_path: Path
) -> None:
    state = {"a": torch.randn(3, 4), "b": torch.randn(2)}
    save({"state_dict": state, "epoch": 90, "beside": BESIDE[beside]}, tmp_path / "net.pth")
    assert_equal(load(tmp_path / "net.pth"), state)


def test_safetensors(tmp_path: Path) -> None:
    state = {"a": torch.randn(3, 4), "b": torch.arange(3).to(torch.float8_e5m2)}
    save_file(state, tmp_path / "net.safetensors")
    assert_equal(load(tmp_path / "net.safetensors"), state)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"a": torch.tensor([1j]).conj()}, "'a' of complex64 cannot be loaded"),
        ({"a": torch.tensor([1j]).conj().imag}, "'a' of float32 cannot be loaded"),
    ],
)
def test_a_tensor_that_is_more_than_its_elements_is_refused(
    state: dict[str, torch.Tensor], message: str, tmp_path: Path
) -> None:
    torch.save(state, tmp_path / "net.pth")
    with pytest.raises(Unreadable, match=rf"net\.pth: {message}$"):
        load(tmp_path / "net.pth")


@pytest.mark.parametrize("name", ["net.pth", "net.safetensors"])
def test_a_file_that_changed_since_it_was_read_is_refused_in_a_line(
    name: str, tmp_path: Path
) -> None:
    path, state = tmp_path / name, {"a": torch.randn(300)}
    torch.save(state, path) if name.endswith("pth") else save_file(state, path)
    contents = read_file(path)
    data = bytearray(path.read_bytes())
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(Unreadable, match=r": its values cannot be loaded: [^\n]+$"):
        load_values(path, contents)


def test_damaged_values_are_refused(tmp_path: Path) -> None:
    """Torch reads such a file and says nothing."""
    path = tmp_path / "net.pth"
    torch.save({"a": torch.full((300,), 2.0)}, path)
    data = path.read_bytes()
    place = data.index(torch.full((300,), 2.0).numpy().tobytes())
    path.write_bytes(data[:place] + b"\1" + data[place + 1 :])
    with pytest.raises(Unreadable, match="Bad CRC-32"):
        load(path)


def test_numbers_of_another_byte_order_are_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(3)}, tmp_path / "little.pth")
    with (
        ZipFile(tmp_path / "little.pth") as little,
        ZipFile(tmp_path / "big.pth", "w") as big,
    ):
        for name in little.namelist():
            data = b"big" if name.endswith("byteorder") else little.read(name)
            big.writestr(name, data)
    with pytest.raises(Unreadable, match=r"big\.pth: its numbers begin with their highest byte$"):
        load(tmp_path / "big.pth")
