"""Find the checkpoints of a folder."""

from itertools import islice
from pathlib import Path

from zoo.model_index.errors import UsageError
from zoo.model_index.reading.globs import walk

INDEX = ".index.json"
# By suffix, in the order in which they are described: files that name others come first.
SUFFIXES = (INDEX, ".onnx", ".safetensors", ".gguf", ".pth", ".pt", ".bin", ".ckpt", ".npz", ".npy")
MOST_FILES = 10_000  # that are looked at
MOST_CHECKPOINTS = 1_000


def list_checkpoints(folder: Path) -> list[Path]:
    """Return the files of a folder, and below it, that are checkpoints by their suffix.

    Raises:
        UsageError: there is none, or more than are plausible.
    """
    ranks = {
        path: rank
        for path in islice(walk(folder), MOST_FILES)
        if (rank := _rank(path)) < len(SUFFIXES) and path.is_file()
    }
    if not ranks:
        names = ", ".join(suffix.removeprefix(".") for suffix in SUFFIXES)
        raise UsageError(f"{folder}: no checkpoint in this folder ({names})")
    if len(ranks) > MOST_CHECKPOINTS:
        raise UsageError(f"{folder}: {len(ranks):,} checkpoints; name some of them")
    return sorted(ranks, key=lambda path: (ranks[path], path))


def has_checkpoints(folder: Path) -> bool:
    """Return whether a path is a folder with a checkpoint, among its first files."""
    return folder.is_dir() and any(
        _rank(path) < len(SUFFIXES) for path in islice(walk(folder), MOST_FILES)
    )


def _rank(path: Path) -> int:
    name = path.name.lower()
    return next((n for n, suffix in enumerate(SUFFIXES) if name.endswith(suffix)), len(SUFFIXES))
