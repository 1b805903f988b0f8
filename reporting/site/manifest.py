"""The list of files that a run generated, from which the next run knows what it may replace.

It lies beside the pages, so a repository may bring one along. Which files are up to date is
therefore taken only from a list that a run of this user wrote, by its digest in the user's cache.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from zoo.model_index.io.user_cache import wrote_last
from zoo.reporting.site.incremental import OwnFiles

MANIFEST = ".generated.json"  # a name with a dot is never served


@dataclass(frozen=True, slots=True)
class Manifest:
    """The hashes of generated files, the digests of the data of figures, and the files of each
    owner.

    While a run is writing, a file has two hashes, its old and its new one, with a space between
    them.
    """

    files: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    models: dict[str, OwnFiles] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read the last run's manifest; an empty one where it is missing or torn. One that no run
        of this user wrote lists files alone: all of them are made again."""
        try:
            text = path.read_bytes()
            data = json.loads(text)
            files, figures = dict(data["files"]), dict(data["figures"])
            models = msgspec.convert(data.get("models", {}), dict[str, OwnFiles])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return cls()
        if not wrote_last(path, text):
            return cls(files)
        listed = {
            owner: own_files
            for owner, own_files in models.items()
            if own_files.files.keys() <= files.keys()
        }
        return cls(files, figures, listed)

    def wrote(self, path: str, data: bytes) -> bool:
        """Return whether a run wrote exactly these bytes to the path."""
        return content_hash(data) in self.files.get(path, "").split()

    def merge(self, later: "Manifest") -> "Manifest":
        """Return the manifest that holds while a later run replaces the files of this one."""
        files = {
            path: f"{self.files.get(path, '')} {later.files.get(path, '')}".strip()
            for path in (*self.files, *later.files)
        }
        figures = {
            key: digest for key, digest in self.figures.items() if later.figures.get(key) == digest
        }
        return Manifest(files, figures)

    def dump(self) -> bytes:
        """Return the manifest as JSON."""
        data = {
            "files": self.files,
            "figures": self.figures,
            "models": msgspec.to_builtins(self.models),
        }
        return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()


def content_hash(data: bytes) -> str:
    """Return the hash that the manifest keeps of a file."""
    return hashlib.sha256(data).hexdigest()[:32]
