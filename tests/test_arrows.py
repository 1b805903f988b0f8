"""Data flows one way: who may import whom, and which commands never import torch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source_tree import (
    PACKAGES,
    ROOT,
    chapter,
    circles,
    import_graph,
    imported_names,
    modules,
    source_module,
)

# Packages that each part of the tree never imports, not even inside a function.
HEAVY = {"torch", "timm", "torchvision", "fvcore"}
NETWORK = {"requests", "urllib", "urllib3", "http", "socket", "httpx", "fsspec"}
NEVER = {
    "model_index": HEAVY | NETWORK | {"jinja2", "matplotlib"},
    "reporting": HEAVY,
    "zoo": {"jinja2", "matplotlib", "pandas"},
}
# Which package may import which; only `zoo.cli` may import `reporting`.
PACKAGE_ARROWS = {
    "model_index": set(),
    "reporting": {"model_index"},
    "zoo": {"model_index", "reporting"},
}
# Which chapter of a package may import which other chapters of that package.
CHAPTERS = {
    "model_index.baseline": "errors findings reading records",
    "model_index.checks": "errors quantities reading records",
    "model_index.dialects": "errors quantities reading records",
    "model_index.editing": "dialects errors ledger load reading records",
    "model_index.findings": "errors quantities records",
    "model_index.gaps": "findings records",
    "model_index.io": "errors",
    "model_index.ledger": "errors findings io records",
    "model_index.load": "dialects errors reading records",
    "model_index.reading": "errors records",
    "model_index.records": "errors quantities",
    "model_index.schema": "dialects quantities records",
    "model_index.settings": "checks dialects errors io load reading records",
    "reporting.cards": "snippets text views",
    "reporting.convert": "cards text views",
    "reporting.downloads": "i18n pages plots text views",
    "reporting.gates": "text views",
    "reporting.i18n": "text",
    "reporting.pages": "i18n plots snippets text views",
    "reporting.plots": "i18n text views",
    "reporting.site": "cards downloads i18n pages plots text views",
    "reporting.snippets": "i18n text",
    "reporting.views": "i18n snippets text",
    "zoo": "version",
    "zoo.__main__": "cli",
    "zoo.api": (
        "bench counting evaluation explanation exporting isolation models verification weights"
    ),
    "zoo.bench": "models",
    "zoo.cli": (
        "api bench cluster counting evaluation isolation models verification version weights"
    ),
    "zoo.counting": "isolation models",
    "zoo.evaluation": "models weights",
    "zoo.examples": "evaluation",
    "zoo.explanation": "counting models",
    "zoo.exporting": "bench evaluation models version weights",
    "zoo.isolation": "models",
    "zoo.models": "version",
    "zoo.verification": "counting evaluation explanation models weights",
    "zoo.weights": "isolation models version",
}


def foreign_packages(name: str) -> set[str]:
    """The top-level packages that a module imports from outside of the tree."""
    names = [dotted for dotted in imported_names(name) if source_module(dotted) is None]
    return {dotted.split(".")[0] for dotted in names}


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_no_heavy_package(package: str) -> None:
    names = [name for name in modules() if name.split(".")[0] == package]
    wrong = {name: foreign_packages(name) & NEVER[package] for name in names}
    assert names and {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_downstream(package: str) -> None:
    wrong = [
        (name, target)
        for name, targets in import_graph().items()
        for target in sorted(targets)
        if name.split(".")[0] == package
        and target.split(".")[0] not in PACKAGE_ARROWS[package] | {package}
    ]
    assert wrong == []


def test_only_the_command_line_imports_reporting() -> None:
    importers = {
        chapter(name)
        for name, targets in import_graph().items()
        if name.split(".")[0] == "zoo"
        and any(target.split(".")[0] == "reporting" for target in targets)
    }
    assert importers == {"zoo.cli"}


def test_no_module_imports_itself_in_a_circle() -> None:
    assert circles(import_graph()) == []


def test_circles_are_found() -> None:
    assert circles({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}) == [["a", "b", "c"]]


def test_chapters_import_as_the_table_says() -> None:
    arrows: dict[str, set[str]] = {}
    for name, targets in import_graph().items():
        for target in targets:
            source, other = chapter(name), chapter(target)
            package = source.split(".")[0]
            if source != other and package == other.split(".")[0] and other != package:
                arrows.setdefault(source, set()).add(other.partition(".")[2])
    assert {name: " ".join(sorted(names)) for name, names in sorted(arrows.items())} == CHAPTERS


def test_chapters_do_not_import_each_other_in_a_circle() -> None:
    graph = {
        name: [f"{name.split('.')[0]}.{other}" for other in others.split()]
        for name, others in CHAPTERS.items()
    }
    targets = {target for others in graph.values() for target in others}
    assert circles(dict.fromkeys(targets, ()) | graph) == []


PROBE = """
import json, sys
sys.argv = ["zoo", *json.loads(sys.argv[1])]
from zoo.cli import main
code = 0
try:
    main()
except SystemExit as stop:
    code = stop.code
heavy = sorted({"torch", "timm", "torchvision", "numpy"} & set(sys.modules))
print("\\n" + json.dumps([code or 0, heavy]))
"""


def run(arguments: list[str], folder: Path) -> tuple[int, list[str]]:
    """Exit code of a command and which heavy packages it imported."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, modules


@pytest.mark.parametrize(
    "arguments",
    [
        "--help",
        "--version",
        "list",
        "show dpn98",
        "env",
        "schema",
        "verify --help",
        "card dpn98",
        "convert --to csv",
    ],
)
def test_looking_never_imports_torch(arguments: str, tmp_path: Path) -> None:
    assert run(arguments.split(), tmp_path) == (0, [])


@pytest.mark.parametrize("format", ["table", "junit", "sarif", "github", "markdown"])
def test_linting_never_imports_torch(format: str, tmp_path: Path) -> None:
    assert run(["lint", "--format", format], tmp_path)[1] == []


def test_verifying_what_changed_does_not_import_torch_where_nothing_did(tmp_path: Path) -> None:
    (tmp_path / "i.yml").write_text("Models:\n- {Name: dla34}\n")
    author = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "one"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    assert run(["verify", "--changed", "--index", "i.yml"], tmp_path) == (0, [])


def test_verifying_and_building_never_import_torch(tmp_path: Path) -> None:
    assert run(["verify", "dla34"], tmp_path) == (1, [])
    assert run(["verify", "dla34"], tmp_path) == (1, [])
    assert run(["card", "dla34"], tmp_path) == (0, [])
    assert run(["convert", "--to", "openmmlab", "--output", "metafile.yml"], tmp_path) == (0, [])
    (tmp_path / "mkdocs.yml").write_text("site_name: test\ntheme: {name: material, font: false}\n")
    code, modules = run(["build", "--no-verify"], tmp_path)
    assert (code, set(modules) & {"torch", "timm", "torchvision"}) == (0, set())
    assert (tmp_path / "site" / "models" / "dla34" / "index.html").is_file()
