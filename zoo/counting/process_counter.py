"""Count in processes of their own: a model that crashes, hangs or takes too much memory costs only
itself.

Models of the libraries' registries share processes. Every other model, code that somebody named in
an index, is counted by itself. The evidence is written here, where no model's code runs.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

import msgspec

from zoo.counting.counter import Measurement, store, verify_command
from zoo.counting.measurer import Measurer
from zoo.counting.model_count import Count, ModelCounter
from zoo.isolation.limits import GIB, Limits
from zoo.isolation.pool import CallOutcome, CallRequest, Pool
from zoo.model_index.ledger.store import Cell, Ledger
from zoo.model_index.records.records import Builder, Entry
from zoo.models import builders
from zoo.models.builders import BuilderMissing
from zoo.models.cells import Variant
from zoo.models.extras import require
from zoo.models.memory_errors import says_memory

PRELOADED = ("zoo.counting.process_counter", "zoo.counting.tracer")


class ProcessCounter:
    """A counter that measures in a pool of worker processes, each with limits."""

    live = True

    def __init__(
        self, ledger: Ledger, limits: Limits, trusted: Collection[str] = (), flags: str = ""
    ):
        self.ledger, self.limits, self.flags = ledger, limits, flags
        self.trusted = tuple(sorted(trusted))
        self.pool = Pool(limits, PRELOADED, self.trusted)

    def count(self, entry: Entry, cell: Cell, variant: Variant) -> Measurement:
        """Measure a cell in a worker."""
        return self._store(entry, cell, self.pool.call(self._request(entry, variant)))

    def count_all(
        self, pairs: Iterable[tuple[Entry, Cell]]
    ) -> Iterator[tuple[Entry, Cell, Measurement | None]]:
        """Measure as many cells at once as there are workers."""
        requests: dict[CallRequest, tuple[Entry, Cell]] = {}
        for entry, cell in pairs:
            try:
                requests[self._request(entry, Variant(entry.stated_input))] = entry, cell
            except BuilderMissing:
                yield entry, cell, None  # reported when the entry is verified
        for request, outcome in self.pool.run(requests):
            entry, cell = requests[request]
            try:
                measurement = self._store(entry, cell, outcome)
            except BuilderMissing:
                yield entry, cell, None
            else:
                yield entry, cell, measurement

    def _request(self, entry: Entry, variant: Variant) -> CallRequest:
        """Return the call that counts a variant.

        Raises:
            MissingExtra: what every model needs is not installed.
            BuilderMissing: nothing here builds the model, or its code is not trusted.
        """
        require("live")
        builder = variant.builder or entry.builder
        builders.check_origin(builder, self.trusted)
        model, module = builders.origin(builder, self.trusted)
        return CallRequest(
            count_model, (builder, variant, self.trusted, self.limits.memory), model, module
        )

    def _store(self, entry: Entry, cell: Cell, outcome: CallOutcome) -> Measurement:
        if outcome.error:
            count = Count(error=outcome.error, lasting=False)
        else:
            count = msgspec.json.decode(outcome.result, type=Count)
        if count.error and not count.lasting:
            count = msgspec.structs.replace(count, error=count.error + self._hint(count.error))
        return store(self.ledger, cell, count, verify_command(entry, self.flags))

    def _hint(self, error: str) -> str:
        """Return which option allows more, where a limit was reached."""
        if "CPU time" in error:
            return "; --time-limit allows more"
        if says_memory(error):
            return f"; --memory-limit allows more than {self.limits.memory / GIB:g} GiB"
        return ""


@contextmanager
def workers(measurer: Measurer, limits: Limits) -> Iterator[None]:
    """Let a measurer count in workers inside the `with` block, which ends them."""
    counter = ProcessCounter(measurer.ledger, limits, measurer.trusted, measurer.flags)
    try:
        with measurer.using(counter):
            yield
    finally:
        counter.pool.close()


# --- In a worker
_counter: ModelCounter | None = None


def count_model(builder: Builder, variant: Variant, trusted: tuple[str, ...], memory: int) -> Count:
    """Count in this worker, which keeps the last model for the next variant."""
    global _counter
    if _counter is None:
        import torch

        torch.set_num_threads(1)  # nothing is computed on the meta device
        _counter = ModelCounter(trusted, memory)
    try:
        return _counter.count(builder, variant)
    except KeyboardInterrupt as problem:  # the model's: Ctrl-C does not reach a worker
        return Count(error=f"KeyboardInterrupt: {problem}")
