"""The layers of a model for its JSON: a row for each module that did work or holds parameters.

A network repeats itself: a row that occurs again is stored once (`rows`), and a module's name is
the path down the tree of modules. That as JSON, compressed by zlib and written in base64, takes a
few kilobytes for a thousand layers, and a page need not have a file for them. `unpack` and `expand`
give the table back:

    layers = json.loads(zlib.decompress(base64.b64decode(text)))
    names = []
    for depth, name, row in layers["tree"]:
        names[max(0, depth - 1):] = [name]
        if row is not None:
            print(".".join(names), layers["rows"][row])
"""

import base64
import zlib
from collections.abc import Iterator

import msgspec

from zoo.reporting.views.catalogue import Model

COLUMNS = ("type", "calls", "multiply_adds", "parameters", "elements_in", "elements_out")
Row = tuple[str, int, int, int, int, int]


class Layers(msgspec.Struct):
    """Rows of `columns`, each different one once, and the tree of modules in the order in which
    they ran: depth, name below the module above, and number of the row; null for a module that only
    holds others. The model itself has depth 0 and no name. Elements are those that the layer's
    operators read and wrote."""

    columns: tuple[str, ...]
    rows: list[Row]
    tree: list[tuple[int, str, int | None]]


def layers_of(model: Model) -> Layers | None:
    """Return the layers of a model; None where no trace of it exists."""
    if not model.trace:
        return None
    numbers: dict[Row, int] = {}
    tree: list[tuple[int, str, int | None]] = []
    above: list[str] = []
    for module, row in _rows(model).items():
        path = module.split(".") if module else []
        shared = 0
        while shared < min(len(path) - 1, len(above)) and path[shared] == above[shared]:
            shared += 1
        for depth in range(shared, len(path) - 1):
            tree.append((depth + 1, path[depth], None))
        tree.append((len(path), path[-1] if path else "", numbers.setdefault(row, len(numbers))))
        above = path
    return Layers(COLUMNS, list(numbers), tree)


def pack(layers: Layers | None) -> str | None:
    """Return the layers as the JSON of a model holds them: base64 of zlib of their own JSON."""
    if layers is None:
        return None
    return base64.b64encode(zlib.compress(msgspec.json.encode(layers), 9)).decode("ascii")


def unpack(text: str) -> Layers:
    """Read what `pack` wrote.

    Raises:
        ValueError: it is something else.
    """
    try:
        data = zlib.decompress(base64.b64decode(text, validate=True))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    return msgspec.json.decode(data, type=Layers)


def expand(layers: Layers) -> Iterator[tuple[str, Row]]:
    """Yield each layer's full name and its row."""
    names: list[str] = []
    for depth, name, row in layers.tree:
        names[max(0, depth - 1) :] = [name]
        if row is not None:
            yield ".".join(names), layers.rows[row]


def _rows(model: Model) -> dict[str, Row]:
    """Return a row for each module, in the order in which they ran, then those that did not."""
    totals: dict[str, list[int]] = {}
    types: dict[str, str] = {}
    for row in model.trace.rows if model.trace else ():
        types.setdefault(row.module, row.module_type.rpartition(".")[2])
        whole = totals.setdefault(row.module, [0, 0, 0, 0])
        for column, number in enumerate((1, row.macs, row.inputs, row.outputs)):
            whole[column] += number
    for part in model.parts:
        types.setdefault(part.module, part.module_type.rpartition(".")[2])
        totals.setdefault(part.module, [0, 0, 0, 0])
    parameters = {part.module: part.parameters for part in model.parts}
    return {
        module: (types[module], calls, macs, parameters.get(module, 0), read, wrote)
        for module, (calls, macs, read, wrote) in totals.items()
    }
