"""The request to benchmark models, as plain data: the command line makes it, jobs carry it as
JSON."""

import msgspec


class BenchRequest(msgspec.Struct, frozen=True, kw_only=True, tag="bench"):
    """Which models to benchmark, and how; see `zoo bench --help`.

    Lists (`engine` to `mode`), times (`budget`, `timeout`) and inputs are as they are typed:
    `fp32,fp16`, `10m`, `224x285`, `16x112x112 clip`.
    """

    names: tuple[str, ...]
    engine: str = "eager"
    device: str = "cpu"
    precision: str = "fp32"
    batch_size: str = "1"
    mode: str = "latency"
    channels_last: bool = False
    threads: int | None = None
    budget: str | None = None
    replicates: int = 10
    l2: str = "none"
    input_size: str | None = None
    input: str | None = None
    compile_mode: str = "default"
    timeout: str = "10m"
    energy: bool = False
    seed: int = 0
    plan: bool = False
    index: tuple[str, ...] = ()
    ledger: str = "ledger"
    fresh: bool = False
    trust: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
