"""Documents of the ledger: what was to be measured, the outcome, and the conditions."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec

from zoo.model_index.ledger.benchmark import Benchmark, Replicate
from zoo.model_index.ledger.evaluation import Evaluation
from zoo.model_index.ledger.tensors import TensorRow, TensorTable
from zoo.model_index.ledger.trace import COLUMNS, Part, Trace

MARK = "\0{}"  # stands for a table's rows while a document is printed; no name holds a NUL
SCHEMA = 2  # 1: the first format, November 2026; 2: a model's parts and what its registry knows
# Names of devices on Windows, whatever suffix follows.
DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
GIB = 1 << 30
AHEAD = timedelta(days=1)  # that the clock of another machine may be ahead

Outcome = Literal["measured", "incomplete", "failed"]


class Cell(msgspec.Struct, frozen=True, kw_only=True, dict=True, forbid_unknown_fields=True):
    """One measurement to be made. Two cells are the same exactly if all fields are."""

    kind: str
    model: str
    builder: str
    arguments: dict[str, Any] = {}
    builder_version: str
    conditions: dict[str, Any] = {}
    tool: str

    @cached_property
    def key(self) -> str:
        """Return the cell's content hash, 16 hexadecimal digits."""
        text = json.dumps(
            msgspec.to_builtins(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]


Cells = tuple[str, str, str, str, int, int, int, int, int]


class StoredTrace(msgspec.Struct, frozen=True, kw_only=True):
    """A trace in its stored form; see `zoo.model_index.ledger.trace`."""

    shapes: Annotated[list[list[int]], msgspec.Meta(min_length=1)]
    columns: Annotated[list[str], msgspec.Meta(min_length=len(COLUMNS), max_length=len(COLUMNS))]
    rows: list[Cells]
    uncounted: list[str]
    bases: dict[str, str]
    batch: int
    depends: str


class RequestedModel(msgspec.Struct, frozen=True):
    """The model that a name asks for where another one was built."""

    name: str
    arguments: dict[str, int] = {}


class Registry(msgspec.Struct, frozen=True):
    """A library's data about a name: settings by pretrained tag, and the model that the name
    asks for where another one was built. `note` says what else was built than the name says, where
    the library's numbers are about that; `heads` are the arguments that add the heads of training
    which are left out."""

    tags: dict[str, dict[str, Any]] = {}
    named: RequestedModel | None = None
    mergeable: bool = False
    note: str = ""
    heads: dict[str, bool] = {}


class Construction(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a model was constructed: `way` is `meta`, `parameters on meta` or `cpu`.

    On the CPU `limit` is the limit in bytes of parameters and buffers. `reason` is what the
    constructor raised on meta.
    """

    way: str = "meta"
    limit: int | None = None
    reason: str = ""

    def describe(self) -> str:
        """Return the way in words, with its limit: `cpu, limit 4 GiB`."""
        return f"{self.way}, limit {self.limit / GIB:.3g} GiB" if self.limit else self.way


class CountValues(msgspec.Struct, frozen=True, kw_only=True):
    """The `values` of a counted cell; a document with anything else counts as torn.

    Without a trace the forward pass failed.
    """

    resolved: str
    parts: list[tuple[str, str, int, int, int, int]]
    configuration: dict[str, Any]
    registry: Registry
    input: str
    input_from: str
    trace: StoredTrace | None = None
    tensors: list[tuple[str, str, int, int, int]] = []
    construction: Construction = Construction()


class Differences(msgspec.Struct, frozen=True):
    """How many tensors of a file and of the live model differ, by kind."""

    missing: int
    unexpected: int
    reshaped: int


class CheckpointComparison(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint compared with the live model; see `zoo.weights.compare`. `error` is why it
    was not compared, `gap` the kind of gap where the model could not be built."""

    how: str = ""
    matched: int = 0
    model: int = 0
    missing: list[str] = []
    unexpected: list[str] = []
    reshaped: list[tuple[str, list[int], list[int]]] = []
    counts: Differences | None = None
    parameters: int | None = None
    error: str = ""
    gap: str = ""


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """The inspected properties of a checkpoint; see `zoo.weights.inspect`."""

    size: int | None = None
    etag: str | None = None
    modified: str | None = None
    https: bool | None = None
    sha256: str | None = None
    sha256_by: str = ""
    format: str | None = None
    notes: list[str] = []
    tensors: list[tuple[str, str, list[int]]] = []
    comparison: CheckpointComparison | None = None
    seen: str = ""
    failure: str = ""
    lost: str | None = None


class FailureValues(msgspec.Struct, frozen=True, kw_only=True):
    """The values of an evaluation or a benchmark that failed."""

    failure: str | None = None
    replicates: list[Replicate] = []
    own: bool = False
    dataset: str | None = None
    conditions: dict[str, str] = {}
    weights: str | None = None
    sha256: str | None = None
    pretrained: list[str] = []


VALUES: dict[str, type[msgspec.Struct]] = {
    "count": CountValues,
    "eval": Evaluation,
    "bench": Benchmark,
    "weights": Weights,
}
FAILURES: dict[str, type[msgspec.Struct]] = {
    "eval": FailureValues,
    "bench": FailureValues,
    "weights": Weights,
}


class Evidence(msgspec.Struct, frozen=True, kw_only=True, dict=True, forbid_unknown_fields=True):
    """One ledger document: a cell, its outcome and values, and the conditions it was measured
    under."""

    schema: int = SCHEMA
    cell: Cell
    outcome: Outcome
    values: dict[str, Any] = {}
    error: str | None = None
    environment: dict[str, Any] = {}
    command: str = ""
    started_at: str = ""
    seconds: float | None = None

    def as_stored(self) -> "Evidence":
        """Return the document as a later run reads it: lists where this one has tuples.

        All new evidence passes this, so that a verdict on fresh evidence is the verdict on
        the ledger's.
        """
        return msgspec.json.decode(msgspec.json.encode(self), type=Evidence)

    @cached_property
    def recency(self) -> tuple[bool, datetime]:
        """Return a key that orders documents, old before new. A timestamp in the future, from a
        wrong clock, comes first: it must not hide newer evidence."""
        at = moment(self.started_at) or datetime.min.replace(tzinfo=UTC)
        return at <= datetime.now(UTC) + AHEAD, at

    @cached_property
    def trace(self) -> Trace | None:
        """Return the trace of a counted cell."""
        data = self.values.get("trace")
        return Trace.from_lists(data) if data else None

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Return the modules of a counted model that hold parameters or buffers."""
        return tuple(map(Part._make, self.values.get("parts", ())))

    @cached_property
    def tensors(self) -> TensorTable:
        """Return the tensors of a counted model by kind and type of number; its `state_bytes` are
        those of a checkpoint."""
        return TensorTable(tuple(map(TensorRow._make, self.values.get("tensors", ()))))

    @cached_property
    def construction(self) -> Construction:
        """Return how a counted model was constructed."""
        return msgspec.convert(self.values.get("construction", {}), Construction)

    @cached_property
    def registry(self) -> Registry:
        """Return the library's data about the name."""
        return msgspec.convert(self.values.get("registry", {}), Registry)

    @cached_property
    def evaluation(self) -> Evaluation | None:
        """Return the values of an evaluated cell; None for any other, and for one that failed."""
        is_result = self.cell.kind == "eval" and self.outcome != "failed"
        return msgspec.convert(self.values, Evaluation) if is_result else None

    @cached_property
    def benchmark(self) -> Benchmark | None:
        """Return the values of a benchmarked cell; None for any other, and for one that failed."""
        is_result = self.cell.kind == "bench" and self.outcome != "failed"
        return msgspec.convert(self.values, Benchmark) if is_result else None

    @cached_property
    def parameters(self) -> int:
        """Return the number of all parameters of a counted model."""
        return sum(part.parameters for part in self.parts)


class Summary(msgspec.Struct, frozen=True, array_like=True):
    """The sums of a trace and the configuration of a counted cell, which most pages need.

    `macs` is None where the count is of a part of the work, or the forward pass fails. `input` is
    what the model was given. `another` is the model that was built where the name asks for another
    one: then all of this is about that model.
    """

    macs: int | None
    parameters: int
    input: str
    configuration: dict[str, Any]
    another: str = ""

    @classmethod
    def of(cls, evidence: "Evidence") -> "Summary | None":
        """Return the summary of a count; None for another kind, and for one that failed."""
        if evidence.cell.kind != "count" or evidence.outcome == "failed":
            return None
        trace = evidence.trace
        return cls(
            None if trace is None or trace.incomplete else trace.macs,
            evidence.parameters,
            evidence.values.get("input", ""),
            evidence.values.get("configuration") or {},
            str(evidence.values["resolved"]).partition(".")[0] if evidence.registry.named else "",
        )


def moment(text: str) -> datetime | None:
    """Return the time of a document; None where it has none. A time without a zone is UTC."""
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def dump(evidence: Evidence) -> str:
    """Write the document as text: sorted keys, and one line for each row of a table, so that git
    can compare it.

    A number that is none or not finite is null: JSON has no other word for it.
    """
    try:
        return _printed(msgspec.to_builtins(evidence))
    except ValueError:
        return _printed(msgspec.json.decode(msgspec.json.encode(evidence)))


def _printed(data: dict[str, Any]) -> str:
    values = data["values"]
    tables = [(values, "parts", 2), (values.get("trace"), "rows", 3), (values, "replicates", 2)]
    printed: dict[str, str] = {}
    for holder, key, depth in tables:
        if holder and key in holder:
            lines = ",\n".join(" " * depth + _line(row) for row in holder[key])
            holder[key] = MARK.format(key)
            printed[holder[key]] = f"[\n{lines}\n{' ' * (depth - 1)}]"
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    for mark, table in printed.items():
        text = text.replace(json.dumps(mark), table, 1)
    return text + "\n"


def _line(row: object) -> str:
    return json.dumps(row, ensure_ascii=False, allow_nan=False)


def validate(evidence: Evidence) -> None:
    """Check the values of a document against the type of its kind.

    Raises:
        msgspec.ValidationError: they are something else.
    """
    types = FAILURES if evidence.outcome == "failed" else VALUES
    if expected := types.get(evidence.cell.kind):
        values = msgspec.convert(evidence.values, expected)
        if isinstance(values, CountValues) and values.trace is None and not evidence.error:
            raise msgspec.ValidationError("no trace, and no error that says why")


def slug(name: str) -> str:
    """Return the name as one path part: letters, digits and `._-`; a name with others, a long one,
    or one that Windows reserves, gets a hash.

    Names that differ in capitals only share a folder on some systems; documents state their model.
    """
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:100].strip(".-") or "model"
    if DEVICE.fullmatch(safe):
        safe = f"model-{safe}"
    return (
        safe
        if safe == name
        else f"{safe}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:6]}"
    )
