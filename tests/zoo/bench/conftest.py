"""What the tests of benchmarks share: toy models that misbehave, cells of them, and a worker that
only pretends."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from zoo.bench.messages import WorkerAnswer, WorkerJob
from zoo.bench.plan import Grid, Item, plan, validate
from zoo.bench.protocol import Sampling
from zoo.model_index.ledger.benchmark import Replicate, Warmup
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.records.input_spec import image_input
from zoo.model_index.records.records import Entry

TOYS = '''
import os, signal, sys, time
import torch
from torch import nn

class Busy(nn.Module):
    """Work for so many milliseconds and note how long that took on a shared machine."""
    def __init__(self, milliseconds=5.0):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.seconds = milliseconds / 1000
    def forward(self, x):
        start = time.perf_counter()
        while (now := time.perf_counter()) < start + self.seconds:
            pass
        with open(__file__ + ".noted", "a") as file:
            file.write(f"{now - start}\\n")
        return x.mean((2, 3)) * self.scale

class Raises(nn.Module):
    def forward(self, x):
        raise ValueError("no forward today\\nand no second line")

class Large(nn.Module):
    def forward(self, x):
        return torch.empty(len(x), 1 << 50, device=x.device)

class Dies(nn.Module):
    def forward(self, x):
        print("about to die", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)

class Leaves(nn.Module):
    def forward(self, x):
        sys.exit("leaving")

class Sleeps(nn.Module):
    def forward(self, x):
        time.sleep(600)

class Talks(nn.Module):
    """Prints from Python and from C, and gives its first call's rows."""
    def forward(self, x):
        print("a line that is no answer")
        os.write(1, b"{}\\n")
        return x.mean((2, 3))

class Wanders(nn.Module):
    """Another output at each call."""
    def __init__(self):
        super().__init__()
        self.calls = 0
    def forward(self, x):
        self.calls += 1
        return x.mean((2, 3)) + self.calls

class OfTheBatch(nn.Module):
    """Normalises by the mean of the batch."""
    def forward(self, x):
        return x.mean((2, 3)) - x.mean((0, 2, 3))

class SecondWrong(nn.Module):
    """Computes another second output where it is given reduced precision."""
    def forward(self, x):
        y = x.mean((2, 3))
        return {"first": y, "second": y + (x.dtype is not torch.float32)}
'''
QUICK = Sampling(
    window_seconds=0.0,
    warm_seconds=1.0,
    samples=5,
    seconds=0.0,
    most=20,
    longest=5.0,
    block_seconds=0.01,
    blocks=3,
)


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path with the module `benchtoys`."""
    (tmp_path / "benchtoys.py").write_text(TOYS)
    sys.modules.pop("benchtoys", None)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def entries(toys: Path, read: Callable[[str], list[Entry]]) -> Callable[..., list[Entry]]:
    """Entries of toys by the names of their classes."""

    def made(*names: str) -> list[Entry]:
        models = (f"- {{Name: {name.lower()}, Builder: 'benchtoys:{name}'}}\n" for name in names)
        return read("Models:\n" + "".join(models))

    return made


@pytest.fixture
def items(entries: Callable[..., list[Entry]], tmp_path: Path) -> Callable[..., list[Item]]:
    """Cells of toys: `items("Busy", "Raises", modes=("latency",))`."""

    def made(*names: str, **asked: Any) -> list[Item]:
        options = validate(Grid(**({"input": image_input((8, 8)), "threads": 1} | asked)))
        return plan(entries(*names), options, Ledger(tmp_path / "ledger"))

    return made


class Pretender:
    """Answers jobs without a process. `seconds` gives the median of a cell's next process; time
    passes as told."""

    def __init__(
        self,
        seconds: Callable[[WorkerJob, int], float] = lambda job, count: 1.0,
        each: float = 10.0,
    ):
        self.seconds, self.each = seconds, each
        self.now = 0.0
        self.jobs: list[WorkerJob] = []
        self.failing: dict[str, WorkerAnswer] = {}
        self.flags: dict[int, list[str]] = {}
        self.interrupt_at: int | None = None
        self.probe_wall = 0.0

    def clock(self) -> float:
        return self.now

    def asked(self, purpose: str) -> list[str]:
        """The models that were asked for with this purpose, in order."""
        return [job.model for job in self.jobs if job.purpose == purpose]

    def __call__(self, job: WorkerJob, timeout: float) -> WorkerAnswer:
        self.jobs.append(job)
        if job.purpose == "probe":
            key: dict[str, str | int | None] = {
                "device": "Pretended CPU",
                "engine": job.engine,
                "quota": None,
            }
            return self.failing.get(job.engine) or WorkerAnswer(
                key=key, environment={"cpu": "Pretended CPU"}, wall=self.probe_wall
            )
        count = len(self.asked("replicate"))
        if self.interrupt_at == count:
            raise KeyboardInterrupt
        self.now += self.each
        if job.model in self.failing:
            return msgspec.structs.replace(self.failing[job.model], wall=self.each)
        if job.purpose == "memory":
            return WorkerAnswer(memory={"allocated": None, "host_peak": 1 << 20}, wall=self.each)
        flags = self.flags.get(count, [])
        replicate = Replicate(
            samples=[self.seconds(job, count)], warmup=Warmup(6, 0.1, True), flags=flags
        )
        output = {"max_abs": 0.0, "tolerance": 0.1, "samples": 1.0} if job.check else {}
        return WorkerAnswer(
            replicate=replicate,
            output=output,
            wall=self.each,
            settings={"threads": 1},
            resolved="toy",
            given="8x8 image",
            shapes=[[1, 3, 8, 8]],
        )


@pytest.fixture
def pretender() -> Pretender:
    return Pretender()


@pytest.fixture
def quick() -> Sampling:
    """Few calls, for processes whose numbers do not matter."""
    return QUICK


def _job(name: str, **fields: Any) -> WorkerJob:
    given: dict[str, Any] = {
        "purpose": "replicate",
        "engine": "eager",
        "device": "cpu",
        "model": name.lower(),
        "builder": ("callable", f"benchtoys:{name}"),
        "trusted": ["benchtoys"],
        "input": "8x8 image",
        "sampling": QUICK,
    }
    return WorkerJob(**(given | fields))


@pytest.fixture
def job(toys: Path) -> Callable[..., WorkerJob]:
    """A job on a toy that can be imported: `job("Busy", mode="latency")`."""
    return _job


@pytest.fixture(scope="session")
def many() -> Callable[..., WorkerJob]:
    """The same for those who bring the toys themselves."""
    return _job


@pytest.fixture(scope="session")
def toys_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the module `benchtoys`, not on this process's import path."""
    folder = tmp_path_factory.mktemp("toys")
    (folder / "benchtoys.py").write_text(TOYS)
    return folder
