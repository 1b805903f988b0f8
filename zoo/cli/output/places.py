"""Print places and standings of claims as short as they are clear."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.model_index.findings import Finding
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


def show_use(finding: "Finding") -> str:
    """Return what to use instead of a wrong claim: `use 11.67 GMACs`; empty where nothing is
    known."""
    from decimal import Decimal

    from zoo.model_index.findings import Standing
    from zoo.model_index.quantities.show import human

    row, value = finding.claim.row, finding.use
    if finding.standing is not Standing.WRONG or value is None:
        return ""
    if row.counted and isinstance(value, Decimal):
        return f"use {row.amount.format(human(value))}"
    return f"use {row.show(value)}"


def show_claim(finding: "Finding") -> str:
    """Return a claimed value in short: `15.00 G`, `79.65%`."""
    from decimal import Decimal

    from zoo.model_index.quantities.show import human, show_count

    row, value = finding.claim.row, finding.claim.value
    if row.show is show_count and isinstance(value, Decimal):
        return human(value)
    return row.show(value)
