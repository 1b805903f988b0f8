"""Describe the checkpoint that a reference leads to: answer, size, digest, format and tensors.

A checkpoint of which no file changed is not read again.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from zoo.model_index.errors import CacheError, NoAnswer, Refused, RemoteError, Status, ZooError
from zoo.weights.contents.summary import STATED, find_wrong_totals, summarise
from zoo.weights.formats import Checkpoint, NeedsMore, Tensor
from zoo.weights.http.client import Client
from zoo.weights.identity import read_identities
from zoo.weights.local_files import describe_local
from zoo.weights.references import NoSource, resolve_reference
from zoo.weights.remote_files import RemoteReader

# Kinds of failure by type of error; the first that matches counts.
FAILURES: tuple[tuple[type[BaseException], str], ...] = (
    (NoSource, "elsewhere"),
    (Refused, "refused"),
    (Status, "status"),
    (NoAnswer, "no answer"),
    (CacheError, "not kept"),
    (BaseException, "unreadable"),
)
# Of these nothing is learned about the checkpoint, only about this machine or its network now.
TRANSIENT = frozenset({"elsewhere", "no answer", "not kept"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectOptions:
    """How far an inspection may go.

    `offline` uses evidence only, `download` fetches whole files where that is necessary,
    `allow_hosts` lifts the check of addresses for these hosts, `cache` is the folder of downloads.
    `patience` bounds the seconds of repeating one request. `progress` gets a download's name, the
    bytes that have arrived, and the bytes in all.
    """

    offline: bool = False
    download: bool = False
    fresh: bool = False
    allow_hosts: tuple[str, ...] = ()
    cache: Path | None = None
    trusted: Collection[str] = ()
    flags: str = ""
    patience: float = 30.0
    progress: Callable[[str, int, int], None] | None = None


@dataclass(slots=True, kw_only=True)
class CheckpointFacts:
    """What is known about one checkpoint, before it is compared with a model.

    `failure` is the kind of a failure, or empty. `unchanged` says that the previous values still
    hold. `tied` and `ordered` are those of `zoo.weights.formats.Checkpoint`.
    """

    values: dict[str, Any] = field(default_factory=dict)
    failure: str = ""
    error: str | None = None
    unchanged: bool = False
    tied: dict[str, str] = field(default_factory=dict)
    ordered: bool = True

    @property
    def tensors(self) -> list[Tensor]:
        rows = self.values.get("tensors", ())
        return [Tensor(name, dtype, tuple(shape)) for name, dtype, shape in rows]


def describe_reference(
    text: str,
    folder: Path | None,
    client: Client,
    options: InspectOptions,
    previous: dict[str, Any] | None = None,
) -> CheckpointFacts:
    """Describe the checkpoint that a reference leads to; a failure is part of the facts.

    `previous` are the values of an earlier description.
    """
    facts = CheckpointFacts(values={"address": text})
    looked_at = previous if previous and "failure" not in previous else {}
    stored = read_identities(looked_at)
    try:
        source = resolve_reference(text, folder)
        if source.file:
            checkpoint = describe_local(source.file, facts.values, stored)
        else:
            reader = RemoteReader(
                client,
                facts.values,
                fetch=options.download,
                cache=options.cache,
                report=options.progress,
            )
            checkpoint = reader.describe(source, stored)
        facts.unchanged = checkpoint is None
        if checkpoint is not None:
            _add_tensors(checkpoint, facts)
    except NeedsMore as error:
        hint = "; such files cannot be read" if options.download else "; --download fetches it"
        facts.failure, facts.error = "needs more", f"{error}{hint}"
        facts.values["needs"] = error.bytes
    except (ZooError, OSError) as error:
        facts.failure = _kind_of_failure(error)
        facts.error = (
            str(error)
            if isinstance(error, ZooError)
            else f"{error.filename or text}: {error.strerror or error}"
        )
    except Exception as error:  # one file must not end a run
        facts.failure = "unreadable"
        facts.error = f"{text}: it cannot be read ({type(error).__name__}: {error})"
    return facts


def _kind_of_failure(error: Exception) -> str:
    """Return the kind of a failure; a busy server, or an answer that broke off, is no answer."""
    if isinstance(error, RemoteError) and error.passing:
        return "no answer"
    return next(kind for types, kind in FAILURES if isinstance(error, types))


def _add_tensors(checkpoint: Checkpoint, facts: CheckpointFacts) -> None:
    facts.tied, facts.ordered = checkpoint.tied, checkpoint.ordered
    summary = summarise(checkpoint)
    facts.values |= {
        "format": checkpoint.format,
        "key": checkpoint.key,
        "notes": list(checkpoint.notes),
        "contents": msgspec.to_builtins(summary),
        "states": {key: text for key, text in checkpoint.metadata.items() if key in STATED},
        "misstates": list(find_wrong_totals(checkpoint, summary)),
        "tensors": [
            [tensor.name, tensor.dtype, list(tensor.shape)] for tensor in checkpoint.tensors
        ],
    }
