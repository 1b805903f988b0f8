"""Convert an index to a CSV table of claims: one row a claim, written as RFC 4180 says.

A spreadsheet runs a cell that begins with = + - @ as a formula, so such text gets an apostrophe in
front (`zoo.reporting.text.csv`). Numbers stay numbers.
"""

import csv
import io
from dataclasses import asdict, fields

from zoo.reporting.convert.claim_rows import ClaimRow, claim_rows, count_losses
from zoo.reporting.convert.losses import Conversion
from zoo.reporting.text.csv import escape_cell
from zoo.reporting.views.catalogue import Catalogue

TABLE = "claims.csv"
COLUMNS = [field.name for field in fields(ClaimRow)]


def convert(catalogue: Catalogue, folder: bool) -> Conversion:
    """Write every claim of the index in reading order."""
    index = catalogue.zoo.index
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in claim_rows(index):
        cells = asdict(row).values()
        writer.writerow([escape_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return Conversion({TABLE: out.getvalue()}, count_losses(index))
