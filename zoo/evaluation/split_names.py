"""Names of the splits of data sets, in their spellings; light to import."""

SPELLINGS: dict[str, tuple[str, ...]] = {
    "validation": ("validation", "val", "valid"),
    "test": ("test", "testing"),
    "train": ("train", "training"),
}
"""The name of a split and its spellings in folders and files."""

NAMES = {spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings}


def canonical(split: str | None) -> str | None:
    """Return the name of a spelling (`validation` for `val`); other names stay as they are."""
    return None if split is None else NAMES.get(split.strip().lower(), split)


def is_split(name: str) -> bool:
    """Whether a folder's whole name is the name of a split."""
    return name.lower() in NAMES
