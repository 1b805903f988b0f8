"""Which entries of an index differ from those of a git revision: what a hook or a pull request has to verify.

The index is read as it was at the revision, from files that git writes out into a temporary folder. What
is compared is what an entry says, so comments, quotes and lines that moved are no change; what its
collection and its library say belongs to it.
"""

import glob
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from model_index.errors import IndexFaults, UsageError
from model_index.load import DATA, SUFFIXES, load
from model_index.records import Entry, Index

PLAIN_FILES = ("100644", "100755")  # git's modes; links and submodules are not followed
# A hook runs with these set to the repository that is committed to; the index may lie in another.
OWN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")


def changed(index: Index, paths: Sequence[str], revision: str) -> list[Entry]:
    """The entries of `index`, read from `paths`, that are new or say something else than at the revision.

    All of them where the index could not be read then.

    Raises:
        UsageError: without git, outside of a repository, or for a revision that does not exist.
    """
    before = at(list(paths) or [str(DATA)], revision)
    said = set(_contents(before))
    return [entry for entry, content in zip(index.entries, _contents(index), strict=True) if content not in said]


def at(paths: Sequence[str], revision: str) -> Index:
    """The index as it was at a revision; an empty one where there was none or it could not be read."""
    with tempfile.TemporaryDirectory(prefix="zoo-") as temporary:
        copies: dict[str, Path] = {}
        then = []
        for path in paths:
            folder = _folder(Path(path))
            top = _git(folder, "rev-parse", "--show-toplevel").decode().rstrip("\n")
            # Under its own name: a model card without one is named after its folder.
            copy = copies.setdefault(top, Path(os.path.realpath(temporary), str(len(copies)), os.path.basename(top)))
            inside = os.path.relpath(os.path.realpath(folder), top)
            _write_out(Path(top), revision, inside, copy)
            then.append(os.path.normpath(copy / inside / os.path.relpath(path, folder)))
        there = [path for path in then if os.path.exists(path) or glob.glob(path, recursive=True)]
        try:
            return load(there) if there else Index()
        except (IndexFaults, UsageError):
            return Index()


def _folder(path: Path) -> Path:
    """The folder whose files a path can name or import: itself, the one it lies in, or where a glob begins."""
    if path.is_dir():
        return path
    return path.parent if path.is_file() else next(f for f in path.parents if not glob.has_magic(str(f)))


def _write_out(top: Path, revision: str, inside: str, copy: Path) -> None:
    """Copy the index files that a folder of a repository held at a revision."""
    names = dict(_listed(top, revision, inside))
    blobs = _git(top, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in names.values()))
    start = 0
    for name in names:
        end = blobs.index(b"\n", start)
        size = int(blobs[start:end].split()[2])
        file = copy / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(blobs[end + 1 : end + 1 + size])
        start = end + size + 2


def _listed(top: Path, revision: str, inside: str) -> Iterator[tuple[str, str]]:
    """Name and blob of each file that may be a part of an index."""
    commit = _commit(top, revision)
    if commit is None:
        return
    below = [] if inside == "." else ["--", f"{PurePosixPath(inside)}/"]
    listed = _git(top, "ls-tree", "-r", "-z", "--full-tree", commit, *below)
    for line in os.fsdecode(listed).split("\0")[:-1]:
        about, _, name = line.partition("\t")
        mode, _, blob = about.split()
        if mode in PLAIN_FILES and name.endswith(SUFFIXES) and ".." not in PurePosixPath(name).parts:
            yield name, blob


def _commit(top: Path, revision: str) -> str | None:
    """The revision's commit; None before a repository's first."""
    if revision.startswith("-"):
        raise UsageError(f"--since: expected a git revision, got {revision!r}")
    try:
        return _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
    except UsageError:
        if revision == "HEAD":
            return None
        raise UsageError(f"--since: no revision {revision!r} in {top}; a shallow clone may lack it") from None


def _git(folder: Path, *arguments: str, given: str = "") -> bytes:
    environment = {key: value for key, value in os.environ.items() if key not in OWN} | {"LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], input=given.encode(), env=environment, capture_output=True
        )
    except FileNotFoundError:
        raise UsageError("--changed and --since need git, which is not installed") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0].removeprefix("fatal: ")
        raise UsageError(f"{folder}: --changed and --since compare with git, which says: {said}")
    return done.stdout


def _contents(index: Index) -> Iterator[str]:
    """What each entry says, with what it has from its collection and its library."""
    for entry in index.entries:
        builder = entry.builder
        claims = [
            (claim.publisher, claim.source, claim.label, claim.raw, claim.dataset, claim.task, claim.conditions)
            for claim in entry.all_claims()
        ]
        built = (builder.kind, builder.name, builder.arguments)
        about = (entry.name, entry.collection, entry.publisher, entry.source, entry.library)
        yield repr((about, entry.fields, entry.metadata, entry.inherited, built, claims))
