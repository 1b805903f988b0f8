"""A metafile: plain numbers under OpenMMLab's conventions, equal to what was claimed."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import modelindex
import pytest
import yaml

from model_index.findings import Finding, Verdict
from model_index.load import load
from model_index.records import Index
from reporting.convert import openmmlab
from reporting.convert.outcome import Converted
from reporting.view import Catalogue, Zoo

Again = Callable[[Converted], Index]
WITHOUT = "a metafile has no such key"


def converted(index: Index, *findings: Finding) -> Converted:
    return openmmlab.convert(Catalogue.of(Zoo(index, findings, {}, {})), False)


def models(made: Converted) -> list[dict]:
    return yaml.safe_load(made.files["metafile.yml"])["Models"]


def test_numbers_are_plain(corners: Index) -> None:
    first, second = models(converted(corners))
    assert first["Metadata"] == {
        "FLOPs": 4_100_000_000, "Parameters": 8_000_000, "LR": "0.10", "Epochs": "012", "Image Size": "224x288",
        "Empty": None, "Crop Pct": ".875",
    }  # fmt: skip
    assert first["Results"][0]["Metrics"] == {"Top 1 Accuracy": 80.16, "Top 5 Accuracy": 94.91, "mAP": "no"}
    assert second["Metadata"] == {"FLOPs": 1000, "Parameters": 1000}
    assert second["Results"][0]["Metrics"] == {"Top 1 Accuracy": "0.5%"}


def test_keys_are_openmmlabs(corners: Index) -> None:
    first, second = models(converted(corners))
    assert list(first) == ["Name", "Metadata", "In Collection", "Results", "Converted From"]
    assert first["Converted From"] == {"Weights": "https://w.example/a.pth", "Code": "https://c.example/a.py"}
    assert list(second) == ["Name", "Metadata", "Results"]


def test_its_own_entries_keep_their_weights(several: Index) -> None:
    entry = models(converted(several))[3]
    assert entry == {"Name": "d", "Metadata": {"FLOPs": 6}, "Weights": "w.pth", "Config": "configs/d.py"}


def test_losses_are_named_and_counted(corners: Index) -> None:
    assert converted(corners).losses.rows() == [
        ("FLOPs by another publisher", "1", WITHOUT),
        ("Top 1 Accuracy by another publisher", "1", WITHOUT),
        ("Config", "2", "the index names no configuration file; the key is left out"),
        ("FLOPs", "2", "not checked to be multiply-adds; kept as published"),
        ("Parameters", "2", "as many digits as were printed cannot be told from padding"),
        ("Builder", "1", WITHOUT),
        ("Top 1 Accuracy", "1", "a percentage of at most 1 keeps its sign, or it would be read as a fraction"),
    ]


def test_models_keep_their_order(zoo_of: Callable[[str], Zoo]) -> None:
    text = "Collections: [{Name: X}, {Name: Y}]\nModels:\n" + "".join(
        f"- {{Name: {name}, In Collection: {family}}}\n" for name, family in (("a", "Y"), ("b", "X"), ("c", "Y"))
    )
    assert [model["Name"] for model in models(converted(zoo_of(text).index))] == ["a", "b", "c"]


def test_publishers_of_several_libraries_are_counted(several: Index) -> None:
    rows = converted(several).losses.rows()
    assert ("Publisher", "3", WITHOUT) in rows
    assert ("Library.Headline", "1", "a metafile names one Library at most") in rows


@pytest.mark.parametrize(
    ("verdict", "mistake", "why"),
    [
        (Verdict.EXACT, False, None),
        (Verdict.ROUNDED, False, None),
        (Verdict.EXPLAINED, False, "in another convention: 2x"),
        (Verdict.EXPLAINED, True, "a mistake of the page: 2x"),
        (Verdict.MISMATCH, False, "not what was measured"),
        (Verdict.ERROR, False, "not checked to be multiply-adds"),
    ],
)
def test_flops_of_another_convention_keep_their_number(
    corners: Index, verdict: Verdict, mistake: bool, why: str | None
) -> None:
    claim = corners.entries[0].claims[0]
    made = converted(corners, Finding(claim, verdict, "because", Decimal(2), cause="2x", mistake=mistake))
    assert models(made)[0]["Metadata"]["FLOPs"] == 4_100_000_000
    told = [row for row in made.losses.rows() if row[0] == "FLOPs" and "kept as published" in row[2]]
    others = [("FLOPs", "1", "not checked to be multiply-adds; kept as published")]
    if why == "not checked to be multiply-adds":
        others = [("FLOPs", "2", f"{why}; kept as published")]
    elif why:
        others = [("FLOPs", "1", f"{why}; kept as published"), *others]
    assert told == others


def test_our_own_loader_reads_equal_numbers(again: Again) -> None:
    index = load()
    other = again(converted(index))
    for before, after in zip(index.entries, other.entries, strict=True):
        assert [(c.quantity, c.value, c.dataset, c.task) for c in after.claims] == [
            (c.quantity, c.value, c.dataset, c.task) for c in before.claims
        ]


def test_the_reference_package_reads_equal_numbers(corners: Index, tmp_path: Path) -> None:
    path = tmp_path / "metafile.yml"
    path.write_text(converted(corners).files["metafile.yml"])
    theirs = modelindex.load_model_index.load(str(path))
    assert (theirs.models[0].metadata.flops, theirs.models[0].metadata.parameters) == (4_100_000_000, 8_000_000)
    assert theirs.models[0].results[0].metrics["Top 1 Accuracy"] == 80.16
    assert theirs.models[0].in_collection == "Net"


def test_a_collection_whose_number_is_none_keeps_it(corners: Index) -> None:
    collection = replace(corners.collections[0], fields={"Name": "Net", "Metadata": {"FLOPs": "many"}})
    made = converted(replace(corners, collections=(collection,)))
    assert yaml.safe_load(made.files["metafile.yml"])["Collections"] == [{"Name": "Net", "Metadata": {"FLOPs": "many"}}]
