"""Store the predictions for each image as Parquet beside the evidence.

A run appends parts below `<cell>.parts/`, each written to a temporary name and renamed. When it
stops, they become one file `<cell>.parquet`. A later run resumes from these files, whether the
earlier one ended well or was killed.
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
from zoo.model_index.io.atomic import lock_folder, reason, replace_atomically

TOP = 5
STAMP = b"stamp"
COLUMNS = ("positions", "images", "top", "score", "right_score")  # of a `Batch`
SCHEMA = pa.schema(
    [
        ("position", pa.int32()),  # in the seeded order
        ("image", pa.int32()),  # in the data
        ("name", pa.string()),
        ("label", pa.list_(pa.int32())),  # the right outputs; empty if no output can be right
        ("top", pa.list_(pa.int32())),  # outputs by descending score; empty if there is a fault
        ("score", pa.list_(pa.float32())),  # softmax of the outputs that compete
        ("own", pa.float32()),  # the best score among the right outputs
        ("fault", pa.string()),  # why there is no prediction
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A model's predictions for some images.

    positions    (images,) in the order of evaluation
    images       (images,) indexes in the data
    top          (images, k) best outputs, k at most five; -1 where there is a fault
    score        (images, k) their scores
    right_score  (images,) score of the best right output, nan if there is none
    faults       why a row has no prediction, by row
    """

    positions: np.ndarray
    images: np.ndarray
    top: np.ndarray
    score: np.ndarray
    right_score: np.ndarray
    faults: dict[int, str] = field(default_factory=dict)


class Predictions:
    """The predictions of one cell on disk.

    `stamp` is a digest of the state of the images' files; predictions for another state are
    ignored. With `fresh`, all are written again under other names, and replace the earlier ones
    only when they are complete.
    """

    def __init__(
        self,
        path: Path,
        names: Sequence[str],
        answers: Sequence[tuple[int, ...]],
        stamp: str = "",
        fresh: bool = False,
    ):
        self.path, self.names, self.answers, self.fresh = path, names, answers, fresh
        self.schema = SCHEMA.with_metadata({STAMP: stamp})
        self.parts = path.with_suffix(".new" if fresh else ".parts")
        self._run = uuid.uuid4().hex[:8]  # two simultaneous runs never write the same part
        self._waiting: list[Batch] = []
        self._tables: list[pa.Table] = []

    def read(self) -> Batch | None:
        """Read the predictions of earlier runs, in order of positions and without repetition.

        None if there are none. A damaged file counts as missing.
        """
        if self.fresh:
            with lock_folder(self.path.parent):
                shutil.rmtree(self.parts, ignore_errors=True)
            return None
        table = _merge(self._on_disk())
        self._tables = [] if table is None else [table]
        return _to_batch(table) if table is not None and len(table) else None

    def _on_disk(self) -> list[pa.Table]:
        """Read the file, and the parts that are not merged into it yet."""
        files = [self.path, *sorted(self.parts.glob("*.parquet"))]
        return [table for file in files if (table := self._table(file)) is not None]

    @property
    def count(self) -> int:
        """How many images the file has predictions for, in the current state of the images."""
        table = self._table(self.path)
        return 0 if table is None else len(table)

    def add(self, batch: Batch) -> None:
        """Add a batch; it is on disk after the next `flush`."""
        self._waiting.append(batch)

    def flush(self) -> None:
        """Write the waiting batches as one part.

        Raises:
            LedgerError: the folder cannot be written; the batches wait for another attempt.
        """
        if not self._waiting:
            return
        table = pa.concat_tables([self._to_table(batch) for batch in self._waiting])
        first = int(self._waiting[0].positions[0])
        part = self.parts / f"{first:09d}-{self._run}.parquet"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"{part}: cannot write predictions: {reason(error)}") from error
        with lock_folder(self.path.parent):  # no other run removes the parts' folder meanwhile
            _write(table, part)
        self._tables.append(table)
        self._waiting = []

    def close(self) -> None:
        """Flush, and merge all parts into the file, those of other runs of the same cell included.

        With `fresh`, the new predictions replace the file only if they are no fewer than in it.

        Raises:
            LedgerError: as `flush`; the parts stay.
        """
        self.flush()
        if self.fresh and sum(map(len, self._tables)) < self.count:
            shutil.rmtree(self.parts, ignore_errors=True)
        elif self.parts.exists() and self._tables:
            with lock_folder(self.path.parent):
                table = _merge([*self._tables, *([] if self.fresh else self._on_disk())])
                assert table is not None
                _write(table, self.path)
                shutil.rmtree(self.parts, ignore_errors=True)

    def _to_table(self, batch: Batch) -> pa.Table:
        rows = range(len(batch.positions))
        return pa.table(
            {
                "position": batch.positions,
                "image": batch.images,
                "name": [self.names[image] for image in batch.images],
                "label": [list(self.answers[image]) for image in batch.images],
                "top": [[] if row in batch.faults else list(batch.top[row]) for row in rows],
                "score": [[] if row in batch.faults else list(batch.score[row]) for row in rows],
                "own": [None if np.isnan(score) else score for score in batch.right_score],
                "fault": [batch.faults.get(row) for row in rows],
            },
            schema=self.schema,
        )

    def _table(self, file: Path) -> pa.Table | None:
        """Read a file; None if it is damaged, of another schema, or for other states of the
        images."""
        try:
            table = pq.read_table(file, partitioning=None) if file.is_file() else None
        except (pa.ArrowInvalid, OSError):
            return None
        if table is None or not table.schema.equals(self.schema):
            return None
        stamp = (table.schema.metadata or {}).get(STAMP)
        return table if stamp == self.schema.metadata[STAMP] else None


def _to_batch(table: pa.Table) -> Batch:
    tops, scores = table["top"].to_pylist(), table["score"].to_pylist()
    width = max(map(len, tops), default=0) or 1
    right_scores = [np.nan if score is None else score for score in table["own"].to_pylist()]
    faults = enumerate(table["fault"].to_pylist())
    return Batch(
        positions=table["position"].to_numpy(),
        images=table["image"].to_numpy(),
        top=np.array([row or [-1] * width for row in tops], dtype=np.int64),
        score=np.array([row or [0.0] * width for row in scores], dtype=np.float32),
        right_score=np.array(right_scores, dtype=np.float32),
        faults={row: reason for row, reason in faults if reason is not None},
    )


def _merge(tables: list[pa.Table]) -> pa.Table | None:
    """Merge tables in order of positions; of repeated positions the first counts. None for no
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
    """Write a temporary file, flush, then rename: a reader sees the whole file or none, after a
    power loss too."""
    try:
        with replace_atomically(path) as file:
            pq.write_table(table, file, compression="zstd")
    except OSError as error:
        raise LedgerError(f"{path}: cannot write predictions: {reason(error)}") from error


def select_rows(batch: Batch, rows: np.ndarray) -> Batch:
    """Select rows of a batch."""
    faults = {
        new: batch.faults[int(old)] for new, old in enumerate(rows) if int(old) in batch.faults
    }
    return Batch(**{name: getattr(batch, name)[rows] for name in COLUMNS}, faults=faults)
