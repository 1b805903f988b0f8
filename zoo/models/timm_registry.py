"""Write timm's registry as an index: every architecture at its default configuration.

The registry is written once for each version of timm, as a file like any other index, so that its
claims have lines and reading them again imports nothing. An index file or folder called `timm`
takes precedence.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from zoo.model_index.dialects.tables.join import TAG
from zoo.model_index.errors import UsageError
from zoo.model_index.io.atomic import write_atomically
from zoo.model_index.io.user_cache import cache_folder
from zoo.models.extras import EXTRAS, install_command

if TYPE_CHECKING:
    from timm.models import PretrainedCfg

NAME = "timm"
FORMAT = 2  # of the file; a new number makes it be written again
DOCS = "https://huggingface.co/docs/timm"
# Label in an index -> attribute of a pretrained configuration.
SETTINGS = {
    "Crop Pct": "crop_pct",
    "Crop Mode": "crop_mode",
    "Interpolation": "interpolation",
    "Mean": "mean",
    "Std": "std",
}


def resolve_paths(paths: Sequence[str]) -> list[str]:
    """Replace `timm` among the paths of an index by its registry's file.

    Raises:
        UsageError: timm is not installed, or its registry cannot be written.
    """
    return [
        str(write_registry()) if path == NAME and not os.path.exists(path) else path
        for path in paths
    ]


def write_registry() -> Path:
    """Return the registry file of the installed timm, and write it first where it is missing.

    Raises:
        UsageError: as `resolve_paths`.
    """
    import importlib.metadata

    try:
        version = importlib.metadata.version(NAME)
    except importlib.metadata.PackageNotFoundError:
        command = install_command(EXTRAS[NAME])
        raise UsageError(f"--index timm: timm is not installed: {command}") from None
    path = cache_folder() / "registry" / f"timm-{version}-{FORMAT}.yml"
    if not path.is_file():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, _render_in_subprocess(version))
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(f"{path}: cannot write the registry: {reason}") from error
    return path


def _render_in_subprocess(version: str) -> str:
    """Run `render` in another process, which keeps timm's imports and its complaints at exit there.

    Raises:
        UsageError: timm does not import.
    """
    code = (
        "import sys; from zoo.models.timm_registry import render; "
        f"sys.stdout.buffer.write(render({version!r}).encode())"
    )
    process = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=False)
    if process.returncode:
        lines = process.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(f"--index timm: {lines[-1] if lines else 'timm does not import'}")
    return process.stdout.decode()


def render(version: str) -> str:
    """Return the registry as YAML: a collection for each module of timm, a model for each
    architecture."""
    import timm

    modules = {
        name: timm.models.model_entrypoint(name).__module__.rpartition(".")[2]
        for name in timm.list_models()
    }
    index = {
        "Library": {"Name": NAME, "Headline": f"PyTorch Image Models {version}", "Docs": DOCS},
        "Collections": [{"Name": module} for module in sorted(set(modules.values()))],
        "Models": [
            _model(name, module, timm.get_pretrained_cfg(name)) for name, module in modules.items()
        ],
    }
    return yaml.dump(
        index,
        Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper),
        sort_keys=False,
        allow_unicode=True,
    )


def _model(name: str, module: str, pretrained: "PretrainedCfg | None") -> dict[str, Any]:
    return {"Name": name, "In Collection": module, "Metadata": describe(pretrained)}


def describe(pretrained: "PretrainedCfg | None") -> dict[str, Any]:
    """Return the metadata of an entry: the settings of a pretrained configuration, and its tag."""
    configuration = pretrained.to_dict() if pretrained else {}  # type: ignore[no-untyped-call]
    metadata = dict(_settings(configuration))
    if pretrained and pretrained.tag:
        metadata[TAG] = pretrained.tag
    return metadata


def _settings(configuration: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the labels and values of preprocessing and licence; a square size as one number."""
    yield "Tasks", ["Image Classification"]
    if size := configuration.get("input_size"):
        height, width = size[-2:]
        yield "Image Size", str(height) if height == width else f"{height}x{width}"
    for label, key in SETTINGS.items():
        if (value := configuration.get(key)) not in (None, ""):
            yield label, [*value] if isinstance(value, tuple) else value
    if licence := configuration.get("license"):
        yield "License", str(licence)
