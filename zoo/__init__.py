"""The ledger of a model zoo: count models, and check what is published about them.

Importing `zoo` imports neither torch nor timm; each function imports what it needs when it is
called.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from zoo.version import __version__

if TYPE_CHECKING:
    from zoo.api.benchmarking import benchmark, compare
    from zoo.api.evaluating import evaluate
    from zoo.api.exporting import export
    from zoo.api.models_table import list_models
    from zoo.api.sources import load
    from zoo.api.verifying import explain, verify
    from zoo.counting.api import count
    from zoo.model_index.errors import (
        IndexFaults,
        LedgerError,
        RemoteError,
        UsageError,
        ZooError,
    )
    from zoo.model_index.ledger.store import Ledger

__all__ = [
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

_ERRORS = "zoo.model_index.errors"
# The module of each public name.
_MODULES = {
    "IndexFaults": _ERRORS,
    "Ledger": "zoo.model_index.ledger.store",
    "LedgerError": _ERRORS,
    "RemoteError": _ERRORS,
    "UsageError": _ERRORS,
    "ZooError": _ERRORS,
    "benchmark": "zoo.api.benchmarking",
    "compare": "zoo.api.benchmarking",
    "count": "zoo.counting.api",
    "evaluate": "zoo.api.evaluating",
    "explain": "zoo.api.verifying",
    "export": "zoo.api.exporting",
    "list_models": "zoo.api.models_table",
    "load": "zoo.api.sources",
    "verify": "zoo.api.verifying",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
