"""What `zoo verify` and `zoo lint` have in common as gates: formats, the baseline, and which
findings close."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.cli.deferred_errors import DeferredErrors
from zoo.cli.options import FOR_READERS, read_index
from zoo.cli.output.console import plural, say
from zoo.reporting.gates import RENDERERS, render

if TYPE_CHECKING:
    from zoo.model_index.baseline import Mark, Scope
    from zoo.model_index.records.records import Index
    from zoo.reporting.gates.rows import GateRow

# Where a CI service has checked out the repository, which the places it links are relative to.
WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
MOST = 20  # findings that are gone, listed one by one


@dataclass(frozen=True, slots=True)
class Judgement:
    """For each finding whether it is known; how many fail that are not; what only the baseline
    has."""

    known: tuple[bool, ...]
    new: int
    gone: tuple[str, ...] = ()


class Gate:
    """The options of one run; what is wrong with them is told before anything is measured. A file
    that cannot be written is told at the end, by `unwritten`.

    Raises: UsageError: for a baseline that cannot be used, or a file that cannot be written in a
        format.
    """

    def __init__(
        self,
        command: str,
        format: str,
        *,
        also: Sequence[str] = (),
        known: str | None = None,
        write: str | None = None,
        report: str | None = None,
    ):
        self.command, self.format = command, format
        self.files = [_parse_also(text) for text in also]
        named = [
            *(("--also", path) for _, path in self.files),
            ("--write-baseline", write),
            ("--report", report),
        ]
        self.outputs = [(option, path) for option, path in named if path]
        self.known, self.rewritten = known, write
        self.unwritten = DeferredErrors()
        self.baseline = None
        if known is None and write is None:
            return
        from zoo.model_index.baseline import Baseline
        from zoo.model_index.errors import UsageError

        if known is not None and write is not None:
            raise UsageError(
                "--baseline compares with known findings, --write-baseline replaces them: give one"
            )
        if known is not None or os.path.isfile(write or "") or os.path.isdir(write or ""):
            self.baseline = Baseline.read(known or write or "", command)

    def load(self, paths: Sequence[str]) -> "Index":
        """The index; one that cannot be read is told in every format that was asked for.

        Raises: UsageError, IndexFaults: as `zoo.model_index.load`; and where a file to be written
            is one that was read.
        """
        from zoo.model_index.errors import IndexFaults

        try:
            read = read_index(paths)
            self._refuse(read.files)
            return read
        except IndexFaults as error:
            self._refuse(error.files)
            faults = error.faults

            def rows() -> "tuple[GateRow, ...]":
                from zoo.reporting.gates.rows import of_faults

                return of_faults(faults)

            self.write(rows)
            for text in self.unwritten.errors:
                say(f"zoo: {text}", error=True)
            raise

    def _refuse(self, sources: Sequence[str]) -> None:
        from zoo.model_index.io.outputs import refuse_sources

        for option, path in self.outputs:
            refuse_sources(option, path, sources)

    def judge(
        self,
        marks: "Callable[[], Sequence[Mark]]",
        failing: Sequence[bool],
        scope: "Scope | None" = None,
    ) -> Judgement:
        """Findings against the known ones; `scope` is what was examined where that was not all of
        the index."""
        if self.known is None and self.rewritten is None:
            return Judgement((False,) * len(failing), sum(failing))
        settle = self._compare if self.rewritten is None else self._rewrite
        return settle(marks(), failing, scope)

    def _rewrite(
        self, marks: "Sequence[Mark]", failing: Sequence[bool], scope: "Scope | None"
    ) -> Judgement:
        """What fails becomes known; what is known of entries that were not examined stays."""
        from zoo.model_index.baseline import Baseline
        from zoo.model_index.io.outputs import write_output

        marked = [mark for mark, fails in zip(marks, failing, strict=True) if fails]
        if scope is not None and self.baseline:
            marked += self.baseline.split_by_scope(scope)[1].findings
        with self.unwritten.later():
            write_output(
                "--write-baseline", self.rewritten or "", Baseline(self.command, marked).dump()
            )
            say(
                f"baseline {self.rewritten}: {plural(len(marked), 'known finding')} written",
                error=True,
            )
        return Judgement(tuple(failing), 0)

    def _compare(
        self, marks: "Sequence[Mark]", failing: Sequence[bool], scope: "Scope | None"
    ) -> Judgement:
        assert self.baseline is not None
        matches, gone = (
            self.baseline if scope is None else self.baseline.split_by_scope(scope)[0]
        ).compare(marks)
        matches = tuple(fails and old for fails, old in zip(failing, matches, strict=True))
        new = sum(failing) - sum(matches)
        counts = f"{new} new, {sum(matches)} known, {len(gone)} gone"
        say(f"baseline {self.known}: {counts}", error=True)
        texts = tuple(map(_describe, gone))
        for text in texts[:MOST]:
            say(f"gone: {text}", error=True)
        if texts:
            more = f"and {len(texts) - MOST:,} more; " if len(texts) > MOST else ""
            say(f"{more}`{self.command} --write-baseline {self.known}` writes it anew", error=True)
        return Judgement(matches, new, texts)

    def data(
        self, findings: Sequence[dict[str, object]], judged: Judgement
    ) -> list[dict[str, object]]:
        """Findings as JSON; each says whether it is known where that was asked."""
        if self.known is None and self.rewritten is None:
            return list(findings)
        return [
            finding | {"known": is_known}
            for finding, is_known in zip(findings, judged.known, strict=True)
        ]

    def write(self, rows: "Callable[[], tuple[GateRow, ...]]", gone: tuple[str, ...] = ()) -> None:
        """What gates read, to standard output and to files as asked; `rows` are made only where
        they are needed."""
        if self.format in FOR_READERS and not self.files:
            return
        from zoo import __version__
        from zoo.model_index.io.outputs import write_output
        from zoo.reporting.gates.rows import Outcome

        root = next(
            (folder for name in WORKSPACES if (folder := os.environ.get(name))), os.getcwd()
        )
        outcome = Outcome(self.command, __version__, rows(), gone, os.path.abspath(root))
        if self.format not in FOR_READERS:
            sys.stdout.write(render(self.format, outcome))
        for format, path in self.files:
            with self.unwritten.later():
                write_output("--also", path, render(format, outcome))


def _parse_also(text: str) -> tuple[str, str]:
    from zoo.model_index.errors import UsageError

    format, _, path = text.partition("=")
    formats = list(RENDERERS)
    if format not in formats or not path:
        raise UsageError(
            f"--also: expected FORMAT=FILE with a format of {', '.join(formats)}; got {text!r}"
        )
    return format, path


def _describe(mark: "Mark") -> str:
    """A known finding in words: `dla34: Layers, timm, 32, mismatch`."""
    parts = ("quantity", "dataset", "publisher", "claimed", "verdict", "cause", "rule", "message")
    return f"{mark.get('model', '')}: {', '.join(mark[key] for key in parts if key in mark)}"
