"""ONNX's hub manifest: a list of models with paths, bytes and digests."""

import json
from pathlib import Path

import pytest

from zoo.model_index.errors import IndexFaults

NAME = "ONNX_HUB_MANIFEST.json"


def row(model: str, file: str, opset: int = 9, **metadata: object) -> dict:
    metadata = {"model_sha": "1c005d73" * 8, "model_bytes": 1559, "tags": ["vision"]} | metadata
    return {
        "model": model,
        "model_path": f"vision/{file}.onnx",
        "onnx_version": "1.4",
        "opset_version": opset,
        "metadata": metadata,
    }


def test_a_row_is_a_model_without_a_builder(files) -> None:
    (entry,) = files({NAME: json.dumps([row("Toy", "toy-9")], indent=1)}).entries
    assert (entry.name, entry.publisher, str(entry.builder)) == ("Toy", "ONNX Model Zoo", "none")
    ((size,), (link,)) = entry.claims, entry.links
    assert (size.row.label, size.raw, size.label, size.path) == (
        "File Size",
        "1559",
        "model_bytes",
        "[0].metadata.model_bytes",
    )
    assert (link.raw, link.conditions) == ("vision/toy-9.onnx", (("sha256", "1c005d73" * 8),))
    assert (size.place.line, link.place.line) == (9, 4)
    assert entry.metadata["tags"] == ["vision"] and entry.fields["opset_version"] == "9"


def test_rows_of_one_name_are_told_apart(files) -> None:
    rows = [row("Toy", "toy-8", 8), row("Toy", "toy-9", 9), row("Toy", "toy-9-int8", 9)]
    entries = files({NAME: json.dumps([*rows, row("Net", "net")])}).entries
    assert [entry.name for entry in entries] == ["Toy-8", "Toy-9", "toy-9-int8", "Net"]


def test_a_manifest_is_found_in_a_folder(files) -> None:
    index = files({"hub/" + NAME: json.dumps([row("Toy", "toy-9")]), "hub/other.json": "[1, 2]"})
    assert [entry.name for entry in index.entries] == ["Toy"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"model": ""}, "[1].model: expected a text, got nothing"),
        ({"model_path": {}}, "[1].model_path: expected a text, got nothing"),
        (
            {"metadata": {"model_bytes": "much"}},
            "[1].metadata.model_bytes: expected a number of bytes, got 'much'",
        ),
        (
            {"metadata": {"model_bytes": [1]}},
            "[1].metadata.model_bytes: expected one value, got a list",
        ),
    ],
)
def test_faults_have_a_place_and_leave_the_other_rows(files, change: dict, fault: str) -> None:
    rows = [row("Toy", "toy"), row("Bad", "bad") | change, row("Net", "net")]
    index = files({NAME: json.dumps(rows)})
    assert {"Toy", "Net"} <= {entry.name for entry in index.entries}
    assert [str(found).partition(": ")[2] for found in index.faults] == [fault]


def test_a_list_that_is_no_manifest_is_no_index(tmp_path: Path, files) -> None:
    with pytest.raises(IndexFaults):
        files({NAME: json.dumps([{"model": "Toy", "path": "toy"}])})
