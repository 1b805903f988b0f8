"""What was read of the tables of a page: columns and their meanings, and numbers left out."""

import msgspec

from zoo.model_index.records.place import Place


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A number of a table that is no claim: its place, its column, its characters, and why."""

    place: Place
    column: str
    raw: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}:{self.place.column}: {self.column}: {self.raw}: {self.reason}"


class PageColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column: its header, and what it means in words, with its unit and conditions."""

    header: str
    meaning: str
    numbers: int = 0


class PageTable(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a page: what it is about, and how many of its numbers are claims.

    `skipped` says why nothing of it was read; empty where it was.
    """

    place: Place
    heading: str
    columns: tuple[PageColumn, ...] = ()
    rows: int = 0
    claims: int = 0
    left_out: tuple[LeftOut, ...] = ()
    skipped: str = ""

    @property
    def numbers(self) -> int:
        """Count the numbers of the table, claims and others."""
        return self.claims + len(self.left_out)
