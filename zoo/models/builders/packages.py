"""Packages that models come from: their names, and versions found without importing them."""

import hashlib
import importlib.metadata
import importlib.util
from pathlib import Path

# Their module classes may run without trust, and their version alone identifies their code.
LIBRARIES = ("timm", "torchvision")
# counts as a package of its own, so that its evidence does not age with the rest of zoo
EXAMPLES = "zoo.examples"
ALLOWED = (*LIBRARIES, EXAMPLES)


def package_of(module: str) -> str:
    """Return the top-level package of a module; `zoo.examples` counts as one."""
    return EXAMPLES if f"{module}.".startswith(f"{EXAMPLES}.") else module.split(".")[0]


def package_version(package: str) -> str:
    """Return a package's name and version: `timm 1.0.31`.

    For other packages than the libraries a hash of their source follows: a package keeps its
    version while somebody works on it.
    """
    try:
        version = f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return f"{package} {_source_hash(package)}"
    return version if package in LIBRARIES else f"{version} {_source_hash(package)}"


def _source_hash(package: str) -> str:
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return "not installed"
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    digest = hashlib.sha256()
    for path in files or [Path(spec.origin or package)]:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return f"source {digest.hexdigest()[:12]}"
