"""The settings of tables: which pages are read as tables, what columns mean, what builds a model.

They stand under `[tables]` in `zoo.toml`:

    [tables]
    pages = ["README.md", "docs/*.md"]
    skip = ["Ablation*"]
    publisher = "ConvNeXt"
    names = "builders.toml"

    [tables.columns]
    "lr sched" = "text"
    "time (ms)*" = "Inference Time (ms)"

    [tables.builders]
    "ConvNeXt-T" = "timm:convnext_tiny"
    "ViT-*" = "none"
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from zoo.model_index.dialects.base.entry_fields import parse_builder
from zoo.model_index.dialects.page_tables.header import Meaning, Role, read_header
from zoo.model_index.quantities.parse import MAX_LENGTH
from zoo.model_index.records.records import Builder

# What a column may be said to be, beside a quantity.
ROLES = {
    "name": Role.NAME,
    "text": Role.TEXT,
    "links": Role.LINKS,
    "number": Role.OPEN,
    "ignore": Role.IGNORED,
}
NAME_IN_BUILDER = "{name}"  # stands for the row's name in the builder of a pattern
TEXTS = ("pages", "skip")
SINGLE = ("publisher", "names")
MAPPINGS = ("columns", "builders")
KEYS = {
    "pages": "pages whose tables are read beside the index, by globs",
    "skip": "tables that are left out, by patterns of the heading or the caption",
    "publisher": "who publishes the numbers; by default the title of the page",
    "names": "a TOML file of row names and their builders",
    "columns": "what columns mean, by patterns of their headers",
    "builders": "what builds the model of a row, by patterns of its name",
}


class SettingProblem(NamedTuple):
    """A value that is wrong: its path below `tables`, what was expected, what stands there."""

    path: tuple[str, ...]
    expected: str
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSettings:
    """The settings of tables; patterns are compared without regard to case and spaces.

    `pages` are globs as the working folder sees them.
    """

    pages: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    publisher: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    builders: Mapping[str, str] = field(default_factory=dict)

    def skips(self, *texts: str) -> bool:
        """Return whether a table with one of these headings is left out."""
        return any(matches(text, pattern) for text in texts for pattern in self.skip if text)

    def meaning_of(self, *headers: str) -> Meaning | None:
        """Return the meaning that is stated of a column; None where none is."""
        for pattern, text in self.columns.items():
            if any(matches(header, pattern) for header in headers):
                return parse_meaning(text, headers[0])
        return None

    def builder_of(self, names: Sequence[str], spelled: str) -> Builder | None:
        """Return the builder that is stated of a row by one of its names; None where none is.
        `{name}` in it is the name as `spelled` for a registry."""
        for pattern, text in self.builders.items():
            if any(matches(name, pattern) for name in names):
                return parse_builder(text.replace(NAME_IN_BUILDER, spelled), names[0])
        return None


NO_SETTINGS = TableSettings()


def matches(text: str, pattern: str) -> bool:
    """Return whether a text is what a pattern says, without regard to case and spaces."""
    return fnmatchcase(_fold(text), _fold(pattern))


def _fold(text: str) -> str:
    return "".join(text.lower().split())


def parse_meaning(text: str, label: str) -> Meaning | None:
    """Return the meaning of a column for the words of a setting: a role, or a quantity as a header
    would spell it; None where it is neither."""
    if role := ROLES.get(text.strip().lower()):
        return Meaning(role=role, label=label)
    meaning = read_header(text)
    if meaning.role is not Role.QUANTITY:
        return None
    return Meaning(
        role=Role.QUANTITY,
        label=label,
        row=meaning.row,
        unit=meaning.unit,
        dataset=meaning.dataset,
        conditions=meaning.conditions,
        part=meaning.part,
    )


def find_problems(value: Any) -> list[SettingProblem]:
    """Return what is wrong with the value of `tables` in a settings file."""
    if not isinstance(value, dict):
        return [SettingProblem((), "a table", _show(value))]
    problems = []
    for key, below in value.items():
        if key not in KEYS:
            problems.append(SettingProblem((key,), f"one of {', '.join(KEYS)}", repr(key)))
        elif key in MAPPINGS:
            problems += _find_in_mapping(key, below)
        else:
            problems += _find_in_texts(key, below)
    return problems


def _find_in_texts(key: str, value: Any) -> list[SettingProblem]:
    texts = value if isinstance(value, list) and key in TEXTS else [value]
    expected = "a list of texts" if key in TEXTS else "a text"
    wrong = [text for text in texts if not isinstance(text, str) or not text.strip()]
    return [SettingProblem((key,), expected, _show(wrong[0]))] if wrong else []


def _find_in_mapping(key: str, value: Any) -> list[SettingProblem]:
    if not isinstance(value, dict):
        return [SettingProblem((key,), "a table of patterns", _show(value))]
    problems = []
    for pattern, text in value.items():
        if expected := find_problem(key, text):
            problems.append(SettingProblem((key, pattern), expected, _show(text)))
    return problems


def find_problem(key: str, text: Any) -> str:
    """Return what was expected of a value below `columns` or `builders`; empty where it is well."""
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        return f"a text of at most {MAX_LENGTH} characters"
    if key == "columns":
        known = parse_meaning(text, "")
        return "" if known else f"a quantity such as FLOPs (G), or one of {', '.join(ROLES)}"
    try:
        parse_builder(text.replace(NAME_IN_BUILDER, "name"), "name")
    except ValueError as error:
        return str(error)
    return ""


def settings_of(
    value: Mapping[str, Any], pages: tuple[str, ...], names: Mapping[str, str]
) -> TableSettings:
    """Return the settings of a value without problems; `names` are those of the mapping file,
    before which the patterns of the settings go."""
    skip = value.get("skip", ())
    return TableSettings(
        pages=pages,
        skip=(skip,) if isinstance(skip, str) else tuple(skip),
        publisher=value.get("publisher", ""),
        columns=value.get("columns", {}),
        builders={**value.get("builders", {}), **names},
    )


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
