"""Verify an index, and explain a claim."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from zoo.api.measuring import (
    add_inspected,
    inspect_all,
    inspect_local,
    make_inspect_options,
    make_measurer,
)
from zoo.api.sources import Source, Store, find_quantity, open_store, select
from zoo.explanation.judgement import Assessment
from zoo.model_index.errors import Fault, UsageError
from zoo.model_index.findings import Finding, Standing, fault_to_dict, order_hypotheses
from zoo.model_index.gaps import GapCount, describe_gaps, describe_standings, list_gaps
from zoo.model_index.records.records import Entry, Index
from zoo.model_index.records.tabular import TabularSequence
from zoo.verification.request import MEMORY, SECONDS

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.isolation.limits import Limits
    from zoo.model_index.ledger.documents import Documents
    from zoo.weights.inspect import Inspector

# (task, number done, number of all, name): called after each model.
Progress = Callable[[str, int, int, str], None]


def no_progress(task: str, done: int, total: int, name: str) -> None:
    """Show nothing."""


class Findings(TabularSequence[Finding]):
    """The findings of a run: one for each claim.

    `faults` are values of the index that cannot be read, `gaps` what was not examined, `evidence`
    the documents that the findings rest on, by key. The rows of the table are the findings, then
    the faults.
    """

    html_columns = (
        "model",
        "publisher",
        "quantity",
        "claimed",
        "standing",
        "verdict",
        "use",
        "reason",
    )

    def __init__(
        self,
        findings: Sequence[Finding],
        faults: Sequence[Fault] = (),
        gaps: Sequence[GapCount] = (),
        evidence: "Documents | None" = None,
    ):
        super().__init__(findings)
        self.faults, self.gaps, self.evidence = tuple(faults), tuple(gaps), evidence

    def __str__(self) -> str:
        return f"{describe_standings(self)}; {describe_gaps(self.gaps)}"

    @property
    def right(self) -> tuple[Finding, ...]:
        """The findings whose claim can be used as it is printed."""
        return self._of(Standing.RIGHT)

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings whose claim is wrong; `Finding.use` is the number to use."""
        return self._of(Standing.WRONG)

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """The findings of claims that nobody could check here."""
        return self._of(Standing.UNKNOWN)

    @property
    def passes(self) -> bool:
        """Whether `zoo verify` would exit with 0."""
        return not self.faults and not any(f.fails() or f.unbuilt for f in self)

    def _of(self, standing: Standing) -> tuple[Finding, ...]:
        return tuple(finding for finding in self if finding.standing is standing)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each finding, then for each value that cannot be read."""
        return [*super().to_dicts(), *map(fault_to_dict, self.faults)]


class Explanation(Assessment):
    """A finding with the search behind it: `finding`, `case` and the hypotheses that were tried."""

    def to_dict(self) -> dict[str, Any]:
        """Return the finding, the sums of the trace, and every hypothesis."""
        from zoo.model_index.ledger.trace_summary import by_class, by_module

        row: dict[str, Any] = self.finding.to_dict()
        if self.case:
            trace, parts, _ = self.case.counts
            row["input"] = str(self.case.input)
            row["by_class"] = [asdict(share) for share in by_class(trace)]
            row["by_module"] = [asdict(share) for share in by_module(trace, parts)]
        tried = order_hypotheses(self.finding.tried)
        return row | {"hypotheses": [hypothesis.to_dict() for hypothesis in tried]}


class Explanations(TabularSequence[Explanation]):
    """The explanations of a quantity of one model, one for each publisher that states it."""

    html_columns = ("publisher", "claimed", "label", "prediction", "residual", "fits")

    def __str__(self) -> str:
        return "; ".join(
            f"{e.finding.claim.model}, {e.finding.claim.row.label} of {e.finding.claim.publisher}: "
            f"{e.finding.verdict_label}, {e.finding.reason}"
            for e in self
        )

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each hypothesis, nearest first, with the claim that it is about."""
        return [
            {name: row[name] for name in ("model", "publisher", "quantity", "key", "claimed")}
            | hypothesis
            for row in (explanation.to_dict() for explanation in self)
            for hypothesis in row["hypotheses"]
        ]


def verify(
    source: Source = None,
    models: str | Sequence[str] = (),
    *,
    ledger: Store = "ledger",
    trust: Sequence[str] = (),
    fresh: bool = False,
    weights: bool = False,
    download: bool = False,
    offline: bool = False,
    allow_hosts: Sequence[str] = (),
    jobs: int | None = None,
    memory_limit: float = MEMORY,
    time_limit: float = SECONDS,
    progress: Progress = no_progress,
) -> Findings:
    """Check every claim of an index against the live models.

    Args:
        source: the index, as for `load`.
        models: names or globs; all models for none.
        ledger: the folder of evidence; what it has is not measured again.
        trust: packages whose code the index may call.
        fresh: measure again what the ledger has.
        weights: look at the files of weights too: size, digest, tensors.
        download: fetch whole files where a part does not do.
        offline: ask no host.
        allow_hosts: hosts that addresses may lead to though they are not public.
        jobs: processes that count at once; None is one for each core.
        memory_limit: GiB that a process may take for a model.
        time_limit: seconds of CPU time that a process may take for a model.
        progress: called with (task, number done, number of all, name) after each model.

    Returns:
        The findings: verdict, standing, cause, and the number to use, for each claim.

    Raises:
        UsageError: an unknown model or path.
        IndexFaults: no model of the index could be read.
        LedgerError: the ledger cannot be read.
    """
    from zoo.isolation.limits import Limits

    index, entries = select(source, models)
    store = open_store(ledger)
    limits = Limits.of(jobs, memory_limit, time_limit)
    inspector: Inspector | None
    if weights:
        inspector = inspect_all(
            entries,
            store,
            make_inspect_options(
                index.paths,
                trust,
                offline=offline,
                download=download,
                fresh=fresh,
                allow_hosts=allow_hosts,
            ),
        )
    else:
        inspector = inspect_local(entries, store, index.paths, trust)
    measurer = make_measurer(store, index.paths, trust, fresh=fresh)
    add_inspected(measurer, inspector)
    with counting(entries, measurer, limits, progress):
        findings = judge_claims(index, entries, measurer, progress)
    whole = len(entries) == len(index.entries)
    faults = index.faults if whole else index.faults_of(entry.name for entry in entries)
    gaps = list_gaps(findings, entries, unreadable=len(faults))
    return Findings(findings, faults, gaps, measurer.evidence)


def explain(
    model: str,
    quantity: str = "FLOPs",
    *,
    source: Source = None,
    ledger: Store = "ledger",
    trust: Sequence[str] = (),
    fresh: bool = False,
    progress: Progress = no_progress,
) -> Explanations:
    """Explain what a model claims: what was counted, and what each known cause would give.

    Args:
        model: a model of the index.
        quantity: FLOPs, params, crop pct, top1 ..., in any spelling that an index may use.
        source: the index, as for `load`.
        ledger: the folder of evidence; what it has is not measured again.
        trust: packages whose code the index may call.
        fresh: measure again what the ledger has.
        progress: called with (task, number done, number of all, name) after each model.

    Raises:
        UsageError: an unknown model or quantity, or one that the model does not claim.
        LedgerError: the ledger cannot be read.
    """
    index, entries = select(source, model)
    measurer = make_measurer(open_store(ledger), index.paths, trust, fresh=fresh)
    return explain_claims(index, entries, quantity, measurer, progress)


def explain_claims(
    index: Index,
    entries: Sequence[Entry],
    quantity: str,
    measurer: "Measurer",
    progress: Progress = no_progress,
) -> Explanations:
    """Explain a quantity of these entries.

    Raises:
        UsageError: an unknown quantity, or one that none of them claims.
    """
    from zoo.isolation.limits import Limits
    from zoo.verification.verify import examine

    row = find_quantity(quantity)
    with counting(entries, measurer, Limits(), progress):
        examined = examine(entries, measurer, index.entries, _Watch("verifying", entries, progress))
    explanations = [
        Explanation(assessment.finding, assessment.inquiry, assessment.find_case)
        for _, group in examined
        for assessment in group
        if assessment.finding.claim.quantity == row.key
    ]
    if not explanations:
        claims = [claim for entry in entries for claim in entry.all_claims()]
        stated = ", ".join(dict.fromkeys(claim.row.label for claim in claims))
        names = ", ".join(dict.fromkeys(entry.name for entry in entries))
        message = f"{names} claims no {row.label}; it claims {stated or 'nothing'}"
        if row.check == "count":
            message += f"\n`zoo count {names}` counts it, `zoo check {names}` judges a number"
        raise UsageError(message)
    return Explanations(explanations)


@contextmanager
def counting(
    entries: Sequence[Entry],
    measurer: "Measurer",
    limits: "Limits",
    progress: Progress = no_progress,
) -> Iterator[None]:
    """Count the entries first, in processes with limits.

    Judging inside the block finds them counted, and counts what else it needs in the same
    processes.
    """
    if not measurer.live:
        yield
        return
    from zoo.counting.process_counter import workers

    due = [entry for entry, _ in measurer.list_uncounted(entries)]
    with workers(measurer, limits):
        if due:
            progress("counting", 0, len(due), due[0].name)
            measurer.count_all(due, _Watch("counting", due, progress))
        yield


def judge_claims(
    index: Index,
    entries: Sequence[Entry],
    measurer: "Measurer",
    progress: Progress = no_progress,
) -> list[Finding]:
    """Judge every claim of these entries; of a whole index with the cached findings."""
    from zoo.verification.findings_cache import FindingsCache, verify_index
    from zoo.verification.verify import examine

    watch = _Watch("verifying", entries, progress)
    if len(entries) == len(index.entries):
        cache = FindingsCache.open(measurer.ledger.folder)
        return verify_index(entries, measurer, cache, watch)
    examined = examine(entries, measurer, index.entries, watch)
    return [assessment.finding for _, group in examined for assessment in group]


class _Watch:
    """Counts the entries it is called with, and reports them as the progress of a task."""

    def __init__(self, task: str, entries: Sequence[Entry], progress: Progress):
        self.task, self.total, self.progress, self.done = task, len(entries), progress, 0

    def __call__(self, entry: Entry) -> None:
        self.done += 1
        self.progress(self.task, self.done, max(self.total, self.done), entry.name)
