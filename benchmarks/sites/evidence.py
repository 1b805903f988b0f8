"""Run by the Python of a tree: copies its evidence under other names of models.

    $ python evidence.py COUNTED LEDGER ROUNDS

Each document of COUNTED is written ROUNDS times into LEDGER, for the models `NAME.c0`, `NAME.c1`...
"""

import sys

import msgspec

try:
    from zoo.model_index.ledger.store import Ledger
except ImportError:  # an old checkout
    from model_index.ledger import Ledger


def copy(counted: str, folder: str, rounds: int) -> int:
    """Write the copies; return the number of documents that were there."""
    documents, ledger = list(Ledger(counted).all("count")), Ledger(folder)
    for document in documents:
        for n in range(rounds):
            cell = msgspec.structs.replace(document.cell, model=f"{document.cell.model}.c{n}")
            ledger.put(msgspec.structs.replace(document, cell=cell))
    return len(documents)


if __name__ == "__main__":
    if not copy(sys.argv[1], sys.argv[2], int(sys.argv[3])):
        sys.exit(f"{sys.argv[1]}: nothing was counted")
