"""Which pages are read as tables: those that a person names, and those that the settings name."""

import os
from functools import cached_property
from pathlib import Path

from zoo.model_index.dialects.page_tables.settings_file import read_table_settings
from zoo.model_index.dialects.page_tables.table_settings import NO_SETTINGS
from zoo.model_index.reading.discover import suffix
from zoo.model_index.reading.globs import find_matches
from zoo.model_index.reading.tables.read import TABLE_SUFFIXES


class TablePages:
    """The settings of tables of a file, none without one, and the pages that they name.

    Raises:
        UsageError, IndexFaults: the file cannot be read, or says what it may not.
    """

    def __init__(self, file: str | None) -> None:
        self.settings = read_table_settings(file) if file else NO_SETTINGS

    @cached_property
    def _files(self) -> dict[Path, Path]:
        pages = (page for glob in self.settings.pages for page in find_matches(glob))
        return {page.resolve(): page for page in pages}

    def list_in(self, folder: str) -> list[Path]:
        """Return the pages below a folder that the settings name; none for a file."""
        if not self.settings.pages or not os.path.isdir(folder):
            return []
        root = Path(folder).resolve()
        return [page for real, page in self._files.items() if root in real.parents]

    def reads(self, page: Path, *, named: bool) -> bool:
        """Return whether the tables of a page are read: where the settings name it, or where it is
        `named` and no other dialect reads it."""
        if suffix(page) not in TABLE_SUFFIXES:
            return False
        return named or (bool(self.settings.pages) and page.resolve() in self._files)
