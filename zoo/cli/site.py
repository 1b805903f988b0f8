"""`zoo build` and `zoo serve`: the documentation site, built by MkDocs from pages written before."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.options import LEDGER, Fresh, IndexPaths, LedgerFolder, Trust, plural, say

if TYPE_CHECKING:
    from model_index.findings import Finding
    from model_index.history import History
    from model_index.records import Index
    from reporting.site import Written

Config = Annotated[str, typer.Option("--config", metavar="FILE", help="The MkDocs configuration.")]
NoVerify = Annotated[bool, typer.Option("--no-verify", help="Use the ledger's evidence only; measure nothing.")]


def build(
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    config: Config = "mkdocs.yml",
    site: Annotated[str, typer.Option("--site", metavar="DIR", help="Where the built site goes.")] = "site",
    no_verify: NoVerify = False,
    fresh: Fresh = False,
    trust: Trust = None,
) -> None:
    """Verify the index, write the pages, and build the site; findings are shown and do not stop it."""
    docs = _docs_folder(config)
    written = _pages(docs, index, ledger, trust, fresh=fresh, live=not no_verify)
    changes = f"{written.written} written, {written.unchanged} unchanged, {written.removed} removed"
    say(f"pages in {docs}: {changes}", error=True)
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "-f",
        config,
        "-d",
        str(Path(site).resolve()),
    ]
    if code := subprocess.run(command, env=_environment(), check=False).returncode:
        say(f"zoo: mkdocs build failed with exit code {code}", error=True)
        raise typer.Exit(2)
    say(f"site in {site}: {plural(sum(1 for _ in Path(site).rglob('*.html')), 'page')}", error=True)


def serve(
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    config: Config = "mkdocs.yml",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    no_verify: NoVerify = False,
    trust: Trust = None,
) -> None:
    """Serve the site on this machine and rebuild it when the index, the ledger or a page changes."""
    from zoo.watching import serve_site

    docs = _docs_folder(config)

    def write() -> None:
        _pages(docs, index, ledger, trust, fresh=False, live=not no_verify)

    write()
    os.environ.update(_environment())
    serve_site(config, f"{host}:{port}", _watched(index, ledger), write)


def _watched(index: Sequence[str] | None, ledger: str) -> Callable[[], list[Path]]:
    """The folders whose files decide the pages, looked up anew each time since files come and go."""
    from model_index.load import DATA

    def folders() -> list[Path]:
        named = [Path(path) for path in index or ()] or [DATA]
        return [path if path.is_dir() else path.parent for path in named] + [Path(ledger)]

    return folders


def _pages(
    docs: Path, index: Sequence[str] | None, ledger: str, trust: Sequence[str] | None, *, fresh: bool, live: bool
) -> "Written":
    from model_index.load import load
    from reporting.site import write
    from reporting.view import Zoo
    from zoo.cli.printing import print_groups, print_places, summarise
    from zoo.cli.verify import measurer_for, recalled
    from zoo.cli.weights import inspect_local
    from zoo.verify import primary_keys

    read = load(index or ())
    measurer = measurer_for(ledger, index, trust, fresh=fresh, live=live)
    if live:
        inspect_local(read.entries, ledger, index, trust)
    findings = recalled(read.entries, measurer, ledger)
    if live:
        print_places(findings, why=True)
        print_groups(findings, "`zoo verify --all`")
        summarise(findings, measurer)
    for entry in read.entries:
        measurer.benchmarks(entry)
    keys = primary_keys(read.entries, measurer)
    history = _history(read, findings, ledger, live=live)
    return write(Zoo(read, tuple(findings), measurer.evidence, keys, ledger, history), docs)


def _history(read: "Index", findings: "Sequence[Finding]", ledger: str, *, live: bool) -> "History":
    """What changed until now; a build that verifies adds what changed since the last one."""
    from datetime import UTC, datetime

    from model_index import history

    if live:
        families = {entry.name: name for name, entries in read.families() for entry in entries}
        history.record(Path(ledger), findings, families, datetime.now(UTC), read.renamed())
    found = history.read(Path(ledger))
    for fault in found.faults:
        say(f"zoo: {fault}", error=True)
    return found


def _docs_folder(config: str) -> Path:
    """The configuration's docs_dir.

    Raises:
        UsageError: where there is no configuration.
        IndexFaults: where it is no YAML.
    """
    from model_index.errors import IndexFaults, UsageError
    from model_index.text import Reader

    path = Path(config)
    if not path.is_file():
        raise UsageError(
            f"{config}: no such file; run in a folder with an MkDocs configuration or name one with --config"
        )
    reader = Reader(config, path.read_text(encoding="utf-8"), [])
    items = reader.mapping(reader.root(), "")
    named = reader.text_of(items["docs_dir"].node, "docs_dir") if "docs_dir" in items else None
    if reader.faults:
        raise IndexFaults(reader.faults)
    return path.parent / (named or "docs")


def _environment() -> dict[str, str]:
    return os.environ | {"NO_MKDOCS_2_WARNING": "1"}
