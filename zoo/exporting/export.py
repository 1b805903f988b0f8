"""`zoo export`: the live model with its weights as a file of another format, checked before it
stands there.

A file is written under a temporary name, read back and run by the format's own runtime; its output
is compared with eager float32, and only then it is renamed. What was exported, and with which
result, is evidence like any other.
"""

import hashlib
import json
import os
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import nn

from zoo import __version__
from zoo.bench.engines.errors import NotInstalled, Unsupported
from zoo.bench.engines.output_check import OutputCheck, check, eager_output
from zoo.bench.engines.random_weights import randomise_constants
from zoo.evaluation import checkpoint
from zoo.evaluation.preprocessing import Preprocessing, resolve
from zoo.exporting.formats import FORMATS, ExportFormat, ExportOptions
from zoo.model_index.errors import UsageError, ZooError
from zoo.model_index.io.atomic import flush, replace_atomically
from zoo.model_index.io.outputs import NEW, refuse_sources
from zoo.model_index.ledger.store import Cell, Evidence, Ledger, slug
from zoo.model_index.records.records import Entry
from zoo.models import builders, environment
from zoo.models.precision import DTYPES
from zoo.weights.http.client import Client

TOOL = "zoo-export/1"
SEED = 0
RANDOM = "random"


class ExportError(ZooError):
    """The file cannot be made, or does not do what the model does."""


class NotWritten(ExportError):
    """The disk is full, or the folder may not be written; nothing was learned about the model."""


@dataclass(frozen=True, slots=True)
class ModelToExport:
    """A live model on the CPU in float32, which weights it has, and what goes into it."""

    entry: Entry
    model: nn.Module
    resolved: str
    weights: str
    sha256: str | None
    pre: Preprocessing


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was checked and stands at `path`; `before` is the SHA-256 of the last export like
    this one."""

    path: Path
    evidence: Evidence
    before: str | None


def export(
    entry: Entry, options: ExportOptions, ledger: Ledger, client: Client | None = None
) -> ExportedFile:
    """Export one model; `client` fetches weights where it may.

    Raises: UsageError: options that contradict each other, a file that is there already, no weights
        at hand. NotInstalled, BuilderMissing, BuildError, WeightsError: the model or the exporter
        cannot be had. ExportError: the model cannot be exported, or the file's output differs,
        which is kept as evidence. NotWritten: the file cannot be kept. LedgerError: the evidence
        cannot be kept.
    """
    options.refuse_contradictions()
    made = FORMATS[options.format]
    path = options.output or Path(f"{slug(entry.name)}{made.suffix}")
    _refuse(path, entry, options)
    subject = _subject(entry, options, client)
    cell = _cell(subject, options)
    known = ledger.get(cell)
    clock, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")

    def document(values: dict[str, Any], error: str | None = None) -> Evidence:
        return Evidence(
            cell=cell,
            outcome="failed" if error else "measured",
            values=values,
            error=error,
            environment=environment.describe()
            | {name: environment.version(name) for name in made.packages},
            command=f"zoo export {shlex.quote(entry.name)}{options.flags}",
            started_at=started,
            seconds=round(time.perf_counter() - clock, 4),
        )

    try:
        values = _written(subject, options, made, path)
    except (NotInstalled, NotWritten):
        raise
    except (ExportError, Unsupported) as error:
        ledger.put(document({"format": options.format}, str(error)))
        raise ExportError(f"{entry.name}: {error}") from error
    evidence = document(values)
    ledger.put(evidence)
    return ExportedFile(path, evidence, known.values.get("sha256") if known else None)


def _refuse(path: Path, entry: Entry, options: ExportOptions) -> None:
    """Raises UsageError where the file would replace another that nobody named."""
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise UsageError(f"--output: expected a file's path, got {str(path)!r}")
    if path.exists() and not options.force:
        raise UsageError(f"{path}: it is there already; --force replaces it")
    refuse_sources("--output", path, [entry.place.file])


def _subject(entry: Entry, options: ExportOptions, client: Client | None) -> ModelToExport:
    sha256 = None
    if options.random:
        torch.manual_seed(SEED)
        built, named = builders.build_on_cpu(entry.builder, options.trusted), RANDOM
        randomise_constants(built.model, SEED)
    else:
        configured = checkpoint.pretrained_configuration(entry, options.weights, options.trusted)
        try:
            weights = checkpoint.find_weights(entry, configured, options.weights, client)
        except UsageError as error:
            raise UsageError(f"{error}; --random exports random weights") from error
        built, _ = checkpoint.load_model(entry, weights, options.trusted)
        named, sha256 = weights.reference, weights.sha256
    pre = resolve(entry, built.configuration, builders.input_channels(built, entry.builder))
    return ModelToExport(entry, built.model.eval(), built.resolved, named, sha256, pre)


def _cell(subject: ModelToExport, options: ExportOptions) -> Cell:
    builder = subject.entry.builder
    return Cell(
        kind="export",
        model=subject.entry.name,
        builder=str(builder),
        arguments=builder.arguments,
        builder_version=builders.version(builder),
        conditions={
            "format": options.format,
            "opset": options.shape.opset,
            "precision": options.precision,
            "dynamic": options.shape.dynamic,
            "batch_size": options.batch_size,
            "input_size": list(subject.pre.input_size),
            "weights": subject.sha256 or f"{RANDOM}, seed {SEED}",
        },
        tool=TOOL,
    )


def _metadata(subject: ModelToExport, options: ExportOptions) -> dict[str, str]:
    """What is written into the file: where it comes from and what goes into it. No date: the bytes
    are a function of model, weights and versions."""
    builder = subject.entry.builder
    return {
        "model": subject.entry.name,
        "resolved": subject.resolved,
        "builder": str(builder),
        "builder_version": builders.version(builder),
        "weights": subject.weights,
        "weights_sha256": subject.sha256 or "",
        "preprocessing": json.dumps(msgspec.to_builtins(subject.pre), sort_keys=True),
        "precision": options.precision,
        "batch_size": "any" if options.batch_size is None else str(options.batch_size),
        "exported_by": f"zoo {__version__}",
    }


def _written(
    subject: ModelToExport, options: ExportOptions, made: ExportFormat, path: Path
) -> dict[str, Any]:
    """Make, write, check and rename; the values of the evidence.

    Raises:
        ExportError, Unsupported: the file is not there then, or is what it was.
    """
    dtype = DTYPES[options.precision]
    inputs = [_inputs(subject.pre, size) for size in options.batches]
    references = [_reference(subject, each) for each in inputs]
    data = made.make(
        subject.model.to(dtype), inputs[-1].to(dtype), options.shape, _metadata(subject, options)
    )
    with _write_atomically(path, data) as temporary:
        call = made.load(temporary)
        checked: dict[str, OutputCheck] = {}
        for given, expected in zip(inputs, references, strict=True):
            found = check(_ran(call, given.to(dtype)), expected, options.precision)
            if not found.ok:
                raise ExportError(f"at batch {len(given)} {found}; nothing was written")
            checked[str(len(given))] = found
    return {
        "format": options.format,
        "opset": options.shape.opset,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "output": {size: asdict(found) for size, found in checked.items()},
        "weights": subject.weights,
        "weights_sha256": subject.sha256,
        "resolved": subject.resolved,
        "preprocessing": msgspec.to_builtins(subject.pre),
    }


def _inputs(pre: Preprocessing, batch: int) -> torch.Tensor:
    """(batch, channels, height, width), of about the spread of normalised images."""
    return torch.randn((batch, *pre.input_size), generator=torch.Generator().manual_seed(SEED))


def _reference(subject: ModelToExport, inputs: torch.Tensor) -> torch.Tensor:
    try:
        return eager_output(subject.model, inputs)
    except ZooError:
        raise
    except Exception as error:
        raise ExportError(
            f"it cannot run at {subject.pre.describe()}: {type(error).__name__}: {error}"
        ) from error


def _ran(call: Any, inputs: torch.Tensor) -> torch.Tensor:
    try:
        with torch.no_grad():
            return call(inputs).float()
    except Exception as error:  # of the format's runtime
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ExportError(
            f"the file cannot be run at batch {len(inputs)}: {why}; nothing was written"
        ) from error


@contextmanager
def _write_atomically(path: Path, data: bytes) -> Iterator[Path]:
    """Write the data under a temporary name, which becomes `path` unless the body raises."""
    target = Path(os.path.realpath(path))
    try:
        with replace_atomically(target) as file:
            file.write(data)
            flush(file)
            temporary = Path(file.name)
            temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else NEW)
            yield temporary
    except OSError as error:
        raise NotWritten(f"{path}: cannot be written: {error.strerror or error}") from error
