"""Find the entries of an index that differ from a git revision: what a hook or a pull request has
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
from zoo.model_index.load import SUFFIXES, load, split_paths
from zoo.model_index.records.records import Entry, Index
from zoo.verification.entry_content import entry_content

PLAIN_FILES, LINK = ("100644", "100755"), "120000"  # git's modes; submodules are ignored
MOST_STEPS = 40  # of links that lead to links, as in Linux
# A hook runs with these set to the repository that is committed to; the index may lie in another.
REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
LACKING = "; if this clone has a filter, `git fetch --refetch --no-filter` completes it"
# A repository's configuration may be a stranger's: it starts no program, nothing is fetched, and a
# folder that is a bare repository is not taken for the one that it lies in.
SETTINGS = {
    "safe.bareRepository": "explicit",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.untrackedCache": "false",
}
VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


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
            top = _top(folder)
            # Under its own name: a model card without one is named after its folder.
            copy = copies.setdefault(
                top, Path(os.path.realpath(temporary), str(len(copies)), os.path.basename(top))
            )
            inside = os.path.relpath(os.path.realpath(folder), top)
            _write_out(Path(top), revision, inside, copy)
            earlier.append(os.path.normpath(copy / inside / os.path.relpath(path, folder)))
        existing = [
            path
            for path in earlier[: len(names)]
            if os.path.exists(path) or glob.glob(path, recursive=True)
        ]
        excluded = [f"!{path}" for path in earlier[len(names) :]]
        try:
            return load([*existing, *excluded]) if existing else Index()
        except (IndexFaults, UsageError):
            return Index()


def stages_nothing(paths: Sequence[str]) -> bool:
    """Return whether the next commit of the repositories of these paths would be empty."""
    tops = {_top(_folder(Path(path))) for path in split_paths(paths)[0]}
    return all(
        _commit(Path(top), "HEAD") and not _git(Path(top), "diff-index", "--cached", "HEAD")
        for top in tops
    )


def _top(folder: Path) -> str:
    """Return the top folder of the repository that a folder lies in."""
    return _git(folder, "rev-parse", "--show-toplevel").decode().rstrip("\n")


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
    for name, content in zip(files, _blobs(top, list(files.values())), strict=True):
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
    tree = _tree(top, commit, ".")
    links = {name: blob for name, (mode, blob) in tree.items() if mode == LINK}
    texts = map(os.fsdecode, _blobs(top, list(links.values())))
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


def _tree(top: Path, commit: str, inside: str) -> dict[str, tuple[str, str]]:
    """List mode and blob, by name, of everything below a folder of a repository."""
    below = [] if inside == "." else ["--", f"{PurePosixPath(inside)}/"]
    command = ("ls-tree", "-r", "-z", "--full-tree", commit, *below)
    lines = _git(top, *command)
    tree = {}
    for line in os.fsdecode(lines).split("\0")[:-1]:
        facts, _, name = line.partition("\t")
        mode, _, blob = facts.split()
        if {"..", "/"}.isdisjoint(PurePosixPath(name).parts):  # a tree may have been made by hand
            tree[name] = mode, blob
    return tree


def _blobs(top: Path, ids: Sequence[str]) -> Iterator[bytes]:
    """Yield the contents of these blobs."""
    output = _git(top, "cat-file", "--batch", standard_input="".join(f"{b}\n" for b in ids))
    start = 0
    for blob in ids:
        end = output.index(b"\n", start)
        if output[start:end].endswith(b" missing"):
            raise UsageError(f"{top}: git has no object {blob}, a file of the index{LACKING}")
        size = int(output[start:end].split()[2])
        yield output[end + 1 : end + 1 + size]
        start = end + size + 2


def _start(top: Path, revision: str, inside: str) -> str | None:
    """Return the commit to compare with: of a range, the last common one, where the files of the
    index are checked out as they are at its end."""
    first, dots, last = revision.partition("...")
    if not dots:
        return _commit(top, revision)
    commits = [_commit(top, name or "HEAD") for name in (first, last, "HEAD")]
    start, end, head = (commit or "HEAD" for commit in commits)
    if end != head and _index_files(top, end, inside) != _index_files(top, head, inside):
        raise UsageError(
            f"{revision}: the index of {last} is not the one in {top / inside}; check out {last}"
        )
    try:
        return _git(top, "merge-base", start, end).decode().split()[0]
    except UsageError:
        raise UsageError(
            f"{revision}: no common commit of these revisions in {top}{_shallow(top)}"
        ) from None


def _index_files(top: Path, commit: str, inside: str) -> dict[str, tuple[str, str]]:
    """List mode and blob, by name, of the files of an index below a folder of a repository."""
    tree = _tree(top, commit, inside)
    return {name: blob for name, blob in tree.items() if name.endswith(SUFFIXES)}


def _commit(top: Path, revision: str) -> str | None:
    """Return the revision's commit; None before a repository's first."""
    if revision.startswith("-"):
        raise UsageError(f"--since: expected a git revision, got {revision!r}")
    try:
        commit = _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except UsageError:
        if revision == "HEAD":
            return None
        raise UsageError(f"--since: no revision {revision!r} in {top}{_shallow(top)}") from None
    return commit.decode().strip()


def _shallow(top: Path) -> str:
    """Say what to type where a clone lacks history."""
    if _git(top, "rev-parse", "--is-shallow-repository").strip() != b"true":
        return ""
    return (
        "; the clone is shallow: fetch its history with `git fetch --unshallow`, "
        "or with `fetch-depth: 0` of actions/checkout"
    )


def _git(folder: Path, *arguments: str, standard_input: str = "") -> bytes:
    environment = {key: value for key, value in os.environ.items() if key not in REPOSITORY}
    settings = [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]
    try:
        process = subprocess.run(
            ["git", *settings, "-C", str(folder), *arguments],
            input=standard_input.encode(),
            env=environment | VARIABLES,
            capture_output=True,
        )
    except FileNotFoundError:
        raise UsageError("--changed and --since need git, which is not installed") from None
    if process.returncode:
        errors = process.stderr.decode(errors="replace").strip()
        lines = [line for line in errors.splitlines() if not line.startswith("warning: ")]
        problem = "".join(lines[:1]).removeprefix("fatal: ")
        if "promisor" in problem or "bad object" in problem or "missing" in problem:
            problem += LACKING
        raise UsageError(f"{folder}: --changed and --since compare with git, which says: {problem}")
    return process.stdout
