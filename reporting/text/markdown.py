"""Escape text for Markdown pages that other sites render by rules of their own.

Everything from an index enters such a page through `line`, `link` or `fence_code`. A backslash
stands before everything that a renderer would act on: markup, HTML, mathematics, mentions and bare
addresses.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from zoo.reporting.text.escape import one_line, web_address

SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#&~@$])")
ADDRESS = re.compile(r":(?=//)|(?<=\bwww)\.", re.IGNORECASE)
# characters that begin a list or underline a heading
START = re.compile(r"[-+](?=\s|$)|[-=](?=[-=\s]*$)|\d{1,9}(?=[.)](?:\s|$))")


def line(value: object) -> Markup:
    """Escape one line of text; Markup passes unchanged, None is empty."""
    if isinstance(value, Markup):
        return value
    text = "".join(
        c if c.isprintable() else "\ufffd" for c in one_line("" if value is None else value)
    )
    escaped = ADDRESS.sub(lambda match: f"\\{match[0]}", SPECIAL.sub(r"\\\1", text))
    if start := START.match(escaped):
        number = start[0].isdigit()
        escaped = f"{start[0]}\\{escaped[start.end() :]}" if number else f"\\{escaped}"
    return Markup(escaped)


def link(address: object, label: object) -> Markup:
    """Return the label as a link where the address is a web address, else the label alone."""
    target = web_address(address)
    if target is None or not target.isprintable():
        return line(label)
    escaped = target.replace("&", "&amp;").replace("|", "%7C")
    return Markup(f"[{line(label)}](<{escaped}>)")


def fence_code(text: str, language: str = "") -> Markup:
    """Return a block of code, fenced by more backticks than the text has in a row."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    lines = (
        "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in part)
        for part in text.split("\n")
    )
    return Markup(f"{fence}{language}\n{chr(10).join(lines).rstrip()}\n{fence}")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """Return a table; cells are escaped."""
    return Markup("\n".join(_rows(columns, rows)))


def _rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|" + " --- |" * len(columns)
    for row in rows:
        yield "| " + " | ".join(map(line, row)) + " |"
