"""`zoo build` and `zoo serve`: the documentation site, built by MkDocs from pages written
before."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.deferred_errors import Unwritten
from zoo.cli.options import LEDGER, Fresh, IndexPaths, LedgerFolder, Trust, plural, read_index, say

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.model_index.findings import Finding
    from zoo.model_index.ledger.history import History
    from zoo.model_index.records.records import Index
    from zoo.reporting.site.mkdocs_config import SiteConfig

SYSTEM = re.compile(
    r"\w+Error: \[Errno \d+\] (.+)"
)  # what the system refused, as the last line of a traceback
Config = Annotated[str, typer.Option("--config", metavar="FILE", help="The MkDocs configuration.")]
NoVerify = Annotated[
    bool, typer.Option("--no-verify", help="Use the ledger's evidence only; measure nothing.")
]


class Builder(StrEnum):
    """What makes HTML of the pages."""

    MKDOCS = "mkdocs"
    ZENSICAL = "zensical"


def build(
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    config: Config = "mkdocs.yml",
    site: Annotated[
        str, typer.Option("--site", metavar="DIR", help="Where the built site goes.")
    ] = "site",
    builder: Annotated[
        Builder, typer.Option("--builder", help="What makes HTML of the pages.")
    ] = Builder.MKDOCS,
    no_verify: NoVerify = False,
    fresh: Fresh = False,
    trust: Trust = None,
) -> None:
    """Verify the index, write the pages, and build the site; findings are shown and do not stop it.

    Beside mkdocs.yml, each mkdocs.LANGUAGE.yml is the site of another language, built into a folder
    of the first.
    """
    found, unwritten = _sites(config), Unwritten()
    measurer = _pages(found, index, ledger, trust, unwritten, fresh=fresh, live=not no_verify)
    for one in found:
        folder = Path(site, "" if one.settings.primary else one.settings.language)
        if code := BUILDERS[builder](one.file, folder):
            unwritten.errors.append(f"{builder} build of {one.file} failed with exit code {code}")
            unwritten.tell(measurer)
    say(f"site in {site}: {plural(sum(1 for _ in Path(site).rglob('*.html')), 'page')}", error=True)
    unwritten.tell(measurer)


def _mkdocs(config: Path, site: Path) -> int:
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "-f",
        str(config),
        "-d",
    ]
    done = subprocess.run(
        [*command, str(site.resolve())], env=_environment(), stderr=subprocess.PIPE, text=True, errors="replace",
        check=False,
    )  # fmt: skip
    told, traceback, rest = done.stderr.partition("Traceback (most recent call last):\n")
    failed = SYSTEM.fullmatch(rest.rstrip().rpartition("\n")[2]) if traceback else None
    sys.stderr.write(f"{told}zoo: mkdocs: {failed[1]}\n" if failed else done.stderr)
    return done.returncode


def _zensical(config: Path, site: Path) -> int:
    """Zensical takes no folder but the configuration's, so it gets one that inherits from it."""
    from importlib.util import find_spec

    if find_spec("zensical") is None:
        say("zoo: zensical is not installed: pip install zensical", error=True)
        return 1
    own = config.with_name(f".zensical.{config.name}")
    own.write_text(
        f"INHERIT: {config.name}\nsite_dir: {json.dumps(str(site.resolve()))}\n", encoding="utf-8"
    )
    try:
        command = [sys.executable, "-m", "zensical", "build", "--clean", "-f", str(own)]
        done = subprocess.run(command, env=_environment(), stdout=subprocess.DEVNULL, check=False)
        return done.returncode
    finally:
        own.unlink(missing_ok=True)


BUILDERS: dict[Builder, Callable[[Path, Path], int]] = {
    Builder.MKDOCS: _mkdocs,
    Builder.ZENSICAL: _zensical,
}


def serve(
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    config: Config = "mkdocs.yml",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    no_verify: NoVerify = False,
    trust: Trust = None,
) -> None:
    """Serve the site on this machine and rebuild it when the index, the ledger or a page changes.

    One language is served, that of the configuration; its pages are those of `zoo build`.
    """
    from zoo.cli.serve import serve_site
    from zoo.model_index.errors import Unkept

    found = _sites(config)

    def write() -> None:
        unwritten = Unwritten()
        measurer = _pages(
            found[:1], index, ledger, trust, unwritten, fresh=False, live=not no_verify
        )
        try:
            unwritten.tell(measurer)
        except Unkept as error:  # the pages are there all the same
            for text in str(error).splitlines():
                say(f"zoo: {text}", error=True)

    write()
    os.environ.update(_environment())
    serve_site(config, f"{host}:{port}", _watched(index or found[0].index, ledger), write)


def _watched(index: Sequence[str] | None, ledger: str) -> Callable[[], list[Path]]:
    """The folders whose files decide the pages, looked up anew each time since files come and
    go."""
    from zoo.model_index.load import DATA

    def folders() -> list[Path]:
        named = [Path(path) for path in index or ()] or [DATA]
        return [path if path.is_dir() else path.parent for path in named] + [Path(ledger)]

    return folders


def _pages(
    found: "Sequence[SiteConfig]", index: Sequence[str] | None, ledger: str, trust: Sequence[str] | None,
    unwritten: Unwritten, *, fresh: bool, live: bool,
) -> "Measurer":  # fmt: skip
    """Write the pages of each language, from one reading of the index and one verification."""
    from zoo.cli.output.findings import print_groups, print_places, summarise
    from zoo.cli.process_options import Processes, counting
    from zoo.cli.verify import measurer_for, recalled
    from zoo.cli.weights import inspect_local
    from zoo.reporting.site.build import write
    from zoo.reporting.views.catalogue import Zoo
    from zoo.verification.verify import primary_keys

    index = index or found[0].index
    read = read_index(index)
    measurer = measurer_for(ledger, index, trust, fresh=fresh, live=live)
    if live:
        for document, why in inspect_local(read.entries, ledger, index, trust):
            measurer.unkept_because(document, why)
    with counting(read.entries, measurer, Processes()):
        findings, digests = recalled(read.entries, measurer, ledger)
    if live:
        print_places(findings, why=True)
        print_groups(findings, "`zoo verify --all`")
        summarise(findings, measurer)
    for entry in read.entries:
        measurer.benchmarks(entry)
    keys = primary_keys(read.entries, measurer)
    history = _history(read, findings, ledger, unwritten, live=live)
    zoo = Zoo(read, tuple(findings), measurer.evidence, keys, ledger, history, digests)
    for one in found:
        written = write(zoo, one.docs, one.settings)
        changes = (
            f"{written.written} written, {written.unchanged} unchanged, {written.removed} removed"
        )
        say(f"pages in {one.docs}: {changes}", error=True)
        if one.settings.primary and written.gone:
            named = ", ".join(written.gone[:5]) + (" ..." if len(written.gone) > 5 else "")
            say(
                f"zoo: {plural(len(written.gone), 'page')} of models that are no longer there: {named}. A model that "
                "was renamed says `Formerly: OLD NAME` in its entry, and its old address leads to the new one.",
                error=True,
            )
    return measurer


def _sites(config: str) -> "list[SiteConfig]":
    from zoo.reporting.site.mkdocs_config import sites

    return sites(Path(config), os.environ)


def _history(
    read: "Index", findings: "Sequence[Finding]", ledger: str, unwritten: Unwritten, *, live: bool
) -> "History":
    """What changed until now; a build that verifies adds what changed since the last one. Where it
    cannot, a later one does: on a ledger that is only to be read, that is as it should be."""
    from datetime import UTC, datetime

    from zoo.model_index.errors import ReadOnly
    from zoo.model_index.ledger import history

    if live:
        families = {entry.name: name for name, entries in read.families() for entry in entries}
        with unwritten.later():
            try:
                history.record(Path(ledger), findings, families, datetime.now(UTC), read.renamed())
            except ReadOnly as error:
                say(f"zoo: {error}; a later build does", error=True)
    found = history.read(Path(ledger))
    for fault in found.faults:
        say(f"zoo: {fault}", error=True)
    return found


def _environment() -> dict[str, str]:
    return os.environ | {"NO_MKDOCS_2_WARNING": "1"}
