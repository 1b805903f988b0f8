"""Tensors that a built model holds, by kind and type of number: enough to estimate the size of a
checkpoint without one.

The ledger stores them beside the parts of a count. No forward pass is needed to know them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

PARAMETERS = "parameters"
BUFFERS = "buffers"
UNSAVED = "unsaved buffers"
PACKED = "packed weights"
KINDS = (PARAMETERS, BUFFERS, UNSAVED, PACKED)
SAVED = frozenset({PARAMETERS, BUFFERS, PACKED})


class TensorRow(NamedTuple):
    """All tensors of one kind (one of `KINDS`) and one type of number, as `float32`: how many
    numbers, bytes and tensors.

    Unsaved buffers are those that a state dict leaves out. Packed weights are those of quantized
    layers: the state dict holds them, and they are no parameters.
    """

    kind: str
    dtype: str
    elements: int
    bytes: int
    tensors: int = 0


@dataclass(frozen=True, slots=True)
class TensorTable:
    """The tensors of a model; one that modules share is counted once."""

    rows: tuple[TensorRow, ...] = ()

    @property
    def state_bytes(self) -> int:
        """The bytes of the tensors of the state dict, which a checkpoint holds."""
        return sum(row.bytes for row in self.rows if row.kind in SAVED)

    @property
    def packed(self) -> int:
        """The number of weights of quantized layers, which are no parameters."""
        return sum(self.elements(PACKED).values())

    def count(self, *kinds: str) -> int:
        """Return the number of tensors of these kinds."""
        return sum(row.tensors for row in self.rows if row.kind in kinds)

    def elements(self, *kinds: str) -> dict[str, int]:
        """Return the elements by type of number, most first, of tensors of these kinds."""
        return self._sums("elements", kinds)

    def bytes(self, *kinds: str) -> dict[str, int]:
        """Return the bytes by type of number, most first, of tensors of these kinds."""
        return self._sums("bytes", kinds)

    def _sums(self, column: str, kinds: Iterable[str]) -> dict[str, int]:
        wanted, sums = frozenset(kinds), dict[str, int]()
        for row in self.rows:
            if row.kind in wanted:
                sums[row.dtype] = sums.get(row.dtype, 0) + getattr(row, column)
        return dict(sorted(sums.items(), key=lambda item: -item[1]))
