"""Benchmarks on the pages: measured records by machine, reported numbers by page, and nothing of
both on one axis."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from zoo.model_index.ledger.benchmark import Benchmark, Replicate
from zoo.model_index.ledger.store import Cell, Evidence
from zoo.reporting.plots.benchmarks import BenchmarkPlot, benchmark_plots, of_family
from zoo.reporting.plots.canvas import WIDE
from zoo.reporting.plots.layout import layout
from zoo.reporting.views.benchmarks import (
    all_records,
    benchmark_row,
    records,
    reported_table,
    significant,
)
from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.machines import machines

pytestmark = pytest.mark.usefixtures("quick_figures")

GPU, CPU = "Acme GPU 9", "Acme CPU"
NO_CUDA = "No CUDA record exists: no benchmark in this ledger was measured on a CUDA device."


def model(
    name: str, family: str, top1: str, times: Sequence[str] = (), publisher: str = "Acme"
) -> str:
    listed = "".join(f"\n        - {{{time}}}" for time in times)
    inner = f"\n      Inference Time (ms):{listed}" if times else " {}"
    return f"""
- Name: {name}
  In Collection: {family}
  Metadata: {{Layers: 5}}
  Results:
  - {{Task: Image Classification, Dataset: ImageNet, Metrics: {{Top 1 Accuracy: {top1}}}}}
  Reported:
  - Publisher: {publisher}
    Source: https://acme.example/first.md
    Metadata:{inner}
"""


def index(*models: str) -> str:
    families = "".join(f"- Name: {name}\n" for name in ("Ant", "Bee"))
    return f"Library: {{Name: Acme}}\nCollections:\n{families}Models:{''.join(models)}"


def bench(
    name: str,
    seconds: float = 0.002,
    batch: int = 1,
    mode: str = "latency",
    machine: str = GPU,
    **changes: Any,
) -> Evidence:
    """A record of five processes of 30 samples; `changes` are of its conditions, or `failure`."""
    device = "cuda" if machine == GPU else "cpu"
    key = {
        "device": machine,
        "driver": "570" if device == "cuda" else None,
        "protocol": 1,
        "engine": "eager",
        "engine_version": "torch 2.11.0",
        "quota": None,
    }
    failure = changes.pop("failure", None)
    memory = changes.pop("memory", {"allocated": 5_000_000 * batch, "host_peak": None})
    started = changes.pop("started_at", "2026-11-24T10:00:00+00:00")
    conditions = {
        "engine": "eager",
        "engine_options": {},
        "device": device,
        "precision": "fp32",
        "batch_size": batch,
        "input": "proposed",
        "channels_last": False,
        "threads": 2,
        "mode": mode,
        "l2": "none",
        "key": key,
    }
    calls = 1 if mode == "latency" else 10
    spread = (0.99, 0.995, 1.0, 1.005, 1.01)
    found = Benchmark(
        mode=mode,
        batch_size=batch,
        key=key,
        stopped="precise",
        output={"max_abs": 1e-6},
        memory=memory,
        resolved=f"{name}.v1",
        input=changes.pop("given", "224x224 image"),
        weights="random, seed 0",
        replicates=[
            Replicate(
                samples=[seconds * calls * part] * 30,
                calls=calls,
                flags=["warmup_not_converged"] if part == 1.0 else [],
            )
            for part in spread
        ],
    )
    return Evidence(
        cell=Cell(
            kind="bench",
            model=name,
            builder=f"timm:{name}",
            builder_version="timm 1",
            tool="zoo-bench/2",
            conditions=conditions | changes,
        ),
        outcome="failed" if failure else "measured",
        values={"failure": failure, "mode": mode, "batch_size": batch}
        if failure
        else msgspec.to_builtins(found),
        error="no more memory" if failure else None,
        environment={
            "cpu": "Acme CPU",
            "host": "h1",
            "memory_bytes": 2**30,
            "versions": {"torch": "2.11.0"},
            "governor": None,
            "distributions": "0af3",
        },
        command=f"zoo bench {name} --batch-size {batch}",
        started_at=started,
    )


@pytest.fixture
def zoo(zoo_of: Callable[[str], Zoo]) -> Callable[..., Zoo]:
    """A zoo of two families, three models, and these records."""

    def make(*documents: Evidence, text: str | None = None) -> Zoo:
        made = zoo_of(
            text
            or index(
                model("ant", "Ant", "70%"), model("ant2", "Ant", "72%"), model("bee", "Bee", "71%")
            )
        )
        return Zoo(
            index=made.index,
            findings=(),
            evidence={document.cell.key: document for document in documents},
            primary={},
        )

    return make


def drawn(zoo: Zoo) -> list[BenchmarkPlot]:
    catalogue = Catalogue.of(zoo)
    return benchmark_plots(catalogue, all_records(catalogue))


def titles(zoo: Zoo) -> list[str]:
    return [each.plot.title for each in drawn(zoo)]


def test_a_record_in_words(zoo: Callable[..., Zoo]) -> None:
    (found,) = records(Catalogue.of(zoo(bench("ant", 0.0123456, channels_last=True))).models[0])
    made = benchmark_row(found)
    assert (made.record.machine, made.record.engine) == (GPU, "eager, torch 2.11.0, channels last")
    assert (made.latency, made.interval, made.rate) == ("12.35", "12.22 to 12.47", "81.00")
    assert (made.p90, made.p99) == (
        "12.47",
        "",
    )  # 150 samples are enough for one and not for the other
    assert (made.memory, made.memory_kind, made.flags) == (
        "5.00 MB",
        "allocated",
        "warmup not converged",
    )
    assert made.facts == (
        ("Processes", "5, 150 samples; stopped by: precise"),
        ("Memory", "allocated 5.00 MB"),
        ("Output against float32 on the CPU", "max abs 1e-06"),
        ("Model", "ant.v1, weights: random, seed 0"),
    )


def test_what_is_no_image_shares_no_axis_and_no_unit(zoo: Callable[..., Zoo]) -> None:
    clip = bench("bee", given="16x112x112 clip")
    other = bench("ant", input="96x96 image", given="96x96 image")
    made = zoo(bench("ant"), bench("ant2"), other, clip)
    rows = [benchmark_row(record) for record in all_records(Catalogue.of(made))]
    assert sorted((row.record.engine, row.rate_unit) for row in rows) == [
        ("eager, torch 2.11.0", "images/s"),
        ("eager, torch 2.11.0", "images/s"),
        ("eager, torch 2.11.0, at 96x96", "images/s"),
        ("eager, torch 2.11.0, with 16x112x112 clip", "samples/s"),
    ]
    assert len({row.record.setup for row in rows}) == 3


def test_blocks_have_no_quantiles_and_parts_are_told(zoo: Callable[..., Zoo]) -> None:
    document = bench("ant", mode="train")
    document.values["replicates"] = [
        msgspec.to_builtins(Replicate(samples=[0.5], parts={"forward": [0.2], "backward": [0.3]})),
    ]
    block = bench("ant", mode="throughput")
    first, second = (
        benchmark_row(record) for record in records(Catalogue.of(zoo(document, block)).models[0])
    )
    assert (first.record.mode, first.p90, first.p99) == ("throughput", "", "")
    assert (second.record.mode, second.interval) == ("train", "")
    assert ("Parts", "forward 200.0 ms, backward 300.0 ms") in second.facts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0123456, "0.01235"),
        (1.0, "1.000"),
        (12.3456, "12.35"),
        (9999.6, "10,000"),
        (123456.7, "123,457"),
        (0, "0"),
    ],
)
def test_four_digits(value: float, text: str) -> None:
    assert significant(value) == text


def test_the_page_of_a_model(
    zoo: Callable[..., Zoo], rendered: Callable[[Zoo], dict[str, str]]
) -> None:
    page = rendered(zoo(bench("ant"), bench("ant", batch=4, failure="out of memory")))[
        "models/ant.md"
    ]
    assert f'<a href="../../machines/acme-gpu-9/">{GPU}</a>' in page
    assert "failed: out of memory: no more memory" in page
    assert "<code>zoo bench ant --batch-size 1</code>" in page
    assert re.search(r"<code>ledger/bench/ant/[0-9a-f]{16}\.json</code>", page)
    assert NO_CUDA not in page


def test_a_failed_record_on_cuda_is_none(
    zoo: Callable[..., Zoo], rendered: Callable[[Zoo], dict[str, str]]
) -> None:
    pages = rendered(zoo(bench("ant", failure="crashed"), bench("ant", machine=CPU)))
    assert "None of them is a CUDA device." in pages["machines/index.md"]


def test_without_any_record(
    zoo: Callable[..., Zoo], rendered: Callable[[Zoo], dict[str, str]]
) -> None:
    pages = rendered(zoo())
    assert "Nothing was benchmarked yet." in pages["machines/index.md"]
    assert 'id="benchmarks"' not in pages["models/ant.md"]
    assert "speed" not in pages["families/ant.md"]
    assert [path for path in pages if path.startswith("machines/")] == ["machines/index.md"]


def test_the_page_of_a_machine(
    zoo: Callable[..., Zoo], rendered: Callable[[Zoo], dict[str, str]]
) -> None:
    made = zoo(
        bench("ant", started_at="2026-11-23T10:00:00+00:00"),
        bench("bee"),
        bench("bee", machine=CPU),
    )
    found = machines(all_records(Catalogue.of(made)))
    assert [(each.name, each.page, len(each.rows), each.models) for each in found] == [
        (CPU, "machines/acme-cpu.md", 1, 1), (GPU, "machines/acme-gpu-9.md", 2, 2),
    ]  # fmt: skip
    assert found[1].facts == [
        ("cpu", "Acme CPU"),
        ("driver", "570"),
        ("host", "h1"),
        ("memory", "1.07 GB"),
        ("protocol", "1"),
        ("versions torch", "2.11.0"),
    ]
    page = rendered(made)["machines/acme-gpu-9.md"]
    assert "2 records, 2026-11-23 – 2026-11-24" in page
    assert '<a href="../../models/bee/">bee</a>' in page


def test_accuracy_against_latency_joins_families_and_draws_intervals(
    zoo: Callable[..., Zoo],
) -> None:
    made = drawn(zoo(bench("ant", 0.001), bench("ant2", 0.003), bench("bee", 0.002)))[0]
    assert made.plot.title == (
        f"{GPU}, eager, torch 2.11.0, fp32, batch 1: Best for their latency: ant2, bee, ant"
    )
    assert made.plot.x_label == "ms for a batch of 1"
    assert [(p.label, p.x, p.y) for p in made.plot.points] == [
        ("ant", 1, 70),
        ("ant2", 3, 72),
        ("bee", 2, 71),
    ]
    assert all(p.x_span and p.x_span[0] < p.x < p.x_span[1] for p in made.plot.points)
    placed = layout(made.plot, WIDE)
    assert [(series, len(spots)) for series, spots in placed.lines] == [
        (0, 2)
    ]  # bee is alone in its family
    assert all(len(spot.spans) == 1 for spot in placed.placed)


def test_machines_and_keys_have_plots_of_their_own(zoo: Callable[..., Zoo]) -> None:
    pair = [bench("ant"), bench("ant2")]
    others = [bench("ant", threads=1), bench("ant2", precision="fp16"), bench("bee", machine=CPU),
              bench("bee", channels_last=True), bench("bee", batch=4)]  # fmt: skip
    plots = [each.plot for each in drawn(zoo(*pair, *others)) if each.plot.batch]
    assert [[point.label for point in plot.points] for plot in plots] == [["ant", "ant2"]]
    assert len({each.plot.key for each in drawn(zoo(*pair, *others))}) == len(
        drawn(zoo(*pair, *others))
    )


def test_the_newest_record_of_a_cell_is_drawn(zoo: Callable[..., Zoo]) -> None:
    old = bench("ant", 0.009, started_at="2025-01-01T00:00:00+00:00")
    old = msgspec.structs.replace(
        old, cell=msgspec.structs.replace(old.cell, builder_version="timm 0")
    )
    made = drawn(zoo(old, bench("ant", 0.001), bench("ant2")))[0]
    assert [(p.label, p.x) for p in made.plot.points] == [("ant", 1.0), ("ant2", 2.0)]


def test_latency_against_batch_size(zoo: Callable[..., Zoo]) -> None:
    found = zoo(*(bench("ant", 0.001 * batch, batch) for batch in (1, 4, 64)), bench("bee"))
    (plot,) = [each.plot for each in drawn(found) if each.plot.short == "Latency by batch size"]
    assert [(p.label, p.x, p.y, p.labelled) for p in plot.points] == [
        ("ant", 1, 1, False), ("ant", 4, 4, False), ("ant", 64, 64, True),
    ]  # fmt: skip
    made = layout(plot, WIDE)
    assert made.x.ticks == (1, 4, 64) and not made.frontier
    assert [len(spots) for _, spots in made.lines] == [3]


def test_throughput_against_memory(zoo: Callable[..., Zoo]) -> None:
    both = [
        bench("ant", 0.001, batch, mode) for mode in ("latency", "throughput") for batch in (1, 4)
    ]
    (plot,) = [
        each.plot for each in drawn(zoo(*both)) if each.plot.short == "Throughput against memory"
    ]
    assert plot.x_label == "Memory, allocated (bytes)"
    assert [(p.label, p.x, round(p.y)) for p in plot.points] == [
        ("ant, 1", 5e6, 1000),
        ("ant, 4", 2e7, 4000),
    ]
    assert titles(zoo(*(bench("ant", batch=b, memory={"host_peak": None}) for b in (1, 4)))) == [
        f"{GPU}, eager, torch 2.11.0, fp32: at batch 4 ant is the fastest"
    ]


def test_amounts_of_different_kinds_share_no_axis(zoo: Callable[..., Zoo]) -> None:
    mixed = [bench("ant"), bench("ant", batch=4, memory={"host_peak": 5})]
    assert not any("memory" in title for title in titles(zoo(*mixed)))


def test_ties_are_on_the_frontier_together(zoo: Callable[..., Zoo]) -> None:
    text = index(
        model("ant", "Ant", "70%"), model("ant2", "Ant", "70%"), model("bee", "Bee", "60%")
    )
    made = drawn(zoo(bench("ant"), bench("ant2"), bench("bee"), text=text))[0]
    assert [p.point.label for p in layout(made.plot, WIDE).placed if p.best] == ["ant", "ant2"]


TWO = [
    "value: 2.5, hardware: V100, precision: FP32, batch size: 1, engine: TensorRT 8, mode: latency",
    "value: 11.5, hardware: T4, precision: FP16, batch size: 1, engine: TensorRT 8, corrected: "
    "printed under FP32",
]


def second(text: str, *times: str) -> str:
    """The model with another page of the same publisher."""
    listed = "".join(f"\n      - {{{time}}}" for time in times)
    return f"{text.rstrip()}\n  - Publisher: Acme\n    Source: https://acme.example/second.md\n" + (
        f"    Metadata:\n      Inference Time (ms):{listed}\n"
    )


def test_pages_that_disagree_stand_side_by_side(zoo: Callable[..., Zoo]) -> None:
    other = ("value: 11.0, hardware: V100, precision: FP32, batch size: 1, mode: latency",
             "value: 11.5, hardware: T4, precision: FP16, batch size: 1")  # fmt: skip
    made = Catalogue.of(zoo(text=index(second(model("ant", "Ant", "70%", TWO), *other))))
    table = reported_table(made.models[0])
    assert table is not None
    assert [(source.publisher, source.name) for source in table.sources] == [
        ("Acme", "first.md"),
        ("Acme", "second.md"),
    ]
    rows = []
    for line in table.lines:
        cells = [
            [(value.check.claim.raw, value.others, value.corrected) for value in cell]
            for cell in line.cells.values()
        ]
        rows.append((line.conditions, line.disagree, cells))
    assert rows == [
        ("V100, FP32, batch size 1", True, [[("2.5", "TensorRT 8", "")], [("11.0", "", "")]]),
        (
            "T4, FP16, batch size 1",
            False,
            [[("11.5", "TensorRT 8", "printed under FP32")], [("11.5", "", "")]],
        ),
    ]


def test_other_conditions_are_no_disagreement(zoo: Callable[..., Zoo]) -> None:
    other = "value: 11.0, hardware: V100, precision: FP32, batch size: 1, engine: TensorRT 7"
    table = reported_table(
        Catalogue.of(zoo(text=index(second(model("ant", "Ant", "70%", TWO), other)))).models[0]
    )
    assert table is not None and not any(line.disagree for line in table.lines)


def test_reported_numbers_on_the_pages(
    zoo: Callable[..., Zoo], rendered: Callable[[Zoo], dict[str, str]]
) -> None:
    pages = rendered(zoo(text=index(model("ant", "Ant", "70%", TWO))))
    page = pages["models/ant.md"]
    speeds = page[page.index('<section id="benchmarks">') : page.index('<section id="code">')]
    assert "; printed under FP32</td>" in speeds
    assert 'id="claim-acme-inference_time-2"' in speeds and "<h2>Measured" not in speeds
    assert "Inference Time" not in pages["families/ant.md"]


def test_reported_plots_name_their_page_and_hold_one_set_of_conditions(
    zoo: Callable[..., Zoo],
) -> None:
    plots = [
        each.plot
        for each in drawn(
            zoo(text=index(model("ant", "Ant", "70%", TWO), model("bee", "Bee", "72%", TWO)))
        )
    ]
    assert [plot.title for plot in plots] == [
        "T4, FP16, TensorRT 8, batch 1: Best for their latency: bee",
        "V100, FP32, TensorRT 8, batch 1: Best for their latency: bee",
    ]
    assert plots[0].note == (
        "Reported by Acme, not measured here. Conditions that a page lacks or mistakes are "
        "corrected."
    )
    assert plots[1].note == "Reported by Acme, not measured here."
    assert {plot.sources for plot in plots} == {("https://acme.example/first.md",)}


def test_a_page_with_the_same_numbers_shares_the_plot(zoo: Callable[..., Zoo]) -> None:
    bare = "value: 2.5, hardware: V100, precision: FP32, batch size: 1, mode: latency"
    models = [
        second(model(name, "Ant", top1, TWO[:1]), bare)
        for name, top1 in (("ant", "70%"), ("ant2", "71%"))
    ]
    (only,) = drawn(zoo(text=index(*models)))
    assert only.plot.summary == "V100, FP32, TensorRT 8"
    assert only.plot.sources == ("https://acme.example/first.md", "https://acme.example/second.md")
    assert only.plot.note.endswith(
        "Another page has the same numbers as V100, FP32, engine not stated."
    )


def test_measured_and_reported_share_no_axis(zoo: Callable[..., Zoo]) -> None:
    """Even where the words for their conditions are the same."""
    same = [
        f"value: 2, hardware: {GPU}, precision: fp32, batch size: {batch}, engine: eager"
        for batch in (1, 4)
    ]
    text = index(model("ant", "Ant", "70%", same), model("ant2", "Ant", "71%", same))
    documents = [bench(name, batch=batch) for name in ("ant", "ant2") for batch in (1, 4)]
    made = drawn(zoo(*documents, text=text))
    assert {(each.plot.group, each.machine) for each in made} == {
        ("measured", GPU),
        ("reported", None),
    }
    for each in made:
        assert ("Reported by Acme" in each.plot.note) == (each.plot.group == "reported")
        assert len(each.plot.points) in (2, 4)
        assert all(
            bool(p.x_span or p.y_span) == (each.plot.group == "measured") for p in each.plot.points
        )


def test_a_plot_stands_on_the_page_of_each_family_in_it(zoo: Callable[..., Zoo]) -> None:
    made = zoo(bench("ant"), bench("bee"))
    (plot, _) = drawn(made)
    families = Catalogue.of(made).families
    assert [of_family(plot, family) for family in families] == [plot.plot, plot.plot]


def test_the_site_builds_and_every_figure_can_be_downloaded(
    zoo: Callable[..., Zoo], built: Callable[[Zoo, Path], Path], tmp_path: Path
) -> None:
    documents = [bench(name, batch=batch) for name in ("ant", "ant2") for batch in (1, 4)]
    site = built(
        zoo(*documents, text=index(*(model(n, "Ant", "70%", TWO) for n in ("ant", "ant2")))),
        tmp_path,
    )
    page = (site / "families/ant/index.html").read_text()
    links = re.findall(r'href="\.\./\.\./(downloads/(?:measured|latency-reported)[^"]+)"', page)
    assert len(links) == 8 and all((site / link).is_file() for link in links)
    assert (site / "machines/acme-gpu-9/index.html").is_file()
