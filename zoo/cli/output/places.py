"""Print places of claims as short as they are clear."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.model_index.records.place import Place


def show_place(place: "Place") -> str:
    """Return `file:line`, the file relative to the working folder where it lies below it; of the
    embedded index its name only: `dpn.yml:251 (demo)`."""
    from zoo.model_index.load import is_embedded

    path = os.path.relpath(place.file) if os.path.isabs(place.file) else place.file
    if not path.startswith(os.pardir + os.sep):
        return f"{path}:{place.line}"
    if is_embedded(place):
        return f"{os.path.basename(place.file)}:{place.line} (demo)"
    return str(place)
