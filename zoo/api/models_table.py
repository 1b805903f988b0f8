"""List the models of an index in a table."""

from collections import Counter
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.api.listing.facts import Sources
from zoo.api.listing.ledger_counts import read_counts
from zoo.api.listing.table import ModelTable, make_table
from zoo.api.sources import Source, Store, list_names, load, open_store

if TYPE_CHECKING:
    from zoo.api.listing.facts import Standings
    from zoo.api.listing.speeds import Speeds
    from zoo.model_index.ledger.store import Ledger
    from zoo.model_index.records.records import Entry, Index


def list_models(
    source: Source = None,
    models: str | Sequence[str] = (),
    *,
    columns: str | Sequence[str] = (),
    task: str = "",
    dataset: str = "",
    where: str = "",
    sort: str | Sequence[str] = (),
    reverse: bool = False,
    limit: int | None = None,
    ledger: Store = "ledger",
) -> ModelTable:
    """List the models of an index: what was measured, else what is claimed.

    Nothing is measured. Benchmarks are read, and claims judged, where a column needs it.

    Args:
        source: the index, as for `load`.
        models: names or globs; all models for none.
        columns: name, family, task, publisher, builder, license, file, gmacs, params, latency,
            throughput, wrong, right, unknown, or any quantity: a sequence, or a text with commas.
            For none: what models cost, and the metrics of one task on one data set.
        task: the task of the metrics, or a part of its name; models for another are left out.
        dataset: their data set; models without a number on it are left out. By default that of
            most models.
        where: models to list: comparisons as in `gmacs<5 and top1>80`.
        sort: columns to sort by, the best first; `-` before one reverses it.
        reverse: the opposite order.
        limit: the number of models at most.
        ledger: the folder of evidence.

    Returns:
        The table; `to_pandas()` has a column for each of `columns`, and `measured`, which names the
        columns whose value was measured.

    Raises:
        UsageError: an unknown model, path, column, task or data set, or an expression that
            cannot be read.
        IndexFaults: no model of the index could be read.
        LedgerError: the ledger cannot be read.
    """
    index = load(source)
    entries = index.select(list_names(models))
    folder = Path(ledger) if isinstance(ledger, (str, PathLike)) else ledger.folder
    return make_table(
        entries,
        make_sources(index, entries, folder, lambda: open_store(ledger)),
        columns=columns,
        task=task,
        dataset=dataset,
        where=where,
        sort=sort,
        reverse=reverse,
        limit=limit,
    )


def make_sources(
    index: "Index",
    entries: "Sequence[Entry]",
    folder: Path,
    open_ledger: "Callable[[], Ledger]",
) -> Sources:
    """Return the sources of the facts about these entries; `folder` is that of the ledger, which is
    opened when it is needed."""

    def read_speeds(mode: str) -> "Speeds":
        from zoo.api.listing import speeds

        return speeds.read_speeds(entries, open_ledger(), mode)

    def count_standings() -> "Standings":
        from zoo.api.measuring import make_measurer
        from zoo.verification.verify import verify

        measurer = make_measurer(open_ledger(), index.paths, (), live=False)
        return {
            entry.place: Counter(str(finding.standing) for finding in findings)
            for entry, findings in verify(entries, measurer, index.entries)
        }

    return Sources(
        read_counts=lambda: read_counts(folder, open_ledger),
        read_speeds=read_speeds,
        count_standings=count_standings,
    )
