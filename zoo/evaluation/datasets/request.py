"""What a source of images is asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """`text` is what the user wrote: a path, or what follows the prefix of a name.

    where   the whole text, prefix and all, as messages and evidence show it
    split   the split that was asked for
    root    the folder of data sets that another library keeps its files in
    """

    text: str
    where: str
    split: str | None = None
    root: Path | None = None

    @property
    def path(self) -> Path:
        return Path(self.text)
