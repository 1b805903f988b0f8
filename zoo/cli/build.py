"""`zoo build` and `zoo serve`: the documentation site, built by MkDocs from pages written
before."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from zoo.cli.choice import choice
from zoo.cli.deferred_errors import DeferredErrors
from zoo.cli.options import (
    LEDGER,
    Config,
    Fresh,
    IndexPaths,
    LedgerFolder,
    NoVerify,
    Trust,
    TrustConfig,
)
from zoo.cli.output.console import plural, say
from zoo.cli.output.progress import show_step
from zoo.cli.pages import mkdocs_environment, read_sites, write_pages
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.reporting.site.mkdocs_config import SiteConfig

# An error of the operating system, as the last line of a traceback.
SYSTEM = re.compile(r"\w+Error: \[Errno \d+\] (.+)")


class Builder(StrEnum):
    """The program that turns the pages into HTML."""

    MKDOCS = "mkdocs"
    ZENSICAL = "zensical"


def build(
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    config: Config = None,
    site: Annotated[
        str, typer.Option("--site", metavar="DIR", help="Build the site into this folder.")
    ] = "site",
    builder: Annotated[
        Builder,
        choice("--builder", Builder, "Name the program that makes HTML."),
    ] = Builder.MKDOCS,
    no_verify: NoVerify = False,
    fresh: Fresh = False,
    trust: Trust = None,
    trust_config: TrustConfig = False,
) -> None:
    """Verify the index, write the pages, and build the site; findings are shown and do not stop it.

    Beside mkdocs.yml, each mkdocs.LANGUAGE.yml is the site of another language, built into a folder
    of the first.
    """
    from zoo.reporting.site.links import refuse_links_of_site

    require("site")
    sites, unwritten = read_sites(config, trust=trust_config), DeferredErrors()
    refuse_links_of_site(Path(site))
    measurer = write_pages(sites, index, ledger, trust, unwritten, fresh=fresh, live=not no_verify)
    for target in sites:
        folder = Path(site, "" if target.settings.primary else target.settings.language)
        with show_step(f"{builder} build of {target.file}"), completing(target) as file:
            code = BUILDERS[builder](file, folder, ledger=ledger)
        if not target.settings.url:
            remove_sitemap(folder)
        if code:
            unwritten.errors.append(
                f"{builder} build of {target.file} failed with exit code {code}"
            )
            unwritten.tell(measurer)
    pages = plural(sum(1 for _ in Path(site).rglob("*.html")), "page")
    say(f"site in {site}: {pages}; zoo serve shows it", error=True)
    unwritten.tell(measurer)


@contextmanager
def completing(target: "SiteConfig") -> Iterator[Path]:
    """Yield the configuration of a language, with what it leaves to the first one."""
    if not target.completes:
        yield target.file
        return
    with inheriting(target.file, target.completes) as file:
        yield file


@contextmanager
def inheriting(config: Path, settings: Mapping[str, Any]) -> Iterator[Path]:
    """Yield a file beside a configuration that inherits from it and has more settings."""
    text = json.dumps({"INHERIT": config.name, **settings}, ensure_ascii=False)
    handle, path = tempfile.mkstemp(".yml", ".zoo.", config.absolute().parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)  # JSON is YAML
        yield Path(path)
    finally:
        os.unlink(path)


def remove_sitemap(site: Path) -> None:
    """Remove the map of a site without an address: MkDocs writes one without pages."""
    for name in ("sitemap.xml", "sitemap.xml.gz"):
        (site / name).unlink(missing_ok=True)


def _mkdocs(config: Path, site: Path, *, ledger: str = LEDGER) -> int:
    options = ["--strict", "--quiet", "-f", str(config), "-d", str(site.resolve())]
    command = [sys.executable, "-P", "-m", "mkdocs", "build", *options]
    done = subprocess.run(
        command,
        env=mkdocs_environment(config, ledger),
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    warnings, traceback, failure = done.stderr.partition("Traceback (most recent call last):\n")
    failed = SYSTEM.fullmatch(failure.rstrip().rpartition("\n")[2]) if traceback else None
    sys.stderr.write(f"{warnings}zoo: mkdocs: {failed[1]}\n" if failed else done.stderr)
    return done.returncode


def _zensical(config: Path, site: Path, *, ledger: str = LEDGER) -> int:
    """Build by Zensical: the folder is an option of the configuration, so one that inherits sets
    it."""
    from importlib.util import find_spec

    if find_spec("zensical") is None:
        say("zoo: zensical is not installed: pip install zensical", error=True)
        return 1
    with inheriting(config, {"site_dir": str(site.resolve())}) as file:
        command = [sys.executable, "-P", "-m", "zensical", "build", "--clean", "-f", str(file)]
        done = subprocess.run(
            command,
            env=mkdocs_environment(config, ledger),
            stdout=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode


class Build(Protocol):
    """A builder; the ledger says of when the site is."""

    def __call__(self, config: Path, site: Path, *, ledger: str = LEDGER) -> int: ...


BUILDERS: dict[Builder, Build] = {
    Builder.MKDOCS: _mkdocs,
    Builder.ZENSICAL: _zensical,
}
