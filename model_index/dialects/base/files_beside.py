"""Find the checkpoints beside a model card: a card is about the model of its repository."""

from collections.abc import Iterator
from pathlib import Path

# In order of preference, as loaders take them: the first that is there is the model's.
STATE_DICTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
PATTERNS = ("*.gguf", "*.onnx")  # of other forms of the model
MOST = 50
FEWEST_BYTES = 1024  # a pointer of Git LFS has less
README = "readme"


def list_checkpoints_beside(card: Path) -> list[str]:
    """Return the names of the checkpoints in the folder of a README; none for another page, or
    where the files are pointers of Git LFS."""
    if card.stem.lower() != README:
        return []
    return list(_list_names(card.parent))[:MOST]


def _list_names(folder: Path) -> Iterator[str]:
    for name in STATE_DICTS:
        if _is_checkpoint(folder / name):
            yield name
            break
    for pattern in PATTERNS:
        yield from (path.name for path in sorted(folder.glob(pattern)) if _is_checkpoint(path))


def _is_checkpoint(path: Path) -> bool:
    """Return whether a file holds something; an index of shards may be small, but not a pointer."""
    try:
        size = path.stat().st_size if path.is_file() else 0
    except OSError:
        return False
    return size >= FEWEST_BYTES or (path.suffix == ".json" and _names_shards(path))


def _names_shards(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"weight_map" in file.read(FEWEST_BYTES)
    except OSError:
        return False
