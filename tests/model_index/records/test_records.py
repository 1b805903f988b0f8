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
    assert isinstance(index.collection("B"), Collection)
    assert index.collection("b") is index.collection(None) is None
    assert index.collection("B").paper == {"URL": "https://example.org"}
    assert index.collection("A").paper == {}
    assert index.collection("B").text("name") == "B"


def test_entries(index: Index) -> None:
    loose = index.select(["loose"])[0]
    assert loose.weights == ("w.pth",)
    assert index.entries[0].weights == ()
    assert loose.text("weights") == "w.pth"
    assert loose.text("readme") is loose.claim("flops") is None


def test_records_do_not_change(index: Index) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        index.entries[0].name = "other"
