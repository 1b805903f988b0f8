"""Predictions as Parquet beside the evidence: what was said of each image, batch by batch.

A run appends parts below `<cell>.parts/`, each written to a temporary name and renamed; when it
stops they become one file `<cell>.parquet`. What lies there is what a later run goes on from,
whether it ended well or was killed.
"""

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zoo.model_index.errors import LedgerError
from zoo.model_index.io.atomic import alone, reason, replaced

TOP = 5
STAMP = b"stamp"
COLUMNS = ("positions", "images", "top", "score", "own")  # of a `Batch`
SCHEMA = pa.schema(
    [
        ("position", pa.int32()),  # in the seeded order
        ("image", pa.int32()),  # in the data
        ("name", pa.string()),
        ("label", pa.list_(pa.int32())),  # the outputs that are right; none where no answer can be
        (
            "top",
            pa.list_(pa.int32()),
        ),  # outputs by descending score; none where the image could not be read
        ("score", pa.list_(pa.float32())),  # softmax of the outputs that compete
        ("own", pa.float32()),  # the best score among the right outputs
        ("fault", pa.string()),  # why there is no prediction
    ]
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a model said of the images at `positions` of the order.

    `top` and `score` are (images, k), k at most five; `own` (images,) is the score of the best
    right output, nan where there is none. `faults` are by row: why it has no prediction, and then
    its row of `top` is all -1.
    """

    positions: np.ndarray
    images: np.ndarray
    top: np.ndarray
    score: np.ndarray
    own: np.ndarray
    faults: dict[int, str] = field(default_factory=dict)


class Predictions:
    """The predictions of one cell on disk.

    `stamp` stands for the state of the images' files; what was predicted of another state is passed
    over. With `anew` all are made again, below other names until they are complete, so that the old
    ones are there until then.
    """

    def __init__(
        self,
        path: Path,
        names: Sequence[str],
        answers: Sequence[tuple[int, ...]],
        stamp: str = "",
        anew: bool = False,
    ):
        self.path, self.names, self.answers, self.anew = path, names, answers, anew
        self.schema = SCHEMA.with_metadata({STAMP: stamp})
        self.parts = path.with_suffix(".new" if anew else ".parts")
        self._run = uuid.uuid4().hex[:8]  # two runs at once never write the same part
        self._waiting: list[Batch] = []
        self._tables: list[pa.Table] = []

    def read(self) -> Batch | None:
        """What earlier runs left as one batch, in order of positions and without repetition; None
        for nothing. A torn file counts as missing."""
        if self.anew:
            with alone(self.path.parent):
                shutil.rmtree(self.parts, ignore_errors=True)
            return None
        table = _united(self._on_disk())
        self._tables = [] if table is None else [table]
        return _batch(table) if table is not None and len(table) else None

    def _on_disk(self) -> list[pa.Table]:
        """What can be used: the one file, and the parts that no run has put into it yet."""
        files = [self.path, *sorted(self.parts.glob("*.parquet"))]
        return [table for file in files if (table := self._table(file)) is not None]

    @property
    def count(self) -> int:
        """How many images the file has predictions of, of the state that the images are in."""
        table = self._table(self.path)
        return 0 if table is None else len(table)

    def add(self, batch: Batch) -> None:
        """Keep a batch; it is on disk after the next `flush`."""
        self._waiting.append(batch)

    def flush(self) -> None:
        """Write what waits as one part.

        Raises:
            LedgerError: the folder cannot be written; what waits is kept for another try.
        """
        if not self._waiting:
            return
        table = pa.concat_tables([self._made(batch) for batch in self._waiting])
        first = int(self._waiting[0].positions[0])
        part = self.parts / f"{first:09d}-{self._run}.parquet"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"{part}: cannot write predictions: {reason(error)}") from error
        with alone(self.path.parent):  # another run does not take the parts' folder away meanwhile
            _write(table, part)
        self._tables.append(table)
        self._waiting = []

    def close(self) -> None:
        """Flush, and put all parts into the one file, with those of other runs of the same cell;
        those made anew only where they are no fewer than were there.

        Raises:
            LedgerError: as `flush`; the parts stay.
        """
        self.flush()
        if self.anew and sum(map(len, self._tables)) < self.count:
            shutil.rmtree(self.parts, ignore_errors=True)
        elif self.parts.exists() and self._tables:
            with alone(self.path.parent):
                table = _united([*self._tables, *([] if self.anew else self._on_disk())])
                assert table is not None
                _write(table, self.path)
                shutil.rmtree(self.parts, ignore_errors=True)

    def _made(self, batch: Batch) -> pa.Table:
        good = [row not in batch.faults for row in range(len(batch.positions))]
        return pa.table(
            {
                "position": batch.positions,
                "image": batch.images,
                "name": [self.names[image] for image in batch.images],
                "label": [list(self.answers[image]) for image in batch.images],
                "top": [
                    list(row) if fine else [] for row, fine in zip(batch.top, good, strict=True)
                ],
                "score": [
                    list(row) if fine else [] for row, fine in zip(batch.score, good, strict=True)
                ],
                "own": [None if np.isnan(score) else score for score in batch.own],
                "fault": [batch.faults.get(row) for row in range(len(batch.positions))],
            },
            schema=self.schema,
        )

    def _table(self, file: Path) -> pa.Table | None:
        """What a file holds; None where it is torn, of another schema, or about other states of the
        images."""
        try:
            table = pq.read_table(file, partitioning=None) if file.is_file() else None
        except (pa.ArrowInvalid, OSError):
            return None
        if table is None or not table.schema.equals(self.schema):
            return None
        return (
            table
            if (table.schema.metadata or {}).get(STAMP) == self.schema.metadata[STAMP]
            else None
        )


def _batch(table: pa.Table) -> Batch:
    tops, scores = table["top"].to_pylist(), table["score"].to_pylist()
    width = max(map(len, tops), default=0) or 1
    top = np.array([row or [-1] * width for row in tops], dtype=np.int64)
    score = np.array([row or [0.0] * width for row in scores], dtype=np.float32)
    faults = {row: why for row, why in enumerate(table["fault"].to_pylist()) if why is not None}
    own = np.array(
        [np.nan if value is None else value for value in table["own"].to_pylist()], dtype=np.float32
    )
    return Batch(table["position"].to_numpy(), table["image"].to_numpy(), top, score, own, faults)


def _united(tables: list[pa.Table]) -> pa.Table | None:
    """All tables as one, in order of positions; of what several have, the first. None for no
    table."""
    if not tables:
        return None
    table = pa.concat_tables(tables)
    positions = table["position"].to_numpy()
    order = np.argsort(positions, kind="stable")
    first = np.ones(len(order), dtype=bool)
    first[1:] = positions[order][1:] != positions[order][:-1]
    return table.take(pa.array(order[first]))


def _write(table: pa.Table, path: Path) -> None:
    """Write beside, flush, then rename: a reader sees the whole file or none, after a power loss
    too."""
    try:
        with replaced(path) as file:
            pq.write_table(table, file, compression="zstd")
    except OSError as error:
        raise LedgerError(f"{path}: cannot write predictions: {reason(error)}") from error


def select_rows(batch: Batch, rows: np.ndarray) -> Batch:
    """These rows of a batch."""
    faults = {
        new: batch.faults[int(old)] for new, old in enumerate(rows) if int(old) in batch.faults
    }
    return Batch(**{name: getattr(batch, name)[rows] for name in COLUMNS}, faults=faults)
