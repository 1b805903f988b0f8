"""Find what pre-commit asks a hook about: a range of revisions, all files, or the next commit.

pre-commit passes a range as environment variables (`pre-commit run --from-ref A --to-ref B`, and a
push). Of `--all-files` it passes nothing. It skips a hook without files to look at, so a hook that
runs while nothing is staged looks at more than a commit.
"""

import os
from collections.abc import Mapping, Sequence

from zoo.verification.git_changes import stages_nothing

RANGE = ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF")
PUSH = "PRE_COMMIT_REMOTE_BRANCH"
COMMIT = "GIT_INDEX_FILE"  # git sets it for the hooks of a commit


def find_revision(paths: Sequence[str], environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the git revision from which entries must differ: that of pre-commit's range, else
    `HEAD`; None where all entries are examined.

    Raises:
        UsageError: without git, or outside of a repository.
    """
    first, last = (environment.get(name) for name in RANGE)
    if first and last:
        return f"{first}...{last}"
    if not environment.get("PRE_COMMIT") or COMMIT in environment:
        return "HEAD"
    # a push of a whole history has no range
    return None if PUSH in environment or stages_nothing(paths) else "HEAD"
