"""Ask git about a repository that a stranger may have made: no program of its starts, nothing is
fetched."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from zoo.model_index.errors import UsageError

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


def find_top(folder: Path) -> str:
    """Return the top folder of the repository that a folder lies in."""
    return run_git(folder, "rev-parse", "--show-toplevel").decode().rstrip("\n")


def list_tree(top: Path, commit: str, inside: str) -> dict[str, tuple[str, str]]:
    """List mode and blob, by name, of everything below a folder of a repository."""
    below = [] if inside == "." else ["--", f"{PurePosixPath(inside)}/"]
    command = ("ls-tree", "-r", "-z", "--full-tree", commit, *below)
    lines = run_git(top, *command)
    tree = {}
    for line in os.fsdecode(lines).split("\0")[:-1]:
        facts, _, name = line.partition("\t")
        mode, _, blob = facts.split()
        if {"..", "/"}.isdisjoint(PurePosixPath(name).parts):  # a tree may have been made by hand
            tree[name] = mode, blob
    return tree


def read_blobs(top: Path, ids: Sequence[str]) -> Iterator[bytes]:
    """Yield the contents of these blobs."""
    output = run_git(top, "cat-file", "--batch", standard_input="".join(f"{b}\n" for b in ids))
    start = 0
    for blob in ids:
        end = output.index(b"\n", start)
        if output[start:end].endswith(b" missing"):
            raise UsageError(f"{top}: git has no object {blob}, a file of the index{LACKING}")
        size = int(output[start:end].split()[2])
        yield output[end + 1 : end + 1 + size]
        start = end + size + 2


def find_commit(top: Path, revision: str) -> str | None:
    """Return the revision's commit; None before a repository's first."""
    if revision.startswith("-"):
        raise UsageError(f"--since: expected a git revision, got {revision!r}")
    try:
        commit = run_git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except UsageError:
        if revision == "HEAD":
            return None
        raise UsageError(
            f"--since: no revision {revision!r} in {top}{advise_shallow(top)}"
        ) from None
    return commit.decode().strip()


def advise_shallow(top: Path) -> str:
    """Say what to type where a clone lacks history."""
    if run_git(top, "rev-parse", "--is-shallow-repository").strip() != b"true":
        return ""
    return (
        "; the clone is shallow: fetch its history with `git fetch --unshallow`, "
        "or with `fetch-depth: 0` of actions/checkout"
    )


def run_git(folder: Path, *arguments: str, standard_input: str = "") -> bytes:
    """Return what a command of git prints in a folder.

    Raises:
        UsageError: git is not installed, or fails.
    """
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
