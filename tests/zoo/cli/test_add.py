"""`zoo add` writes an entry whose every number is measured or stated by the library."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import zoo_command

NET = "from torch import nn\n\n\ndef net():\n    return nn.Conv2d(3, 40, 3, bias=False)\n"
INDEX = "# mine\nModels:\n- Name: resnet18 # old\n  Builder: none\n  Metadata: {Parameters: 5 M}\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `zoo` in the test's folder: exit code, standard output, standard error."""

    def run_zoo(arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            zoo_command(arguments), cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    return run_zoo


def test_an_entry_of_timm_is_measured_verified_and_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text(INDEX)
    code, patch, _ = run("add timm:resnet18 -o m.yml --family ResNet --name r18 --dry-run")
    assert code == 0 and (tmp_path / "m.yml").read_text() == INDEX
    assert "+    FLOPs: 1814073344 # multiply-adds at 224x224\n" in patch
    code, again, note = run("add timm:resnet18 -o m.yml --family ResNet --name r18 --yes -q")
    assert (code, again, note) == (0, patch, "")
    text = (tmp_path / "m.yml").read_text()
    assert text.startswith(
        "# mine\nCollections:\n- Name: ResNet\nModels:\n- Name: resnet18 # old\n"
    )
    for line in (
        "  In Collection: ResNet\n  Builder: timm:resnet18.a1_in1k\n",
        "    Parameters: 11689512\n    Image Size: 224\n    Crop Pct: 0.95\n",
        "    Mean: [0.485, 0.456, 0.406]\n",
        "  Paper: https://arxiv.org/abs/2110.00476\n  Weights: https://",
    ):
        assert line in text
    assert run("verify r18 --index m.yml")[0] == 0
    code, _, told = run("add timm:resnet18 -o m.yml --yes")
    assert (code, told) == (2, "zoo: m.yml:5: has resnet18 already; --name gives another one\n")


def test_an_entry_of_torchvision_has_its_weights_and_what_is_published_of_them(
    run: Run, tmp_path: Path
) -> None:
    code, patch, _ = run("add torchvision:resnet18 -o t.yml --yes -q")
    assert code == 0
    for line in (
        "+- Name: resnet18\n+  Builder: torchvision:resnet18.IMAGENET1K_V1\n",
        "+    Title: Deep Residual Learning for Image Recognition\n",
        "+  Weights: https://download.pytorch.org/models/resnet18-f37072fd.pth\n",
    ):
        assert line in patch
    assert run("verify resnet18 --index t.yml")[0] == 0


def test_own_code_needs_its_input_and_says_how_to_verify_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    code, out, told = run("add net.py:net --yes")
    assert (code, out) == (2, "")
    assert told.endswith("zoo: net:net: nothing states its input; --input '224 image' does\n")
    code, _, told = run("add net.py:net --size 8 --yes")
    assert code == 0
    assert "added to model-index.yml; next: zoo verify net --trust net --path .\n" in told
    assert "FLOPs: 38880 # multiply-adds at 8x8" in (tmp_path / "model-index.yml").read_text()
    assert run("verify net --trust net --path .")[0] == 0


@pytest.mark.parametrize(
    "arguments, told",
    [
        ("add timm:resnet18", "zoo add asks before it writes and this is no terminal; --yes"),
        ("add timm:resnet18 --yes -o README.md", "README.md: entries are added to YAML files only"),
        ("add timm:resnet18 --yes -o .", ".: is a folder; -o ./model-index.yml"),
        ("add timm:resnet18 --yes --index two", "two has 2 files; -o FILE says which: two/a.yml"),
        ("add timm:nonet18 --dry-run", "has no model 'nonet18'"),
        ("add weights.pth --dry-run", "weights.pth holds weights only; name the model"),
    ],
)
def test_what_cannot_be_added_is_told_before_anything_is_built(
    run: Run, tmp_path: Path, arguments: str, told: str
) -> None:
    (tmp_path / "two").mkdir()
    (tmp_path / "weights.pth").write_bytes(b"")
    for name in "ab":
        (tmp_path / "two" / f"{name}.yml").write_text(
            f"Models:\n- {{Name: {name}, Builder: none}}\n"
        )
    code, out, error = run(arguments)
    assert (code, out) == (2, "") and told in error
    assert not (tmp_path / "model-index.yml").exists()
