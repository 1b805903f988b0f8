"""Where a claim stands, without a path of the machine that makes the page."""

from pathlib import Path

import pytest

from zoo.model_index.load import DATA
from zoo.model_index.records.place import Place
from zoo.reporting.views.places import PublicPlaces


def test_a_file_is_named_relative_to_the_folder_of_its_index() -> None:
    places = PublicPlaces(["/srv/zoo/index/dpn.yml", "/srv/zoo/index/more/dla.yml"])
    assert places.show(Place("/srv/zoo/index/dpn.yml", 251)) == ("dpn.yml:251", None)
    assert places.show(Place("/srv/zoo/index/more/dla.yml", 3)) == ("more/dla.yml:3", None)


def test_no_absolute_path_is_shown() -> None:
    far = ["/home/alice/a/x.yml", "/srv/b/y.yml"]
    places = PublicPlaces(far)
    assert [places.file(name) for name in far] == ["a/x.yml", "b/y.yml"]
    assert places.file("/etc/other.yml") == "etc/other.yml"
    assert PublicPlaces(["/srv/zoo/x.yml", "/srv/zoo/y.yml"]).file("/etc/other.yml") == "other.yml"


def test_files_that_ship_with_the_package_have_their_name() -> None:
    mixed = PublicPlaces(["/srv/zoo/index/x.yml", str(DATA / "dpn.yml")])
    assert mixed.file(str(DATA / "dpn.yml")) == "dpn.yml"
    assert mixed.file("/srv/zoo/index/x.yml") == "x.yml"


def test_the_line_is_linked_where_the_repository_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = "https://code.example/blob/main/"
    places = PublicPlaces(["index/dpn.yml"], source)
    assert places.show(Place("index/dpn.yml", 7)) == (
        "dpn.yml:7",
        "https://code.example/blob/main/index/dpn.yml#L7",
    )
    embedded = Place(str(DATA / "dpn.yml"), 7)
    assert places.show(embedded)[1] == (
        "https://code.example/blob/main/model_index/data/dpn.yml#L7"
    )
    assert PublicPlaces(["index/dpn.yml"], "javascript:alert()").show(embedded)[1] is None
