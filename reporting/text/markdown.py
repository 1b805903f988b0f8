"""Text as Markdown in which nothing has a meaning: for pages that other sites render, with rules of
their own.

Everything that comes from an index enters such a page through `line`, `link` or `fenced`. What a
renderer would act on is written with a backslash before it: markup, HTML, mathematics, mentions and
bare addresses.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from zoo.reporting.text.escape import one_line, web_address

SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#&~@$])")
ADDRESS = re.compile(r":(?=//)|(?<=\bwww)\.", re.IGNORECASE)
START = re.compile(
    r"[-+](?=\s|$)|[-=](?=[-=\s]*$)|\d{1,9}(?=[.)](?:\s|$))"
)  # begins a list, underlines a heading


def line(value: object) -> Markup:
    """One line of text that renders as it stands; Markup passes unchanged, None is empty."""
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
    """The label as a link where the address is one of the web, else the label alone."""
    target = web_address(address)
    if target is None or not target.isprintable():
        return line(label)
    inert = target.replace("&", "&amp;").replace("|", "%7C")
    return Markup(f"[{line(label)}](<{inert}>)")


def fenced(text: str, language: str = "") -> Markup:
    """A block of code, fenced by more backticks than the text has in a row."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    lines = (
        "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in part)
        for part in text.split("\n")
    )
    return Markup(f"{fence}{language}\n{chr(10).join(lines).rstrip()}\n{fence}")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """A table; cells are made harmless."""
    return Markup("\n".join(_rows(columns, rows)))


def _rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|" + " --- |" * len(columns)
    for row in rows:
        yield "| " + " | ".join(map(line, row)) + " |"
