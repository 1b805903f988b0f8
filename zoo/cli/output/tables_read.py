"""Say how many numbers of a page's tables are claims, and with `-v` why the others are none."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from zoo.cli.output.console import MANNER, plural, print_text, say_note

if TYPE_CHECKING:
    from zoo.model_index.records.page_tables import PageTable


def print_tables(tables: "Sequence[PageTable]") -> None:
    """Print a line for each page; with `-v` a line for each number that is no claim."""
    for line in describe_tables(tables):
        say_note(line)
    if MANNER.verbose:
        for table in tables:
            if table.skipped:
                print_text(f"{table.place}: {table.heading}: not read: {table.skipped}", further=2)
            else:
                for left in table.left_out:
                    print_text(f"{left}", further=2)


def describe_tables(tables: "Sequence[PageTable]") -> Iterator[str]:
    """Yield a line for each page: `README.md: 3 tables, 76 numbers: 76 claims`."""
    pages: dict[str, list[PageTable]] = {}
    for table in tables:
        pages.setdefault(table.place.file, []).append(table)
    for file, of_page in pages.items():
        numbers = sum(table.numbers for table in of_page)
        left = sum(len(table.left_out) for table in of_page)
        claims = plural(numbers - left, "claim")
        out = f", {left:,} left out{'' if MANNER.verbose else ' (-v says why)'}" if left else ""
        counted = f"{plural(len(of_page), 'table')}, {plural(numbers, 'number')}"
        yield f"{file}: {counted}: {claims}{out}"
