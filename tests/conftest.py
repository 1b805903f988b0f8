"""What the tests of several packages share: the site of a zoo, built by MkDocs as users build
it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.durations import Durations
from tests.wheel import build_wheel, list_sources
from zoo.cli import CHILDREN
from zoo.reporting.site.build import write
from zoo.reporting.site.mkdocs_config import sites
from zoo.reporting.views.catalogue import Zoo

ROOT = Path(__file__).parent.parent
VARIABLES = dict(os.environ)
# The pages that the nav of mkdocs.yml names, but for the generated ones.
HAND_WRITTEN = [
    name
    for name in re.findall(r": (\w+)\.md$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    if name != "index"
]


@pytest.fixture(autouse=True)
def process_state() -> Iterator[None]:
    """The variables and the import path of this process, as they were before the test.

    A command changes both for its process; here many commands run in one, some in fixtures of a
    whole module.
    """
    for name in CHILDREN.keys() - VARIABLES.keys():
        os.environ.pop(name, None)
    variables, path, finders = dict(os.environ), list(sys.path), list(sys.meta_path)
    yield
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)
    sys.path[:], sys.meta_path[:] = path, finders


@pytest.fixture(scope="session", autouse=True)
def user_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's cache folder of all tests, not that of the person who runs them."""
    folder = tmp_path_factory.mktemp("user") / "zoo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def user_config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's configuration of all tests: nothing is allowed to any settings."""
    folder = tmp_path_factory.mktemp("config") / "zoo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CONFIG", str(folder))
        yield folder


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    if not list_sources():
        pytest.skip("no git checkout")
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def built() -> Callable[[Zoo, Path], Path]:
    """Writes a zoo's pages into a folder, builds them strictly, and gives the folder of the
    site."""

    def build(zoo: Zoo, folder: Path) -> Path:
        shutil.copytree(ROOT / "reporting/theme", folder / "reporting/theme", dirs_exist_ok=True)
        for config in ("mkdocs.yml", "mkdocs.zh.yml"):
            shutil.copy(ROOT / config, folder)
        for site in sites(folder / "mkdocs.yml", {}):
            write(zoo, site.docs, site.settings)
        for name in HAND_WRITTEN:  # headings, to which links of translated pages lead
            text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
            headings = [f"# {name.title()}", *re.findall(r"^##+ .+$", text, re.MULTILINE)]
            (folder / "docs" / f"{name}.md").write_text("\n\n".join(headings), encoding="utf-8")
        shutil.copy(ROOT / "docs.zh/start.md", folder / "docs.zh")
        for config, below in (("mkdocs.yml", "site"), ("mkdocs.zh.yml", "site/zh")):
            command = [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "mkdocs",
                "build",
                "--strict",
                "-q",
                "-f",
                config,
                "-d",
                below,
            ]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        return folder / "site"

    return build


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of `tests.durations` and of the fixture `snapshot`."""
    parser.addoption("--slowest", metavar="FILE", help="write the 30 slowest tests to a file")
    parser.addoption("--write-snapshots", action="store_true", help="keep the screens of commands")


def pytest_configure(config: pytest.Config) -> None:
    """Record durations, except in a worker of pytest-xdist: only the controller writes."""
    if (file := config.getoption("--slowest")) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Durations(Path(file)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A cluster's tests first: they wait more than they work, so that others have the time."""
    items.sort(key=lambda item: item.get_closest_marker("slurm") is None)
