"""Read settings from `zoo.toml`, or from the table `tool.zoo` of `pyproject.toml`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo.model_index.errors import Fault, IndexFaults, UsageError
from zoo.model_index.errors.suggestions import find_close
from zoo.model_index.reading.files import display_path
from zoo.model_index.reading.toml_text import find_line, parse_toml
from zoo.model_index.settings.record import KEYS, TABLES, TEXTS, Settings, Values, is_glob_of_files

SETTINGS, PROJECT = "zoo.toml", "pyproject.toml"
TABLE = ("tool", "zoo")  # of a project's file
LARGEST = 1 << 20  # bytes


def read_settings(file: Path) -> Settings | None:
    """Read a settings file; None for a project's file without the table.

    Raises:
        UsageError: it cannot be read.
        IndexFaults: it is no TOML, or has unknown keys or values of another type.
    """
    text = _text_of(file)
    if file.name == PROJECT and TABLE[1] not in text:
        return None  # the parser costs ten milliseconds
    document = parse_toml(display_path(file), text)
    prefix: tuple[str, ...] = ()
    if file.name == PROJECT:
        prefix = TABLE
        tool = document.get("tool")
        if not isinstance(tool, dict) or "zoo" not in tool:
            return None
        document = tool["zoo"]
    if not isinstance(document, dict):
        raise IndexFaults([_fault(file, text, prefix, "a table", _show(document))])
    faults, values = list[Fault](), Values()
    for key, value in document.items():
        if key == TABLES:
            faults += _check_tables(file, text, (*prefix, key), value)
        elif problem := _problem(key, value):
            faults.append(_fault(file, text, (*prefix, key), *problem))
        else:
            values[key] = as_texts(value)
    if faults:
        raise IndexFaults(faults)
    pages = document.get(TABLES, {}).get("pages", ())
    return Settings(file, values, TABLES in document, as_texts(pages))


def as_texts(value: str | Sequence[str]) -> tuple[str, ...]:
    """Return a text as a list of itself."""
    return (value,) if isinstance(value, str) else tuple(value)


def _check_tables(file: Path, text: str, path: tuple[str, ...], value: Any) -> list[Fault]:
    from zoo.model_index.dialects.page_tables.settings_file import check_tables

    try:
        check_tables(file, text, path, value)
    except IndexFaults as error:
        return list(error.faults)
    return []


def fault_of(settings: Settings, key: str, expected: str, got: str) -> IndexFaults:
    """Return the fault of a value that is well-formed and may not be used."""
    path = (*(TABLE if settings.file.name == PROJECT else ()), key)
    return IndexFaults([_fault(settings.file, _text_of(settings.file), path, expected, got)])


def _fault(
    file: Path, text: str, path: tuple[str, ...], expected: str, got: str, meant: str = ""
) -> Fault:
    line, name = find_line(text, path), ".".join(path)
    return Fault(display_path(file), line, name, expected, got, meant=meant)


def _text_of(file: Path) -> str:
    from zoo.model_index.io.atomic import NotPlain, read_whole
    from zoo.model_index.io.atomic import reason as reason_of

    name = display_path(file)
    try:
        data = read_whole(file)
        if len(data) > LARGEST:
            raise UsageError(f"{name}: expected at most {LARGEST:,} bytes, got {len(data):,}")
        return data.decode("utf-8")
    except NotPlain as error:
        raise UsageError(f"{name}: cannot be read: {error}") from error
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {reason_of(error)}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        got = f"byte 0x{error.object[error.start]:02x}"
        raise IndexFaults([Fault(name, line, "", "UTF-8 text", got)]) from None


def _problem(key: str, value: Any) -> tuple[str, ...] | None:
    """Return what was expected of a key and its value, what stands there, and what was meant where
    it is known; None where all is well."""
    if key not in KEYS:
        names = [*KEYS, TABLES]
        return f"one of {', '.join(names)}", repr(key), *find_close(key, names, 1)
    texts = value if isinstance(value, list) and key in TEXTS else [value]
    expected = "a list of texts" if key in TEXTS else "a text"
    if wrong := [text for text in texts if not isinstance(text, str)]:
        return expected, _show(wrong[0] if isinstance(value, list) and key in TEXTS else value)
    if wrong := [text for text in texts if not text.strip() or not text.isprintable()]:
        return "a text of printable characters", _show(wrong[0])
    return _problem_of_names(key, texts)


def _problem_of_names(key: str, texts: list[str]) -> tuple[str, ...] | None:
    if key == "trust":
        wrong = [text for text in texts if not all(map(str.isidentifier, text.split(".")))]
        return ("the name of a package", _show(wrong[0])) if wrong else None
    if key == "ignore" and (rules := [text for text in texts if not is_glob_of_files(text)]):
        from zoo.model_index.checks.lint import CHECKS

        names = [check.rule for check in CHECKS]
        if wrong := [rule for rule in rules if rule not in names]:
            expected = "a glob of files, or a check of `zoo lint`"
            return expected, repr(wrong[0]), *find_close(wrong[0], names, 1)
    return None


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
