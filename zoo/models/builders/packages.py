"""Packages that models come from: their names, and versions found without importing them."""

import hashlib
import importlib.metadata
import importlib.util
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from zoo.model_index.errors.suggestions import count_edits, find_close
from zoo.model_index.findings import Gap
from zoo.models.extras import EXTRAS, install_command
from zoo.models.libraries import LIBRARIES

# counts as a package of its own, so that its evidence does not age with the rest of zoo
EXAMPLES = "zoo.examples"
ALLOWED = (*LIBRARIES, EXAMPLES)
OWN_FOLDERS = (".", "src")
PROJECTS = ("pyproject.toml", "setup.py", "setup.cfg")  # what pip can install a folder by


def package_of(module: str) -> str:
    """Return the top-level package of a module; `zoo.examples` counts as one."""
    return EXAMPLES if f"{module}.".startswith(f"{EXAMPLES}.") else module.split(".")[0]


def package_version(package: str) -> str:
    """Return a package's name and version: `timm 1.0.31`.

    For other packages than the libraries a hash of their source follows: a package keeps its
    version while somebody works on it. Of one that pip has copied into the environment, that is the
    hash of its `RECORD`, which holds those of its files.
    """
    try:
        version = f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return f"{package} {_source_hash(package)}"
    return version if package in LIBRARIES else f"{version} {_source_hash(package)}"


def describe_missing(module: str, index_file: str = "") -> tuple[str, Gap]:
    """Return why a module cannot be imported, and the gap with what to type.

    The command line does not import from the working folder, so a package that lies there, or
    beside the index, is not installed.
    """
    package = module.split(".")[0]
    if package != module and is_installed(package):
        return f"{package} has no module {module}", Gap("unknown", package)
    missing = f"{package} is not installed in {sys.prefix}"
    close = find_close(package, LIBRARIES, 1)
    if close and count_edits(package, close[0]) == 1:
        missing = f"no package {package!r}: did you mean {close[0]}? {missing}"
    if folder := find_folder(package, index_file):
        installs = folder in OWN_FOLDERS and any(Path(name).is_file() for name in PROJECTS)
        option = f"--path {shlex.quote(folder)}"
        advice = f"{option}, or pip install -e ." if installs else option
        where = "this folder" if folder == "." else f"the folder {folder}"
        return f"{missing}; it lies in {where}: {advice}", Gap("missing", package, advice)
    extra = EXTRAS.get(package)
    advice = install_command(extra) if extra else f"pip install {package}"
    return f"{missing}: {advice}", Gap("missing", package, advice)


def find_folder(package: str, index_file: str = "") -> str:
    """Return the folder that a package lies in though nothing is imported from there: the working
    folder, the folder of the index file, the one above, or `src` in one of them; "" where there is
    none, or the package is installed."""
    if is_installed(package):
        return ""
    folders = ["."]
    if index_file:
        beside = os.path.dirname(os.path.relpath(index_file)) or "."
        folders += [beside, os.path.normpath(os.path.join(beside, ".."))]
    for folder in folders:
        for path in (folder, os.path.normpath(os.path.join(folder, "src"))):
            if package_lies_in(path, package):
                return path
    return ""


def package_lies_in(folder: str, package: str) -> bool:
    """Return whether a folder holds a package with code, or a module of its name."""
    path = Path(folder, package)
    files = (file for pattern in ("*.py", "*/*.py") for file in path.glob(pattern))
    return any(files) or Path(folder, f"{package}.py").is_file()


def is_installed(package: str) -> bool:
    """Return whether a package can be found; import nothing of it."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _source_hash(package: str) -> str:
    spec = importlib.util.find_spec(package) if is_installed(package) else None
    if spec is None:
        return "not installed"
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    record = _find_record(package, folders)
    files = [record] if record else sorted(p for folder in folders for p in folder.rglob("*.py"))
    digest = hashlib.sha256()
    for path in files or [Path(spec.origin or package)]:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return f"source {digest.hexdigest()[:12]}"


def _find_record(package: str, folders: Sequence[Path]) -> Path | None:
    """Return the file that lists an installed package's files with their hashes; None for one that
    lies elsewhere, in a checkout or behind a link."""
    if len(folders) != 1 or folders[0].is_symlink():
        return None
    return next(folders[0].parent.glob(f"{package}-*.dist-info/RECORD"), None)
