"""The Papers-with-Code form: our own loader and the `model-index` package read what was there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import modelindex
import pytest

from zoo.model_index.load import DATA, load
from zoo.model_index.records.records import Entry, Index
from zoo.reporting.convert import pwc
from zoo.reporting.convert.losses import Conversion
from zoo.reporting.views.catalogue import Catalogue, Zoo

Again = Callable[[Conversion], Index]
Facts = Callable[[Entry], list[tuple[object, ...]]]


def converted(index: Index, folder: bool = False) -> Conversion:
    return pwc.convert(Catalogue.of(Zoo(index=index, findings=(), evidence={}, primary={})), folder)


def same(index: Index, other: Index, facts: Facts) -> None:
    assert [facts(entry) for entry in other.entries] == [facts(entry) for entry in index.entries]
    assert [(str(e.builder), e.builder.arguments) for e in other.entries] == [
        (str(e.builder), e.builder.arguments) for e in index.entries
    ]
    assert [c.fields for c in other.collections] == [c.fields for c in index.collections]


def test_one_file_is_read_back_equal(corners: Index, again: Again, facts: Facts) -> None:
    made = converted(corners)
    assert list(made.files) == ["model-index.yml"] and made.losses.rows() == []
    other = again(made)
    same(corners, other, facts)
    assert [(e.fields, e.library) for e in other.entries] == [
        (e.fields, e.library) for e in corners.entries
    ]
    assert (
        "  Description: |-\n    First.\n\n      Indented # and --- such: things\n"
        in made.files["model-index.yml"]
    )


@pytest.mark.parametrize("folder", [True, False])
def test_the_embedded_index_is_read_back_equal(folder: bool, again: Again, facts: Facts) -> None:
    """All of it in a folder; in one file what one Library publishes."""
    index = (
        load() if folder else load([DATA / f"{name}.yml" for name in ("densenet", "dla", "dpn")])
    )
    made = converted(index, folder)
    assert made.losses.rows() == []
    assert len(made.files) == (6 if folder else 1)
    same(index, again(made), facts)


def test_several_libraries_are_several_files_in_a_folder(
    several: Index, again: Again, facts: Facts
) -> None:
    made = converted(several, folder=True)
    assert list(made.files) == ["model-index.yml", "corners.yml", "second.yml", "third.yml"]
    assert made.files["model-index.yml"] == "Import:\n- corners.yml\n- second.yml\n- third.yml\n"
    assert made.losses.rows() == []
    other = again(made)
    same(several, other, facts)
    assert [(e.fields, e.library) for e in other.entries] == [
        (e.fields, e.library) for e in several.entries
    ]


def test_several_libraries_in_one_file_are_publishers(
    several: Index, again: Again, facts: Facts
) -> None:
    made = converted(several)
    assert made.losses.rows() == [
        (
            "Library.Headline",
            "1",
            "one file names one Library, and this is of several; a folder keeps it",
        )
    ]
    other = again(made)
    same(several, other, facts)
    assert other.entries[3].publisher == "OpenMMLab"


def test_collections_of_one_name_are_counted(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yml").write_text("Collections: [{Name: Net}]\n")
    made = converted(load([tmp_path]))
    why = "another collection of the file has this name; a folder keeps both"
    assert made.losses.rows() == [("Collection Net", "1", why)]


def test_claims_that_stand_elsewhere_are_written(
    corners: Index, again: Again, facts: Facts
) -> None:
    """As those of a model card, whose results stand below `model-index`, or of another dialect's
    fields."""
    entry = corners.entries[0]
    card = {
        "name": "a",
        "results": [
            {
                "task": {"type": "image-classification", "name": "Image Classification"},
                "dataset": {"type": "acme/imagenet", "name": "ImageNet"},
                "metrics": [
                    {"type": "accuracy", "name": "Top 1 Accuracy", "value": "80.160%"},
                    {"type": "accuracy", "name": "top5", "value": "0.9491"},
                    {"type": "mAP", "value": "no"},
                ],
            }
        ],
    }
    foreign = replace(
        entry,
        collection=None,
        reported=(),
        metadata={},
        fields={"license": "mit", "model-index": [card]},
    )
    (other,) = again(converted(Index(collections=(), entries=(foreign,), files=()))).entries
    assert facts(other) == facts(foreign)
    assert other.fields["license"] == "mit" and "model-index" not in other.fields
    assert other.fields["Results"] == [
        {
            "Task": "Image Classification",
            "Dataset": {"Name": "ImageNet", "Type": "acme/imagenet"},
            "Metrics": {"Top 1 Accuracy": "80.160%", "top5": "0.9491", "mAP": "no"},
        }
    ]


def test_the_reference_package_reads_it(corners: Index, tmp_path: Path) -> None:
    path = tmp_path / "model-index.yml"
    path.write_text(converted(corners).files["model-index.yml"])
    theirs = modelindex.load_model_index.load(str(path))
    assert [model.name for model in theirs.models] == ["a", "b"]
    assert theirs.models[0].metadata.flops == "4.1 GFLOPs"
    assert theirs.models[0].results[0].metrics == {
        "Top 1 Accuracy": "80.160%",
        "top5": 0.9491,
        "mAP": "no",
    }
    assert theirs.library.name == "Acme" and theirs.collections[0].name == "Net"


def test_a_card_whose_metric_nothing_measures_keeps_it(
    card: Index, again: Again, facts: Facts
) -> None:
    made = converted(card)
    assert made.losses.rows() == []
    (before,), (other,) = card.entries, again(made).entries
    assert facts(other) == facts(before)
    assert other.fields["Results"] == before.fields["model-index"][0]["results"]
    (theirs,) = again(converted(again(made))).entries
    assert theirs.fields == other.fields


def test_an_index_in_many_files_is_one_file(scattered: Index, again: Again, facts: Facts) -> None:
    made = converted(scattered)
    assert made.losses.rows() == [
        ("Collection.Metadata", "1", "it stands in another file, and no model inherits it"),
    ]
    other = again(made)
    assert [facts(entry) for entry in other.entries] == [
        facts(entry) for entry in scattered.entries
    ]
    assert [entry.metadata for entry in other.entries] == [
        entry.metadata for entry in scattered.entries
    ]
    for before, after in zip(scattered.entries[:3], other.entries, strict=False):
        assert list(before.gathered) == after.fields["Results"]
    assert [len(entry.claims) for entry in other.entries] == [8, 4, 2, 1, 2]
    assert [collection.fields for collection in other.collections[3:]] == [
        {"Name": "Unused"},
        {"Name": "E", "Metadata": {"Training Data": ["E"]}},
    ]


def test_keys_may_have_underscores(
    zoo_of: Callable[[str], Zoo], again: Again, facts: Facts
) -> None:
    text = (
        "Collections: [{Name: A, Meta_Data: x}]\nModels:\n"
        "- {Name: m, In_Collection: A, Metadata: {Training_Data: [X], Top_1: 3, flops: 1}}"
    )
    index = zoo_of(text).index
    made = converted(index)
    assert (
        made.files["model-index.yml"].count("In") == 1
        and "  In_Collection: A\n" in made.files["model-index.yml"]
    )
    same(index, again(made), facts)


def test_merge_keys_are_merged(zoo_of: Callable[[str], Zoo], again: Again, facts: Facts) -> None:
    index = zoo_of(MERGED).index
    made = converted(index)
    assert "<<" not in made.files["model-index.yml"]
    same(index, again(made), facts)
    assert [claim.printed for claim in index.entries[1].claims] == ["4 G", "25.6 M"]


MERGED = """\
Models:
- {Name: a, Metadata: &m {FLOPs: 4 G, Training Data: [ImageNet]}}
- Name: b
  Metadata: {<<: *m, Params (M): 25.6}
"""
