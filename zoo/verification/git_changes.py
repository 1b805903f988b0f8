"""Find the entries of an index that differ from a git revision: what a hook or a pull request has
to verify.

The index is read as it was at the revision, from files that git writes out into a temporary folder.
What is compared is what an entry says, so comments, quotes and lines that moved are no change; what
its collection and its library say belongs to it.
"""

import glob
import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from zoo.model_index.dialects.page_tables.settings_file import list_files
from zoo.model_index.errors import IndexFaults, UsageError
from zoo.model_index.load import SETTINGS, SUFFIXES, load, settings_file, split_paths
from zoo.model_index.reading.repository import publisher_of
from zoo.model_index.reading.tables.read import TABLE_SUFFIXES
from zoo.model_index.records.records import Entry, Index
from zoo.verification.entry_content import entry_content
from zoo.verification.git_repository import (
    advise_shallow,
    find_commit,
    find_top,
    list_tree,
    read_blobs,
    run_git,
)

PLAIN_FILES, LINK = ("100644", "100755"), "120000"  # git's modes; submodules are ignored
MOST_STEPS = 40  # of links that lead to links, as in Linux


def list_changed_entries(index: Index, paths: Sequence[str], revision: str) -> list[Entry]:
    """List the entries of `index`, read from `paths`, that are new or say something else than at
    the revision; `A...B` is the last common commit of both.

    Where more entries say the same than did, the last are new. All entries are listed where the
    index could not be read at the revision.

    Raises:
        UsageError: without git, outside of a repository, for a revision that does not exist, or
            where the index at B is not the one that is checked out.
    """
    before = read_index_at(paths, revision)
    unmatched = Counter(map(_content, before.entries))
    changed = []
    for entry in index.entries:
        content = _content(entry)
        if not unmatched[content]:
            changed.append(entry)
        unmatched[content] -= unmatched[content] > 0
    return changed


def _content(entry: Entry) -> str:
    return repr(entry_content(entry))


def read_index_at(paths: Sequence[str], revision: str) -> Index:
    """Read the index as it was at a revision; an empty one where there was none or it could not be
    read."""
    with tempfile.TemporaryDirectory(prefix="zoo-") as temporary:
        copies: dict[str, Path] = {}
        earlier = []
        names, ignored = split_paths(paths)
        for path in (*names, *ignored):
            folder = _folder(Path(path))
            top = find_top(folder)
            # Under its own name: a model card without one is named after its folder.
            copy = copies.setdefault(
                top, Path(os.path.realpath(temporary), str(len(copies)), os.path.basename(top))
            )
            inside = os.path.relpath(os.path.realpath(folder), top)
            _write_out(Path(top), revision, inside, copy)
            _write_publisher(Path(top), copy)
            earlier.append(os.path.normpath(copy / inside / os.path.relpath(path, folder)))
        existing = [
            path
            for path in earlier[: len(names)]
            if os.path.exists(path) or glob.glob(path, recursive=True)
        ]
        added = [f"!{path}" for path in earlier[len(names) :]]
        if existing and (settings := settings_file(paths)):
            added.append(f"{SETTINGS}{_copy_settings(settings, copies)}")
        try:
            return load([*existing, *added]) if existing else Index()
        except (IndexFaults, UsageError):
            return Index()


def _copy_settings(settings: str, copies: Mapping[str, Path]) -> Path:
    """Copy the settings of tables as they are now beside the earlier files, since both are to be
    read alike; return the copy."""
    top = find_top(Path(settings).parent)
    root = copies.get(top) or next(iter(copies.values()))
    for file in list_files(settings):
        copy = root / os.path.relpath(os.path.realpath(file), top)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(Path(file).read_bytes())
    return root / os.path.relpath(os.path.realpath(settings), top)


def _write_publisher(top: Path, copy: Path) -> None:
    """Write what publishes a repository's files where the reader looks for it in the copy."""
    git = copy / ".git"
    git.mkdir(parents=True, exist_ok=True)
    address = f"https://repository/{publisher_of(top, top)}"
    (git / "config").write_text(f'[remote "origin"]\nurl = {address}\n', encoding="utf-8")


def stages_nothing(paths: Sequence[str]) -> bool:
    """Return whether the next commit of the repositories of these paths would be empty."""
    tops = {find_top(_folder(Path(path))) for path in split_paths(paths)[0]}
    return all(
        find_commit(Path(top), "HEAD") and not run_git(Path(top), "diff-index", "--cached", "HEAD")
        for top in tops
    )


def _folder(path: Path) -> Path:
    """Return the folder whose files a path can name or import: itself, the one it lies in, or where
    a glob begins."""
    if path.is_dir():
        return path
    if path.is_file():
        return path.parent
    return next(folder for folder in path.parents if not glob.has_magic(str(folder)))


def _write_out(top: Path, revision: str, inside: str, copy: Path) -> None:
    """Copy the index files that a folder of a repository held at a revision; a link becomes a link
    again."""
    if (commit := _start(top, revision, inside)) is None:
        return
    tree = _index_files(top, commit, inside)
    links = _resolve_links(top, commit) if any(mode == LINK for mode, _ in tree.values()) else {}
    ends = {name: links[name] for name in tree if name in links}
    files = {name: blob for name, (mode, blob) in tree.items() if mode in PLAIN_FILES}
    files |= dict(ends.values())
    for name, content in zip(files, read_blobs(top, list(files.values())), strict=True):
        file = copy / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    for name, (end, _) in ends.items():
        link = copy / name
        link.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(link):
            link.symlink_to(os.path.relpath(copy / end, link.parent))


def _resolve_links(top: Path, commit: str) -> dict[str, tuple[str, str]]:
    """Return, by each link of a commit that leads to a file of the same commit, the file and its
    blob."""
    tree = list_tree(top, commit, ".")
    links = {name: blob for name, (mode, blob) in tree.items() if mode == LINK}
    texts = map(os.fsdecode, read_blobs(top, list(links.values())))
    steps = {
        name: os.path.normpath(PurePosixPath(name).parent / text)
        for name, text in zip(links, texts, strict=True)
    }
    ends = {}
    for name in links:
        end = name
        for _ in range(MOST_STEPS):
            end = steps.get(end, end)
        mode, blob = tree.get(end, ("", ""))
        if mode in PLAIN_FILES:
            ends[name] = end, blob
    return ends


def _start(top: Path, revision: str, inside: str) -> str | None:
    """Return the commit to compare with: of a range, the last common one, where the files of the
    index are checked out as they are at its end."""
    first, dots, last = revision.partition("...")
    if not dots:
        return find_commit(top, revision)
    commits = [find_commit(top, name or "HEAD") for name in (first, last, "HEAD")]
    start, end, head = (commit or "HEAD" for commit in commits)
    if end != head and _index_files(top, end, inside) != _index_files(top, head, inside):
        raise UsageError(
            f"{revision}: the index of {last} is not the one in {top / inside}; check out {last}"
        )
    try:
        return run_git(top, "merge-base", start, end).decode().split()[0]
    except UsageError:
        raise UsageError(
            f"{revision}: no common commit of these revisions in {top}{advise_shallow(top)}"
        ) from None


def _index_files(top: Path, commit: str, inside: str) -> dict[str, tuple[str, str]]:
    """List mode and blob, by name, of the files of an index below a folder of a repository."""
    tree = list_tree(top, commit, inside)
    return {
        name: blob for name, blob in tree.items() if name.endswith((*SUFFIXES, *TABLE_SUFFIXES))
    }
