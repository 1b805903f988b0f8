"""The gate of `zoo verify`, `zoo lint` and `zoo compare`: output formats, baseline, failing
findings."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from zoo.cli.deferred_errors import DeferredErrors
from zoo.cli.options import FOR_READERS, load_index
from zoo.cli.output.console import plural, say
from zoo.cli.output.streams import write_document
from zoo.model_index.errors.suggestions import describe_unknown
from zoo.reporting.gates import RENDERERS, render

if TYPE_CHECKING:
    from zoo.model_index.baseline import Mark, Scope
    from zoo.model_index.gaps import GapCount
    from zoo.model_index.records.records import Index
    from zoo.reporting.gates.rows import GateRow

MOST = 20  # findings that are gone, listed one by one


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Which findings fail a run without a baseline, which of these are known, how many are new, and
    the findings only of the baseline. With `written` the known ones have just become so."""

    failing: tuple[bool, ...]
    known: tuple[bool, ...]
    new: int
    gone: tuple[str, ...] = ()
    written: bool = False

    def insert_new(self, position: int, number: int) -> "Judgement":
        """Return the judgement with so many findings at a position that no baseline lets pass."""

        def insert(flags: tuple[bool, ...], flag: bool) -> tuple[bool, ...]:
            return (*flags[:position], *(flag for _ in range(number)), *flags[position:])

        failing, known = insert(self.failing, True), insert(self.known, False)
        return replace(self, failing=failing, known=known, new=self.new + number)

    @property
    def hidden(self) -> tuple[bool, ...]:
        """Which findings need not be listed."""
        return (False,) * len(self.known) if self.written else self.known

    def list_new(self, findings: Sequence[T]) -> list[T]:
        """Return the findings that fail and are not known; faults may follow them."""
        flags = zip(findings, self.failing, self.known, strict=False)
        return [finding for finding, fails, known in flags if fails and not known]


class Gate:
    """Formats and baseline of one run, checked before anything is measured.

    `unwritten` reports files that cannot be written, at the end.

    Raises:
        UsageError: an invalid baseline, or an unknown format.
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
        """Read the index. Where nothing can be examined, write its faults in every requested
        format.

        Raises:
            UsageError: as `zoo.model_index.load`, or an output file is a source.
            IndexFaults: as `zoo.model_index.load`.
        """
        from zoo.model_index.errors import IndexFaults

        try:
            read = load_index(paths)
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
        """Compare findings with the baseline; `scope` is the examined part of the index, None for
        all."""
        if self.known is None and self.rewritten is None:
            return Judgement(tuple(failing), (False,) * len(failing), sum(failing))
        settle = self._compare if self.rewritten is None else self._rewrite
        return settle(marks(), failing, scope)

    def _rewrite(
        self, marks: "Sequence[Mark]", failing: Sequence[bool], scope: "Scope | None"
    ) -> Judgement:
        """Write the failing findings as known; keep those of entries outside the scope."""
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
        return Judgement(tuple(failing), tuple(failing), 0, written=True)

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
            say(f"{more}`{self.command} --write-baseline {self.known}` replaces it", error=True)
        return Judgement(tuple(failing), matches, new, texts)

    def data(
        self, findings: Sequence[dict[str, object]], judged: Judgement
    ) -> list[dict[str, object]]:
        """Return findings as JSON; with a baseline each says whether it is known."""
        if self.known is None and self.rewritten is None:
            return list(findings)
        return [
            finding | {"known": is_known}
            for finding, is_known in zip(findings, judged.known, strict=True)
        ]

    def write(
        self,
        rows: "Callable[[], tuple[GateRow, ...]]",
        gone: tuple[str, ...] = (),
        gaps: "Sequence[GapCount]" = (),
    ) -> None:
        """Write the formats of gates to standard output and to files; call `rows` only if needed.
        `gaps` are what was not examined."""
        if self.format in FOR_READERS and not self.files:
            return
        from zoo.model_index.io.outputs import write_output
        from zoo.reporting.gates.paths import find_root
        from zoo.reporting.gates.rows import Outcome
        from zoo.version import __version__

        outcome = Outcome(
            command=self.command,
            version=__version__,
            rows=rows(),
            gone=gone,
            root=find_root(),
            gaps=tuple(gaps),
        )
        notes: dict[str, None] = {}
        if self.format not in FOR_READERS:
            rendering = render(self.format, outcome)
            write_document(rendering.text)
            notes |= dict.fromkeys(rendering.notes)
        for format, path in self.files:
            rendering = render(format, outcome)
            notes |= dict.fromkeys(rendering.notes)
            with self.unwritten.later():
                write_output("--also", path, rendering.text)
        for note in notes:
            say(f"zoo: {note}", error=True)


def _parse_also(text: str) -> tuple[str, str]:
    from zoo.model_index.errors import UsageError

    format, _, path = text.partition("=")
    formats = list(RENDERERS)
    if path and format not in formats:
        raise UsageError(describe_unknown("--also: no format", format, formats))
    if not path:
        raise UsageError(
            f"--also: expected FORMAT=FILE with a format of {', '.join(formats)}; got {text!r}"
        )
    return format, path


def _describe(mark: "Mark") -> str:
    """Describe a known finding: `dla34: Layers, timm, 32, mismatch`."""
    from zoo.model_index.quantities.table import row_of

    label = row_of(mark["key"]).label if "key" in mark else ""
    parts = (
        "quantity",
        "dataset",
        "publisher",
        "claimed",
        "verdict",
        "cause",
        "gap",
        "rule",
        "message",
    )
    texts = [label, *(mark.get(key, "") for key in parts)]
    return f"{mark.get('model', '')}: {', '.join(filter(None, texts))}"
