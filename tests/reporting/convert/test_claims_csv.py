"""The table of claims: RFC 4180, numbers as numbers, and nothing that a spreadsheet runs."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal

import pytest
import yaml

from zoo.model_index.records.records import Index
from zoo.reporting.convert import claims_csv
from zoo.reporting.text.csv import escape_cell
from zoo.reporting.views.catalogue import Catalogue, Zoo


def table(index: Index) -> str:
    return claims_csv.convert(
        Catalogue.of(Zoo(index=index, findings=(), evidence={}, primary={})), False
    ).files["claims.csv"]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_claim_is_a_row(corners: Index) -> None:
    found = rows(table(corners))
    claims = [(entry, claim) for entry in corners.entries for claim in entry.all_claims()]
    assert len(found) == len(claims) == 11
    for row, (entry, claim) in zip(found, claims, strict=True):
        assert (
            row["model"],
            row["collection"],
            row["publisher"],
            row["raw"],
            row["dataset"],
            row["task"],
        ) == (
            entry.name,
            entry.collection or "",
            claim.publisher,
            claim.raw,
            claim.dataset or "",
            claim.task or "",
        )
        assert row["source"] == (claim.source or "")
        assert (row["quantity"], row["key"]) == (claim.label, claim.quantity)
        assert row["unit"] == claim.row.unit
        assert (row["file"], int(row["line"])) == (claim.place.file, claim.place.line)
        if isinstance(claim.value, Decimal):
            assert Decimal(row["value"]) == claim.value


def test_values_are_in_base_units(corners: Index) -> None:
    values = {
        (row["model"], row["key"], row["publisher"]): row["value"] for row in rows(table(corners))
    }
    assert values["a", "flops", "Acme"] == "4100000000"
    assert values["a", "image_size", "Acme"] == "224x288"
    assert values["a", "top5", "Acme"] == "94.91"
    assert values["b", "parameters", "Acme"] == "1000"


def test_lines_end_as_the_standard_says(corners: Index) -> None:
    text = table(corners)
    columns = (
        "model,collection,publisher,source,quantity,key,value,unit,raw,conditions,dataset,task,"
        "file,line"
    )
    assert text.startswith(f"{columns}\r\n")
    assert text.count("\r\n") == text.count("\n") == 12


@pytest.mark.parametrize(
    "text", ["=1+1", "+a", "-a", "@a", "'a", "''", "\t=1", "\r=1", "-", "--1", "+1+1"]
)
def test_a_formula_is_text(text: str) -> None:
    assert escape_cell(text) == f"'{text}" and escape_cell(text)[1:] == text


@pytest.mark.parametrize("text", ["-1", "+1.5", "-1e-4", "-5%", "a=1", "", "1", "a'"])
def test_anything_else_is_itself(text: str) -> None:
    assert escape_cell(text) == text


def test_hostile_names_come_back(zoo_of: Callable[[str], Zoo]) -> None:
    name = '=cmd|"/c calc"!A1,\r\n"x"\n;'
    index = zoo_of(yaml.safe_dump({"Models": [{"Name": name, "Metadata": {"FLOPs": "1"}}]})).index
    (row,) = rows(table(index))
    assert row["model"] == f"'{name}" and row["value"] == "1"


def lost(index: Index) -> list[tuple[str, str, str]]:
    return claims_csv.convert(
        Catalogue.of(Zoo(index=index, findings=(), evidence={}, primary={})), False
    ).losses.rows()


def test_fields_that_are_no_claims_are_counted(corners: Index) -> None:
    losses = lost(corners)
    assert [row[:2] for row in losses] == [
        ("Metadata.LR", "1"),
        ("Metadata.Warmup", "1"),
        ("Weights", "1"),
        ("Code", "1"),
        ("Library.Headline", "2"),
        ("Metrics.mAP", "1"),
        ("Builder", "1"),
        ("Dataset.Type", "1"),
        ("Collection.Description", "1"),
        ("Collection.Metadata", "1"),
    ]
    assert {row[2] for row in losses} == {
        "a table of claims has no column for it",
        "it is none of the quantities that claims are about",
    }


def test_a_unit_of_the_label_stands_with_the_value(zoo_of: Callable[[str], Zoo]) -> None:
    index = zoo_of(
        "Models: [{Name: a, Metadata: {GMACs: 4.1, Params (M): 25.6, Inference Time (s/im): 0.1}}]"
    ).index
    assert [(row["value"], row["unit"], row["raw"]) for row in rows(table(index))] == [
        ("4100000000", "operations", "4.1 G"),
        ("25600000", "parameters", "25.6 M"),
        ("100", "ms", "0.1 s"),
    ]


def test_values_keep_their_conditions(zoo_of: Callable[[str], Zoo]) -> None:
    values = "[{value: 57.1, mode: FP32, hardware: V100}, {value: 22, mode: FP16}]"
    index = zoo_of(f"Models: [{{Name: a, Metadata: {{inference time (ms/im): {values}}}}}]").index
    assert [(row["value"], row["conditions"]) for row in rows(table(index))] == [
        ("57.1", "mode=FP32; hardware=V100"),
        ("22", "mode=FP16"),
    ]
    assert lost(index) == []


def test_a_model_wins_over_its_collection(zoo_of: Callable[[str], Zoo]) -> None:
    text = (
        "Collections: [{Name: C, Metadata: {FLOPs: 4 G}}]\n"
        "Models: [{Name: a, In Collection: C, Metadata: {GMACs: 1}}]"
    )
    index = zoo_of(text).index
    assert [row["value"] for row in rows(table(index))] == ["1000000000"]
    assert lost(index) == [("Collection.Metadata", "1", "a table of claims has no column for it")]


def test_results_of_a_card_are_counted(card: Index) -> None:
    losses = [row[:2] for row in lost(card)]
    assert losses == [
        ("license", "1"),
        ("language", "1"),
        ("Dataset.Type", "1"),
        ("Dataset.config", "1"),
        ("Dataset.split", "1"),
        ("Dataset.revision", "1"),
        ("Dataset.args", "1"),
        ("Metrics.Test WER.type", "1"),
        ("Metrics.Test WER.verifyToken", "1"),
    ]


def test_a_model_without_claims_is_counted(zoo_of: Callable[[str], Zoo]) -> None:
    losses = claims_csv.convert(Catalogue.of(zoo_of("Models: [{Name: a}]")), False).losses.rows()
    assert losses == [("Model a", "1", "it claims nothing")]
