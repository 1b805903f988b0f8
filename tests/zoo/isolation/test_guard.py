"""A model that runs in the process of the command: its output is standard error, it cannot leave,
and folders and limits are as before."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import zoo_command
from zoo.isolation.guard import ModelExit, guard_process

MODELS = Path(__file__).parent.parent / "counting"
ENTRY = """
Models:
- Name: {name}
  Builder: {{Name: 'hostile_models:Digits', Arguments: {arguments}}}
  Weights: digits.pth
  Metadata: {{Image Size: 8, Crop Pct: 1.0, Interpolation: bilinear, Mean: 0.5, Std: 0.5}}
"""


def test_what_a_model_prints_is_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    with guard_process():
        print("printed")
        os.write(1, b"written\n")
        sys.stdout.close()
        os.close(1)
    print("ours")
    sys.stdout.flush()
    os.write(1, b"ours too\n")
    output = capfd.readouterr()
    assert output.out == "ours\nours too\n"
    assert sorted(output.err.split()) == ["printed", "written"]


def test_a_closed_descriptor_stays_closed() -> None:
    program = (
        "import os\nfrom zoo.isolation.guard import guard_process\nos.close(1)\n"
        "with guard_process():\n    os.write(1, b'e')\n"
        "try:\n    os.write(1, b'o')\nexcept OSError:\n    os._exit(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert (done.returncode, done.stderr) == (7, b"e")


def _raise(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        (lambda: os._exit(0), ModelExit, "the model tried to end the process with exit code 0"),
        (lambda: sys.exit(0), ModelExit, "the model raised SystemExit: 0"),
        (lambda: _raise(BaseException("x")), ModelExit, "the model raised BaseException: x"),
        (lambda: _raise(ValueError("x")), ValueError, "x"),
        (lambda: _raise(KeyboardInterrupt()), KeyboardInterrupt, "$"),
    ],
)
def test_leaving_is_an_error(
    action: Callable[[], None], error: type[BaseException], message: str
) -> None:
    leave = os._exit
    with pytest.raises(error, match=message), guard_process():
        action()
    assert os._exit is leave


def test_a_process_that_is_forked_may_leave() -> None:
    with guard_process():
        child = os.fork()
        if not child:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


def test_folder_and_limit_of_recursion_are_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    limit = sys.getrecursionlimit()
    with guard_process():
        os.chdir("/")
        sys.setrecursionlimit(limit + 100)
    assert (Path.cwd(), sys.getrecursionlimit()) == (tmp_path, limit)


@pytest.fixture
def zoo(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command over models of digits, each with what it does while it is built or runs."""
    import torch

    torch.save(
        {"linear.weight": torch.zeros(10, 64), "linear.bias": torch.zeros(10)},
        tmp_path / "digits.pth",
    )

    def run(command: str, **models: dict[str, str]) -> subprocess.CompletedProcess[str]:
        entries = (
            ENTRY.format(name=name, arguments=json.dumps(does)).replace("\nModels:", "")
            for name, does in models.items()
        )
        (tmp_path / "index.yml").write_text("Models:" + "".join(entries))
        options = f"--index index.yml --trust hostile_models --path {MODELS}"
        return subprocess.run(
            zoo_command(f"{command} {options}"), cwd=tmp_path, capture_output=True, text=True
        )

    return run


def test_evaluating_survives_its_models(
    zoo: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """Those that leave are errors of their own; the others are evaluated, in whole JSON."""
    done = zoo(
        "eval * --data digits --limit 64 --batch-size 32 --format json",
        plain={},
        prints={"builds": "prints", "runs": "prints"},
        closes={"builds": "closes"},
        moves={"builds": "moves", "runs": "moves"},
        leaves={"builds": "leaves"},
        leaves_later={"runs": "leaves"},
        exits={"runs": "exits"},
        raises={"runs": "raises"},
    )
    assert done.returncode == 2, done.stderr
    rows = {row["model"]: row for row in json.loads(done.stdout)}
    assert {"plain", "prints", "closes", "moves"} <= rows.keys()
    top1 = [rows[name]["evaluation"]["top1"] for name in ("plain", "prints", "closes", "moves")]
    assert top1 == [top1[0]] * 4 and "injected" in done.stderr
    assert len(list(tmp_path.glob("ledger/eval/moves/*.json"))) == 1


@pytest.mark.parametrize("action", ["leaves", "exits", "raises", "interrupts"])
@pytest.mark.parametrize("when", ["builds", "runs"])
@pytest.mark.slow
def test_no_command_that_did_not_finish_ends_with_0(
    zoo: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, when: str, action: str
) -> None:
    for command in (
        "eval model --data digits --limit 64",
        "export model --random --to torch_export",
        "bench model --replicates 1 --timeout 60s --budget 30s",
    ):
        done = zoo(command, model={when: action})
        assert done.returncode in (1, 2, 130), (command, done)


@pytest.mark.slow
def test_an_exported_file_lies_where_it_was_asked_for(
    zoo: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    does = {"builds": "moves", "runs": "prints"}
    done = zoo("export model --to torch_export --output model.pt2", model=does)
    assert done.returncode == 0 and "injected" not in done.stdout, done.stderr
    assert (tmp_path / "model.pt2").is_file() and list(tmp_path.glob("ledger/export/*/*.json"))
