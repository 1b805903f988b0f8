"""Read TOML, and say in which line a key stands, since the parser tells no lines."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from zoo.model_index.errors import Fault, IndexFaults

WHERE = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)


def parse_toml(name: str, text: str) -> dict[str, Any]:
    """Return the document of a text that is called `name`.

    Raises:
        IndexFaults: it is no TOML; with the line.
    """
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        line, got = 1, "too many levels"
    except ValueError as error:
        match = WHERE.fullmatch(str(error))
        got = match[1] if match else str(error)
        line = int(match[2]) if match and match[2] else len(text.splitlines()) or 1
    raise IndexFaults([Fault(name, line, "", "TOML", got[:1].lower() + got[1:])])


def find_line(text: str, path: tuple[str, ...]) -> int:
    """Return the line whose statement makes a key, since the parser gives none.

    What stands before it is TOML without the key. With the line it has the key, or is no TOML: a
    value of several lines begins.
    """
    lines = text.splitlines(keepends=True)
    begins = re.compile(rf"[^=]*{re.escape(path[-1])}[\"']?\s*=")
    for number, line in enumerate(lines):
        if path[-1] not in line or _has(lines[:number], path) is not False:
            continue
        after = _has(lines[: number + 1], path)
        if after or (after is None and begins.match(line)):
            return number + 1
    return 1


def _has(lines: Sequence[str], path: tuple[str, ...]) -> bool | None:
    """Return whether these lines have the key; None where they are no TOML."""
    import tomllib

    try:
        value: Any = tomllib.loads("".join(lines))
    except ValueError:
        return None
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return False
        value = value[name]
    return True
