"""The environment of a measurement and the folder of the cache."""

from pathlib import Path

import pytest

from zoo.models import environment


def test_the_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_CACHE", "/somewhere")
    assert environment.cache_folder() == Path("/somewhere")
    monkeypatch.delenv("ZOO_CACHE")
    assert environment.cache_folder() == Path.home() / ".cache" / "zoo"


def test_a_description_is_the_callers_own() -> None:
    first = environment.describe()
    first["python"] = "changed"
    assert environment.describe()["python"] != "changed"
