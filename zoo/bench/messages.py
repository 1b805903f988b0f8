"""Messages between the benchmark and its worker processes, as JSON. Neither side needs torch to
read them."""

from typing import Any, Literal

import msgspec

from zoo.bench.conditions import BenchConditions
from zoo.bench.protocol import Sampling
from zoo.model_index.ledger.benchmark import Replicate

# the model's package is not installed or not trusted, or memory is short: nothing was learned of
# the model, nothing is recorded
MISSING = "missing"
PARENT = "ZOO_BENCH_PARENT"  # the variable that tells a worker its parent's process id
Purpose = Literal["probe", "replicate", "memory", "energy"]


class WorkerJob(BenchConditions, frozen=True, kw_only=True):
    """The work of one process: a cell's conditions, the model, and what to measure.

    `model` is its name, `builder` (kind, name). `place` is where its input is stated. `path` are
    folders that trusted packages are imported from. `cpus` are those the process may run on, None
    for all that its parent may. `check` asks the worker to compare the output.
    """

    purpose: Purpose
    model: str = ""
    place: str = ""
    builder: tuple[str, str] = ("", "")
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)
    trusted: list[str] = msgspec.field(default_factory=list)
    path: list[str] = msgspec.field(default_factory=list)
    cpus: list[int] | None = None
    seed: int = 0
    check: bool = False
    sampling: Sampling = Sampling()


class WorkerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a job. `failure` is one of `zoo.model_index.ledger.benchmark.FAILURES`, or
    `MISSING`; `error` is its message.

    `environment` and `key` answer a probe; `settings` are torch's switches and the process's limits
    as they were; `given` is the spelling of the input, `shapes` are those of its tensors; `wall`
    are the seconds from the start of the process to its end, as the parent measured them.
    """

    failure: str | None = None
    error: str | None = None
    replicate: Replicate | None = None
    memory: dict[str, int | None] = {}
    energy: dict[str, float | None] = {}
    output: dict[str, float | None] = {}
    environment: dict[str, Any] = {}
    key: dict[str, str | int | None] = {}
    settings: dict[str, Any] = {}
    resolved: str = ""
    weights: str = ""
    given: str = ""
    shapes: list[list[int]] = []
    wall: float = 0.0
