"""What other tools print: the tools themselves, run in processes of their own, against the table.

`make tools` installs them, each in a folder of its own.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.zoo.counting.tool_models import MODELS, SLOW
from zoo.counting.api import count
from zoo.counting.cost import Cost
from zoo.counting.tools import BY_KEY, TOOLS

ROOT = Path(__file__).parents[3]
FOLDERS = ROOT / ".counting-tools"
# The tools that can stand in one process, and the folder of each; two are there in two versions.
PROCESSES = (
    {
        "torch": "",
        "fvcore": "",
        "mmengine": "mmengine==0.10.7",
        "thop-0.1": "thop==0.1.1.post2209072238",
        "ptflops-0.7": "ptflops==0.7.5",
        "ptflops-aten": "ptflops==0.7.5",
        "torchinfo": "torchinfo==1.8.0",
        "torchprofile": "torchprofile==0.1.0",
        "calflops": "calflops==0.3.2",
        "calflops-macs": "calflops==0.3.2",
        "deepspeed": "deepspeed==0.19.8",
        "deepspeed-macs": "deepspeed==0.19.8",
    },
    {"thop": "thop==0.0.31.post2005241907", "ptflops": "ptflops==0.6.9"},
)
QUICK = tuple(name for name in MODELS if name not in SLOW)
# Tools that nobody can run here: mmcv 1 and Paddle 1 need versions of long ago.
NOT_RUN = {"mmcv", "openmmlab", "paddle"}
# Layers whose numbers the table does not hold, and says why: tool -> models.
REFUSED = {
    "torch": {"lstm", "gru"},
    "ptflops-aten": {"lstm", "gru"},
    "torchprofile": {"lstm", "gru", "multi-head", "vit_b_32"},
}
# torchprofile counts each product of two sizes that its tracer saw.
OFF = {("torchprofile", "swin_t"): -24}
TESTED = [tool for process in PROCESSES for tool in process]


@cache
def printed(names: tuple[str, ...], process: int) -> dict[str, dict[str, int | str]]:
    """What the tools of one process count for models."""
    pairs = [
        f"{tool}={FOLDERS / folder if folder else ''}"
        for tool, folder in PROCESSES[process].items()
        if not folder or (FOLDERS / folder).is_dir()
    ]
    runner = Path(__file__).parent / "tool_runner.py"
    command = [sys.executable, str(runner), ",".join(names), *pairs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    numbers: dict[str, dict[str, int | str]] = json.loads(done.stdout.splitlines()[-1])
    return numbers


@cache
def cost(name: str) -> Cost:
    make, size = MODELS[name]
    return count(make(), size)


def compare(tool: str, names: tuple[str, ...]) -> None:
    process = next(n for n, tools in enumerate(PROCESSES) if tool in tools)
    folder = PROCESSES[process][tool]
    if folder and not (FOLDERS / folder).is_dir():
        pytest.skip(f"{folder} is not installed; `make tools` installs it")
    theirs = printed(names, process)[tool]
    ours = {name: cost(name).count_as(BY_KEY[tool]) for name in names}
    refused = {name for name, row in ours.items() if row.number is None}
    assert refused == REFUSED.get(tool, set()) & set(names)
    assert all("no number: " in ours[name].why for name in refused)
    expected = {
        name: number + OFF.get((tool, name), 0) if isinstance(number, int) else number
        for name, number in theirs.items()
        if name not in refused
    }
    assert {name: ours[name].number for name in expected} == expected


@pytest.mark.parametrize("tool", TESTED)
def test_numbers_are_those_of_the_tool(tool: str) -> None:
    compare(tool, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("tool", TESTED)
def test_numbers_of_larger_models_are_those_of_the_tool(tool: str) -> None:
    compare(tool, SLOW)


def test_every_tool_is_compared_or_known_not_to_be() -> None:
    assert {tool.key for tool in TOOLS} == {*TESTED, *NOT_RUN}
    assert all(tool.call and tool.unit and tool.version for tool in TOOLS)


@pytest.mark.parametrize("name", QUICK)
def test_reasons_add_up(name: str) -> None:
    """The amounts of `why` are those of the terms: they come from the same differences."""
    for row in cost(name).by_convention():
        assert row.why
        if row.number is not None:
            assert row.number == sum(row.terms.values())
