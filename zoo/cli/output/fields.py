"""Print labelled fields: `Paper    Dual Path Networks`, folded behind the label."""

from collections.abc import Sequence

from zoo.cli.output.console import say, width
from zoo.cli.output.layout import measure, pad, wrap

GAP = 2  # columns behind the widest label
NARROW = 3  # a text gets at least so many parts of five of the width


def print_fields(rows: Sequence[tuple[str, str]]) -> None:
    """Print a field a line; on a terminal folded behind its label, or below it where that leaves
    little room; in a pipe with a tab behind the label."""
    columns = width()
    if columns is None:
        for label, text in rows:
            say(f"{label}\t{text}")
        return
    indent = max((measure(label) for label, _ in rows), default=0) + GAP
    beside = columns - indent >= columns * NARROW // 5
    for label, text in rows:
        if not beside:
            lines = [label, *wrap(text, columns, GAP)] if label else wrap(text, columns, GAP)
        else:
            first, *others = wrap(text, columns, indent)
            lines = [pad(label, indent) + first[indent:], *others]
        for line in lines:
            say(line)
