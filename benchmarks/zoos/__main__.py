"""Verify the zoos that are at hand and write what was found into `docs/zoos.json`.

    $ python -m benchmarks.zoos --corpora CORPORA [--wheels WHEELS] --ledger LEDGER [NAME ...]

CORPORA is a folder with the pages that `table.py` names, WHEELS one with wheels of OpenMMLab
(`pip download --no-deps mmdet ...`). Evidence is kept in LEDGER, so a run that was interrupted goes
on where it stopped. The facts of zoos that are not at hand, or not named, stay as they are. What
would be called wrong and has no verdict in `reviewed.toml` is printed at the end.
`python docs/write_zoos.py` writes the page.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.zoos.facts import make_facts
from benchmarks.zoos.published import count_left_out
from benchmarks.zoos.review import read_verdicts
from benchmarks.zoos.table import ZOOS, Copy, Zoo, find_copy
from zoo.api.sources import load
from zoo.api.verifying import verify
from zoo.model_index.findings import Finding
from zoo.model_index.io.atomic import write_atomically
from zoo.model_index.records.records import NO_BUILDER, Builder, Entry, Index
from zoo.version import __version__

JSON = Path(__file__).parents[2] / "docs" / "zoos.json"
SCHEMA = 1
EVERY = 10  # seconds between two lines of progress


class Progress:
    """Prints a line of progress now and then."""

    def __init__(self, zoo: Zoo):
        self.zoo, self.last = zoo, time.monotonic()

    def __call__(self, task: str, done: int, total: int, name: str) -> None:
        if time.monotonic() - self.last > EVERY:
            self.last = time.monotonic()
            say(f"{self.zoo.name}: {task} {done} of {total}, {name}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="zoos, all of them for none")
    parser.add_argument("--corpora", type=Path, required=True, help="folder of pages")
    parser.add_argument("--wheels", type=Path, help="folder of OpenMMLab's wheels (CORPORA)")
    parser.add_argument("--ledger", type=Path, required=True, help="folder of evidence")
    parser.add_argument("--jobs", type=int, default=1, help="models counted at once")
    parser.add_argument("--out", type=Path, default=JSON)
    options = parser.parse_args()
    facts = json.loads(options.out.read_text("utf-8")) if options.out.exists() else {"zoos": []}
    missing = []
    for zoo in ZOOS:
        if options.names and zoo.name not in options.names:
            continue
        unpacked = options.ledger.with_name(f"{options.ledger.name}-wheels")
        copy = find_copy(zoo, options.corpora, options.wheels or options.corpora, unpacked)
        if copy is None:
            missing.append(zoo.name)
            continue
        own = examine(zoo, copy, options.ledger, options.jobs)
        others = [facts_of for facts_of in facts["zoos"] if facts_of["name"] != zoo.name]
        facts = describe_run() | {"zoos": sort_zoos([*others, own])}
        text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
        write_atomically(options.out, text.encode())
    if missing:
        say(f"not found: {', '.join(missing)}")


def examine(zoo: Zoo, copy: Copy, ledger: Path, jobs: int) -> dict[str, Any]:
    """Verify a zoo, say what came out, and return its facts."""
    start = time.monotonic()
    index = load(copy.paths)
    index = replace(index, entries=tuple(take_builder(entry, zoo) for entry in index.entries))
    findings = verify(index, ledger=ledger, jobs=jobs, progress=Progress(zoo))
    index, findings = select_files(index, findings, copy.folder)
    left_out = count_left_out(index)
    facts = make_facts(zoo, copy, index, findings, left_out, read_verdicts())
    say(
        f"{zoo.name}: {facts['published']:,} published, {facts['read']:,} read, "
        f"{facts['right']:,} right, {facts['wrong']:,} wrong, "
        f"{facts['not_confirmed']:,} not confirmed, {facts['unknown']:,} unknown "
        f"[{time.monotonic() - start:.0f} s]"
    )
    for group in facts["doubtful_numbers"]:
        say(f"  {group['quantity']}: {group['cause']}: {', '.join(group['models'])}")
    return facts | {"date": datetime.now(UTC).date().isoformat()}


def select_files(
    index: Index, findings: Sequence[Finding], folder: str
) -> tuple[Index, list[Finding]]:
    """Return what files of a folder state; of a library's registry everything, and no file."""
    if not folder:
        return replace(index, files=()), list(findings)
    own = [f for f in findings if is_below(f.claim.place.file, folder)]
    models = {finding.claim.model for finding in own}
    entries = tuple(entry for entry in index.entries if entry.name in models)
    files = tuple(file for file in index.files if is_below(file, folder))
    return replace(index, entries=entries, files=files), own


def is_below(file: str, folder: str) -> bool:
    return Path(file).resolve().is_relative_to(Path(folder).resolve())


def take_builder(entry: Entry, zoo: Zoo) -> Entry:
    """Return an entry, without its builder where nothing here builds its collection."""
    if any(fnmatchcase(entry.collection or "", pattern) for pattern in zoo.idle):
        return replace(entry, builder=Builder(NO_BUILDER, entry.name, named=False))
    return entry


def describe_run() -> dict[str, Any]:
    """Return what the facts were made with."""
    packages = ("timm", "torchvision", "torch")
    return {
        "schema": SCHEMA,
        "versions": {"zoo": __version__} | {name: version(name) for name in packages},
    }


def sort_zoos(zoos: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order = [zoo.name for zoo in ZOOS]
    return sorted(
        (facts for facts in zoos if facts["name"] in order), key=lambda f: order.index(f["name"])
    )


if __name__ == "__main__":
    main()
