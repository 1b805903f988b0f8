"""Known findings: the file that holds them, and what is new or gone against it.

A finding is known by what it says, not by where it stands, so that lines may move. The file has one
finding a line, sorted, so that git shows a finding that came or went as one line that came or went.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from model_index.errors import UsageError
from model_index.findings import Finding

if TYPE_CHECKING:
    from model_index.lint import Lint

Mark = dict[str, str]  # what tells one finding from another, in the order it is written

FORMAT = 1
LINE = re.compile(r"(\.\w+):\d+\b")  # a line number in a message, behind the name of a file


class Compared(NamedTuple):
    """For each finding whether the baseline has it, and what only the baseline has."""

    known: tuple[bool, ...]
    gone: tuple[Mark, ...]


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The known findings of one command."""

    command: str
    findings: list[Mark]
    format: int = FORMAT

    @classmethod
    def read(cls, path: str, command: str) -> "Baseline":
        """The baseline in a file.

        Raises:
            UsageError: a file that is missing, broken, of a later format or of another command.
        """
        try:
            read = msgspec.json.decode(Path(path).read_bytes(), type=cls)
        except FileNotFoundError:
            raise UsageError(f"{path}: no such baseline; `{command} --write-baseline {path}` writes it") from None
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: not a baseline: {error}") from error
        if read.format > FORMAT:
            raise UsageError(f"{path}: written in format {read.format}; this version reads up to {FORMAT}")
        if read.command != command:
            raise UsageError(f"{path}: a baseline of `{read.command}`, not of `{command}`")
        return read

    def dump(self) -> str:
        """The file's text."""
        head = f'{{"command": {json.dumps(self.command)}, "format": {self.format}, "findings": ['
        return "\n".join((head, ",\n".join(sorted(map(_line, self.findings))), "]}\n"))

    def compare(self, marks: Sequence[Mark]) -> Compared:
        """Findings against the known ones; where the file has one once and there are two, the second is new."""
        left = Counter(map(_key, self.findings))
        known = []
        for key in map(_key, marks):
            known.append(left[key] > 0)
            left[key] -= known[-1]
        return Compared(tuple(known), tuple(map(dict, sorted(left.elements()))))

    def only(self, models: Iterable[str], *, others: bool = False) -> "Baseline":
        """The known findings about these models, or about all others."""
        named = frozenset(models)
        kept = [mark for mark in self.findings if (mark.get("model") in named) is not others]
        return Baseline(self.command, kept)


def of_finding(finding: Finding) -> Mark:
    """What a finding of `zoo verify` is known by."""
    claim = finding.claim
    parts = {
        "model": claim.model,
        "publisher": claim.publisher,
        "quantity": claim.row.label,
        "dataset": claim.dataset,
        "claimed": claim.printed,
        "verdict": str(finding.verdict),
        "cause": finding.cause,
    }
    return {key: value for key, value in parts.items() if value is not None}


def of_lint(lint: "Lint") -> Mark:
    """What a finding of `zoo lint` is known by."""
    return {"model": lint.model, "rule": lint.rule, "message": LINE.sub(r"\1", lint.message)}


def digest(mark: Mark) -> str:
    """A mark as 32 hexadecimal digits."""
    return hashlib.sha256(json.dumps(_key(mark)).encode()).hexdigest()[:32]


def _key(mark: Mark) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(mark.items()))


def _line(mark: Mark) -> str:
    return json.dumps(mark, ensure_ascii=False)
