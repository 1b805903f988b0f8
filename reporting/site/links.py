"""Find symbolic links through which a build would read or write outside of its folders."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from zoo.model_index.errors import UsageError


def links_out(folder: Path, root: Path) -> Iterator[Path]:
    """Yield the folder and links below it that lead out of `root`; other links are followed."""
    real_root, seen = root.resolve(), set()
    if not folder.resolve().is_relative_to(real_root):
        yield folder
        return
    for here, folders, files in os.walk(folder, followlinks=True):
        if (real := os.path.realpath(here)) in seen:
            folders.clear()
            continue
        seen.add(real)
        for name in sorted((*folders, *files)):
            path = Path(here, name)
            if path.is_symlink() and not path.resolve().is_relative_to(real_root):
                yield path
                if name in folders:
                    folders.remove(name)


def refuse_folders_outside(docs: Path, paths: Iterable[str]) -> None:
    """Refuse to write files below `docs` whose folder is elsewhere, behind a link.

    Raises:
        UsageError: it names the folder.
    """
    root = docs.resolve()
    for folder in sorted({(docs / path).parent for path in paths}):
        if not folder.resolve().is_relative_to(root):
            raise UsageError(
                f"{folder}: a link leads out of {docs}, where nothing is written; remove it"
            )


def refuse_links_of_site(site: Path) -> None:
    """Refuse to build into a folder that is, or has, a link out of it: a build empties the folder.

    A link above the working folder, or in the path that the link itself leads to, is the user's.

    Raises:
        UsageError: it names the link.
    """
    here = Path.cwd()
    parts = (Path(os.path.abspath(site)), *Path(os.path.abspath(site)).parents)
    above = [
        part
        for part in parts
        if part.is_relative_to(here)
        and part.is_symlink()
        and not part.resolve().is_relative_to(here)
    ]
    for link in (*above, *links_out(site, site)):
        raise UsageError(
            f"{os.path.relpath(link)}: this link leads out of the folder, and a build replaces all "
            "that a site's folder holds; remove the link, or name another folder with --site"
        )
