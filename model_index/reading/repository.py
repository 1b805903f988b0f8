"""Name the repository that a file lies in: what publishes the numbers of an index that names no
publisher.

git is not run, and nothing else of its configuration is obeyed.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from zoo.model_index.reading.limits import TooLarge, read_bytes

GIT = ".git"  # a folder; in a worktree or a submodule a file that names one
SECTION = re.compile(r'\s*\[\s*remote\s+"(?P<remote>[^"]*)"\s*\]')
ADDRESS = re.compile(r"\s*url\s*=\s*(?P<address>\S+)", re.IGNORECASE)
HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://[^/]+/|[^/\\:]+:(?!\\))", re.IGNORECASE)
PREFERRED = "origin"
INDEX_FOLDERS = ("model_index", "model-index")  # their names name nobody
MAX_LENGTH = 100
PAGE = re.compile(
    r"https?://(?:[^/@]*@)?(?P<host>[^/:?#]+)(?::\d+)?(?P<path>[^?#]*)(?:[?#].*)?", re.IGNORECASE
)
FORGES = ("github.", "gitlab.", "bitbucket.", "huggingface.", "gitee.", "codeberg.")


def publisher_of(folder: Path, root: Path) -> str:
    """Return what publishes the files of a folder: the owner and name of its repository, as its
    remote has them; the repository's folder where it has no remote; else the folder `root` that
    the user named."""
    for parent in (folder, *folder.parents):
        if (git := parent / GIT).exists():
            return _remote_name(git) or _folder_name(parent)
    return _folder_name(root)


def publisher_from_source(source: str) -> str:
    """Return what publishes a page: the repository that it is of, else the host of its address;
    of a text that is no address the text."""
    match = PAGE.fullmatch(source.strip())
    if match is None:
        return _printable(source.strip())
    host, path = match["host"].lower().removeprefix("www."), match["path"]
    if not host.startswith(FORGES):
        return _printable(host)
    parts = re.split(r"/+(?:-|blob|raw|resolve|tree|wiki)(?:/|$)", path)[0].strip("/").split("/")
    return _printable("/".join(parts[:2]).removesuffix(".git")) or host


def _name_from_remote(address: str) -> str:
    """Return `owner/name` of a repository's address; of one on this machine the last folder."""
    host = HOST.match(address)
    local = host is None or address.startswith("file:")
    parts = [part for part in re.split(r"[/\\]", address[host.end() if host else 0 :]) if part]
    return _printable("/".join(parts[-1:] if local else parts).removesuffix(".git"))


def _printable(name: str) -> str:
    """Return a name that fits in a line; empty for what a terminal would act on."""
    return name if name.isprintable() and len(name) <= MAX_LENGTH else ""


def _folder_name(folder: Path) -> str:
    """Return the name of a folder, else of the next above that is not hidden and no folder of an
    index alone."""
    parts = reversed(folder.parts[1:])
    names = (part for part in parts if not part.startswith(".") and part not in INDEX_FOLDERS)
    return next((name for name in names if name.isprintable()), "local files")


def _remote_name(git: Path) -> str:
    addresses = dict(_remotes(git))
    candidates = (addresses.get(PREFERRED, ""), *addresses.values())
    return next(filter(None, map(_name_from_remote, candidates)), "")


def _remotes(git: Path) -> Iterator[tuple[str, str]]:
    """Yield each remote and its address."""
    remote = None
    for line in _text(_git_folder(git) / "config").splitlines():
        if section := SECTION.match(line):
            remote = section["remote"]
        elif line.lstrip().startswith("["):
            remote = None
        elif remote is not None and (address := ADDRESS.match(line)):
            yield remote, address["address"].strip('"')


def _git_folder(git: Path) -> Path:
    """Return the folder with the configuration; a worktree's names that of its repository."""
    if git.is_dir():
        return git
    folder = git.parent / _text(git).strip().removeprefix("gitdir:").strip()
    common = _text(folder / "commondir").strip()
    return folder / common if common else folder


def _text(path: Path) -> str:
    """Return a file's text; empty where there is none."""
    try:
        return read_bytes(path).decode("utf-8", "replace") if path.is_file() else ""
    except (OSError, TooLarge, ValueError):
        return ""
