"""Make a measurer, and inspect local weights: what the functions share."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from zoo.models.command_line import flags_of, flags_of_code
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.model_index.ledger.store import Ledger
    from zoo.model_index.records.records import Entry
    from zoo.weights.describe import InspectOptions
    from zoo.weights.inspect import Inspector


def make_measurer(
    ledger: "Ledger",
    index: Sequence[str],
    trust: Sequence[str],
    *,
    fresh: bool = False,
    live: bool = True,
    withheld: Collection[str] = (),
) -> "Measurer":
    """Return a measurer whose evidence records the options that reproduce it. It counts in
    other processes, within the usual limits.

    Raises:
        LedgerError: the ledger is not a folder, or not readable.
    """
    from zoo.counting.counter import LedgerOnly
    from zoo.counting.measurer import Measurer
    from zoo.counting.process_counter import ProcessCounter
    from zoo.isolation.limits import Limits
    from zoo.model_index.ledger.store import check_folder

    check_folder(ledger.folder)
    flags = flags_of(*flags_of_code(index, trust))
    return Measurer(
        ledger,
        counter=ProcessCounter(ledger, Limits(), trust, flags) if live else LedgerOnly(),
        fresh=fresh,
        trusted=trust,
        flags=flags,
        withheld=withheld,
    )


def make_inspect_options(
    index: Sequence[str],
    trust: Sequence[str],
    *,
    offline: bool = False,
    download: bool = False,
    fresh: bool = False,
    allow_hosts: Sequence[str] = (),
) -> "InspectOptions":
    """Return the options of inspecting weights.

    Raises:
        MissingExtra: what reads weights is not installed.
    """
    require("weights")
    from zoo.weights.describe import InspectOptions

    return InspectOptions(
        offline=offline,
        download=download,
        fresh=fresh,
        allow_hosts=tuple(allow_hosts),
        trusted=tuple(trust),
        flags=flags_of(*flags_of_code(index, trust), ("--allow-host", allow_hosts)),
    )


def _builds_any(entries: "Sequence[Entry]") -> bool:
    """Return whether a checkpoint of these has a model to be compared with."""
    from zoo.models.builders import find_kind

    return any(entry.builder.named or find_kind(entry.builder) for entry in entries)


def inspect_local(
    entries: "Sequence[Entry]", ledger: "Ledger", index: Sequence[str], trust: Sequence[str]
) -> "Inspector | None":
    """Inspect local weights that are new or changed; return the inspector, None where none are.

    Raises:
        MissingExtra: there are some, and what reads them is not installed.
    """
    from zoo.weights.references import entries_with_new_files

    if waiting := entries_with_new_files(entries, ledger, trust):
        require("live" if _builds_any(waiting) else "weights")
        from zoo.weights.inspect import Inspector

        inspector = Inspector(ledger, make_inspect_options(index, trust))
        inspector.inspect(waiting, local=True)
        return inspector
    return None


def inspect_all(
    entries: "Sequence[Entry]",
    ledger: "Ledger",
    options: "InspectOptions",
    watch: Callable[[str], None] = lambda name: None,
) -> "Inspector":
    """Inspect all weights of these models, and return the inspector; call `watch` after each link.

    Raises:
        MissingExtra: what compares them with the models is not installed.
    """
    require("live" if _builds_any(entries) and not options.offline else "weights")
    from zoo.weights.inspect import Inspector

    inspector = Inspector(ledger, options)
    inspector.inspect(entries, watch)
    return inspector


def add_inspected(measurer: "Measurer", inspector: "Inspector | None") -> None:
    """Let a run use what an inspector learned and the ledger does not hold."""
    for document, reason in inspector.unkept if inspector else ():
        measurer.add_unkept(document, reason)
    for document in inspector.unanswered if inspector else ():
        measurer.add_transient(document)
