"""Evidence is reused while its cell is unchanged, measured anew on request, and never lost."""

import ast
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from zoo.counting.counter import LedgerOnly
from zoo.counting.measurer import Measurer
from zoo.counting.model_count import ModelCounter
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.model_index.records.input_spec import image_input
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.cells import Variant, count_cell

EIGHT = Variant(image_input((8, 8)))

INDEX = """
Models:
- Name: toy
  Builder: toyzoo:make
- Name: broken
  Builder: toyzoo:Broken
"""


def measured(folder: Path, **options: object) -> Measurer:
    return Measurer(Ledger(folder / "ledger"), trusted=("toyzoo",), **options)


def test_a_count_is_recorded_with_its_conditions(
    toy: Path, read: Callable[[str], list[Entry]]
) -> None:
    evidence = measured(toy, flags=" --trust toyzoo").count(read(INDEX)[0], EIGHT)
    assert evidence is not None
    assert evidence.outcome == "measured"
    assert evidence.trace is not None
    assert evidence.trace.macs == 8 * 64 * 27 + 80
    assert evidence.trace.input_size == (1, 3, 8, 8)
    assert evidence.parameters == 216 + 8 + 16 + 90
    assert [part[2:] for part in evidence.parts] == [
        (224, 224, 0, 1),
        (16, 16, 17, 1),
        (90, 90, 0, 1),
    ]
    assert evidence.command == "zoo verify toy --trust toyzoo --fresh"
    assert evidence.environment["torch"]
    assert evidence.cell.conditions == {"input": "8x8 image"}
    (file,) = (toy / "ledger").rglob("*.json")
    assert file.name == f"{evidence.cell.key}.json"
    assert msgspec.json.decode(file.read_bytes(), type=Evidence).trace == evidence.trace


def test_unchanged_cells_are_reused_and_fresh_measures_again(
    toy: Path, read: Callable[[str], list[Entry]]
) -> None:
    (entry, _) = read(INDEX)
    for options, expected in (({}, (1, 0)), ({}, (0, 1)), ({"fresh": True}, (1, 0))):
        measurer = measured(toy, **options)
        measurer.count(entry, EIGHT)
        measurer.count(entry, EIGHT)  # the second time in one run asks nobody
        assert measurer.stats == expected


def test_a_changed_input_builder_or_counter_is_another_cell(
    toy: Path, read: Callable[[str], list[Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry, _) = read(INDEX)
    first = measured(toy).cell(entry, EIGHT).key
    assert measured(toy).cell(entry, Variant(image_input((8, 9)))).key != first
    assert measured(toy).cell(entry, Variant()).key != first
    assert count_cell(entry, EIGHT, counter="zoo-count/9").key != first
    monkeypatch.setattr(builders, "version", lambda builder: "toyzoo 2.0")
    assert measured(toy).cell(entry, EIGHT).key != first


def test_a_failure_is_evidence_and_is_kept(toy: Path, read: Callable[[str], list[Entry]]) -> None:
    (_, broken) = read(INDEX)
    evidence = measured(toy).count(broken, EIGHT)
    assert evidence is not None
    error = "its forward pass raised RuntimeError: no forward today"
    assert (evidence.outcome, evidence.error) == ("incomplete", error)
    again = measured(toy)
    assert again.count(broken, EIGHT) == evidence
    assert again.stats.reused == 1


def test_without_evidence_nothing_is_measured_when_told_so(
    toy: Path, read: Callable[[str], list[Entry]]
) -> None:
    measurer = measured(toy, counter=LedgerOnly())
    assert measurer.count(read(INDEX)[0], EIGHT) is None
    assert not (toy / "ledger").exists()


def test_what_cannot_be_built_here_is_not_recorded(
    toy: Path, read: Callable[[str], list[Entry]]
) -> None:
    measurer = Measurer(Ledger(toy / "ledger"))
    with pytest.raises(builders.BuilderMissing, match="--trust toyzoo"):
        measurer.count(read(INDEX)[0], EIGHT)
    assert not (toy / "ledger").exists()


def test_an_interruption_keeps_what_was_measured(
    toy: Path, read: Callable[[str], list[Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, broken = read(INDEX)
    measurer = measured(toy)
    measurer.count(entry, EIGHT)
    monkeypatch.setattr(
        ModelCounter, "_values", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        measurer.count(broken, EIGHT)
    assert [e.cell.model for e in Ledger(toy / "ledger").all()] == ["toy"]
    assert not list((toy / "ledger").rglob("*.tmp"))


def test_a_torn_document_is_measured_again(toy: Path, read: Callable[[str], list[Entry]]) -> None:
    (entry, _) = read(INDEX)
    measured(toy).count(entry, EIGHT)
    (file,) = (toy / "ledger").rglob("*.json")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    measurer = measured(toy)
    measurer.count(entry, EIGHT)
    assert measurer.stats.measured == 1
    assert msgspec.json.decode(file.read_bytes(), type=Evidence).outcome == "measured"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("values",), {}),
        (("values", "trace"), "x"),
        (("values", "trace", "rows"), [[1, 2]]),
        (("values", "trace", "rows", 0, 4), "many"),
        (("values", "trace", "shapes"), None),
        (("values", "parts"), 5),
        (("values", "parts", 0, 2), "abc"),
        (("values", "registry"), None),
        (("values", "configuration"), None),
        (("values", "resolved"), None),
        (("outcome",), "guessed"),
    ],
    ids=str,
)
def test_a_document_edited_into_nonsense_is_measured_again(
    toy: Path, read: Callable[[str], list[Entry]], path: tuple[str | int, ...], value: object
) -> None:
    (entry, _) = read(INDEX)
    measured(toy).count(entry, EIGHT)
    (file,) = (toy / "ledger").rglob("*.json")
    document = json.loads(file.read_text())
    part = document
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    file.write_text(json.dumps(document))
    measurer = measured(toy)
    evidence = measurer.count(entry, EIGHT)
    assert (measurer.stats.measured, evidence and evidence.outcome) == (1, "measured")


def test_a_model_that_prints_or_exits_spoils_nothing(
    toy: Path, read: Callable[[str], list[Entry]], capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "from torch import nn\n"
        "class Loud(nn.Identity):\n"
        "    def __init__(self):\n        super().__init__()\n        print('hello')\n"
        "class Quitter(nn.Module):\n    def forward(self, x):\n        raise SystemExit(0)\n"
    )
    (toy / "toyzoo.py").write_text(source)
    loud, quitter = read(
        "Models: [{Name: loud, Builder: 'toyzoo:Loud'}, {Name: quitter, Builder: 'toyzoo:Quitter'}]"
    )
    assert measured(toy).count(loud, EIGHT).outcome == "measured"
    assert measured(toy).count(quitter, EIGHT).error == "its forward pass raised SystemExit: 0"
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "hello\n")


def test_benchmarks_are_found_by_model_and_become_evidence(
    toy: Path, read: Callable[[str], list[Entry]]
) -> None:
    entry, measurer = read(INDEX)[0], measured(toy)
    assert (measurer.benchmarks(entry), measurer.evidence) == ([], {})
    for model in (entry.name, "another"):
        cell = Cell(
            kind="bench",
            model=model,
            builder=str(entry.builder),
            builder_version="1",
            tool="zoo-bench/1",
        )
        measurer.ledger.put(
            Evidence(cell=cell, outcome="failed", values={"failure": "crashed"}, error="gone")
        )
    (found,) = measurer.benchmarks(entry)
    assert (found.cell.model, list(measurer.evidence)) == (entry.name, [found.cell.key])


def test_channels_follow_the_models_arguments(
    toy: Path, read: Callable[[str], list[Entry]]
) -> None:
    (entry,) = read(
        "Models: [{Name: grey, Builder: {Name: 'timm:dla46_c', Arguments: {in_chans: 1}}}]"
    )
    evidence = measured(toy).count(entry, Variant(image_input((32, 32))))
    assert evidence.trace.input_size == (1, 1, 32, 32)


def test_nothing_assigns_an_attribute_of_a_measurer() -> None:
    """Its state is behind read-only properties, and only its own methods change it."""
    public = {name for name in dir(Measurer) if not name.startswith("_")}
    assert {name for name in vars(Measurer(Ledger("ledger"))) if not name.startswith("_")} == set()
    state = {name for name in public if isinstance(getattr(Measurer, name), property)}
    assert all(getattr(Measurer, name).fset is None for name in state)
    root = Path(__file__).parents[3]
    writes = [
        f"{path.relative_to(root)}:{node.lineno}"
        for folder in ("zoo", "reporting", "benchmarks")
        for path in (root / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node.value).rpartition(".")[2].endswith("measurer")
    ]
    assert writes == []
