"""Define the settings of a repository, and which of their values a person has to allow."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

NAMES = ("demo", "timm")  # of indexes that are no paths
LEDGER = "ledger"
# What each key says; those of CODE let code run.
KEYS: dict[str, str] = {
    "index": "the model index: files, folders, globs, `timm` or `demo`",
    "trust": "packages whose builders the index may call",
    "path": "folders that these packages are imported from",
    "ledger": "the folder of evidence; by default `ledger` beside the settings",
    "baseline": "the known findings of `zoo verify`",
    "lint-baseline": "the known findings of `zoo lint`",
    "ignore": "files of the index that are left out, by globs, and checks of `zoo lint`, by names",
}
TABLES = "tables"  # a table of its own: see `zoo.model_index.dialects.page_tables`
TEXTS = frozenset({"index", "trust", "path", "ignore"})  # lists; a text is a list of itself
PATHS = frozenset({"index", "path", "ledger", "baseline", "lint-baseline"})
CODE = ("trust", "path")
Values = dict[str, tuple[str, ...]]


class Settings(msgspec.Struct, frozen=True):
    """The values of a settings file by key, as they stand there; `has_tables` says that it has
    settings of tables, which are read with the index, and `pages` are theirs."""

    file: Path
    values: Values = {}
    has_tables: bool = False
    pages: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder that relative paths start at."""
        return self.file.parent

    @property
    def name(self) -> str:
        """The file as it is shown: relative to the working folder."""
        return os.path.relpath(self.file)

    def resolve(self, key: str) -> tuple[str, ...]:
        """Return the values of a key; paths as the working folder sees them."""
        values = self.values.get(key, (LEDGER,) if key == "ledger" else ())
        if key == "ignore":
            return tuple(value for value in values if not is_glob_of_files(value))
        if key not in PATHS:
            return values
        paths = tuple(self._path(key, value) for value in values)
        if key == "index" and paths:
            return tuple(dict.fromkeys((*paths, *self.list_additions())))
        return paths

    def list_additions(self) -> tuple[str, ...]:
        """List what goes with the paths of an index: the globs of `ignore`, and the pages of tables
        and this file where it has settings of them."""
        globs = filter(is_glob_of_files, self.values.get("ignore", ()))
        excluded = tuple(f"!{os.path.relpath(self.folder / text)}" for text in globs)
        pages = (os.path.relpath(self.folder / page) for page in self.pages)
        return (*pages, *excluded, f"@{self.name}") if self.has_tables else excluded

    def list_restricted(self) -> Values:
        """List by key what holds only after a person has allowed it: values that let code run, and
        paths that lead out of the folder, as where they lead to."""
        paths = {key: tuple(self._leading_out(key)) for key in KEYS if key not in CODE}
        return {key: self.values[key] for key in CODE if self.values.get(key)} | {
            key: values for key, values in paths.items() if values
        }

    def without(self, keys: Iterable[str]) -> "Settings":
        """Return the settings without some keys."""
        left = {key: value for key, value in self.values.items() if key not in keys}
        return msgspec.structs.replace(self, values=left)

    def _path(self, key: str, value: str) -> str:
        if key == "index" and value in NAMES and not (self.folder / value).exists():
            return value
        return os.path.relpath(self.folder / os.path.expanduser(value))

    def _leading_out(self, key: str) -> Iterator[str]:
        if key not in PATHS:
            return
        root = os.path.realpath(self.folder)
        for value in self.values.get(key, ()):
            if self._path(key, value) in NAMES:
                continue
            real = os.path.realpath(self.folder / os.path.expanduser(value))
            if os.path.commonpath([root, real]) != root:
                yield real


def is_glob_of_files(value: str) -> bool:
    """Return whether a value of `ignore` means files; the name of a check has none of these
    signs."""
    return any(sign in value for sign in "./*?[")
