"""Read numbers in the light of their neighbours: the column of a table, the numbers beside them.

One number alone does not say whether its last zeros are digits or padding, or whether `0.9` is a
fraction or nine tenths of a percent. Its neighbours do.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from decimal import Decimal

import msgspec

from zoo.model_index.quantities.parse import is_bare
from zoo.model_index.quantities.rewrite import Form, find_padding, split_number
from zoo.model_index.quantities.table import ACCURACIES, QUANTITIES
from zoo.model_index.quantities.value import ParsedValue, Value
from zoo.model_index.records.records import Claim, Entry

Column = tuple[str, str, str, str]  # file, publisher, quantity, column of a page's table
Padding = Mapping[Form, int]  # zeros at the end of a number, by how it is printed
DataSetColumn = tuple[Column, str | None]  # the numbers of a column on one data set
PAIRS = {row.key: row.at_most for row in QUANTITIES if row.at_most and row.key in ACCURACIES}
PADDED = frozenset({"count", "file size"})  # checks of quantities that are printed with padding


def settle_columns(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries with the claims whose neighbours say how they are meant parsed so."""
    entries = list(entries)
    columns: dict[Column, list[Claim]] = {}
    percents: set[DataSetColumn] = set()
    for entry in entries:
        for claim in entry.all_claims():
            column = _column(entry, claim)
            columns.setdefault(column, []).append(claim)
            if _is_percentage(claim):
                percents.add((column, claim.dataset))
    padding = {column: _find_padding(claims) for column, claims in columns.items()}
    return [_settle(entry, padding, percents) for entry in entries]


def _column(entry: Entry, claim: Claim) -> Column:
    """Return the column of a claim: of a page its table's, since another may print otherwise."""
    table = claim.path if entry.row_name else ""
    return claim.place.file, claim.publisher, claim.quantity, table


def _settle(entry: Entry, padding: Mapping[Column, Padding], percents: Set[DataSetColumn]) -> Entry:
    changed: dict[Claim, Claim] = {}
    beside = list(entry.all_claims())
    rows: dict[int, list[Claim]] = {}
    for claim in beside:
        rows.setdefault(_row(entry, claim), []).append(claim)
    for claim in beside:
        column = _column(entry, claim)
        parsed = _without_padding(claim, padding[column])
        if parsed is None and _is_fraction(claim):
            row = (other for other in rows[_row(entry, claim)] if _is_beside(claim, other))
            parsed = _as_percent(claim, row, (column, claim.dataset) in percents)
        if parsed:
            changed[claim] = msgspec.structs.replace(claim, parsed=parsed)
    if not changed:
        return entry

    def settle(claims: Iterable[Claim]) -> tuple[Claim, ...]:
        return tuple(changed.get(claim, claim) for claim in claims)

    reported = [replace(report, claims=settle(report.claims)) for report in entry.reported]
    return replace(entry, claims=settle(entry.claims), reported=tuple(reported))


def _row(entry: Entry, claim: Claim) -> int:
    """Return the line of a number in the table of a page, which may state a model in several rows;
    all other claims of an entry are one row."""
    return claim.place.line if entry.row_name else 0


def _is_beside(claim: Claim, other: Claim) -> bool:
    return (other.publisher, other.dataset) == (claim.publisher, claim.dataset)


def _find_padding(column: Iterable[Claim]) -> Padding:
    """Return by notation the zeros that a column's numbers are padded with."""
    padded = (claim for claim in column if claim.row.check in PADDED and _is_number(claim))
    return find_padding(claim.raw for claim in padded)


def _without_padding(claim: Claim, padding: Padding) -> ParsedValue | None:
    """Parse a number without the zeros behind its point that its whole column ends in: `22.220 G`
    among `4.030 G` and `5.690 G`. None where they are digits."""
    parsed = claim.parsed
    if not (claim.row.check in PADDED and "." in claim.raw and parsed.step and parsed.digits):
        return None
    printed = split_number(claim.raw)
    zeros = padding.get(printed.form, 0) if printed.number else 0
    if not zeros:
        return None
    return ParsedValue(parsed.value, parsed.digits - zeros, parsed.step.scaleb(zeros))


def _as_percent(claim: Claim, beside: Iterable[Claim], among_percents: bool) -> ParsedValue | None:
    """Parse a bare number up to 1 as a percentage, where its neighbours on the same data set say
    so; None where it is a fraction.

    Top-5 is at least top-1, and rarely above five times it. Where that decides nothing, a
    neighbour that is a bare number above 1 does.
    """
    percent = claim.row.parse(f"{claim.raw}%")
    own = [other for other in beside if _share_scale(other.quantity, claim.quantity)]
    for pair in own:
        if _is_fraction(pair):
            continue
        if pair.quantity == PAIRS.get(claim.quantity) or claim.quantity == PAIRS.get(pair.quantity):
            for rule in (_is_ordered, _is_near):
                fits = [rule(claim, value, pair) for value in (claim.value, percent.value)]
                if fits[0] is not fits[1]:
                    return percent if fits[1] else None
    return percent if among_percents or any(map(_is_percentage, own)) else None


def _share_scale(quantity: str, other: str) -> bool:
    """Tell whether two quantities are printed alike: accuracies of images, or the same metric."""
    return quantity == other or {quantity, other} <= ACCURACIES


def _is_ordered(claim: Claim, value: Value, pair: Claim) -> bool:
    """Tell whether top-5 is at least top-1, if the claim means `value`."""
    low, high = _in_order(claim, value, pair)
    return low <= high


def _is_near(claim: Claim, value: Value, pair: Claim) -> bool:
    """Tell whether top-5 is at most five times top-1, if the claim means `value`."""
    low, high = _in_order(claim, value, pair)
    return high <= 5 * low


def _in_order(claim: Claim, value: Value, pair: Claim) -> tuple[Decimal, Decimal]:
    assert isinstance(value, Decimal)
    both = value, pair.number
    return both if PAIRS.get(claim.quantity) == pair.quantity else both[::-1]


def _is_number(claim: Claim) -> bool:
    return isinstance(claim.value, Decimal)


def _is_fraction(claim: Claim) -> bool:
    """Tell whether a percentage was printed as a bare number up to 1."""
    return _is_bare_percentage(claim) and claim.row.parse(f"{claim.raw}%").value != claim.value


def _is_percentage(claim: Claim) -> bool:
    """Tell whether a percentage was printed as a bare number above 1."""
    return _is_bare_percentage(claim) and claim.number > 1 and not _is_fraction(claim)


def _is_bare_percentage(claim: Claim) -> bool:
    return claim.row.unit == "%" and is_bare(claim.raw)
