"""Model cards: front matter, its model-index, the files of .eval_results, and pages that are no
cards."""

import pytest

from zoo.model_index.errors import UsageError

CARD = """---
license: apache-2.0
library_name: timm
tags: [image-classification]
model-index:
- name: owner/resnet18.a1_in1k
  results:
  - task: {type: image-classification}
    dataset: {type: imagenet-1k, name: ImageNet-1k, split: validation}
    metrics:
    - {type: accuracy, value: 0.7149, name: Top-1 Accuracy, verified: true, verifyToken: abc}
    - {type: f1, value: 70}
    source: {name: A leaderboard, url: https://example.org}
  - task: {type: image-classification, name: Image Classification}
    dataset: {type: imagenet-real}
    metrics:
    - {type: accuracy, value: 80.5}
---
# resnet18
"""


def test_results_of_a_card(files) -> None:
    (entry,) = files({"README.md": CARD}).entries
    assert (entry.name, str(entry.builder), str(entry.place)) == (
        "owner/resnet18.a1_in1k", "timm:resnet18.a1_in1k", "README.md:6",
    )  # fmt: skip
    kept = {key: value for key, value in entry.fields.items() if key != "model-index"}
    assert kept == {
        "license": "apache-2.0",
        "library_name": "timm",
        "tags": ["image-classification"],
    }
    (model,) = entry.fields["model-index"]
    assert [result["dataset"].get("split") for result in model["results"]] == ["validation", None]
    assert model["results"][0]["metrics"][1] == {"type": "f1", "value": "70"}
    told = [
        (c.publisher, c.source, c.quantity, c.raw, c.dataset, c.conditions, c.place.line)
        for c in entry.claims
    ]
    assert told == [
        (
            "A leaderboard",
            "https://example.org",
            "top1",
            "0.7149",
            "ImageNet-1k",
            (("verified", "true"), ("split", "validation")),
            11,
        ),
        (
            "A leaderboard",
            "https://example.org",
            "f1",
            "70",
            "ImageNet-1k",
            (("split", "validation"),),
            12,
        ),
        ("model card", None, "top1", "80.5", "imagenet-real", (), 17),
    ]
    assert str(entry.claims[0].value) == "71.4900"


SEVERAL = """---
license: mit
model-index:
- name: a
  results:
  - task: {type: image-classification}
    dataset: {name: Leaves, split: train, config: tiny, revision: 9a1b2c, args: {language: en}}
    metrics:
    - {type: accuracy, name: Accuracy, value: 91.5, args: {top_k: 5, normalize: true}}
    - {type: accuracy, name: Top-1 Accuracy (Val), value: 88.1}
    - {type: accuracy, name: Balanced Accuracy, value: 61.2}
    - {type: accuracy, name: Top-1 Error, value: 30.2}
---
"""


def test_data_set_and_arguments_are_conditions_of_a_claim(files) -> None:
    (entry,) = files({"README.md": SEVERAL}).entries
    parts = (("config", "tiny"), ("revision", "9a1b2c"), ("args", "language: en"))
    assert [(c.quantity, c.raw, c.conditions) for c in entry.claims] == [
        ("top5", "91.5", (("top_k", "5"), ("normalize", "true"), ("split", "train"), *parts)),
        ("top1", "88.1", (("split", "validation"), *parts)),
        ("other:balanced accuracy", "61.2", (("split", "train"), *parts)),
        ("other:top 1 error", "30.2", (("split", "train"), *parts)),
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["", "BOM"])
def test_each_claim_is_found_again_in_its_file(files, newline: str, start: str) -> None:
    page = start + CARD.replace("\n", newline)
    (entry,) = files({"README.md": page}).entries
    assert [page[c.place.start : c.place.end] for c in entry.claims] == ["0.7149", "70", "80.5"]


@pytest.mark.parametrize(
    ("name", "front", "expected"),
    [
        ("dpn92.md", "tags: [timm]\nlicense: mit", ("dpn92", "timm:dpn92")),
        ("org/dpn92/README.md", "tags: [timm]\nlicense: mit", ("dpn92", "timm:dpn92")),
        ("a.md", "library_name: transformers\nmodel_name: bert", ("bert", "transformers:bert")),
        ("a.md", "license: mit\ndatasets: [x]", ("a", "a")),
    ],
)
def test_a_card_without_results(files, name: str, front: str, expected: tuple[str, str]) -> None:
    (entry,) = files({name: f"---\n{front}\n---\n"}).entries
    assert (
        entry.name,
        entry.builder.name if expected[1] == "a" else str(entry.builder),
    ) == expected
    assert entry.claims == ()


@pytest.mark.parametrize(
    "page", ["---\ntitle: x\ntags: [a]\n---\n", "---\nlicense: mit\n", "# a\n---\ntags: a\n---\n"]
)
def test_a_page_that_is_no_card(files, page: str) -> None:
    with pytest.raises(UsageError, match="no index in here"):
        files({"a.md": page})


def test_an_index_under_model_index(files) -> None:
    page = "---\nmodel-index:\n  Models:\n  - Name: a\n    Metadata: {FLOPs: 12}\n---\n"
    (entry,) = files({"a.md": page}).entries
    assert [(c.raw, str(c.place)) for c in entry.claims] == [("12", "a.md:5")]


def test_evaluations_beside_a_card(files) -> None:
    evaluation = "- dataset: {id: org/set, task_id: default}\n  value: 20.9\n"
    (entry,) = files({"m/README.md": CARD, "m/.eval_results/a.yaml": evaluation}, "m").entries
    assert entry.fields["eval_results"] == [
        {"dataset": {"id": "org/set", "task_id": "default"}, "value": "20.9"}
    ]


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (
            {"README.md": CARD.replace("0.7149", "high")},
            "README.md:11: model-index[0].results[0].metrics[0].value: expected a percentage, got "
            "'high'",
        ),
        (
            {"README.md": CARD.replace("- name: owner", "- nick: owner")},
            "README.md:6: model-index[0].name: expected a name, got nothing",
        ),
        (
            {"README.md": CARD, ".eval_results/a.yaml": "- dataset: {id: x}\n  value: 3"},
            ".eval_results/a.yaml:1: [0].dataset.task_id: expected a data set's id and task_id, "
            "and a value, got nothing",
        ),
        (
            {"README.md": CARD, ".eval_results/a.yaml": "value: 3"},
            ".eval_results/a.yaml:1: expected a list, got a mapping",
        ),
    ],
)
def test_faults_of_a_card(files, faults_of, contents: dict[str, str], message: str) -> None:
    assert faults_of(lambda: files(contents)) == [message]


def test_checkpoints_beside_a_card_are_its_models(files) -> None:
    data, pointer = b"x" * 2000, b"version https://git-lfs.github.com/spec/v1"
    card = {"net/README.md": CARD}
    weights = {"net/model.safetensors": data, "net/pytorch_model.bin": data}
    (entry,) = files(card | weights | {"net/a-Q4_0.gguf": data, "net/b.gguf": pointer}).entries
    assert [link.raw for link in entry.links] == ["model.safetensors", "a-Q4_0.gguf"]
    assert {link.place.line for link in entry.links} == {2}


def test_an_index_of_shards_beside_a_card_is_its_model(files) -> None:
    index = b'{"metadata": {}, "weight_map": {}}'
    card, shard = {"net/README.md": CARD}, {"net/model-00001-of-00002.safetensors": b"x" * 2000}
    (entry,) = files(card | shard | {"net/model.safetensors.index.json": index}).entries
    assert [link.raw for link in entry.links] == ["model.safetensors.index.json"]


def test_checkpoints_beside_another_page_are_not(files) -> None:
    (entry,) = files({"net/card.md": CARD, "net/model.safetensors": b"x" * 2000}).entries
    assert entry.links == ()
