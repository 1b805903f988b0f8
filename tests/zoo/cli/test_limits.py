"""`zoo verify` and models that want too much memory or time: each costs itself, and says how much
it may have and which option allows more."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.command import zoo_command
from zoo.model_index.ledger.store import Ledger

SOURCE = """
import torch
from torch import nn

class Good(nn.Linear):
    def __init__(self):
        super().__init__(8, 4)

    def forward(self, x):
        return super().forward(x.mean((1, 2)))

class ReadsItsParameters(Good):
    def __init__(self):
        super().__init__()
        self.wide = nn.Parameter(torch.empty(1 << 25))  # 0.125 GiB
        self.wide[0].item()
        self.more = nn.Parameter(torch.empty(1 << 25))

class ReadsAnything(Good):
    def __init__(self):
        super().__init__()
        torch.ones(3).sum().item()
        self.layers = nn.ModuleList([nn.Linear(4096, 4096) for _ in range(64)])  # 4 GiB

class Allocates(Good):
    def __init__(self):
        super().__init__()
        torch.zeros(1 << 40, device="cpu")

class NeverEnds(Good):
    def __init__(self):
        super().__init__()
        while True:
            pass
"""
NAMES = ("Good", "ReadsItsParameters", "ReadsAnything", "Allocates", "NeverEnds")


def test_each_costs_itself_and_names_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "greedy.py").write_text(SOURCE)
    rows = [
        f"- {{Name: {name}, Builder: 'greedy:{name}', Metadata: {{Parameters: {claimed}}}}}"
        for name, claimed in zip(NAMES, (36, 36, 77, 36, 36), strict=True)
    ]
    (tmp_path / "index.yml").write_text("\n".join(["Models:", *rows]))
    options = "--trust greedy --jobs 1 --memory-limit 0.2 --time-limit 2 --format json"
    done = subprocess.run(
        zoo_command(f"verify --index index.yml {options}"), capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    rows = [row for row in json.loads(done.stdout) if row["quantity"] == "Parameters"]
    found = {row["model"]: (row["verdict"], row["reason"]) for row in rows}
    verdicts = ("exact", "error", "mismatch", "error", "error")
    assert [found[name][0] for name in NAMES] == list(verdicts)
    for name in ("ReadsItsParameters", "Allocates"):
        assert "--memory-limit allows more" in found[name][1] and "0.2 GiB" in found[name][1]
        assert "enforce fail" not in found[name][1]
    assert "on the meta device RuntimeError: Tensor.item()" in found["ReadsItsParameters"][1]
    assert found["NeverEnds"][1] == "it took more than 2 s of CPU time; --time-limit allows more"
    kept = {path.name for path in Path("ledger/count").iterdir()}
    assert kept == {"Good", "ReadsAnything"}  # the others say nothing about the model
    (evidence,) = Ledger("ledger").of("count", "ReadsAnything")
    assert evidence.construction.way == "parameters on meta"
    assert evidence.tensors.state_bytes == 4 * evidence.parameters
