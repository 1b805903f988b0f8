"""The cost of one model: what a forward pass over one input takes, under every convention."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from zoo.counting.activations import count_activations
from zoo.counting.calls import Call
from zoo.counting.tools import TOOLS, CountingTool, Pass, ToolCount, count_with
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger import stages, trace_summary
from zoo.model_index.ledger.tensors import BUFFERS, PARAMETERS, UNSAVED, TensorTable
from zoo.model_index.ledger.trace import Part, Trace
from zoo.model_index.quantities.show import human
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.tabular import Tabular, TabularSequence


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of the weights: of parameters and of buffers, by type of number (`float32`).

    `elements` are the numbers of parameters by type, `packed` the number of weights of quantized
    layers, which are no parameters.
    """

    parameters: Mapping[str, int]
    buffers: Mapping[str, int]
    elements: Mapping[str, int] = field(default_factory=dict)
    packed: int = 0

    @classmethod
    def of(cls, tensors: TensorTable) -> "Memory":
        """Return the memory of tensors."""
        return cls(
            tensors.bytes(PARAMETERS),
            tensors.bytes(BUFFERS, UNSAVED),
            tensors.elements(PARAMETERS),
            tensors.packed,
        )

    @property
    def bytes(self) -> int:
        """All bytes of parameters and buffers."""
        return sum(self.parameters.values()) + sum(self.buffers.values())

    def __str__(self) -> str:
        """Return `102.2 MB in float32, 212.9 kB of buffers`."""
        names = ", ".join(sorted(self.parameters, key=lambda name: -self.parameters[name]))
        text = format_bytes(sum(self.parameters.values())) + (f" in {names}" if names else "")
        buffers = sum(self.buffers.values())
        return f"{text}, {format_bytes(buffers)} of buffers" if buffers else text

    def by_type(self) -> list[tuple[str, int, int]]:
        """Return (type of number, parameters, bytes) where there is more than one type."""
        rows = [(name, number, self.parameters[name]) for name, number in self.elements.items()]
        return rows if len(rows) > 1 else []


def format_bytes(size: int) -> str:
    """Format bytes in units of 1000: `102.2 MB`."""
    for unit, letter in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {letter}"
    return f"{size} B"


class ToolCounts(TabularSequence[ToolCount]):
    """What each tool prints for one model, a row for each."""

    __slots__ = ()
    html_columns = ("name", "number", "unit", "why")

    def __str__(self) -> str:
        """Return what the rows are."""
        return f"what {len(self)} counting tools print"


@dataclass(frozen=True, kw_only=True, repr=False)
class Cost(Tabular):
    """What one forward pass of a model takes.

    `name` says which model, `device` where it was counted: `meta`, or the device of a model whose
    forward pass needs values. `input` is what the model was given, None for sizes and tensors of a
    person. `parts` are the modules that hold parameters.
    """

    name: str
    trace: Trace
    parts: tuple[Part, ...]
    calls: tuple[Call, ...]
    memory: Memory
    device: str = "meta"
    input: InputSpec | None = None
    remarks: tuple[str, ...] = ()

    @property
    def input_size(self) -> tuple[int, ...]:
        """The size of the input, batch first; of several the first one's."""
        return self.trace.input_size

    @property
    def input_text(self) -> str:
        """What the model was given: `1x3x224x224` of one tensor, else as an index spells it."""
        if self.input and not self.input.is_image:
            return str(self.input)
        return ", ".join("x".join(map(str, shape)) for shape in self.trace.shapes)

    @property
    def macs(self) -> int:
        """Multiply-adds of convolutions, linear layers, matrix products and attention."""
        return self.trace.macs

    @property
    def flops(self) -> int:
        """Two operations for each multiply-add."""
        return 2 * self.macs

    @property
    def parameters(self) -> int:
        """The number of parameters, shared ones once."""
        return sum(part.parameters for part in self.parts)

    @property
    def trainable(self) -> int:
        """The number of parameters that require a gradient."""
        return sum(part.trainable for part in self.parts)

    @property
    def activations(self) -> int:
        """The elements that layers with weights write."""
        return count_activations(self.trace)

    @property
    def uncounted(self) -> tuple[str, ...]:
        """Operators that may multiply and have no rule; with any, the multiply-adds are too few."""
        return self.trace.uncounted

    def by_class(self) -> TabularSequence[trace_summary.Operators]:
        """Return the work by class of operator: convolution, linear, attention, pooling ..."""
        return TabularSequence(trace_summary.by_class(self.trace))

    def by_module(self, depth: int | None = None) -> TabularSequence[trace_summary.Module]:
        """Return the work by module, `depth` names deep; None chooses a cut of at most 16 rows."""
        if depth is not None and depth < 1:
            raise UsageError(f"depth: expected a number from 1 on, got {depth}")
        return TabularSequence(trace_summary.by_module(self.trace, self.parts, depth))

    def by_stage(self) -> TabularSequence[stages.Stage]:
        """Return the work by stage: repeated blocks are one, what dominates is opened."""
        return TabularSequence(stages.stages(self.trace, self.parts))

    def by_convention(self) -> "ToolCounts":
        """Return the number that each known tool prints for this model, and why it differs."""
        return ToolCounts([self.count_as(tool) for tool in TOOLS])

    def count_as(self, tool: CountingTool) -> ToolCount:
        """Return the number that one tool prints."""
        return count_with(tool, Pass(self.trace, self.calls))

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as one row: name, input size, multiply-adds, parameters ..."""
        return {
            "model": self.name,
            "input": self.input_text,
            "macs": self.macs,
            "flops": self.flops,
            "parameters": self.parameters,
            "trainable": self.trainable,
            "activations": self.activations,
            "bytes": self.memory.bytes,
            "device": self.device,
            "uncounted": list(self.uncounted),
            "depends": self.trace.depends,
        }

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one dictionary for each tool: model, input, tool, version, number, why."""
        shared = {"model": self.name, "input": self.input_text}
        return [shared | row for row in self.by_convention().to_dicts()]

    def facts(self) -> list[tuple[str, str]]:
        """Return the main numbers as text, each with its label."""
        rows = [
            ("Parameters", f"{self.parameters:,}  {human(self.parameters)}  {self.memory}"),
            ("Multiply-adds", f"{self.macs:,}  {human(self.macs)}"),
            ("FLOPs, two each", f"{self.flops:,}  {human(self.flops)}"),
            ("Activations", f"{self.activations:,}  {human(self.activations)}"),
        ]
        types = [
            (f"  {name}", f"{number:,}  {human(number)}  {format_bytes(size)}")
            for name, number, size in self.memory.by_type()
        ]
        if self.trainable != self.parameters:
            types.append(("Trainable", f"{self.trainable:,}  {human(self.trainable)}"))
        rows[1:1] = types
        return rows

    def __str__(self) -> str:
        """Return the main numbers as a few lines."""
        lines = [f"{self.name}  {self.input_text}"]
        lines += [f"  {label:<16}{text}" for label, text in self.facts()]
        return "\n".join([*lines, *(f"  {remark}" for remark in self.remarks)])

    __repr__ = __str__

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("Cost(...)" if cycle else str(self))

    def _repr_html_(self) -> str:
        """Return the main numbers, and a table of what tools print, for a notebook."""
        return f"<pre>{escape(str(self))}</pre>{self.by_convention()._repr_html_()}"
