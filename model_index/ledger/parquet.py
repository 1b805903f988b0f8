"""Write a ledger as one Parquet file: one row for each document, the document itself in the last
column.

The file is for questions over all of a ledger, by DuckDB, pandas or whatever reads Parquet. The
ledger stays as it is.
"""

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zoo.model_index.errors import LedgerError, UsageError
from zoo.model_index.io.atomic import reason, replace_atomically
from zoo.model_index.ledger.evidence import Evidence, Summary, moment

if TYPE_CHECKING:
    import pyarrow

ROWS = 20_000  # of a row group; what is in memory at once
TEXTS = ("kind", "model", "key", "builder", "builder_version", "tool")


def write(documents: Iterable[Evidence], path: Path) -> int:
    """Write the documents, whole or not at all; return their number.

    `started_at` is a timestamp in UTC, `seconds`, `macs` and `parameters` are numbers; `arguments`,
    `conditions`, `environment` and `document` are JSON.

    Raises:
        UsageError: the path is none of a file.
        LedgerError: the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: expected a file's path")
    path = Path(os.path.realpath(path))  # a link stays, what it leads to is written
    count, rows = 0, iter(documents)
    try:
        with (
            replace_atomically(path) as whole,
            pq.ParquetWriter(whole, columns(), compression="zstd") as file,
        ):
            while batch := [_row(evidence) for evidence in islice(rows, ROWS)]:
                file.write_table(pa.Table.from_pylist(batch, schema=columns()))
                count += len(batch)
    except OSError as error:
        raise LedgerError(f"{path}: cannot be written: {reason(error)}") from error
    return count


def columns() -> "pyarrow.Schema":
    """Return the columns of the file."""
    import pyarrow as pa

    return pa.schema(
        [
            *((name, pa.string()) for name in TEXTS),
            ("arguments", pa.string()),
            ("conditions", pa.string()),
            ("outcome", pa.string()),
            ("error", pa.string()),
            ("started_at", pa.timestamp("us", tz="UTC")),
            ("seconds", pa.float64()),
            ("macs", pa.int64()),
            ("parameters", pa.int64()),
            ("command", pa.string()),
            ("environment", pa.string()),
            ("document", pa.string()),
        ]
    )


def _row(evidence: Evidence) -> dict[str, Any]:
    cell, summary = evidence.cell, Summary.of(evidence)
    return {
        **{name: getattr(cell, name) for name in TEXTS},
        "arguments": _json(cell.arguments),
        "conditions": _json(cell.conditions),
        "outcome": evidence.outcome,
        "error": evidence.error,
        "started_at": moment(evidence.started_at),
        "seconds": evidence.seconds,
        "macs": summary.macs if summary else None,
        "parameters": summary.parameters if summary else None,
        "command": evidence.command,
        "environment": _json(evidence.environment),
        "document": _json(evidence),
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()
