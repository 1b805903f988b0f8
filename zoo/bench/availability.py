"""Say which cells certainly cannot run on this machine, without importing torch."""

from collections.abc import Collection
from typing import Any

from zoo.bench.engines import ENGINES, NO_LISTS, training_engines
from zoo.model_index.records.input_spec import PROPOSED
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.devices import explain_absence
from zoo.models.extras import MissingExtra, require


def explain_entry(entry: Entry, trusted: Collection[str]) -> str:
    """Return why the model cannot be built here, and what to type; empty where it can."""
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
    reasons = (
        explain_engine(engine, device),
        explain_mode(mode, engine, device),
        explain_input(engine, conditions.get("input", PROPOSED)),
    )
    return next(filter(None, reasons), "")


def explain_input(engine: str, spelling: str) -> str:
    """Return why an engine cannot be given an input; empty where it can, or where only a worker
    knows the input."""
    listed = spelling != PROPOSED and parse_input(spelling).listed
    if not listed or ENGINES[engine].lists:
        return ""
    others = " and ".join(name for name, row in ENGINES.items() if row.lists)
    return f"{NO_LISTS} ({spelling}); {others} run it"


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
