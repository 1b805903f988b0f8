"""Words for the conditions of benchmarks, and which of them several cells have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

from zoo.model_index.records.input_spec import PROPOSED
from zoo.model_index.records.input_text import parse_input

# Column of a table -> how its value reads in a sentence.
PHRASES = {
    "Model": "{}",
    "Engine": "{}",
    "Device": "{}",
    "Threads": "{} threads",
    "Precision": "{}",
    "Batch": "batch {}",
    "Input": "{}",
    "Layout": "{}",
    "Mode": "{}",
    "Cache": "{}",
}
NUMBERS = ("Threads", "Batch")


def describe_conditions(model: str, conditions: Mapping[str, Any]) -> dict[str, str]:
    """Return the conditions of a cell by column, "" for what goes without saying.

    `conditions` are those of a cell, or the part of them that two cells share.
    """
    get = conditions.get
    mode, given, threads = get("mode"), get("input"), get("threads")
    options = [
        str(value)
        for value in (get("engine_options") or {}).values()
        if value not in ("default", mode)
    ]
    engine = str(get("engine") or "")
    return {
        "Model": model,
        "Engine": f"{engine} ({', '.join(options)})" if options else engine,
        "Device": str(get("device") or ""),
        "Threads": str(threads) if threads and get("device", "cpu") == "cpu" else "",
        "Precision": str(get("precision") or ""),
        "Batch": str(get("batch_size") or ""),
        "Input": "" if given in (None, PROPOSED) else _show_input(str(given)),
        "Layout": "channels last" if get("channels_last") else "",
        "Mode": str(mode or ""),
        "Cache": "cold cache" if get("l2") == "cold" else "",
    }


def _show_input(spelling: str) -> str:
    """Return the spelling of an input for people: of one image its size alone."""
    try:
        return parse_input(spelling).show()
    except ValueError:
        return spelling


def split_common(rows: Sequence[Mapping[str, str]]) -> tuple[dict[str, str], list[str]]:
    """Return what all rows have in common, and the columns in which they differ."""
    common = {
        name: value for name, value in rows[0].items() if all(row[name] == value for row in rows)
    }
    return common, [name for name in rows[0] if name not in common]


def in_words(row: Mapping[str, str]) -> str:
    """Return `dpn68, eager, cpu, 2 threads, fp32, batch 1, latency`."""
    phrases = [
        PHRASES.get(name, "{}").format(value).removesuffix("s" if value == "1" else "")
        for name, value in row.items()
        if value
    ]
    return ", ".join(phrases)
