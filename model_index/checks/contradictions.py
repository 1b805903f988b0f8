"""Find what contradicts itself: rows of a page of one name and one input with two counts, and an
entry whose Input and Image Size are two sizes.

A name alone is no proof: a page may have two models of one name in two tables. They are taken for
one where another count of theirs agrees, since counts of different models rarely do.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from zoo.model_index.checks.decimal_slips import print_claim
from zoo.model_index.quantities.table import COUNTED
from zoo.model_index.records.fields import look_up
from zoo.model_index.records.records import Claim, Entry, Index

Counts = dict[str, Claim]
MOST = 200  # entries of one name that are compared with each other


def find_contradictions(index: Index) -> Iterator[tuple[Claim, str]]:
    """Yield each count that an earlier row of the same model has otherwise, and what it says."""
    rows: dict[tuple[str, str], list[tuple[Entry, Counts]]] = {}
    for entry in index.entries:
        if entry.row_name:
            for counts in _counts_of(entry):
                key = entry.place.file, entry.row_name
                rows.setdefault(key, []).append((entry, counts))
    for alike in rows.values():
        reported: set[Claim] = set()
        for number, (_, counts) in enumerate(alike[:MOST]):
            for claim, earlier in _differing(counts, [other for _, other in alike[:number]]):
                if claim not in reported:
                    reported.add(claim)
                    yield claim, _describe(claim, earlier)


def find_unlike_inputs(index: Index) -> Iterator[tuple[Claim, str]]:
    """Yield each Image Size that the Input of its own entry contradicts, and what it says."""
    for entry in index.entries:
        if entry.input is None or look_up(entry.fields, "input") is None:
            continue  # that of a collection is adapted to the size of a model
        sizes = {part.image_size for part in entry.input.parts if part.image_size}
        for claim in entry.claims:
            if claim.quantity == "image_size" and not claim.unclear and claim.value not in sizes:
                place = f" at {entry.input_place}" if entry.input_place else ""
                yield claim, f"{print_claim(claim)}: the Input{place} is {entry.input}"


def repeats_row(entry: Entry, earlier: Entry) -> bool:
    """Return whether two rows of a page state one model twice, as a baseline of a second table
    does: they have numbers in common, and no number that differs."""
    if not (entry.row_name and earlier.row_name and entry.place.file == earlier.place.file):
        return False
    pairs = [(claim, other) for claim in entry.claims if (other := earlier.claim(claim.quantity))]
    return bool(pairs) and all(claim.value == other.value for claim, other in pairs)


def _counts_of(entry: Entry) -> Iterator[Counts]:
    """Yield the counts of each row of an entry, by quantity: those of the whole model."""
    by_line: dict[int, Counts] = {}
    for claim in entry.claims:
        if claim.quantity in COUNTED and not claim.unclear:
            by_line.setdefault(claim.place.line, {}).setdefault(claim.quantity, claim)
    yield from by_line.values()


def _differing(counts: Counts, earlier: Sequence[Counts]) -> Iterator[tuple[Claim, Claim]]:
    """Yield the counts that differ from those of an earlier row, where another one agrees."""
    for other in earlier:
        pairs = [
            (claim, other[quantity])
            for quantity, claim in counts.items()
            if quantity in other and _same_input(claim, other[quantity])
        ]
        unlike = [pair for pair in pairs if not _agree(*pair)]
        if unlike and len(unlike) < len(pairs):
            yield from unlike


def _same_input(claim: Claim, other: Claim) -> bool:
    return not claim.row.needs_input or claim.input == other.input


def _agree(claim: Claim, other: Claim) -> bool:
    """Return whether two numbers may be one value in their printed digits."""
    half = (claim.parsed.step or Decimal()) + (other.parsed.step or Decimal())
    return abs(claim.number - other.number) <= half / 2


def _describe(claim: Claim, earlier: Claim) -> str:
    size = f" at {claim.input.show()}" if claim.row.needs_input and claim.input else ""
    return f"{print_claim(claim)}{size}: {earlier.raw.strip()} at {earlier.place}, of one name"
