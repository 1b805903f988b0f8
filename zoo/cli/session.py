"""Steps shared by commands: create a measurer, inspect weights, verify."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.api.measuring import inspect_all, make_measurer
from zoo.api.measuring import inspect_local as inspect_new_files
from zoo.cli.deferred_errors import open_ledger
from zoo.cli.output.progress import show_entries, show_progress

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.explanation.judgement import Assessment
    from zoo.model_index.findings import Finding
    from zoo.model_index.records.place import Place
    from zoo.model_index.records.records import Entry, Index
    from zoo.reporting.views.catalogue import Catalogue
    from zoo.weights.describe import InspectOptions
    from zoo.weights.inspect import Inspector


def measurer_for(
    ledger: str,
    index: Sequence[str] | None,
    trust: Sequence[str] | None,
    *,
    fresh: bool = False,
    live: bool = True,
    withheld: Collection[str] = (),
) -> "Measurer":
    """Return a measurer whose evidence records the options that reproduce it. What is counted
    outside of `zoo.cli.process_options.counting` is counted in a process with the usual limits.

    Raises:
        LedgerError: the ledger is not a folder, or not readable.
    """
    return make_measurer(
        open_ledger(ledger), index or (), trust or (), fresh=fresh, live=live, withheld=withheld
    )


def run(
    entries: "Sequence[Entry]", measurer: "Measurer", index: "Sequence[Entry]"
) -> "list[Finding]":
    """Return the findings; show progress on a terminal."""
    return [
        assessment.finding
        for _, assessments in examine_entries(entries, measurer, index)
        for assessment in assessments
    ]


def verify_with_cache(
    entries: "Sequence[Entry]", measurer: "Measurer", ledger: str
) -> "tuple[list[Finding], dict[Place, str]]":
    """Verify a whole index with the cached findings of the ledger; judge changed entries.

    Return the findings, and digests of their inputs by place.
    """
    from zoo.verification.findings_cache import FindingsCache, verify_index

    cache = FindingsCache.open(Path(ledger))
    with show_entries("verifying", len(entries)) as watch:
        return verify_index(entries, measurer, cache, watch), cache.digests


def examine_entries(
    entries: "Sequence[Entry]", measurer: "Measurer", index: "Sequence[Entry]"
) -> "list[tuple[Entry, list[Assessment]]]":
    """Return assessments by entry; show progress on a terminal."""
    from zoo.verification.verify import examine

    with show_entries("verifying", len(entries)) as watch:
        return examine(entries, measurer, index, watch)


def inspect(entries: "Sequence[Entry]", ledger: str, limits: "InspectOptions") -> "Inspector":
    """Inspect all weights of these models, with a progress bar on a terminal."""
    from dataclasses import replace

    total = sum(len(entry.links) for entry in entries)
    names: list[str] = []
    with show_progress("weights") as progress:

        def advance(name: str) -> None:
            names.append(name)
            progress.update("weights", len(names), total, label=name)

        progress.update("weights", 0, total)
        options = replace(limits, progress=progress.download)
        return inspect_all(entries, open_ledger(ledger), options, advance)


def inspect_local(
    entries: "Sequence[Entry]",
    ledger: str,
    index: Sequence[str] | None,
    trust: Sequence[str] | None,
) -> "Inspector | None":
    """Inspect local weights that are new or changed; return the inspector, None where none are."""
    return inspect_new_files(entries, open_ledger(ledger), index or (), trust or ())


def read_catalogue(
    read: "Index", entries: "Sequence[Entry]", ledger: str, paths: Sequence[str] | None
) -> "Catalogue":
    """Return the index with the ledger's evidence of these entries; measure nothing."""
    from zoo.reporting.views.catalogue import Catalogue, Zoo
    from zoo.verification.verify import primary_keys, verify

    measurer = measurer_for(ledger, paths, None, live=False)
    findings = [
        finding for _, group in verify(entries, measurer, read.entries) for finding in group
    ]
    keys = primary_keys(entries, measurer)
    return Catalogue.of(
        Zoo(
            index=read,
            findings=tuple(findings),
            evidence=measurer.evidence,
            primary=keys,
            ledger=ledger,
        )
    )
