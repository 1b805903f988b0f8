"""Find the top of a repository, and give paths relative to it, as CI services expect them.

Links are resolved on both sides: a runner's workspace may be a link, and Python's working folder is
the folder behind it.
"""

import os
from collections.abc import Mapping
from pathlib import Path

WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")  # GitHub, GitLab: the checkout


def find_root(environment: Mapping[str, str] = os.environ) -> str:
    """Return the top of the repository that the working folder lies in.

    That is the first folder upwards that is a CI service's workspace or holds `.git`, since a
    checkout may lie below the workspace. Without one it is the workspace, or the working folder.
    """
    here = Path(os.path.realpath(os.getcwd()))
    names = (environment.get(name) for name in WORKSPACES)
    workspace = next((Path(os.path.realpath(name)) for name in names if name), None)
    for folder in (here, *here.parents):
        if folder == workspace or os.path.lexists(folder / ".git"):
            return str(folder)
    return str(workspace or here)


def relative_path(file: str, root: str) -> str:
    """Return a file's path relative to the root, with slashes; its whole path outside of it.

    A link inside of the root stands for the file that it leads to, as that is what a pull request
    shows; a link that leads out of it keeps its own name.
    """
    absolute = Path(os.path.abspath(file))
    for path in (Path(os.path.realpath(file)), absolute):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return absolute.as_posix()
