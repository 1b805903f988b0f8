"""Columns of what was timed: named by the device, with set-up and interval."""

import json
from collections.abc import Callable

from tests.reporting.columns import column_of
from tests.reporting.views.test_benchmarks import CPU, GPU, bench, index, model
from zoo.model_index.ledger.store import Evidence
from zoo.reporting.downloads.models_table import files
from zoo.reporting.pages.columns import Column
from zoo.reporting.pages.settings import Settings
from zoo.reporting.pages.speed_columns import speed_columns
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo

ZooOf = Callable[[str], Zoo]
TEXT = index(model("ant", "Ant", "70%"), model("ant2", "Ant", "72%"), model("bee", "Bee", "71%"))


def timed(zoo_of: ZooOf, *documents: Evidence) -> Zoo:
    """A zoo of three models with these records."""
    evidence = {document.cell.key: document for document in documents}
    return Zoo(index=zoo_of(TEXT).index, findings=(), evidence=evidence, primary={})


def latencies(zoo: Zoo) -> list[Column]:
    records = site_of(zoo, Settings()).records
    return [column for column in speed_columns(records) if column.unit == "ms"]


def test_a_device_names_the_column_and_a_line_has_the_set_up(zoo_of: ZooOf) -> None:
    gpu, cpu = latencies(timed(zoo_of, bench("ant"), bench("bee"), bench("ant", 0.04, machine=CPU)))
    assert [(column.label, column.note) for column in (gpu, cpu)] == [
        ("GPU latency", ""),
        ("CPU latency", ""),
    ]
    assert gpu.setup == f"{GPU}, eager, torch 2.11.0, fp32, batch size 1"
    assert cpu.setup == f"{CPU}, eager, torch 2.11.0, fp32, batch size 1"


def test_a_note_says_in_what_two_set_ups_differ(zoo_of: ZooOf) -> None:
    first, second = latencies(
        timed(zoo_of, bench("ant"), bench("bee"), bench("ant", precision="fp16"))
    )
    assert (first.note, second.note) == ("fp32", "fp16")  # the one with most models first


def test_the_file_has_intervals_and_the_set_up(zoo_of: ZooOf) -> None:
    zoo = timed(zoo_of, bench("ant", 0.0123456))
    text = next(str(file.data) for file in files(site_of(zoo, Settings())) if "json" in file.path)
    key = next(c["key"] for c in json.loads(text)["columns"] if c["key"].startswith("latency-"))
    column = column_of(text, key)
    assert column["values"] == [12.3456, None, None] and column["measured"]
    (low, *_), (high, *_) = column["low"], column["high"]
    assert low < 12.3456 < high and column["low"][1:] == [None, None]
    assert column["setup"].startswith(f"{GPU}, eager")
