"""What the parent asks of a worker and what it is told, as JSON. Neither side needs torch to read
it."""

from typing import Any, Literal

import msgspec

from zoo.bench.protocol import Sampling
from zoo.model_index.ledger.benchmark import Mode, Replicate

# the model's package is not installed or not trusted: nothing was learned, nothing is recorded
MISSING = "missing"
PARENT = "ZOO_BENCH_PARENT"  # the variable that tells a worker its parent's process id
Purpose = Literal["probe", "replicate", "memory", "energy"]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One process's work.

    `model` is its name, `builder` (kind, name). `input_size` is (height, width), None for the
    configured one. `cpus` are those the process may run on, None for all that its parent may.
    `check` asks for the output to be compared.
    """

    purpose: Purpose
    engine: str
    device: str
    model: str = ""
    builder: tuple[str, str] = ("", "")
    arguments: dict[str, Any] = {}
    trusted: list[str] = []
    engine_options: dict[str, Any] = {}
    precision: str = "fp32"
    batch_size: int = 1
    input_size: tuple[int, int] | None = None
    channels_last: bool = False
    threads: int = 1
    cpus: list[int] | None = None
    mode: Mode = "latency"
    l2: str = "none"
    seed: int = 0
    check: bool = False
    sampling: Sampling = Sampling()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `failure` is one of `zoo.model_index.ledger.benchmark.FAILURES`, or
    `MISSING`; `error` says more.

    `environment` and `key` answer a probe; `settings` are torch's switches and the process's limits
    as they were; `wall` are the seconds from the start of the process to its end, as the parent saw
    them.
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
    shape: list[int] = []
    wall: float = 0.0
