"""Gather everything that the checks of one entry need, once."""

from dataclasses import dataclass

from zoo.counting.measurer import Measurer
from zoo.counting.model_count import UNKNOWN_MODEL
from zoo.model_index.errors import LedgerError
from zoo.model_index.findings import Finding, Gap, Verdict
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.records.records import NO_BUILDER, Claim, Entry
from zoo.models.builders import BuilderMissing, package
from zoo.models.cells import Variant
from zoo.verification.applicability import EntryEvaluations, gather_evaluations
from zoo.verification.live_model import LiveModel


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an entry has no live model: the verdict, the reason and the gap of claims that need it.

    `of_builder` says that the builder itself gets a finding.
    """

    verdict: Verdict
    reason: str
    gap: Gap
    evidence: tuple[str, ...] = ()
    of_builder: bool = True

    def finding(self, claim: Claim) -> Finding:
        return Finding(
            claim=claim,
            verdict=self.verdict,
            reason=self.reason,
            evidence=self.evidence,
            gap=self.gap,
        )


NOT_MEASURED = Obstacle(Verdict.UNCHECKED, "not measured yet", Gap("uncounted"), of_builder=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The facts that the checks of one entry may use.

    live: the model as counted; None where there is an `obstacle`.
    evaluations: the evaluations of the entry's builder, None where there are none.
    weights: the links to checkpoints that were inspected, each with its evidence.
    """

    entry: Entry
    live: LiveModel | None = None
    obstacle: Obstacle = NOT_MEASURED
    evaluations: EntryEvaluations | None = None
    weights: tuple[tuple[Claim, Evidence], ...] = ()

    @property
    def model(self) -> LiveModel:
        """The live model, for checks that are called only where there is one."""
        assert self.live is not None
        return self.live


def gather_context(entry: Entry, measurer: Measurer) -> Context:
    """Count the model, or take its count from the ledger, and read what else is known of it."""
    counted = _count(entry, measurer)
    weights = tuple(measurer.weights(entry))
    documents = measurer.evaluations(entry)
    return Context(
        entry=entry,
        live=counted if isinstance(counted, LiveModel) else None,
        obstacle=_find_obstacle(entry, counted, weights),
        evaluations=(
            gather_evaluations(
                entry,
                documents,
                measurer.digests(entry),
                measurer.version(entry.builder, entry.name),
            )
            if documents
            else None
        ),
        weights=weights,
    )


def _find_obstacle(
    entry: Entry, counted: LiveModel | Obstacle, weights: tuple[tuple[Claim, Evidence], ...]
) -> Obstacle:
    """Return why there is no live model. Where none is asked for, its checkpoint is all there is of
    the model, and the builder gets no finding."""
    obstacle = counted if isinstance(counted, Obstacle) else NOT_MEASURED
    bare = entry.builder.kind == NO_BUILDER
    if isinstance(counted, LiveModel) or not (
        bare or (obstacle.gap.kind == "unnamed" and entry.links)
    ):
        return obstacle
    why = "Builder: none" if bare else "no builder is named"
    if not entry.links:
        gap, reason = Gap("bare"), f"{why}, and no weights"
    elif not any(evidence.outcome == "measured" for _, evidence in weights):
        gap, reason = Gap("unread"), f"{why}, and its weights were not inspected"
    else:
        gap, reason = Gap("stored"), f"{why}; a checkpoint alone does not tell it"
    return Obstacle(Verdict.UNCHECKED, reason, gap, obstacle.evidence, of_builder=False)


def _count(entry: Entry, measurer: Measurer) -> LiveModel | Obstacle:
    try:
        evidence = measurer.count(entry, Variant(entry.stated_input))
    except BuilderMissing as error:
        unnamed = error.gap.kind == "unnamed"
        return Obstacle(Verdict.UNCHECKED if unnamed else Verdict.ERROR, str(error), error.gap)
    except LedgerError as error:  # of this model alone
        return Obstacle(Verdict.ERROR, str(error), Gap("failed", advice="zoo ledger check"))
    if evidence is None:
        return NOT_MEASURED
    if evidence.outcome == "failed":
        return _describe_failure(entry, evidence)
    return LiveModel(entry, evidence, measurer)


def _describe_failure(entry: Entry, evidence: Evidence) -> Obstacle:
    """Return why counting failed. A name that nobody called a builder need not be a model of the
    library in which it was looked up."""
    reason, keys = evidence.error or "measuring failed", (evidence.cell.key,)
    if evidence.values.get("failure") != UNKNOWN_MODEL:
        return Obstacle(Verdict.ERROR, reason, Gap("failed"), keys)
    library = package(entry.builder)
    if entry.builder.named:
        return Obstacle(Verdict.ERROR, reason, Gap("unknown", library), keys)
    reason = f"no builder is named, and {library} has no model of this name"
    return Obstacle(Verdict.UNCHECKED, reason, Gap("unnamed"), keys)
