"""Read the grids of a file by its suffix."""

from zoo.model_index.errors import Fault
from zoo.model_index.reading.tables.grid import Grid


def read_grids(file: str, text: str, offset: int = 0) -> tuple[tuple[Grid, ...], list[Fault]]:
    """Return the tables of a file in reading order, and the faults of what was left out.

    `file` is the name that places have; its suffix says the format. `offset` is where `text` begins
    in the file, in characters: 1 behind a byte order mark.
    """
    return (), []
