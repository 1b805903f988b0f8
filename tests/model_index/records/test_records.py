"""Looking things up in an index."""

import dataclasses

import pytest

from zoo.model_index.errors import UsageError
from zoo.model_index.records.records import Collection, Index

TEXT = """\
Collections: [{Name: B, Paper: https://example.org}, {Name: A}, {Name: Empty}]
Models:
- {Name: dpn98, In Collection: A}
- {Name: Dla34, In Collection: B}
- {Name: dla60, In Collection: B}
- {Name: loose, Weights: w.pth}
- {Name: 'x[1]', In Collection: C}
"""


@pytest.fixture
def index(files) -> Index:
    return files({"f.yml": TEXT})


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ([], ["dpn98", "Dla34", "dla60", "loose", "x[1]"]),
        (["dpn98"], ["dpn98"]),
        (["DPN98"], ["dpn98"]),
        (["dla*"], ["Dla34", "dla60"]),
        (["dla60", "dpn*"], ["dpn98", "dla60"]),
        (["d*", "dla60"], ["dpn98", "Dla34", "dla60"]),
        (["dla[36]?"], ["Dla34", "dla60"]),
        (["x[1]"], ["x[1]"]),
    ],
)
def test_select(index: Index, patterns: list[str], names: list[str]) -> None:
    assert [entry.name for entry in index.select(patterns)] == names


KNOWN = "(5 models in f.yml; `zoo list` lists them)"


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (["dpn99"], f"no model 'dpn99': did you mean dpn98? {KNOWN}"),
        (["dpn98", "zzz"], f"no model 'zzz' {KNOWN}"),
        (["vit*"], f"no model 'vit*' {KNOWN}"),
        ([""], f"no model '' {KNOWN}"),
    ],
)
def test_select_nothing(index: Index, patterns: list[str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        index.select(patterns)
    assert str(error.value) == message


def test_families(index: Index) -> None:
    families = [(name, [entry.name for entry in entries]) for name, entries in index.families()]
    assert families == [
        ("B", ["Dla34", "dla60"]),
        ("A", ["dpn98"]),
        ("Other", ["loose"]),
        ("C", ["x[1]"]),
    ]


def test_collections(index: Index) -> None:
    dpn98, dla34, _, loose, other = index.entries
    collection = index.collection_of(dla34)
    assert isinstance(collection, Collection)
    assert collection.paper == {"URL": "https://example.org"}
    assert collection.text("name") == "B"
    assert index.collection_of(dpn98).paper == {}
    assert index.collection_of(loose) is index.collection_of(other) is None


def test_families_of_one_name(files) -> None:
    """Files of two zoos state two families; files of one zoo, or of none, state one."""
    part = "Collections: [{Name: N, Paper: https://%s.org}]\nModels: [{Name: %s, In Collection: N}]"
    index = files(
        {
            "a.yml": "Library: {Name: A}\n" + part % ("a", "a1"),
            "b.yml": "Library: {Name: B}\n" + part % ("b", "b1"),
            "c.yml": "Library: {Name: B}\nModels: [{Name: c1, In Collection: N}]",
            "d.yml": "Library: {Name: A}\n" + part % ("d", "a2"),
        },
        ".",
    )
    families = [(name, [entry.name for entry in entries]) for name, entries in index.families()]
    assert families == [("N", ["a1", "c1", "a2"]), ("N", ["b1"])]
    papers = {entry.name: index.collection_of(entry).paper["URL"] for entry in index.entries}
    assert papers["a1"] == papers["c1"] == "https://a.org"
    assert (papers["b1"], papers["a2"]) == ("https://b.org", "https://d.org")


@pytest.mark.parametrize(
    ("fields", "tasks"),
    [
        ("Metadata: {Tasks: image-classification}", ["Image Classification"]),
        ("Metadata: {Tasks: [Optical Flow, 3]}", ["Optical Flow", "3"]),
        ("Metadata: {FLOPs: 1 G}", []),
        (
            "Metadata: {Tasks: [Image Classification]}, Results: ["
            "{Task: image-classification, Dataset: D, Metrics: {Top 1 Accuracy: 80}},"
            "{Task: Object Detection, Dataset: D, Metrics: {Top 1 Accuracy: 80}}]",
            ["Image Classification", "Object Detection"],
        ),
    ],
)
def test_tasks(files, fields: str, tasks: list[str]) -> None:
    (entry,) = files({"f.yml": "Models: [{Name: a, " + fields + "}]"}).entries
    assert list(entry.tasks) == tasks


def test_zoo(files, tmp_path) -> None:
    text = "Models: [{Name: a, Publisher: P}, {Name: b}]"
    assert [entry.zoo for entry in files({"f.yml": text}).entries] == ["P", tmp_path.name]
    (entry, _) = files({"f.yml": "Library: {Name: L}\n" + text}).entries
    assert entry.zoo == "L"


def test_entries(index: Index) -> None:
    loose = index.select(["loose"])[0]
    assert loose.weights == ("w.pth",)
    assert index.entries[0].weights == ()
    assert loose.text("weights") == "w.pth"
    assert loose.text("readme") is loose.claim("flops") is None


def test_records_do_not_change(index: Index) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        index.entries[0].name = "other"
