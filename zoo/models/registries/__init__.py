"""Write a library's registry as an index.

The registry is written once for each version of the library, as a file like any other index, so
that its claims have lines and reading them again imports nothing. An index file or folder with the
library's name takes precedence.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from zoo.model_index.errors import UsageError
from zoo.model_index.io.atomic import write_atomically
from zoo.model_index.io.user_cache import registry_folder
from zoo.models.extras import EXTRAS, install_command
from zoo.models.registries.registry import Registry
from zoo.models.registries.timm import TIMM
from zoo.models.registries.torchvision import TORCHVISION

REGISTRIES: dict[str, Registry] = {"timm": TIMM, "torchvision": TORCHVISION}


def resolve_paths(paths: Sequence[str]) -> list[str]:
    """Replace the names of libraries among the paths of an index by the files of their registries.

    Raises:
        UsageError: a library is not installed, or its registry cannot be written.
    """
    return [
        str(write_registry(path)) if path in REGISTRIES and not os.path.exists(path) else path
        for path in paths
    ]


def write_registry(library: str) -> Path:
    """Return the registry file of the installed library, and write it first where it is missing.

    Raises:
        UsageError: as `resolve_paths`.
    """
    import importlib.metadata

    try:
        version = importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        command = install_command(EXTRAS[library])
        raise UsageError(f"--index {library}: {library} is not installed: {command}") from None
    path = registry_file(library, version)
    if not path.is_file():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, _render_in_subprocess(library, version))
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(f"{path}: cannot write the registry: {reason}") from error
    return path


def registry_file(library: str, version: str) -> Path:
    """Return where the registry of a version of a library is written."""
    name = f"{library}-{version}-{REGISTRIES[library].format}.yml"
    return registry_folder() / name


def _render_in_subprocess(library: str, version: str) -> str:
    """Run `render` in another process, which keeps the library's imports and its complaints at
    exit there.

    Raises:
        UsageError: the library does not import.
    """
    code = (
        "import sys; from zoo.models.registries import render; "
        f"sys.stdout.buffer.write(render({library!r}, {version!r}).encode())"
    )
    process = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=False)
    if process.returncode:
        lines = process.stderr.decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"{library} does not import"
        raise UsageError(f"--index {library}: {reason}")
    return process.stdout.decode()


def render(library: str, version: str) -> str:
    """Return a library's registry as YAML: a collection for each of its modules, and its models."""
    registry = REGISTRIES[library]
    entries = list(registry.entries())
    collections = sorted({entry["In Collection"] for entry in entries})
    headline = f"{registry.headline} {version}"
    index = {
        "Library": {"Name": library, "Headline": headline, "Docs": registry.docs},
        "Collections": [{"Name": module} for module in collections],
        "Models": entries,
    }
    return yaml.dump(
        index,
        Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper),
        sort_keys=False,
        allow_unicode=True,
    )
