"""The conditions of a benchmark cell: what to measure, apart from the model and the machine."""

from typing import Any

import msgspec

from zoo.model_index.ledger.benchmark import Mode
from zoo.model_index.records.input_spec import PROPOSED


class BenchConditions(msgspec.Struct, frozen=True, kw_only=True):
    """One combination of what `zoo bench` measures; its fields are the cell's conditions.

    `engine_options` are those that the engine's row names. `input` is the
    spelling of what the index or a person states, `proposed` for what the builder proposes. A cell
    in the ledger has one condition more, `key`: where it was measured and with which versions, so
    that one ledger holds the records of several machines.
    """

    engine: str = "eager"
    engine_options: dict[str, Any] = {}
    device: str = "cpu"
    precision: str = "fp32"
    batch_size: int = 1
    input: str = PROPOSED
    channels_last: bool = False
    threads: int = 1
    mode: Mode = "latency"
    l2: str = "none"


CONDITIONS = BenchConditions.__struct_fields__
