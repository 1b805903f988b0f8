"""A metafile: plain numbers under OpenMMLab's conventions, equal to what was claimed."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import modelindex
import pytest
import yaml

from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.load import load
from zoo.model_index.records.records import Index
from zoo.reporting.convert import openmmlab
from zoo.reporting.convert.losses import Conversion
from zoo.reporting.views.catalogue import Catalogue, Zoo

Again = Callable[[Conversion], Index]
WITHOUT = "a metafile has no such key"


def converted(index: Index, *findings: Finding) -> Conversion:
    return openmmlab.convert(
        Catalogue.of(Zoo(index=index, findings=findings, evidence={}, primary={})), False
    )


def models(made: Conversion) -> list[dict]:
    return yaml.safe_load(made.files["metafile.yml"])["Models"]


def test_numbers_are_plain(corners: Index) -> None:
    first, second = models(converted(corners))
    assert first["Metadata"] == {
        "FLOPs": 4_100_000_000,
        "Parameters": 8_000_000,
        "LR": "0.10",
        "Warmup": "012",
        "Image Size": "224x288",
        "Empty": None,
        "Crop Pct": ".875",
    }
    assert first["Results"][0]["Metrics"] == {
        "Top 1 Accuracy": 80.16,
        "Top 5 Accuracy": 94.91,
        "mAP": "no",
    }
    assert second["Metadata"] == {"FLOPs": 1000, "Parameters": 1000}
    assert second["Results"][0]["Metrics"] == {"Top 1 Accuracy": "0.5%"}


def test_keys_are_openmmlabs(corners: Index) -> None:
    first, second = models(converted(corners))
    assert list(first) == ["Name", "Metadata", "In Collection", "Results", "Converted From"]
    assert first["Converted From"] == {
        "Weights": "https://w.example/a.pth",
        "Code": "https://c.example/a.py",
    }
    assert list(second) == ["Name", "Metadata", "Results"]


def test_its_own_entries_keep_their_weights(several: Index) -> None:
    entry = models(converted(several))[3]
    assert entry == {
        "Name": "d",
        "Metadata": {"FLOPs": 6},
        "Weights": "w.pth",
        "Config": "configs/d.py",
    }


def test_losses_are_named_and_counted(corners: Index) -> None:
    assert converted(corners).losses.rows() == [
        ("FLOPs by another publisher", "1", WITHOUT),
        ("Top 1 Accuracy by another publisher", "1", WITHOUT),
        ("Config", "2", "the index names no configuration file; the key is left out"),
        ("FLOPs", "2", "not checked to be multiply-adds; kept as published"),
        ("Parameters", "2", "the printed digits cannot be told from padding"),
        ("Builder", "1", WITHOUT),
        (
            "Top 1 Accuracy",
            "1",
            "a percentage of at most 1 keeps its sign, or it would be read as a fraction",
        ),
    ]


def test_models_keep_their_order(zoo_of: Callable[[str], Zoo]) -> None:
    text = "Collections: [{Name: X}, {Name: Y}]\nModels:\n" + "".join(
        f"- {{Name: {name}, In Collection: {family}}}\n"
        for name, family in (("a", "Y"), ("b", "X"), ("c", "Y"))
    )
    assert [model["Name"] for model in models(converted(zoo_of(text).index))] == ["a", "b", "c"]


def test_publishers_of_several_libraries_are_counted(several: Index) -> None:
    rows = converted(several).losses.rows()
    assert ("Publisher", "3", WITHOUT) in rows
    assert ("Library.Headline", "1", "a metafile names one Library at most") in rows


@pytest.mark.parametrize(
    ("verdict", "wrong", "why"),
    [
        (Verdict.EXACT, False, None),
        (Verdict.ROUNDED, False, None),
        (Verdict.EXPLAINED, False, "in another convention: 2x"),
        (Verdict.EXPLAINED, True, "wrong: 2x"),
        (Verdict.MISMATCH, False, "differs from the measurement"),
        (Verdict.ERROR, False, "not checked to be multiply-adds"),
    ],
)
def test_flops_of_another_convention_keep_their_number(
    corners: Index, verdict: Verdict, wrong: bool, why: str | None
) -> None:
    claim = corners.entries[0].claims[0]
    made = converted(
        corners,
        Finding(
            claim=claim,
            verdict=verdict,
            reason="because",
            measured=Decimal(2),
            cause="2x",
            wrong=wrong,
        ),
    )
    assert models(made)[0]["Metadata"]["FLOPs"] == 4_100_000_000
    told = [
        row for row in made.losses.rows() if row[0] == "FLOPs" and "kept as published" in row[2]
    ]
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
    assert (theirs.models[0].metadata.flops, theirs.models[0].metadata.parameters) == (
        4_100_000_000,
        8_000_000,
    )
    assert theirs.models[0].results[0].metrics["Top 1 Accuracy"] == 80.16
    assert theirs.models[0].in_collection == "Net"


def test_a_collection_whose_number_is_none_keeps_it(corners: Index) -> None:
    collection = replace(
        corners.collections[0], fields={"Name": "Net", "Metadata": {"FLOPs": "many"}}
    )
    made = converted(replace(corners, collections=(collection,)))
    assert yaml.safe_load(made.files["metafile.yml"])["Collections"] == [
        {"Name": "Net", "Metadata": {"FLOPs": "many"}}
    ]


def test_a_unit_of_the_label_is_in_the_number(zoo_of: Callable[[str], Zoo]) -> None:
    index = zoo_of(
        "Models: [{Name: a, Metadata: {GMACs: 4.1, Params(M): 25.6, inference time (s/im): 0.1}}]"
    ).index
    made = converted(index)
    assert models(made)[0]["Metadata"] == {
        "FLOPs": 4_100_000_000,
        "Parameters": 25_600_000,
        "inference time (s/im)": 0.1,
    }


def test_a_unit_of_the_value_goes_before_its_label(zoo_of: Callable[[str], Zoo]) -> None:
    made = converted(zoo_of("Models: [{Name: a, Metadata: {GMACs: 410 M}}]").index)
    assert models(made)[0]["Metadata"] == {"FLOPs": 410_000_000}


def test_values_keep_their_conditions(zoo_of: Callable[[str], Zoo]) -> None:
    text = (
        "{GMACs: [{value: 4.1, mode: FP32}], inference time (ms/im): [{value: 57.1, mode: FP32}, "
        "{value: 2}]}"
    )
    made = converted(zoo_of(f"Models: [{{Name: a, Metadata: {text}}}]").index)
    assert models(made)[0]["Metadata"] == {
        "FLOPs": [{"value": 4_100_000_000, "mode": "FP32"}],
        "inference time (ms/im)": [{"value": 57.1, "mode": "FP32"}, {"value": 2}],
    }


def test_a_model_wins_over_what_it_merges_and_inherits(
    zoo_of: Callable[[str], Zoo], again: Again
) -> None:
    text = """\
Collections:
- {Name: C, Metadata: &m {FLOPs: 4 G}}
Models:
- {Name: a, In Collection: C, Metadata: {GMACs: 1.25}}
- {Name: b, Metadata: {<<: *m, GMACs: 1.25}}
- {Name: c, Metadata: {MACs: 5, FLOPs: 1.25 G}}
"""
    made = converted(zoo_of(text).index)
    stated = [model["Metadata"] for model in models(made)]
    assert stated == [
        {"FLOPs": 1_250_000_000},
        {"FLOPs": 1_250_000_000},
        {"MACs": 5, "FLOPs": 1_250_000_000},
    ]
    assert ("FLOPs", "1", "stated again as GMACs, which has its place") in made.losses.rows()
    assert [str(entry.claims[0].value) for entry in again(made).entries] == [
        "1250000000",
        "1250000000",
        "5",
    ]


def test_merge_keys_are_merged(zoo_of: Callable[[str], Zoo]) -> None:
    text = (
        "Models:\n- {Name: a, Metadata: &m {FLOPs: 4 G}}\n"
        "- {Name: b, Metadata: {<<: *m, Params (M): 25.6}}"
    )
    stated = [model["Metadata"] for model in models(converted(zoo_of(text).index))]
    assert stated == [{"FLOPs": 4_000_000_000}, {"FLOPs": 4_000_000_000, "Parameters": 25_600_000}]


def test_keys_with_underscores_are_openmmlabs(zoo_of: Callable[[str], Zoo]) -> None:
    text = (
        "Collections: [{Name: A}]\nModels: [{Name: m, In_Collection: A, Converted_From: {Code: c}, "
        "Weights: w}]"
    )
    (model,) = models(converted(zoo_of(text).index))
    assert model == {
        "Name": "m",
        "In Collection": "A",
        "Weights": "w",
        "Converted From": {"Code": "c"},
    }


def test_results_of_a_card_are_kept(card: Index) -> None:
    (model,) = models(converted(card))
    (result,) = model["Results"]
    assert (result["metrics"][0]["value"], result["metrics"][0]["args"]) == ("5.90", {"beam": 4})
    assert result["source"] == {"name": "A leaderboard", "url": "https://board.example/l"}


def test_metrics_in_a_list_are_plain_numbers(zoo_of: Callable[[str], Zoo]) -> None:
    metrics = "[{name: Accuracy, value: 0.8}, {name: F1, value: 0.5}, {Top 1 Accuracy: 70%}]"
    text = (
        f"Models: [{{Name: a, Results: {{Task: Image Classification, Dataset: D, Metrics: "
        f"{metrics}}}}}]"
    )
    (model,) = models(converted(zoo_of(text).index))
    assert model["Results"]["Metrics"] == [
        {"name": "Accuracy", "value": 80},
        {"name": "F1", "value": 0.5},
        {"Top 1 Accuracy": 70},
    ]


def test_an_index_in_many_files_is_one_file(scattered: Index, again: Again) -> None:
    told = [
        [(c.quantity, c.value, c.dataset, c.task, c.conditions) for c in entry.claims]
        for index in (scattered, again(converted(scattered)))
        for entry in index.entries
    ]
    assert told[:5] == told[5:] and all(told)
