"""What index, options and file names alone rule out is refused before torch is imported."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
INDEX = """
Models:
- {Name: code, Builder: 'myzoo.models:code'}
- {Name: bare, Builder: 'zoo.examples.digits:DigitsCNN'}
- {Name: published, Builder: 'timm:resnet18', Metadata: {Top 1 Accuracy: 70}}
- {Name: remote, Builder: 'timm:resnet18', Weights: 'https://example.org/a.pth'}
- {Name: gone, Builder: 'timm:resnet18', Weights: gone.pth}
- {Name: local, Builder: 'timm:resnet18', Weights: here.pth, Metadata: {Top 1 Accuracy: 70}}
"""
# Runs several commands in one process; prints exit code, first line and the heavy packages of each.
SCRIPT = """
import contextlib, io, json, sys
from zoo.cli import main
answers = []
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["zoo", *arguments]
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        try:
            main()
        except SystemExit as stop:
            code = stop.code
    heavy = sorted({"torch", "timm", "torchvision", "numpy", "datasets"} & set(sys.modules))
    line = errors.getvalue().splitlines()[0]
    answers.append([code, line.removeprefix("zoo: "), heavy])
print(json.dumps(answers))
"""
REFUSALS: Mapping[str, str] = {
    "eval code": "myzoo.models:code is code named by the index; it runs with --trust myzoo",
    "eval bare": ("bare: no local weights: the index names none; give a file with --weights FILE"),
    "eval published": (
        "published: no local weights: the index names none; give a file with --weights FILE, or "
        "add --download for those of timm"
    ),
    "eval remote": (
        "remote: no local weights: https://example.org/a.pth is an address: add --download"
    ),
    "eval gone": "gone: no local weights: gone.pth: no such file beside the index",
    "eval local": (
        "local: give the images with --data; the index claims its accuracy on no data set"
    ),
    "eval local --data nowhere": (
        "no data 'nowhere' (a folder or file, or one of torchvision:..., synthetic:..., digits, "
        "photographs)"
    ),
    "eval local --data digits --weights no.pth": "no.pth: no such file",
    "eval local --data digits --labels no.json": "no.json: no such file",
    "eval local --data digits --class-map no.txt": "no.txt: no such file",
    "eval local --data digits --class-folder up": "--class-folder: no 'up' (outer, inner)",
    "eval local --data digits --precision fp99": (
        "--precision: no 'fp99' (fp32, tf32, amp, bf16, fp16)"
    ),
    "eval local --labels real --dataset CIFAR-10": (
        "--labels real: the labels of ImageNet-ReaL, not of CIFAR-10"
    ),
    "export code": "myzoo.models:code is code named by the index; it runs with --trust myzoo",
    "export bare": (
        "bare: no local weights: the index names none; give a file with --weights FILE; --random "
        "exports random weights"
    ),
    "export gone": (
        "gone: no local weights: gone.pth: no such file beside the index; --random exports random "
        "weights"
    ),
    "export local --to zip": "--to: no 'zip' (onnx, torch_export)",
    "export local --precision int8": "--precision: no 'int8' (fp32, fp16)",
    "export local --output taken.onnx": "taken.onnx: the file exists; --force replaces it",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list]:
    """Exit code, message and imported packages of each command, all run in one child process."""
    folder = tmp_path_factory.mktemp("refusals")
    (folder / "index.yml").write_text(INDEX)
    (folder / "here.pth").write_bytes(b"")
    (folder / "taken.onnx").write_bytes(b"")
    commands = [[*command.split(), "--index", "index.yml"] for command in REFUSALS]
    script = [sys.executable, "-c", SCRIPT, json.dumps(commands)]
    done = subprocess.run(script, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(zip(REFUSALS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("command", REFUSALS)
def test_a_refusal_imports_nothing_heavy(command: str, answers: dict[str, list]) -> None:
    assert answers[command] == [2, REFUSALS[command], []]
