"""Write pages, assets, figures and downloads below the documentation folder.

Only this module of the package writes files. A file is written only where its bytes differ;
otherwise a server that watches the folder would never come to rest. The manifest lists the
generated files, so that a later run can replace them, remove those it no longer makes, and touch
nothing else.
"""

import gc
import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from zoo.model_index.errors import UsageError, ZooError
from zoo.model_index.io.atomic import replace_atomically
from zoo.model_index.io.user_cache import record_digest
from zoo.reporting.cards.card import card
from zoo.reporting.downloads import (
    atom,
    badges,
    findings,
    llms,
    model_json,
    models_table,
    names,
    redirects,
    robots,
    search,
    share,
)
from zoo.reporting.pages.base import File, Site
from zoo.reporting.pages.home import chooser
from zoo.reporting.pages.settings import CARDS, Settings
from zoo.reporting.plots import matplotlib_files
from zoo.reporting.plots.scatter import Plot
from zoo.reporting.site import incremental
from zoo.reporting.site.assets import assets
from zoo.reporting.site.incremental import OwnFiles, Stamp
from zoo.reporting.site.links import refuse_folders_outside
from zoo.reporting.site.manifest import MANIFEST, Manifest, content_hash
from zoo.reporting.site.render import render_pages, site_of
from zoo.reporting.views.catalogue import Zoo


@dataclass(frozen=True)
class WriteResult:
    """The number of files that a run changed; `gone` are slugs of removed model pages without a
    redirect."""

    written: int
    unchanged: int
    removed: int
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a generated file, and its owner; see `zoo.reporting.pages.base.File`."""

    data: bytes
    owner: str = ""


def write(zoo: Zoo, docs: Path, settings: Settings | None = None) -> WriteResult:
    """Write everything that is generated below `docs`; return how many files changed.

    Raises:
        UsageError: this would overwrite files that no run wrote; nothing is written.
        ZooError: the folder cannot be written; files that were written before stay.
    """
    collecting = gc.isenabled()
    # The data has millions of small objects and no cycles; looking for cycles takes half the time.
    gc.disable()
    try:
        return _write(zoo, docs, settings or Settings())
    finally:
        if collecting:
            gc.enable()


def _write(zoo: Zoo, docs: Path, settings: Settings) -> WriteResult:
    before, current = Manifest.read(docs / MANIFEST), Manifest()
    site = site_of(zoo, settings)
    digests = incremental.digests(site)
    site = replace(site, kept=incremental.unchanged_owners(docs, before.models, digests))
    stay = {path for owner in site.kept for path in before.models[owner].files}
    current.files.update((path, before.files[path]) for path in stay)
    # All contents are made before the first file is written.
    contents = dict(_contents(site, docs, before, current))
    current.files.update((path, content_hash(content.data)) for path, content in contents.items())
    refuse_folders_outside(docs, contents)
    # The stamp is taken before the file is read: a later edit has another stamp.
    stamps = {path: incremental.stamp(docs / path) for path in contents}
    old = {path: _read(docs / path) for path in contents}
    changed = [path for path, content in contents.items() if old[path] != content.data]
    _refuse(docs, before, ((path, data) for path in changed if (data := old[path]) is not None))
    if changed:
        # The next run knows the files of a run that was killed.
        _put(docs / MANIFEST, before.merge(current).dump())
    for path in changed:
        stamps[path] = _put(docs / path, contents[path].data)
    stale = before.files.keys() - contents.keys() - stay
    removed = sum(_remove(docs, path, before) for path in stale)
    own_paths = _paths_by_owner(contents, digests)
    for owner, digest in digests.items():
        if owner in site.kept:
            current.models[owner] = before.models[owner]
        else:
            own_stamps = {path: stamps[path] for path in own_paths[owner]}
            current.models[owner] = OwnFiles(digest, own_stamps)
    if _read(docs / MANIFEST) != (manifest := current.dump()):
        _put(docs / MANIFEST, manifest)
    record_digest(docs / MANIFEST, manifest)
    unchanged = len(contents) + len(stay) - len(changed)
    return WriteResult(len(changed), unchanged, removed, _gone(stale, contents))


def _paths_by_owner(contents: Mapping[str, Content], owners: Iterable[str]) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {owner: [] for owner in owners}
    for path, content in contents.items():
        if content.owner in paths:
            paths[content.owner].append(path)
    return paths


def _gone(stale: Iterable[str], contents: Container[str]) -> tuple[str, ...]:
    """Return the slugs of models whose pages are stale and lead nowhere."""
    pages = (path for path in stale if path.startswith("models/") and path.endswith(".md"))
    slugs = (path.removeprefix("models/").removesuffix(".md") for path in pages)
    return tuple(sorted(slug for slug in slugs if redirects.path(slug) not in contents))


def _refuse(docs: Path, before: Manifest, old: Iterable[tuple[str, bytes]]) -> None:
    """Raise where a file that would be replaced is not as a run wrote it."""
    foreign = [os.path.relpath(docs / path) for path, data in old if not before.wrote(path, data)]
    if not foreign:
        return
    hint = ""
    if not before.files:
        manifest = os.path.relpath(docs / MANIFEST)
        hint = (
            f" {manifest}, the list of generated files, is missing or empty: if these files were "
            "generated, deleting them is safe."
        )
    raise UsageError(
        f"this would overwrite files written or changed by hand: {', '.join(foreign)}. "
        f"Move them away or delete them, then run again.{hint}"
    )


def _contents(
    site: Site, docs: Path, before: Manifest, current: Manifest
) -> Iterator[tuple[str, Content]]:
    for page, text in render_pages(site):
        yield page.path, Content(_encode(text), page.owner)
    for path, data in assets():
        yield path, Content(data)
    for file in search.files(site):
        yield file.path, Content(_encode(str(file.data)))
    if not site.settings.primary:
        for path, text in redirects.forwards(site).items():
            yield path, Content(_encode(text))
        return
    for files in DOWNLOADS:
        for file in files(site):
            data = file.data if isinstance(file.data, bytes) else _encode(file.data)
            yield file.path, Content(data, file.owner)
    # A plot may stand on several pages.
    plots = {plot.key: plot for group in site.drawn.values() for plot in group}
    for plot in plots.values():
        for path, data in _figure(plot, docs, before, current):
            yield path, Content(data)


def _cards(site: Site) -> Iterator[File]:
    if not site.settings.asks_for(CARDS):
        return
    for model in site.due:
        # A file that ends in .md would become a page.
        path = f"downloads/cards/{model.slug}.txt"
        yield File(path, card(site.catalogue, model), owner=model.slug)


# Everything that can be downloaded, a function each.
DOWNLOADS: tuple[Callable[[Site], Iterator[File]], ...] = (
    models_table.files,
    model_json.files,
    names.files,
    chooser.files,
    atom.files,
    badges.files,
    llms.files,
    redirects.files,
    robots.files,
    share.files,
    findings.files,
    _cards,
)


def _figure(
    plot: Plot, docs: Path, before: Manifest, current: Manifest
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a figure: those on disk while its data is the same, else a new drawing."""
    current.figures[plot.key] = digest = matplotlib_files.digest(plot)
    paths = {kind: f"downloads/{plot.key}.{kind}" for kind in matplotlib_files.FORMATS}
    same_data = before.figures.get(plot.key) == digest
    images = _unchanged_files(paths, docs, before) if same_data else None
    for kind, data in (images or matplotlib_files.draw(plot)).items():
        yield paths[kind], data


def _unchanged_files(
    paths: Mapping[str, str], docs: Path, before: Manifest
) -> dict[str, bytes] | None:
    """Return the files' bytes; None where one is not as the manifest says."""
    contents = {}
    for kind, path in paths.items():
        try:
            contents[kind] = (docs / path).read_bytes()
        except OSError:
            return None
        if not before.wrote(path, contents[kind]):
            return None
    return contents


def _read(path: Path) -> bytes | None:
    """Return the file's bytes; None where there is no file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _file_error(path, error) from error


def _put(path: Path, data: bytes) -> Stamp:
    """Write a file whole or not at all; return its size and time of change."""
    try:
        with replace_atomically(path, durable=False) as file:
            file.write(data)
            file.flush()
            status = os.fstat(file.fileno())
        return status.st_size, status.st_mtime_ns
    except OSError as error:
        raise _file_error(path, error) from error


def _remove(docs: Path, name: str, before: Manifest) -> bool:
    """Remove a generated file that nobody changed since, and folders that this leaves empty."""
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
        raise _file_error(path, error) from error
    return True


def _file_error(path: Path, error: OSError) -> ZooError:
    return ZooError(f"{path}: cannot be read or written: {error.strerror or error}")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")
