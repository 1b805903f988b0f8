"""timm's registry as an index: every architecture at its default configuration.

The registry is written down once for each version of timm, as a file like any other index, so that
its claims have lines, and reading them again imports nothing. An index file or folder that is
called `timm` comes first.
"""

import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.store import write_atomically
from zoo.model_index.reading.join_tables import TAG
from zoo.models.environment import cache_folder

if TYPE_CHECKING:
    from timm.models import PretrainedCfg

NAME = "timm"
FORMAT = 2  # of the file; another number has it written anew
DOCS = "https://huggingface.co/docs/timm"
# What a pretrained configuration states, by the index's word for it.
SETTINGS = {
    "Crop Pct": "crop_pct",
    "Crop Mode": "crop_mode",
    "Interpolation": "interpolation",
    "Mean": "mean",
    "Std": "std",
}


def paths(named: Sequence[str]) -> list[str]:
    """The paths of an index, the registry's file in the place of `timm`.

    Raises:
        UsageError: timm is not installed, or its registry cannot be written down.
    """
    return [str(file()) if name == NAME and not os.path.exists(name) else name for name in named]


def file() -> Path:
    """The registry of the timm that is installed, written now where it is not there yet.

    Raises:
        UsageError: as `paths`.
    """
    try:
        version = importlib.metadata.version(NAME)
    except importlib.metadata.PackageNotFoundError:
        raise UsageError("--index timm: timm is not installed here") from None
    path = cache_folder() / "registry" / f"timm-{version}-{FORMAT}.yml"
    if not path.is_file():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, _told(version))
        except OSError as error:
            raise UsageError(
                f"{path}: the registry cannot be written down: {error.strerror or error}"
            ) from error
    return path


def _told(version: str) -> str:
    """`text` by a process of its own: what timm imports stays there, with the complaints of its
    end.

    Raises:
        UsageError: timm does not import.
    """
    code = f"import sys; from zoo.models.timm_registry import text; sys.stdout.buffer.write(text({version!r}).encode())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(f"--index timm: {why[-1] if why else 'timm does not import'}")
    return done.stdout.decode()


def text(version: str) -> str:
    """The registry as model-index YAML: a collection for each module of timm, a model for each
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
    stated = dict(_settings(pretrained.to_dict() if pretrained else {}))
    if pretrained and pretrained.tag:
        stated[TAG] = pretrained.tag
    return {"Name": name, "In Collection": module, "Metadata": stated}


def _settings(configuration: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a configuration states of preprocessing and licence; the size as one number where it is
    square."""
    yield "Tasks", ["Image Classification"]
    if size := configuration.get("input_size"):
        height, width = size[-2:]
        yield "Image Size", str(height) if height == width else f"{height}x{width}"
    for label, key in SETTINGS.items():
        if (value := configuration.get(key)) not in (None, ""):
            yield label, [*value] if isinstance(value, tuple) else value
    if licence := configuration.get("license"):
        yield "License", str(licence)
