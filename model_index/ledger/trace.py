"""Traces: one row for every operator call of a forward pass that does work.

A trace answers every counting convention (`zoo.counting.conventions`), so it is what the ledger
stores.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property
from itertools import repeat
from typing import Any, NamedTuple

CLASSES = (
    "convolution",
    "linear",
    "matmul",
    "attention",
    "bias",
    "normalisation",
    "pooling",
    "activation",
    "elementwise",
    "other",
)


class Row(NamedTuple):
    """One operator call.

    `operator` is the function called (`conv2d`, `linear`, `adaptive_avg_pool2d`), `kind` its class
    (one of `CLASSES`). `module` is the path of the module it ran in and `module_type` that module's
    type, `package.Class`. `macs` counts multiply-adds; `inputs` and `outputs` count elements of the
    first input and output, `reads` the elements read over all pooling windows, `parameters` those
    consumed.
    """

    operator: str
    kind: str
    module: str
    module_type: str
    macs: int = 0
    inputs: int = 0
    outputs: int = 0
    reads: int = 0
    parameters: int = 0


COLUMNS = Row._fields


class Part(NamedTuple):
    """One module that holds parameters or buffers of its own, each tensor counted where it is met
    first.

    `parameters` (of them `trainable`) and `buffers` count elements; `ran` is 1 where the traced
    pass used the module and 0 where it did not, as auxiliary heads in evaluation.
    """

    module: str
    module_type: str
    parameters: int
    trainable: int
    buffers: int
    ran: int


PROJECTIONS = ("convolution", "linear")
LIBRARY = "torch.nn."


@dataclass(frozen=True)
class Trace:
    """The rows of one pass over tensors of these shapes, in the order they are passed.

    `uncounted` names operators that consume parameters and are in no class. `depends` names the
    operator after which the work depends on the data: the rows are those before it. Where either is
    not empty the count is of a part and decides no claim. `batch` is how many inputs are counted.
    `bases` tells of module types that are subclasses
    of one of torch's own layers which layer that is: `timm...Conv2dSame` ->
    `torch.nn.modules.conv.Conv2d`.
    """

    shapes: tuple[tuple[int, ...], ...]
    rows: tuple[Row, ...]
    uncounted: tuple[str, ...] = ()
    bases: dict[str, str] = field(default_factory=dict)
    _: KW_ONLY
    depends: str = ""
    batch: int = 1

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.shapes, self.rows, self.uncounted))

    @property
    def input_size(self) -> tuple[int, ...]:
        """The shape of the first tensor; () of a pass without tensors."""
        return self.shapes[0] if self.shapes else ()

    @property
    def incomplete(self) -> str:
        """Why the count is of a part of the work only; "" where it is of all."""
        if self.depends:
            return f"the work depends on the data from {self.depends} on"
        return f"no rule for {', '.join(self.uncounted)}" if self.uncounted else ""

    @cached_property
    def _without(self) -> dict[str, "Trace"]:
        """The traces that `without` returned, by module."""
        return {}

    @cached_property
    def macs(self) -> int:
        """Count multiply-adds of convolutions, linear layers, matrix products and attention."""
        return sum(row.macs for row in self.rows)

    @cached_property
    def merged(self) -> "Trace":
        """Return the same sums in few rows: calls of one operator in one module type become one row
        without a path.

        Calls that consume parameters and calls that do not stay apart.
        """
        groups: dict[tuple[str, str, str, bool], list[list[int]]] = defaultdict(list)
        for operator, kind, _, module_type, *numbers in self.rows:
            groups[operator, kind, module_type, numbers[-1] > 0].append(numbers)
        rows = (
            Row(operator, kind, "", module_type, *map(sum, zip(*numbers, strict=True)))
            for (operator, kind, module_type, _), numbers in groups.items()
        )
        return replace(self, rows=tuple(rows))

    @cached_property
    def shares(self) -> tuple["Trace", "Trace"]:
        """Split the rows into those whose work does not depend on the input's size, and those whose
        work grows with its area.

        A layer that uses each weight once works on one position, behind the global pooling.
        """
        fixed = [
            row for row in self.rows if row.kind in PROJECTIONS and 0 < row.macs <= row.parameters
        ]
        fixed_rows = set(map(id, fixed))
        other_rows = tuple(row for row in self.rows if id(row) not in fixed_rows)
        return replace(self, rows=tuple(fixed)), replace(self, rows=other_rows)

    @cached_property
    def backbone(self) -> "Trace":
        """Return the trace without its classifier, the last layer that works on one position."""
        heads = [row.module for row in self.shares[0].rows]
        return self.without(heads[-1]) if heads else self

    def without(self, module: str) -> "Trace":
        """Return the trace without the rows of a module and of those within it."""
        if module not in self._without:
            within = f"{module}."
            rows = (
                row
                for row in self.rows
                if row.module != module and not row.module.startswith(within)
            )
            self._without[module] = replace(self, rows=tuple(rows))
        return self._without[module]

    def total(self, column: str, kinds: Iterable[str] = CLASSES) -> int:
        """Sum a column over the given operator classes."""
        wanted = frozenset(kinds)
        return sum(getattr(row, column) for row in self.rows if row.kind in wanted)

    def to_lists(self) -> dict[str, object]:
        """Return JSON lists: the columns once, then a list for each row."""
        return {
            "shapes": [list(shape) for shape in self.shapes],
            "batch": self.batch,
            "depends": self.depends,
            "columns": list(COLUMNS),
            "rows": [list(row) for row in self.rows],
            "uncounted": list(self.uncounted),
            "bases": self.bases,
        }

    @classmethod
    def from_lists(cls, data: dict[str, Any]) -> "Trace":
        """Restore a trace from `to_lists`."""
        rows = data["rows"]
        if tuple(data["columns"]) != COLUMNS:
            order = [data["columns"].index(column) for column in COLUMNS]
            rows = ([row[position] for position in order] for row in rows)
        return cls(
            tuple(map(tuple, data["shapes"])),
            tuple(map(tuple.__new__, repeat(Row), rows)),
            tuple(data["uncounted"]),
            data["bases"],
            depends=data["depends"],
            batch=data["batch"],
        )
