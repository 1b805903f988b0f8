"""The Hub's metadata of a model, saved as a file."""

import json

import pytest

from zoo.model_index.errors import IndexFaults

SHA = "0123456789abcdef" * 2 + "01234567"
METADATA = {
    "id": "acme/tiny-0.2M",
    "sha": SHA,
    "library_name": "transformers",
    "cardData": {
        "license": "mit",
        "model-index": [
            {
                "name": "tiny",
                "results": [
                    {
                        "task": {"type": "image-classification"},
                        "dataset": {"type": "imagenet-1k", "name": "ImageNet-1k"},
                        "metrics": [{"type": "accuracy", "value": 80.1, "name": "Top-1 Accuracy"}],
                    }
                ],
            }
        ],
    },
    "siblings": [
        {"rfilename": "README.md", "size": 10},
        {
            "rfilename": "model.safetensors",
            "size": 393392,
            "lfs": {"sha256": "53e5c994" * 8, "size": 393392},
        },
        {"rfilename": "q-00001-of-00002.safetensors", "size": 7},
        {"rfilename": "q.safetensors.index.json", "size": 186},
        {"rfilename": "training_args.bin", "size": 5},
        {"rfilename": "a file.gguf", "size": 5},
    ],
    "safetensors": {"parameters": {"BF16": 196608, "I64": 2}, "total": 196610},
    "gguf": {"total": 196608, "architecture": "llama", "context_length": 128},
}


def test_what_the_hub_says(files) -> None:
    (entry,) = files({"tiny.json": json.dumps(METADATA)}).entries
    assert (entry.name, entry.publisher, entry.builder.named) == (
        "acme/tiny-0.2M",
        "Hugging Face Hub",
        False,
    )
    assert entry.source == "https://huggingface.co/acme/tiny-0.2M"
    stated = [
        (c.publisher, c.row.label, c.raw, c.path, c.conditions)
        for c in entry.claims
        if c.row.check != "accuracy"
    ]
    hub = "Hugging Face Hub"
    assert stated == [
        (hub, "Parameters", "196610", "safetensors.total", ()),
        (hub, "Parameters", "196608", "safetensors.parameters.BF16", (("dtype", "BF16"),)),
        (hub, "Parameters", "2", "safetensors.parameters.I64", (("dtype", "I64"),)),
        (hub, "Parameters", "196608", "gguf.total", ()),
        (hub, "Context Length", "128", "gguf.context_length", ()),
        (hub, "File Size", "393392", "siblings[1].size", (("file", "model.safetensors"),)),
        (hub, "File Size", "5", "siblings[5].size", (("file", "a file.gguf"),)),
    ]
    (accuracy,) = [claim for claim in entry.claims if claim.row.check == "accuracy"]
    assert (accuracy.model, accuracy.publisher, accuracy.dataset) == (
        "acme/tiny-0.2M",
        "model card",
        "ImageNet-1k",
    )
    assert entry.fields["license"] == "mit"


def test_files_of_weights_are_links(files) -> None:
    (entry,) = files({"tiny.json": json.dumps(METADATA)}).entries
    assert [(link.raw, link.conditions) for link in entry.links] == [
        (f"hf:acme/tiny-0.2M@{SHA}/model.safetensors", (("sha256", "53e5c994" * 8),)),
        (f"hf:acme/tiny-0.2M@{SHA}/q.safetensors.index.json", ()),
    ]


def test_a_model_without_a_card_or_weights(files) -> None:
    (entry,) = files({"tiny.json": json.dumps({"id": "a/b", "siblings": []})}).entries
    assert (entry.name, entry.claims, entry.links) == ("a/b", (), ())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"safetensors": {"total": "many"}}, "safetensors.total: expected a count, got 'many'"),
        ({"gguf": {"total": [1]}}, "gguf.total: expected one value, got a list"),
    ],
)
def test_faults(files, change: dict, fault: str) -> None:
    index = files({"tiny.json": json.dumps(METADATA | change)})
    assert [str(found).partition(": ")[2] for found in index.faults] == [fault]
    assert [entry.name for entry in index.entries] == ["acme/tiny-0.2M"]


@pytest.mark.parametrize(
    "document",
    [{"id": "", "siblings": []}, {"id": "a", "siblings": [{"name": "b"}]}, {"id": "a"}],
)
def test_json_that_is_no_metadata_of_a_model(files, document: dict) -> None:
    with pytest.raises(IndexFaults):
        files({"tiny.json": json.dumps(document)})
