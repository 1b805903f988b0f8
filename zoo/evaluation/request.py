"""The request to evaluate models, as plain data: the command line makes it, jobs carry it as
JSON."""

import msgspec

PRECISIONS = ("fp32", "tf32", "amp", "bf16", "fp16")  # the more precise first


class EvalRequest(msgspec.Struct, frozen=True, kw_only=True, tag="eval"):
    """Which models to evaluate, on which images and how; see `zoo eval --help`.

    `tolerance` is in percentage points, as it is typed; `confidence` is a probability below 1.
    """

    names: tuple[str, ...]
    data: str | None = None
    split: str | None = None
    root: str | None = None
    dataset: str | None = None
    condition: tuple[str, ...] = ()
    class_map: str | None = None
    class_folder: str | None = None
    labels: str | None = None
    weights: str | None = None
    download: bool = False
    allow_host: tuple[str, ...] = ()
    device: str = "auto"
    precision: str = "fp32"
    batch_size: int = 64
    workers: int | None = None
    check: bool = False
    tolerance: str = "0.5"
    confidence: float = 0.99
    limit: int | None = None
    seed: int = 0
    sensitivity: bool = False
    index: tuple[str, ...] = ()
    ledger: str = "ledger"
    fresh: bool = False
    trust: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
