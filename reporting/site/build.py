"""The one module here that writes: pages, assets, figures and downloads below the documentation
folder.

A file is written only where its bytes differ, or a server that watches the folder would never come
to rest. A manifest lists what was written, so that a later run can replace it and take away what it
no longer makes, and touches nothing else.
"""

import gc
import hashlib
import json
import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from zoo.model_index.errors import UsageError, ZooError
from zoo.model_index.schema import json_schema
from zoo.reporting.cards.card import card
from zoo.reporting.downloads import badges, bibtex, layers_csv, model_json
from zoo.reporting.pages import changes, json_ld, models_table, redirects
from zoo.reporting.pages.base import Site
from zoo.reporting.pages.settings import Settings
from zoo.reporting.plots import matplotlib_files
from zoo.reporting.plots.scatter import Plot
from zoo.reporting.site import incremental
from zoo.reporting.site.incremental import Kept, Stamp
from zoo.reporting.site.render import pages, site_of
from zoo.reporting.views import summaries
from zoo.reporting.views.catalogue import Zoo

ASSETS = Path(__file__).parents[1] / "assets"
Files = Iterator[
    tuple[str, str | bytes]
]  # paths below the documentation folder, and what they hold
MANIFEST = ".generated.json"  # a name with a dot is never served


@dataclass(frozen=True)
class Written:
    """What a run did to the files; `gone` are pages of models that nothing forwards from."""

    written: int
    unchanged: int
    removed: int
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """The hash of every file a run wrote, and the digest of the data behind every figure.

    While a run is writing, a file has two hashes with a space between them, its old and its new
    one.
    """

    files: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    models: dict[str, Kept] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """The last run's manifest; an empty one where it is missing or torn."""
        try:
            data = json.loads(path.read_bytes())
            files, drawn = dict(data["files"]), dict(data["figures"])
            models = msgspec.convert(data.get("models", {}), dict[str, Kept])
            return cls(
                files,
                drawn,
                {slug: m for slug, m in models.items() if m.files.keys() <= files.keys()},
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return cls()

    def wrote(self, path: str, data: bytes) -> bool:
        """Whether these bytes are what a run wrote there."""
        return _hash(data) in self.files.get(path, "").split()

    def or_later(self, later: "Manifest") -> "Manifest":
        """What holds while the files of this run are replaced by those of a later one."""
        both = {path: later.files.get(path, "") for path in (*self.files, *later.files)}
        files = {path: f"{self.files.get(path, '')} {new}".strip() for path, new in both.items()}
        return Manifest(files, {k: d for k, d in self.figures.items() if later.figures.get(k) == d})

    def dump(self) -> bytes:
        data = {
            "files": self.files,
            "figures": self.figures,
            "models": msgspec.to_builtins(self.models),
        }
        return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()


def write(zoo: Zoo, docs: Path, settings: Settings | None = None) -> Written:
    """Write everything that is generated below `docs`; returns how many files changed.

    Raises:
        UsageError: where that would overwrite files that no run wrote; nothing is written.
        ZooError: where the folder cannot be written; what was written until then stays.
    """
    before, now = Manifest.read(docs / MANIFEST), Manifest()
    collecting = gc.isenabled()
    # millions of small objects and no cycles among them: looking for some takes half of the time
    gc.disable()
    try:
        return _written(zoo, docs, settings or Settings(), before, now)
    finally:
        if collecting:
            gc.enable()


def _written(zoo: Zoo, docs: Path, settings: Settings, before: Manifest, now: Manifest) -> Written:
    site = site_of(zoo, settings)
    digests = incremental.digests(site)
    site = replace(site, kept=incremental.unchanged(docs, before.models, digests))
    stay = {path for slug in site.kept for path in before.models[slug].files}
    now.files.update((path, before.files[path]) for path in stay)
    made = dict(_files(site, docs, before, now))  # all is made before the first is written
    now.files.update((path, _hash(data)) for path, data in made.items())
    stamps = {
        path: incremental.stamp(docs / path) for path in made
    }  # before it is read: a later edit has another one
    old = {path: _read(docs / path) for path in made}
    changed = [path for path, data in made.items() if old[path] != data]
    _refuse(docs, before, ((path, data) for path in changed if (data := old[path]) is not None))
    if changed:
        _put(
            docs / MANIFEST, before.or_later(now).dump()
        )  # a killed run's files are known to the next
    for path in changed:
        stamps[path] = _put(docs / path, made[path])
    stale = before.files.keys() - made.keys() - stay
    removed = sum(_remove(docs, path, before) for path in stale)
    now.models.update(_models(before, now, digests, site.kept, stamps))
    if _read(docs / MANIFEST) != (dumped := now.dump()):
        _put(docs / MANIFEST, dumped)
    return Written(
        len(changed), len(made) + len(stay) - len(changed), removed, _gone(stale, made.keys())
    )


def _models(
    before: Manifest,
    now: Manifest,
    digests: Mapping[str, str],
    same: frozenset[str],
    stamps: Mapping[str, Stamp],
) -> Iterator[tuple[str, Kept]]:
    """What the next run has to know to leave a model's files alone."""
    for slug, paths in incremental.owned(now.files, digests).items():
        if slug in same:
            yield slug, before.models[slug]
        else:
            yield slug, Kept(digests[slug], {path: stamps[path] for path in paths})


def _gone(stale: Iterable[str], made: Container[str]) -> tuple[str, ...]:
    """The slugs of models whose pages are stale and lead nowhere."""
    pages = (path for path in stale if path.startswith("models/") and path.endswith(".md"))
    slugs = (path.removeprefix("models/").removesuffix(".md") for path in pages)
    return tuple(sorted(slug for slug in slugs if redirects.path(slug) not in made))


def _refuse(docs: Path, before: Manifest, replaced: Iterable[tuple[str, bytes]]) -> None:
    """Stop where a file that would be replaced is not as a run left it."""
    foreign = [
        os.path.relpath(docs / path) for path, data in replaced if not before.wrote(path, data)
    ]
    if not foreign:
        return
    lost = f"{os.path.relpath(docs / MANIFEST)}, the list of generated files, is missing or empty: "
    hint = "" if before.files else f" {lost}if these files were generated, deleting them is safe."
    raise UsageError(
        f"this would overwrite files written or changed by hand: {', '.join(foreign)}. "
        f"Move them away or delete them, then run again.{hint}"
    )


def _files(site: Site, docs: Path, before: Manifest, now: Manifest) -> Iterator[tuple[str, bytes]]:
    for path, text in pages(site):
        yield path, _bytes(text)
    for asset in sorted(path for path in ASSETS.rglob("*") if path.is_file()):
        yield f"assets/generated/{asset.relative_to(ASSETS).as_posix()}", asset.read_bytes()
    if not site.settings.primary:
        yield from ((path, _bytes(text)) for path, text in redirects.forwards(site).items())
    else:
        for room in ROOMS:
            for path, data in room(site):
                yield path, data if isinstance(data, bytes) else _bytes(data)
        every = {
            plot.key: plot for group in site.drawn.values() for plot in group
        }  # some are on several pages
        for plot in every.values():
            yield from _figure(plot, docs, before, now)


def _downloads(site: Site) -> Files:
    catalogue = site.catalogue
    yield "downloads/findings.json", summaries.findings_json(catalogue.zoo.findings)
    yield "downloads/model-index.schema.json", json_schema.text()


def _cards(site: Site) -> Files:
    for model in site.due:  # not as .md, which would become a page
        yield f"downloads/cards/{model.slug}.txt", card(site.catalogue, model)


# What can be downloaded; one row a room.
ROOMS: tuple[Callable[[Site], Files], ...] = (
    models_table.files,
    model_json.files,
    changes.files,
    layers_csv.files,
    bibtex.files,
    badges.files,
    json_ld.files,
    redirects.files,
    _downloads,
    _cards,
)


def _figure(plot: Plot, docs: Path, before: Manifest, now: Manifest) -> Iterator[tuple[str, bytes]]:
    """The files of one figure: those on disk while its data is the same, drawn anew otherwise."""
    now.figures[plot.key] = digest = matplotlib_files.digest(plot)
    paths = {kind: f"downloads/{plot.key}.{kind}" for kind in matplotlib_files.FORMATS}
    kept = _kept(paths, docs, before) if before.figures.get(plot.key) == digest else None
    for kind, data in (kept or matplotlib_files.draw(plot)).items():
        yield paths[kind], data


def _kept(paths: Mapping[str, str], docs: Path, before: Manifest) -> dict[str, bytes] | None:
    """The files' bytes if all are what the manifest says, else None."""
    found = {}
    for kind, path in paths.items():
        try:
            found[kind] = (docs / path).read_bytes()
        except OSError:
            return None
        if not before.wrote(path, found[kind]):
            return None
    return found


def _read(path: Path) -> bytes | None:
    """The file's bytes, None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _failed(path, error) from error


def _put(path: Path, data: bytes) -> Stamp:
    """Write a file whole or not at all; its size and time."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            stamp = incremental.stamp(temporary)
            os.replace(temporary, path)
            return stamp
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _failed(path, error) from error


def _remove(docs: Path, name: str, before: Manifest) -> bool:
    """Remove a file this project wrote and nobody changed since, and the folders it leaves
    empty."""
    path = docs / name
    root = docs.resolve()
    if not path.parent.resolve().is_relative_to(root) or path.is_symlink() or not path.is_file():
        return False
    if not before.wrote(name, _read(path) or b""):
        return False
    try:
        path.unlink()
        folder = path.parent
        while folder.resolve() != root and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
    except OSError as error:
        raise _failed(path, error) from error
    return True


def _failed(path: Path, error: OSError) -> ZooError:
    return ZooError(f"{path}: cannot be read or written: {error.strerror or error}")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
