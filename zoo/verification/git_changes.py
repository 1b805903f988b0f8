"""Which entries of an index differ from those of a git revision: what a hook or a pull request has
to verify.

The index is read as it was at the revision, from files that git writes out into a temporary folder.
What is compared is what an entry says, so comments, quotes and lines that moved are no change; what
its collection and its library say belongs to it.
"""

import glob
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from zoo.model_index.errors import IndexFaults, UsageError
from zoo.model_index.load import DATA, SUFFIXES, load
from zoo.model_index.records.records import Entry, Index

PLAIN_FILES, LINK = ("100644", "100755"), "120000"  # git's modes; submodules are passed over
MOST_STEPS = 40  # of links that lead to links, as Linux has it
# A hook runs with these set to the repository that is committed to; the index may lie in another.
OWN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")


def changed(index: Index, paths: Sequence[str], revision: str) -> list[Entry]:
    """The entries of `index`, read from `paths`, that are new or say something else than at the
    revision.

    Where more entries say the same than did, the last are new. All of them where the index could
    not be read then.

    Raises:
        UsageError: without git, outside of a repository, or for a revision that does not exist.
    """
    before = at(list(paths) or [str(DATA)], revision)
    left = Counter(_contents(before))
    found = []
    for entry, content in zip(index.entries, _contents(index), strict=True):
        if not left[content]:
            found.append(entry)
        left[content] -= left[content] > 0
    return found


def at(paths: Sequence[str], revision: str) -> Index:
    """The index as it was at a revision; an empty one where there was none or it could not be
    read."""
    with tempfile.TemporaryDirectory(prefix="zoo-") as temporary:
        copies: dict[str, Path] = {}
        then = []
        for path in paths:
            folder = _folder(Path(path))
            top = _git(folder, "rev-parse", "--show-toplevel").decode().rstrip("\n")
            # Under its own name: a model card without one is named after its folder.
            copy = copies.setdefault(
                top, Path(os.path.realpath(temporary), str(len(copies)), os.path.basename(top))
            )
            inside = os.path.relpath(os.path.realpath(folder), top)
            _write_out(Path(top), revision, inside, copy)
            then.append(os.path.normpath(copy / inside / os.path.relpath(path, folder)))
        there = [path for path in then if os.path.exists(path) or glob.glob(path, recursive=True)]
        try:
            return load(there) if there else Index()
        except (IndexFaults, UsageError):
            return Index()


def _folder(path: Path) -> Path:
    """The folder whose files a path can name or import: itself, the one it lies in, or where a glob
    begins."""
    if path.is_dir():
        return path
    return (
        path.parent
        if path.is_file()
        else next(f for f in path.parents if not glob.has_magic(str(f)))
    )


def _write_out(top: Path, revision: str, inside: str, copy: Path) -> None:
    """Copy the index files that a folder of a repository held at a revision; a link becomes a link
    again."""
    if (commit := _commit(top, revision)) is None:
        return
    held = {
        name: found for name, found in _tree(top, commit, inside).items() if name.endswith(SUFFIXES)
    }
    links = _followed(top, commit) if any(mode == LINK for mode, _ in held.values()) else {}
    ends = {name: links[name] for name in held if name in links}
    files = {name: blob for name, (mode, blob) in held.items() if mode in PLAIN_FILES} | dict(
        ends.values()
    )
    for name, content in zip(files, _blobs(top, list(files.values())), strict=True):
        file = copy / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    for name, (end, _) in ends.items():
        link = copy / name
        link.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(link):
            link.symlink_to(os.path.relpath(copy / end, link.parent))


def _followed(top: Path, commit: str) -> dict[str, tuple[str, str]]:
    """By each link of a commit the file it leads to and its blob, where that is one of the same
    commit."""
    tree = _tree(top, commit, ".")
    links = {name: blob for name, (mode, blob) in tree.items() if mode == LINK}
    texts = map(os.fsdecode, _blobs(top, list(links.values())))
    steps = {
        name: os.path.normpath(PurePosixPath(name).parent / text)
        for name, text in zip(links, texts, strict=True)
    }
    found = {}
    for name in links:
        end = name
        for _ in range(MOST_STEPS):
            end = steps.get(end, end)
        mode, blob = tree.get(end, ("", ""))
        if mode in PLAIN_FILES:
            found[name] = end, blob
    return found


def _tree(top: Path, commit: str, inside: str) -> dict[str, tuple[str, str]]:
    """Name, mode and blob of everything below a folder of a repository."""
    below = [] if inside == "." else ["--", f"{PurePosixPath(inside)}/"]
    listed = _git(top, "ls-tree", "-r", "-z", "--full-tree", commit, *below)
    found = {}
    for line in os.fsdecode(listed).split("\0")[:-1]:
        about, _, name = line.partition("\t")
        mode, _, blob = about.split()
        if {"..", "/"}.isdisjoint(PurePosixPath(name).parts):  # a tree may have been made by hand
            found[name] = mode, blob
    return found


def _blobs(top: Path, ids: Sequence[str]) -> Iterator[bytes]:
    """The contents of these blobs."""
    read = _git(top, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in ids))
    start = 0
    for _ in ids:
        end = read.index(b"\n", start)
        size = int(read[start:end].split()[2])
        yield read[end + 1 : end + 1 + size]
        start = end + size + 2


def _commit(top: Path, revision: str) -> str | None:
    """The revision's commit; None before a repository's first."""
    if revision.startswith("-"):
        raise UsageError(f"--since: expected a git revision, got {revision!r}")
    try:
        return (
            _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
        )
    except UsageError:
        if revision == "HEAD":
            return None
        raise UsageError(
            f"--since: no revision {revision!r} in {top}; a shallow clone may lack it"
        ) from None


def _git(folder: Path, *arguments: str, given: str = "") -> bytes:
    environment = {key: value for key, value in os.environ.items() if key not in OWN} | {
        "LC_ALL": "C"
    }
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            input=given.encode(),
            env=environment,
            capture_output=True,
        )
    except FileNotFoundError:
        raise UsageError("--changed and --since need git, which is not installed") from None
    if done.returncode:
        said = (
            done.stderr.decode(errors="replace").strip().partition("\n")[0].removeprefix("fatal: ")
        )
        raise UsageError(f"{folder}: --changed and --since compare with git, which says: {said}")
    return done.stdout


def _contents(index: Index) -> Iterator[str]:
    """What each entry says, with what it has from its collection and its library."""
    for entry in index.entries:
        builder = entry.builder
        claims = [
            (
                claim.publisher,
                claim.source,
                claim.label,
                claim.raw,
                claim.dataset,
                claim.task,
                claim.conditions,
            )
            for claim in entry.all_claims()
        ]
        built = (builder.kind, builder.name, builder.arguments)
        about = (entry.name, entry.collection, entry.publisher, entry.source, entry.library)
        yield repr((about, entry.fields, entry.metadata, entry.inherited, built, claims))
