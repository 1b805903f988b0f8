"""Data flows one way: who may import whom, and which commands never import torch."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"torch", "timm", "torchvision", "fvcore"}
FORBIDDEN = {
    "model_index": HEAVY
    | {"zoo", "reporting", "requests", "urllib", "http", "socket", "httpx", "fsspec"},
    "reporting": HEAVY | {"zoo"},
    "zoo": {"jinja2", "matplotlib", "pandas"},
}


def imports(path: Path) -> set[str]:
    """The top-level packages a file imports anywhere, inside functions too; for type checkers only
    does not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        node
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If)
        and isinstance(branch.test, ast.Name)
        and branch.test.id == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and node not in guarded:
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node not in guarded:
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_packages_import_only_downstream(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    wrong = {str(f.relative_to(ROOT)): imports(f) & FORBIDDEN[package] for f in files}
    assert {file: names for file, names in wrong.items() if names} == {}


def test_only_the_command_line_imports_reporting() -> None:
    files = [f for f in (ROOT / "zoo").rglob("*.py") if "reporting" in imports(f)]
    assert {f.parent.name for f in files} == {"cli"}


PROBE = """
import json, sys
sys.argv = ["zoo", *json.loads(sys.argv[1])]
from zoo.cli import main
code = 0
try:
    main()
except SystemExit as stop:
    code = stop.code
print("\\n" + json.dumps([code or 0, sorted({"torch", "timm", "torchvision", "numpy"} & set(sys.modules))]))
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


def test_verifying_and_building_on_evidence_never_import_torch(tmp_path: Path) -> None:
    assert run(["verify", "dla34"], tmp_path) == (1, ["numpy", "timm", "torch", "torchvision"])
    assert run(["verify", "dla34"], tmp_path) == (1, [])
    assert run(["card", "dla34"], tmp_path) == (0, [])
    assert run(["convert", "--to", "openmmlab", "--output", "metafile.yml"], tmp_path) == (0, [])
    (tmp_path / "mkdocs.yml").write_text("site_name: test\ntheme: {name: material, font: false}\n")
    code, modules = run(["build", "--no-verify"], tmp_path)
    assert (code, set(modules) & {"torch", "timm", "torchvision"}) == (0, set())
    assert (tmp_path / "site" / "models" / "dla34" / "index.html").is_file()
