"""The ledger: evidence as files, one JSON document a measured cell.

A document lies at `<ledger>/<kind>/<model>/<hash>.json`, named by the content hash of its cell and
written to a temporary name first, then renamed. So resuming is a set difference, a killed run loses
only the cell in flight, merges do not conflict, and two runs may write at once.
"""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, overload

import msgspec

from model_index.benchmarks import Benchmark
from model_index.errors import LedgerError
from model_index.evaluations import Evaluation
from model_index.trace import COLUMNS, Part, Trace

CACHE = ".cache"  # a ledger's folder of what can be made again
MARK = "\0{}"  # stands for a table's rows while a document is printed; no name holds a NUL
SCHEMA = 2  # 1: the first format, November 2026; 2: a model's parts and what its registry knows

Outcome = Literal["measured", "incomplete", "failed"]
T = TypeVar("T")


class Cell(msgspec.Struct, frozen=True, kw_only=True, dict=True, forbid_unknown_fields=True):
    """What is to be measured. Two cells are the same exactly if all fields are."""

    kind: str
    model: str
    builder: str
    arguments: dict[str, Any] = {}
    builder_version: str
    conditions: dict[str, Any] = {}
    tool: str

    @cached_property
    def key(self) -> str:
        """The cell's content hash, 16 hexadecimal digits."""
        text = json.dumps(msgspec.to_builtins(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


Cells = tuple[str, str, str, str, int, int, int, int, int]


class Traced(msgspec.Struct, frozen=True):
    """A trace as it is stored; see `model_index.trace`."""

    input_size: Annotated[list[int], msgspec.Meta(min_length=3)]
    columns: Annotated[list[str], msgspec.Meta(min_length=len(COLUMNS), max_length=len(COLUMNS))]
    rows: list[Cells]
    uncounted: list[str]
    bases: dict[str, str]


class Asked(msgspec.Struct, frozen=True):
    """The model that a name asks for where another one was built."""

    name: str
    arguments: dict[str, int] = {}


class Registry(msgspec.Struct, frozen=True):
    """What a library knows of a name beyond the model: settings by pretrained tag, the model the name asks
    for where another one was built, and whether the model has branches or norms to merge."""

    tags: dict[str, dict[str, Any]] = {}
    named: Asked | None = None
    mergeable: bool = False


class Counted(msgspec.Struct, frozen=True):
    """What a counted cell's `values` hold; a document that holds anything else counts as torn."""

    resolved: str
    parts: list[tuple[str, str, int, int, int, int]]
    configuration: dict[str, Any]
    registry: Registry
    trace: Traced


VALUES: dict[str, type[msgspec.Struct]] = {"count": Counted, "eval": Evaluation, "bench": Benchmark}


class Evidence(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One ledger document: a cell, what came out of it, and the conditions it was measured under."""

    schema: int = SCHEMA
    cell: Cell
    outcome: Outcome
    values: dict[str, Any] = {}
    error: str | None = None
    environment: dict[str, Any] = {}
    command: str = ""
    started_at: str = ""
    seconds: float | None = None

    @cached_property
    def trace(self) -> Trace | None:
        """The trace of a counted cell."""
        data = self.values.get("trace")
        return Trace.from_lists(data) if data else None

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The modules of a counted model that hold parameters or buffers."""
        return tuple(map(Part._make, self.values.get("parts", ())))

    @cached_property
    def registry(self) -> Registry:
        """What the builder's library knows of the name."""
        return msgspec.convert(self.values.get("registry", {}), Registry)

    @cached_property
    def evaluation(self) -> Evaluation | None:
        """What an evaluated cell found; None for any other, and for one that failed."""
        found = self.cell.kind == "eval" and self.outcome != "failed"
        return msgspec.convert(self.values, Evaluation) if found else None

    @cached_property
    def benchmark(self) -> Benchmark | None:
        """What a benchmarked cell measured; None for any other, and for one that failed."""
        found = self.cell.kind == "bench" and self.outcome != "failed"
        return msgspec.convert(self.values, Benchmark) if found else None

    @cached_property
    def parameters(self) -> int:
        """All parameters of a counted model."""
        return sum(part.parameters for part in self.parts)


class Summary(msgspec.Struct, frozen=True, array_like=True):
    """What most pages say of a counted cell: the sums of its trace, and the model's configuration.

    `macs` is None where some operator has no rule; `input_size` is height and width.
    """

    macs: int | None
    parameters: int
    input_size: tuple[int, ...]
    configuration: dict[str, Any]

    @classmethod
    def of(cls, evidence: "Evidence") -> "Summary | None":
        """The summary of a count; None for another kind, and for one that failed."""
        if evidence.cell.kind != "count" or evidence.outcome == "failed" or evidence.trace is None:
            return None
        trace = evidence.trace
        macs = None if trace.uncounted else trace.macs
        return cls(macs, evidence.parameters, trace.input_size[-2:], evidence.values.get("configuration") or {})


class Documents(dict[str, Evidence]):
    """Documents by key; one that is promised is known to lie in a ledger, and is read when it is asked for.

    Its `values` are the documents that were read.
    """

    def __init__(self, known: Mapping[str, Evidence] | None = None) -> None:
        super().__init__(known or {})
        self.promised: dict[str, Path] = {}
        self.summaries: dict[str, Summary] = {}

    def promise(self, ledger: Path, model: str, documents: Iterable[tuple[str, str]]) -> None:
        """These documents of a model, each its kind and key, lie in a ledger."""
        self.promised |= {key: ledger / kind / slug(model) / f"{key}.json" for kind, key in documents}

    def summary(self, key: str) -> Summary | None:
        """The summary of a count, without the document where it was promised with one."""
        if key in self.summaries:
            return self.summaries[key]
        found = self.get(key)
        return Summary.of(found) if found else None

    def __missing__(self, key: str) -> Evidence:
        path = self.promised.get(key)
        if path is None or (found := _read(path)) is None:
            raise KeyError(key)
        self[key] = found
        return found

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self.promised

    @overload
    def get(self, key: str, default: None = None, /) -> Evidence | None: ...
    @overload
    def get(self, key: str, default: T, /) -> Evidence | T: ...
    def get(self, key: str, default: object = None, /) -> object:
        """The document, read now where it was promised."""
        try:
            return self[key]
        except KeyError:
            return default


class Ledger:
    """A folder of evidence. Reading never writes; the folder is made by the first `put`."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def path(self, cell: Cell) -> Path:
        """Where the cell's document lies."""
        return self.folder / cell.kind / slug(cell.model) / f"{cell.key}.json"

    def get(self, cell: Cell) -> Evidence | None:
        """The evidence of a cell, or None where it was not measured or its document is torn.

        Raises:
            LedgerError: a document of a later format, or a folder that cannot be read.
        """
        evidence = _read(self.path(cell))
        return evidence if evidence and evidence.cell.key == cell.key else None

    def put(self, evidence: Evidence) -> Path:
        """Write one document atomically.

        Raises:
            LedgerError: where the folder cannot be written.
        """
        path = self.path(evidence.cell)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, dump(evidence))
        except OSError as error:
            raise LedgerError(f"{path}: cannot write evidence: {error.strerror or error}") from error
        return path

    def forget(self, cell: Cell) -> None:
        """Remove the cell's document, where there is one.

        Raises:
            LedgerError: where it cannot be removed.
        """
        path = self.path(cell)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise LedgerError(f"{path}: cannot remove evidence: {error.strerror or error}") from error

    def of(self, kind: str, model: str) -> list[Evidence]:
        """Every readable document of a kind about a model, ordered by path.

        Raises:
            LedgerError: as `get`.
        """
        found = map(_read, sorted((self.folder / kind / slug(model)).glob("*.json")))
        return [evidence for evidence in found if evidence and evidence.cell.model == model]

    def all(self, kind: str = "*") -> Iterator[Evidence]:
        """Every readable document, or every one of a kind, ordered by path."""
        for path in sorted(self.folder.glob(f"{kind}/*/*.json")):
            if evidence := _read(path):
                yield evidence


def dump(evidence: Evidence) -> str:
    """The document as text: sorted keys, and each row of a table on a line of its own for git's sake."""
    data = msgspec.to_builtins(evidence)
    values = data["values"]
    tables = [(values, "parts", 2), (values.get("trace"), "rows", 3), (values, "replicates", 2)]
    printed: dict[str, str] = {}
    for holder, key, depth in tables:
        if holder and key in holder:
            lines = ",\n".join(" " * depth + json.dumps(row, ensure_ascii=False) for row in holder[key])
            holder[key] = MARK.format(key)
            printed[holder[key]] = f"[\n{lines}\n{' ' * (depth - 1)}]"
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False)
    for mark, table in printed.items():
        text = text.replace(json.dumps(mark), table, 1)
    return text + "\n"


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Write `text` beside `path`, then rename it into place; a reader sees the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def slug(name: str) -> str:
    """The name as one path part: letters, digits and `._-`; a name that had others, or is long, gets a hash."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:100].strip(".-") or "model"
    return safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _read(path: Path) -> Evidence | None:
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerError(f"{path}: cannot read evidence: {error.strerror or error}") from error
    try:
        evidence = msgspec.json.decode(text, type=Evidence)
        validate(evidence)
    except (msgspec.DecodeError, UnicodeDecodeError):
        _refuse_later(path, schema_of(text))
        return None
    _refuse_later(path, evidence.schema)
    return evidence


def validate(evidence: Evidence) -> None:
    """Look at the values of a document whose kind says what they are.

    Raises:
        msgspec.ValidationError: they are something else.
    """
    if evidence.cell.kind in VALUES and evidence.outcome != "failed":
        msgspec.convert(evidence.values, VALUES[evidence.cell.kind])


def schema_of(text: bytes) -> int:
    """The format of a document that this version cannot read; 0 for one that says none."""
    try:
        data = json.loads(text)
    except ValueError:
        return 0
    schema = data.get("schema") if isinstance(data, dict) else None
    return schema if isinstance(schema, int) else 0


def _refuse_later(path: Path, schema: int) -> None:
    if reason := later(schema):
        raise LedgerError(f"{path}: {reason}")


def later(schema: int) -> str:
    """Why a document of this format cannot be read; empty where it can."""
    return f"written in format {schema}; this version reads up to {SCHEMA}" if schema > SCHEMA else ""
