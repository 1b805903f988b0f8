"""Export a live model with its weights to a file of another format, and check the file.

A file is written under a temporary name, read back and run by the format's own runtime; all its
outputs are compared with eager float32, and only then it is renamed. The result of an export is
evidence like any other.
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

from zoo.bench.engines.errors import MissingPackage, NoTensor, Unsupported
from zoo.bench.engines.output_check import (
    NOT_DETERMINISTIC,
    OutputCheck,
    check,
    copy_to_cpu,
    difference_of_calls,
    eager_outputs,
)
from zoo.bench.engines.random_weights import randomise_constants
from zoo.evaluation import checkpoint
from zoo.evaluation.checkpoint_files import find_weights, pretrained_configuration
from zoo.evaluation.preprocessing import Preprocessing, resolve
from zoo.exporting.formats import FORMATS, Call, ExportFormat, ExportOptions
from zoo.exporting.preflight import check_export, explain_input, output_path, stated_input
from zoo.model_index.errors import UsageError, ZooError
from zoo.model_index.io.atomic import flush, replace_atomically
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.records import Entry
from zoo.models import builders, environment
from zoo.models.inputs import Inputs, choose_input, make_random
from zoo.models.memory_errors import describe_exception
from zoo.models.precision import DTYPES
from zoo.models.time_limit import limit_time
from zoo.version import __version__
from zoo.weights.http.client import Client

TOOL = "zoo-export/3"
SEED = 0
RANDOM = "random"


class ExportError(ZooError):
    """The model cannot be exported, or the file's output differs."""


class NotWritten(ExportError):
    """The disk is full or the folder is not writable; it says nothing about the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelToExport:
    """A live model on the CPU in float32, with its weights and what it takes; images of `channels`,
    and their preprocessing where it takes one image and nothing else."""

    entry: Entry
    model: nn.Module
    resolved: str
    weights: str
    sha256: str | None
    spec: InputSpec
    channels: int
    preprocessing: Preprocessing | None

    def make_inputs(self, batch: int) -> Inputs:
        """Return inputs of about the spread of normalised images, ids that every table has."""
        generator = torch.Generator().manual_seed(SEED)
        return make_random(self.model, self.spec, self.channels, batch, generator)


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that passed its check; `previous` is the SHA-256 of the last export like it."""

    path: Path
    evidence: Evidence
    previous: str | None


def export(
    entry: Entry, options: ExportOptions, ledger: Ledger, client: Client | None = None
) -> ExportedFile:
    """Export one model; `client` downloads weights, None forbids it.

    Raises:
        UsageError: contradicting options, a file that exists, no weights on this machine.
        MissingExtra, BuilderMissing, BuildError, WeightsError: the model or the exporter is not
            available.
        ExportError: the model cannot be exported, or the file's output differs; stored as evidence.
        NotWritten: the file cannot be written.
        LedgerError: the evidence cannot be written.
    """
    check_export(entry, options, download=client is not None)
    target, path = FORMATS[options.format], output_path(entry, options)
    absolute = path.absolute()  # a model may change the working folder
    subject = _load_model(entry, options, client)
    cell = _cell(subject, options)
    previous = ledger.get(cell)
    clock, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")

    def document(values: dict[str, Any], error: str | None = None) -> Evidence:
        return Evidence(
            cell=cell,
            outcome="failed" if error else "measured",
            values=values,
            error=error,
            environment=environment.describe()
            | {name: environment.version(name) for name in target.packages},
            command=f"zoo export {shlex.quote(entry.name)}{options.flags}",
            started_at=started,
            seconds=round(time.perf_counter() - clock, 4),
        ).as_stored()

    try:
        values = _write(subject, options, target, absolute)
    except (MissingPackage, NotWritten):
        raise
    except (ExportError, Unsupported) as error:
        ledger.put(document({"format": options.format}, str(error)))
        raise ExportError(f"{entry.name}: {error}") from error
    evidence = document(values)
    ledger.put(evidence)
    return ExportedFile(path, evidence, previous.values.get("sha256") if previous else None)


def _load_model(entry: Entry, options: ExportOptions, client: Client | None) -> ModelToExport:
    sha256 = None
    if options.random:
        torch.manual_seed(SEED)
        with limit_time(options.seconds, str(entry.builder)):
            built, reference = builders.build_on_cpu(entry.builder, options.trusted), RANDOM
        randomise_constants(built.model, SEED)
    else:
        with limit_time(options.seconds, str(entry.builder)):
            configured = pretrained_configuration(entry, options.weights, options.trusted)
        try:
            weights = find_weights(entry, configured, options.weights, client)
        except UsageError as error:
            raise UsageError(f"{error}; --random exports random weights") from error
        with limit_time(options.seconds, str(entry.builder)):
            built, _ = checkpoint.load_model(entry, weights, options.trusted)
        reference, sha256 = weights.reference, weights.sha256
    spec = choose_input(stated_input(entry, options), built).spec
    if reason := explain_input(spec, options):
        raise ExportError(f"{entry.name}: {reason}")
    channels = builders.input_channels(built, entry.builder)
    return ModelToExport(
        entry=entry,
        model=built.model.float().eval(),
        resolved=built.resolved,
        weights=reference,
        sha256=sha256,
        spec=spec,
        channels=channels,
        preprocessing=_preprocessing(entry, built, spec, channels),
    )


def _preprocessing(
    entry: Entry, built: builders.BuiltModel, spec: InputSpec, channels: int
) -> Preprocessing | None:
    """Return how a photograph becomes the input; None for what is not one image."""
    if not spec.is_image:
        return None
    size = spec.tensors(channels)[0].shape[1:]
    resolved = resolve(entry, built.configuration, size[0])
    return msgspec.structs.replace(resolved, input_size=(size[0], size[1], size[2]))


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
            "opset": options.target.opset,
            "precision": options.precision,
            "dynamic": options.target.dynamic,
            "batch_size": options.batch_size,
            "input": str(subject.spec),
            "weights": subject.sha256 or f"{RANDOM}, seed {SEED}",
        },
        tool=TOOL,
    )


def _metadata(subject: ModelToExport, options: ExportOptions) -> dict[str, str]:
    """Return the metadata of the file: its origin and its input. It holds no date, so that the
    bytes depend on model, weights and versions only."""
    builder = subject.entry.builder
    return {
        "model": subject.entry.name,
        "resolved": subject.resolved,
        "builder": str(builder),
        "builder_version": builders.version(builder),
        "weights": subject.weights,
        "weights_sha256": subject.sha256 or "",
        "input": str(subject.spec),
        "preprocessing": json.dumps(msgspec.to_builtins(subject.preprocessing), sort_keys=True),
        "precision": options.precision,
        "batch_size": "any" if options.batch_size is None else str(options.batch_size),
        "exported_by": f"zoo {__version__}",
    }


def _write(
    subject: ModelToExport, options: ExportOptions, target: ExportFormat, path: Path
) -> dict[str, Any]:
    """Make, write, check and rename the file; return the values of the evidence.

    Raises:
        ExportError, Unsupported: no file was written, or the former one is unchanged.
    """
    dtype = DTYPES[options.precision]
    inputs = [subject.make_inputs(size) for size in options.batches]
    expected = [_run_eager(subject, batch) for batch in inputs]
    metadata = _metadata(subject, options)
    _refuse_random(subject, inputs[0], expected[0])
    example = inputs[len(inputs) // 2]
    data = target.make(subject.model.to(dtype), example.cast(dtype), options.target, metadata)
    with _write_atomically(path, data) as temporary:
        call = target.load(temporary)
        checks: dict[str, OutputCheck] = {}
        for batch, references in zip(inputs, expected, strict=True):
            result = check(_run_file(call, batch.cast(dtype)), references, options.precision)
            if not result.ok:
                raise ExportError(f"at batch {batch.batch} {result}; nothing was written")
            checks[str(batch.batch)] = result
    return {
        "format": options.format,
        "opset": options.target.opset,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "output": {size: asdict(result) for size, result in checks.items()},
        "weights": subject.weights,
        "weights_sha256": subject.sha256,
        "resolved": subject.resolved,
        "input": str(subject.spec),
        "preprocessing": msgspec.to_builtins(subject.preprocessing),
    }


def _refuse_random(subject: ModelToExport, inputs: Inputs, outputs: list[torch.Tensor]) -> None:
    """Raise ExportError where a second call of the model gives other outputs: no file can be
    compared with it."""
    difference = difference_of_calls(subject.model, inputs, outputs)
    if difference is not None:
        message = NOT_DETERMINISTIC.format(difference=difference)
        raise ExportError(f"no file can be compared with it: {message}")


def _run_eager(subject: ModelToExport, inputs: Inputs) -> list[torch.Tensor]:
    """Return the outputs of the live model.

    Raises:
        ExportError: it raises, or returns what cannot be compared.
    """
    try:
        return eager_outputs(subject.model, inputs)
    except NoTensor as error:
        raise ExportError(str(error)) from error
    except ZooError:
        raise
    except Exception as error:
        place = f" ({subject.entry.input_place})" if subject.entry.input_place else ""
        given = f"at batch {inputs.batch}, given {subject.spec.show()}{place}"
        raise ExportError(f"it cannot run {given}: {describe_exception(error)}") from error


def _run_file(call: Call, inputs: Inputs) -> list[torch.Tensor]:
    try:
        with torch.no_grad():
            return copy_to_cpu(call(inputs))
    except Exception as error:  # the format's runtime may raise anything
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ExportError(
            f"the file cannot be run at batch {inputs.batch}: {why}; nothing was written"
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
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o777)
            yield temporary
    except OSError as error:
        raise NotWritten(f"{path}: cannot be written: {error.strerror or error}") from error
