"""Size of what a search reads, and time of the pictures of shared links, for 2,000 models.

The models are those of timm, and copies of them under other names up to the number. The documents
are this checkout's. Sizes are of gzip, as hosts send files; the bars are of all files that a search
may read together, and of a page that nobody searches. Times are of one core, beside the text of all
pages in the same run. Start it as `python -m benchmarks.search`.
"""

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from benchmarks.sites.transfer import transferred
from benchmarks.sites.tree import ENVIRONMENT, Tree
from zoo.cli.options import read_index
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.records.records import Entry
from zoo.reporting.downloads import names, search, share
from zoo.reporting.pages.base import Site
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.assets import assets
from zoo.reporting.site.render import render_pages, site_of
from zoo.reporting.views.catalogue import Zoo

SEARCH_KB, PICTURE_KB, SHARE = 300, 8, 0.25
BUILDERS_INDEX = "search/search_index.json"
URL = "https://zoo.example/"


def entries(models: int) -> Iterator[Entry]:
    """Yield the models of timm, and copies of them under other names."""
    read = read_index(["timm"]).entries
    for number in range(models):
        entry, round_ = read[number % len(read)], number // len(read)
        name = f"{entry.name}{f'_v{round_ + 1}' if round_ else ''}"
        place = msgspec.structs.replace(entry.place, file=f"{round_}/{entry.place.file}")
        claims = tuple(msgspec.structs.replace(claim, model=name) for claim in entry.claims)
        yield replace(entry, name=name, place=place, claims=claims)


def site(models: int, url: str) -> Site:
    """Return a site of so many models, nothing measured: each claim is unknown."""
    index = replace(read_index(["timm"]), entries=tuple(entries(models)))
    findings = tuple(
        Finding(claim=claim, verdict=Verdict.UNCHECKED, reason="not measured")
        for entry in index.entries
        for claim in entry.all_claims()
    )
    zoo = Zoo(index=index, findings=findings, evidence={}, primary={})
    return site_of(zoo, Settings(name="Model zoo ledger", url=url, hides_html=True))


def build(folder: Path, made: Site) -> Path:
    """Build the documents by MkDocs, with the files of the look-up beside them."""
    Tree.here().copy_site(folder)
    files = {file.path: file.data for part in (names, search) for file in part.files(made)}
    for path, data in {**files, **dict(assets()), "index.md": "# Start\n"}.items():
        target = folder / "docs" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data if isinstance(data, bytes) else str(data).encode())
    command = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "-q"]
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
    return folder / "site"


def sizes(made: Site) -> None:
    """Print what a search reads, and what a page reads where nobody searches."""
    with tempfile.TemporaryDirectory() as folder:
        built = build(Path(folder), made)
        total = 0.0
        for path in ("downloads/names.json", search.ROWS, BUILDERS_INDEX, search.NUMBERS):
            size = len(gzip.compress((built / path).read_bytes(), 6)) / 1024
            total += size
            print(f"{path:<48} {size:8.1f} KB compressed")
        say("all that a search reads", total, SEARCH_KB, "KB")
        loaded = transferred(built, "start/").files if shutil.which("chromium") else {}
        read = [path for path in loaded if "search" in path or "names.json" in path]
        say("of it read before somebody searches", len(read), 0, "files")


def times(models: int) -> None:
    """Print how long pictures take, beside the text of all pages, and how large they are."""
    for url, what in (("", "site and families"), (URL, "site, families and models")):
        made = site(models, url)
        start = time.process_time()
        pictures = [file for file in share.files(made) if isinstance(file.data, bytes)]
        seconds = time.process_time() - start
        start = time.process_time()
        pages = sum(1 for _ in render_pages(made))
        text = time.process_time() - start
        print(f"{len(pictures)} pictures of {what}: {seconds:.1f} s; {pages} pages: {text:.1f} s")
        if url:
            own = [len(f.data) / 1024 for f in pictures if "/model-" in f.path]
            say("the largest picture of a model", max(own), PICTURE_KB, "KB")
        else:
            say("pictures beside the text of all pages", seconds / text, SHARE, "times")


def say(what: str, value: float, bar: float, unit: str) -> None:
    reached = "reached" if value <= bar else "MISSED"
    print(f"{what:<48} {value:8.2f} {unit}, bar {bar:g}: {reached}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=2000)
    options = parser.parse_args()
    sizes(site(options.models, ""))
    times(options.models)


if __name__ == "__main__":
    main()
