"""The modules of the source tree and what they import, for the tests of layout and names."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("model_index", "zoo", "reporting")


@cache
def modules() -> dict[str, Path]:
    """Every module by its name in the source tree: `model_index.load`, `zoo.cli.verify`."""
    files = {
        path: path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    return {name.removesuffix(".__init__"): path for path, name in files.items()}


@cache
def tree(name: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def runtime_nodes(name: str) -> Iterator[ast.AST]:
    """Every node of a module, function bodies included, but for blocks under TYPE_CHECKING."""
    guarded = {
        node
        for branch in ast.walk(tree(name))
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.dump(branch.test)
        for statement in branch.body
        for node in ast.walk(statement)
    }
    return (node for node in ast.walk(tree(name)) if node not in guarded)


def imported_names(name: str) -> Iterator[str]:
    """The dotted names that a module imports, as they are written."""
    for node in runtime_nodes(name):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}: relative imports are not used"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def import_graph() -> dict[str, frozenset[str]]:
    """Which modules of the tree each module imports, imports inside functions included."""
    return {
        name: frozenset(
            target
            for dotted in imported_names(name)
            if (target := source_module(dotted)) and target != name
        )
        for name in modules()
    }


def source_module(dotted: str) -> str | None:
    """The module of the tree that an imported name is, or is defined in.

    Installed, `model_index` and `reporting` are `zoo.model_index` and `zoo.reporting`.
    """
    name = dotted
    for package in ("model_index", "reporting"):
        if f"{dotted}.".startswith(f"zoo.{package}."):
            name = dotted.removeprefix("zoo.")
    while name and name not in modules():
        name = name.rpartition(".")[0]
    return name or None


def chapter(module: str) -> str:
    """The folder below a package that a module lies in: `zoo.cli`; of `model_index.load` itself."""
    return ".".join(module.split(".")[:2])


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The strongly connected parts of more than one node (Tarjan's algorithm)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    parts: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for target in graph[node]:
            if target not in order:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], order[target])
        if low[node] == order[node]:
            start = stack.index(node)
            part = stack[start:]
            del stack[start:]
            if len(part) > 1:
                parts.append(sorted(part))

    for node in graph:
        if node not in order:
            visit(node)
    return parts
