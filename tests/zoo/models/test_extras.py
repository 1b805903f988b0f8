"""The base does without torch; what is missing is said with what to type."""

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from zoo.models.extras import (
    CONTAINS,
    PACKAGES,
    MissingExtra,
    explain_missing,
    is_installed,
    list_modules,
    require,
)

ROOT = Path(__file__).parents[3]
NAMES = {"PIL": "pillow", "skimage": "scikit-image", "sklearn": "scikit-learn"}
NAMES |= {"material": "mkdocs-material", "pynvml": "nvidia-ml-py"}
DEVELOPMENT = {"all", "dev", "test", "fuzz"}


def project() -> dict[str, list[str]]:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras: dict[str, list[str]] = data["project"]["optional-dependencies"]
    return extras


def test_the_table_of_extras_is_that_of_the_package() -> None:
    extras = {name: set(rows) for name, rows in project().items() if name not in DEVELOPMENT}
    assert set(extras) == set(PACKAGES)
    for name, rows in extras.items():
        contained = {row for row in rows if row.startswith("model-zoo-ledger[")}
        inner = {part for row in contained for part in row[row.index("[") + 1 : -1].split(",")}
        packages = {re.split(r"[><=;]", row)[0] for row in rows - contained}
        modules = {NAMES.get(module, module) for module in PACKAGES[name]}
        assert inner == set(CONTAINS.get(name, ())), name
        assert packages == modules, name


def test_all_has_every_extra_but_those_for_nvidia() -> None:
    (row,) = project()["all"]
    assert set(row[row.index("[") + 1 : -1].split(",")) == set(PACKAGES) - {"tensorrt", "nvidia"}


def test_the_installed_package_has_the_version_of_the_module() -> None:
    import zoo

    assert metadata.version("model-zoo-ledger") == zoo.__version__


def test_an_extra_is_complete_or_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    require("eval")
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(MissingExtra) as caught:
        require("eval")
    assert str(caught.value) == (
        "torchvision is not installed: pip install 'model-zoo-ledger[eval]'"
    )
    for module in list_modules("eval"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra) as caught:
        require("eval")
    more = len(list_modules("eval")) - 3
    assert str(caught.value).startswith(
        f"numpy, PIL, safetensors and {more} more are not installed: "
    )


def test_a_folder_of_the_name_is_no_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zoo_no_such_package").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not is_installed("zoo_no_such_package")


def test_a_module_of_somebody_else_is_not_ours_to_explain() -> None:
    ours = ModuleNotFoundError("No module named 'timm.data'", name="timm.data")
    assert explain_missing(ours) == "timm is not installed: pip install 'model-zoo-ledger[live]'"
    assert explain_missing(ModuleNotFoundError("no", name="toyzoo")) == ""
    assert explain_missing(ModuleNotFoundError("no")) == ""
