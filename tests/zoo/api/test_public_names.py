"""What `import zoo` offers: the names, that they stay what they are, and what importing costs."""

import json
import subprocess
import sys

import zoo

PROBE = """
import importlib, json, pkgutil, sys
import zoo
heavy = sorted({"torch", "timm", "numpy", "pandas", "typer", "zoo.model_index"} & set(sys.modules))
for module in pkgutil.walk_packages(zoo.__path__, "zoo."):
    if module.name.count(".") == 1 and module.name != "zoo.__main__":
        importlib.import_module(module.name)
kinds = {name: type(getattr(zoo, name)).__name__ for name in zoo.__all__}
print(json.dumps([heavy, kinds]))
"""


def test_the_public_names() -> None:
    assert sorted(zoo.__all__) == [
        "IndexFaults",
        "Ledger",
        "LedgerError",
        "RemoteError",
        "UsageError",
        "ZooError",
        "__version__",
        "benchmark",
        "compare",
        "count",
        "evaluate",
        "explain",
        "export",
        "list_models",
        "load",
        "verify",
    ]
    assert set(zoo.__all__) <= set(dir(zoo))


def test_names_stay_functions_after_every_chapter_was_imported() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    heavy, kinds = json.loads(done.stdout)
    assert heavy == []
    functions = {name for name, kind in kinds.items() if kind == "function"}
    assert functions == {
        "benchmark",
        "compare",
        "count",
        "evaluate",
        "explain",
        "export",
        "list_models",
        "load",
        "verify",
    }


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(zoo, "verifies")
