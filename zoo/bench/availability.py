"""Say which cells certainly cannot run on this machine, without importing torch."""

from collections.abc import Collection
from typing import Any

from zoo.bench.engines import ENGINES, training_engines
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.devices import explain_absence
from zoo.models.extras import MissingExtra, require
from zoo.models.inputs import object_to_input


def explain_entry(entry: Entry, trusted: Collection[str]) -> str:
    """Return why the model cannot be built or fed here, and what to type; empty where it can."""
    if objection := object_to_input(entry.input, entry.input_place):
        return objection
    try:
        builders.check_package(entry.builder, trusted)
    except builders.BuilderMissing as error:
        return str(error)
    return ""


def explain_engine(engine: str, device: str) -> str:
    """Return why there is no such engine on such a device here, and what to type; empty where only
    a worker knows."""
    row, kind = ENGINES[engine], device.partition(":")[0]
    if kind not in row.devices:
        return f"{engine} runs on {' or '.join(row.devices)}, not on {device}"
    try:
        require(row.extra)
    except MissingExtra as error:
        return str(error)
    return explain_absence(device)


def explain_cell(conditions: dict[str, Any]) -> str:
    """Return why these conditions of a cell cannot be combined, or not here; empty where only a
    worker knows."""
    engine, device, mode = (conditions[name] for name in ("engine", "device", "mode"))
    return explain_engine(engine, device) or explain_mode(mode, engine, device)


def explain_mode(mode: str, engine: str, device: str) -> str:
    """Return why an engine has no such mode on a device; empty where it has."""
    row = ENGINES[engine]
    if mode == "train" and not row.trains:
        return f"{engine} only infers; the mode train needs {' or '.join(training_engines())}"
    if mode == "device" and not device.startswith("cuda"):
        return f"the mode device replays a CUDA graph; {device} has none"
    if mode == "device" and not row.graph_capture:
        return f"the mode device records calls of torch; {engine} makes its own"
    return ""
