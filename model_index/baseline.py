"""Read, write and compare baselines: files of known findings.

A finding is known by what it says, not by where it stands, so that lines may move. The file has one
finding a line, sorted, so that git shows a finding that came or went as one line that came or went.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from zoo.model_index.errors import Fault, UsageError
from zoo.model_index.findings import Finding
from zoo.model_index.reading.limits import TooLarge, read_bytes
from zoo.model_index.records.records import Claim

if TYPE_CHECKING:
    from zoo.model_index.checks.lint import Lint

Mark = dict[str, str]  # what tells one finding from another, in the order it is written

FORMAT = 2
# the part of a mark that the index itself says
CLAIM = (
    "model",
    "publisher",
    "key",
    "dataset",
    "claimed",
)
LINE = re.compile(r"(\.\w+):\d+\b")  # a line number in a message, behind the name of a file


class BaselineResult(NamedTuple):
    """For each finding whether the baseline has it, and the marks that only the baseline has."""

    known: tuple[bool, ...]
    gone: tuple[Mark, ...]


class Scope(NamedTuple):
    """The part of an index that a run examined: models by name, and the other claims of the index
    under these names.

    A name may stand in an index twice, and one entry of it have changed. `elsewhere` are the marks
    of the claims of entries that were not examined; what is known of them is no matter of the run.
    """

    models: frozenset[str]
    elsewhere: tuple[Mark, ...] = ()


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The known findings of one command."""

    command: str
    findings: list[Mark]
    format: int = FORMAT

    @classmethod
    def read(cls, path: str, command: str) -> "Baseline":
        """Read a baseline from a file.

        Raises:
            UsageError: a file that is missing, broken, of a later format or of another command.
        """
        try:
            read = msgspec.json.decode(read_bytes(path), type=cls)
        except FileNotFoundError:
            raise UsageError(
                f"{path}: no such baseline; `{command} --write-baseline {path}` writes it"
            ) from None
        except TooLarge as error:
            raise UsageError(str(error)) from error
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: not a baseline: {error}") from error
        if read.format != FORMAT:
            raise UsageError(
                f"{path}: written in format {read.format}; this version reads {FORMAT}, and "
                f"`{command} --write-baseline {path}` writes it"
            )
        if read.command != command:
            raise UsageError(f"{path}: a baseline of `{read.command}`, not of `{command}`")
        return read

    def dump(self) -> str:
        """Return the text of the file."""
        head = f'{{"command": {json.dumps(self.command)}, "format": {self.format}, "findings": ['
        return "\n".join((head, ",\n".join(sorted(map(_line, self.findings))), "]}\n"))

    def compare(self, marks: Sequence[Mark]) -> BaselineResult:
        """Compare findings with the baseline; where the file has one once and there are two, the
        second is new."""
        by_key = {_key(mark): mark for mark in self.findings}
        left = Counter(map(_key, self.findings))
        flags = []
        for key in map(_key, marks):
            flags.append(left[key] > 0)
            left[key] -= flags[-1]
        return BaselineResult(tuple(flags), tuple(by_key[key] for key in sorted(left.elements())))

    def split_by_scope(self, scope: Scope) -> tuple["Baseline", "Baseline"]:
        """Split the known findings into those about what was examined, and the others."""
        elsewhere = Counter(map(_key, scope.elsewhere))
        parts: tuple[list[Mark], list[Mark]] = [], []
        for mark in self.findings:
            claim_key = _key({key: mark[key] for key in CLAIM if key in mark})
            elsewhere_too = mark.get("model") not in scope.models or elsewhere[claim_key] > 0
            elsewhere[claim_key] -= elsewhere[claim_key] > 0
            parts[elsewhere_too].append(mark)
        return Baseline(self.command, parts[False]), Baseline(self.command, parts[True])


def of_claim(claim: Claim) -> Mark:
    """Return the mark of a claim, whatever its finding is."""
    parts = (claim.model, claim.publisher, claim.quantity, claim.dataset, claim.printed)
    return {key: value for key, value in zip(CLAIM, parts, strict=True) if value is not None}


def of_finding(finding: Finding) -> Mark:
    """Return the mark by which a finding of `zoo verify` is recognised."""
    cause = {} if finding.cause is None else {"cause": finding.cause}
    if finding.gap is not None:  # a model that is not trusted and one that fails are two findings
        cause["gap"] = finding.gap.kind
    return of_claim(finding.claim) | {"verdict": str(finding.verdict)} | cause


def of_fault(fault: Fault) -> Mark:
    """Return the mark by which a cell that cannot be read is recognised: its key, not its place."""
    subject = fault.model or fault.file
    rule = {"model": subject, "rule": "unreadable", "quantity": fault.path.rpartition(".")[2]}
    return rule | {"message": f"expected {fault.expected}, got {fault.got}"}


def of_lint(lint: "Lint") -> Mark:
    """Return the mark by which a finding of `zoo lint` is recognised."""
    return {"model": lint.model, "rule": lint.rule, "message": LINE.sub(r"\1", lint.message)}


def digest(mark: Mark) -> str:
    """Return 32 hexadecimal digits of a mark."""
    return hashlib.sha256(json.dumps(sorted(mark.items())).encode()).hexdigest()[:32]


def _key(mark: Mark) -> tuple[tuple[str, str], ...]:
    """Return what is compared of a mark: all but the publisher, which may be the name of a clone or
    of a fork."""
    return tuple(sorted(item for item in mark.items() if item[0] != "publisher"))


def _line(mark: Mark) -> str:
    return json.dumps(mark, ensure_ascii=False)
