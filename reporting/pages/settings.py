"""Define the settings of a site: its name, address and language, and `extra.zoo`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zoo.reporting.i18n.gettext import ENGLISH

# Files of a model that only some sites need: `extra.zoo.files` asks for them.
BADGES, QUANTITY_BADGES, CARDS = "badges", "quantity badges", "cards"
FILES = (BADGES, QUANTITY_BADGES, CARDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one build of the pages.

    `root` leads from this language's site to the one that holds the downloads: empty for that one,
    `..` for a language in a folder of it. `hides_html` says that the theme's template opens what
    `zoo.reporting.site.html_comments` hides. `source` is where the index's files are shown on the
    web, an address that a file's path is put behind. `templates` is a folder whose templates are
    taken before our own. `renamed` are former names of models and what they are called now.
    `columns` are fields of the index that become columns of the table of models. `files` are those
    of `FILES` that are written for each model beside its page and its record. `languages` are those
    of sites in folders of this one. `author` and `licence`, an address, are of what is published.
    """

    name: str = "Model zoo ledger"
    description: str = ""
    author: str = ""
    licence: str = ""
    url: str = ""
    language: str = ENGLISH
    root: str = ""
    templates: Path | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    source: str = ""
    hides_html: bool = False
    languages: tuple[str, ...] = ()

    @property
    def primary(self) -> bool:
        """Return whether this build has the downloads."""
        return not self.root

    def asks_for(self, *files: str) -> bool:
        """Return whether the configuration asks for one of these files of `FILES`."""
        return any(name in self.files for name in files)
