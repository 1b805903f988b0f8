"""Devices that are certainly not there: by the build of torch, the system, the kernel's files."""

from pathlib import Path

import pytest

from zoo.models.devices import explain_absence

ADVICE = "--device cpu runs here"


@pytest.fixture(autouse=True)
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux with a torch for GPUs."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("zoo.models.devices.version", lambda name: "2.11.0+cu130")


def test_a_machine_without_a_driver_has_no_gpu(tmp_path: Path) -> None:
    expected = f"no device cuda:1 on this machine: it has no driver of a GPU; {ADVICE}"
    assert explain_absence("cuda:1", tmp_path) == expected
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/nvidiactl").touch()
    assert explain_absence("cuda:1", tmp_path) == ""


def test_hidden_gpus_and_a_torch_for_cpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert "CUDA_VISIBLE_DEVICES hides all GPUs" in explain_absence("cuda", tmp_path)
    monkeypatch.setattr("zoo.models.devices.version", lambda name: "2.11.0+cpu")
    assert "torch 2.11.0+cpu is built for CPUs only" in explain_absence("cuda", tmp_path)


def test_mps_is_only_on_a_mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = (
        f"no device mps on this machine: mps is the GPU of a Mac, and this is Linux; {ADVICE}"
    )
    assert explain_absence("mps", tmp_path) == expected
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert explain_absence("mps", tmp_path) == ""


def test_a_cpu_is_always_there(tmp_path: Path) -> None:
    assert explain_absence("cpu", tmp_path) == ""
