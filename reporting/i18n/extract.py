"""Collect the messages of templates and code into the catalogues of `locale/`: `python -m
zoo.reporting.i18n.extract`.

Babel extracts and merges them. A catalogue has no dates and no line numbers, so it changes only
where its messages do.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from zoo.reporting.i18n.gettext import LOCALE
from zoo.reporting.i18n.vocabulary import words

PACKAGE = Path(__file__).parents[1]
KEYWORDS = {"_": None, "N_": None, "n_": (1, 2)}
# Lines of a header with persons, dates and versions, which say nothing about the messages.
UNSTEADY_FIELDS = (
    "Project-Id",
    "Report-Msgid",
    "POT-Creation",
    "PO-Revision",
    "Last-Translator",
    "Language-Team",
    "Generated-By",
)
UNSTEADY = tuple(f'"{name}' for name in UNSTEADY_FIELDS)
OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}


def collect_messages() -> Catalog:
    """Return every message of this package."""
    catalog = Catalog(project="model-zoo-ledger", charset="utf-8")
    for path, method, options in _sources():
        with path.open("rb") as file:
            for _line, message, comments, _context in extract(method, file, KEYWORDS, (), options):
                where = [(path.relative_to(PACKAGE).as_posix(), None)]
                catalog.add(message, None, where, auto_comments=comments)  # type: ignore[arg-type]
    for word in words():
        catalog.add(word)
    return catalog


def _sources() -> Iterator[tuple[Path, str, dict[str, str]]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, "python", {}
    for path in sorted((PACKAGE / "templates").rglob("*.j2")):
        yield path, "jinja2.ext:babel_extract", OPTIONS


def update_catalogue(language: str) -> str:
    """Return a language's catalogue with all current messages and without removed ones."""
    path = LOCALE / f"{language}.po"
    old = Catalog(locale=language)
    if path.exists():
        with path.open(encoding="utf-8") as file:
            old = read_po(file, locale=language)
    old.update(collect_messages(), no_fuzzy_matching=True)
    old.obsolete.clear()
    old.fuzzy = False
    old.header_comment = (
        "# Messages of the site's pages; made and merged by: python -m zoo.reporting.i18n.extract"
    )
    out = io.BytesIO()
    write_po(
        out,
        old,
        width=0,
        no_location=True,
        omit_header=False,
        sort_output=True,
        ignore_obsolete=True,
    )
    lines = out.getvalue().decode().splitlines()
    return "\n".join(line for line in lines if not line.startswith(UNSTEADY)) + "\n"


def main(languages: list[str]) -> None:
    """Update the catalogues of some languages, or all."""
    for language in languages or [path.stem for path in sorted(LOCALE.glob("*.po"))]:
        (LOCALE / f"{language}.po").write_text(update_catalogue(language), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
