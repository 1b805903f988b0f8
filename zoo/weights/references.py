"""Where a checkpoint is: what an index or a person writes, as an address or a file.

https://example.org/net-5b90dec4.pth     an address hf:timm/dpn98.mx_in1k                    a
repository of the Hugging Face Hub, with @REVISION and /FILE if need be package:NAME/path/in/it.pth
a file of an installed Python package net.pth                                  a file beside the
index
"""

import importlib.metadata
import os
import re
from dataclasses import dataclass
from pathlib import Path

from zoo.model_index.errors import ZooError

HUB = "https://huggingface.co"
HUB_FILES = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
)  # in this order of preference
HUB_NAME = re.compile(
    r"hf:(?://)?(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+?))?(?:/(?P<file>[\w./-]+))?"
)
SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):")
DIGEST = re.compile(r"-([0-9a-f]{8,64})(?:\.\w+)*$")  # in a file's name, as PyTorch's hub wants it


class NoSource(ZooError):
    """A reference that leads nowhere from here; nothing was learned about the checkpoint."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a checkpoint may be: addresses of which the first that answers is meant, or a local
    file.

    `name` is the file's.
    """

    text: str
    addresses: tuple[str, ...] = ()
    file: Path | None = None

    @property
    def name(self) -> str:
        """The file's name, without the address's query."""
        return (
            self.file.name
            if self.file
            else re.split(r"[?#]", self.addresses[0])[0].rstrip("/").rpartition("/")[2]
        )


def stated_digest(text: str) -> str | None:
    """The beginning of the SHA-256 that the file name of a reference states."""
    match = DIGEST.search(re.split(r"[?#]", text)[0])
    return match[1] if match else None


def source(text: str, folder: Path | None = None) -> Source:
    """What a reference leads to. `folder` is that of the index file it stands in, which a path must
    not leave; None for a path that a person typed.

    Raises: NoSource: an unknown scheme, a package or file that is not there, or a path that leaves
        the folder.
    """
    scheme = SCHEME.match(text)
    if scheme is None or (folder is None and Path(text).is_file()):
        return Source(text, file=_file(text, folder))
    match scheme["scheme"].lower():
        case "http" | "https":
            return Source(text, (text,))
        case "hf":
            return Source(text, _hub(text))
        case "package":
            return Source(text, file=_package(text.partition(":")[2]))
        case other:
            raise NoSource(f"{text}: {other} is no scheme that is followed")


def _hub(text: str) -> tuple[str, ...]:
    match = HUB_NAME.fullmatch(text)
    if match is None or ".." in text:
        raise NoSource(
            f"{text}: expected hf:OWNER/NAME, with @REVISION and /FILE where they are needed"
        )
    files = [match["file"]] if match["file"] else HUB_FILES
    return tuple(
        f"{HUB}/{match['repository']}/resolve/{match['revision'] or 'main'}/{file}"
        for file in files
    )


def _package(text: str) -> Path:
    name, _, path = text.partition("/")
    try:
        files = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        raise NoSource(f"the package {name} is not installed") from None
    found = next(
        (file for file in files if file.as_posix() == path and ".." not in file.parts), None
    )
    if found is None:
        raise NoSource(f"the package {name} has no file {path}")
    return Path(str(found.locate()))


def _file(text: str, folder: Path | None) -> Path:
    if "\0" in text:
        raise NoSource(f"{text!r}: no path")
    path = Path(text) if folder is None else folder / text
    if folder is not None:
        root, real = os.path.realpath(folder), os.path.realpath(path)
        if os.path.commonpath([root, real]) != root:
            raise NoSource(f"{text}: lies outside of the index's folder, and is not read")
    if not path.is_file():
        raise NoSource(f"{text}: no such file" + (" beside the index" if folder else ""))
    return path
