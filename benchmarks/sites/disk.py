"""What each model takes on the disk of a built site."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Disk:
    """Files of a model: their number, bytes, and bytes of the blocks that hold them."""

    files: int
    size: int
    blocks: int


def by_model(site: Path) -> dict[str, Disk]:
    """Return what each model takes, by the name of its page's folder.

    A file is a model's where its name, or that of a folder around it, is the page's.
    """
    names = {path.parent.name for path in (site / "models").glob("*/index.html")}
    files: dict[str, list[os.stat_result]] = defaultdict(list)
    for path in site.rglob("*"):
        if path.is_file():
            parts = path.relative_to(site).parts
            owner = next((part for part in (*parts[:-1], path.stem) if part in names), None)
            if owner is not None and parts[0] not in ("assets", "families"):
                files[owner].append(path.stat())
    return {
        name: Disk(
            len(states), sum(s.st_size for s in states), sum(s.st_blocks * 512 for s in states)
        )
        for name, states in files.items()
    }
