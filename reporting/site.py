"""The one module here that writes: pages, assets, figures and downloads below the documentation folder.

A file is written only where its bytes differ, or a server that watches the folder would never come to
rest. A manifest lists what was written, so that a later run can take away what it no longer makes, and
nothing else.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reporting import figures, tables
from reporting.pages import all_plots, pages
from reporting.plots import Plot
from reporting.view import Catalogue, Zoo

ASSETS = Path(__file__).parent / "assets"
MANIFEST = ".generated.json"  # a name with a dot is never served


@dataclass(frozen=True)
class Written:
    """What a run did to the files."""

    written: int
    unchanged: int
    removed: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The hash of every file a run wrote, and the digest of the data behind every figure."""

    files: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """The last run's manifest; an empty one where it is missing or torn."""
        try:
            data = json.loads(path.read_bytes())
            return cls(dict(data["files"]), dict(data["figures"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def dump(self) -> bytes:
        data = {"files": self.files, "figures": self.figures}
        return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()


def write(zoo: Zoo, docs: Path) -> Written:
    """Write everything that is generated below `docs`; returns how many files changed.

    Raises:
        OSError: where the folder cannot be written; what was written until then stays.
    """
    before = Manifest.read(docs / MANIFEST)
    now = Manifest()
    counts = {True: 0, False: 0}
    for path, data in list(_files(zoo, docs, before, now)):  # all is made before the first is written
        now.files[path] = _hash(data)
        counts[_put(docs / path, data)] += 1
    removed = sum(_remove(docs, path, before.files[path]) for path in before.files.keys() - now.files.keys())
    _put(docs / MANIFEST, now.dump())
    return Written(counts[True], counts[False], removed)


def _files(zoo: Zoo, docs: Path, before: Manifest, now: Manifest) -> Iterator[tuple[str, bytes]]:
    catalogue = Catalogue.of(zoo)
    drawn = all_plots(catalogue)
    for path, text in pages(catalogue, drawn):
        yield path, _bytes(text)
    yield "downloads/models.json", _bytes(tables.models_json(catalogue))
    yield "downloads/models.csv", _bytes(tables.models_csv(catalogue))
    yield "downloads/findings.json", _bytes(tables.findings_json(zoo.findings))
    for asset in sorted(ASSETS.iterdir()):
        yield f"assets/generated/{asset.name}", asset.read_bytes()
    for plot in (plot for group in drawn.values() for plot in group):
        yield from _figure(plot, docs, before, now)


def _figure(plot: Plot, docs: Path, before: Manifest, now: Manifest) -> Iterator[tuple[str, bytes]]:
    """The files of one figure: those on disk while its data is the same, drawn anew otherwise."""
    now.figures[plot.key] = digest = figures.digest(plot)
    paths = {kind: f"downloads/{plot.key}.{kind}" for kind in figures.FORMATS}
    kept = _kept(paths, docs, before) if before.figures.get(plot.key) == digest else None
    for kind, data in (kept or figures.draw(plot)).items():
        yield paths[kind], data


def _kept(paths: Mapping[str, str], docs: Path, before: Manifest) -> dict[str, bytes] | None:
    """The files' bytes if all are what the manifest says, else None."""
    found = {}
    for kind, path in paths.items():
        try:
            found[kind] = (docs / path).read_bytes()
        except OSError:
            return None
        if _hash(found[kind]) != before.files.get(path):
            return None
    return found


def _put(path: Path, data: bytes) -> bool:
    """Write a file if its bytes differ, whole or not at all; tells whether it did."""
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return True


def _remove(docs: Path, name: str, written: str) -> bool:
    """Remove a file this project wrote and nobody changed since, and the folders it leaves empty."""
    path = docs / name
    root = docs.resolve()
    if not path.parent.resolve().is_relative_to(root) or path.is_symlink() or not path.is_file():
        return False
    if _hash(path.read_bytes()) != written:
        return False
    path.unlink()
    folder = path.parent
    while folder.resolve() != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
    return True


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
