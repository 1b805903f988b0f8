"""Evaluate entries on images and store the evidence in the ledger.

An entry's own pipeline is evaluated first, then its neighbours (other crop, size, interpolation) if
the options ask for them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from zoo.evaluation.claim_scope import ImageSet, is_about
from zoo.evaluation.confidence_sequence import ConfidenceSequence
from zoo.evaluation.data_names import QUANTITIES
from zoo.evaluation.distributed import Ranks
from zoo.evaluation.evidence import (
    EvaluationOutcome,
    Stopwatch,
    build_evidence,
    build_failure,
    claim_conditions,
    rerun_command,
)
from zoo.evaluation.inference import EvaluationError
from zoo.evaluation.loop import EvaluationLoop, Tally, draw_order
from zoo.evaluation.options import EvaluationOptions
from zoo.evaluation.predictions import Predictions
from zoo.evaluation.preprocessing import Preprocessing, neighbours
from zoo.evaluation.stopping import StoppingRule
from zoo.evaluation.subject import EvaluationSubject, prepare_subject
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.evaluation import Evaluation
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.model_index.records.records import Claim, Entry
from zoo.models import builders
from zoo.weights.http.client import Client

TOOL = "zoo-eval/2"  # 1: ranks by score; 2: ranks by output


@dataclass(frozen=True)
class EvaluationProgress:
    """State of a running evaluation, for progress output."""

    label: str
    tally: Tally
    images: int
    sequence: ConfidenceSequence

    def bounds(self) -> tuple[float, float]:
        """Bounds of the top-1 accuracy on all images, in percent."""
        low, high = self.sequence.interval(self.tally.seen, self.tally.top1)
        return 100 * low / self.images, 100 * high / self.images


Watch = Callable[[EvaluationProgress, int], None]


@dataclass
class Evaluator:
    """Evaluates entries one after the other.

    client  downloads weights; None downloads nothing
    watch   is called after each batch, with the number of images that were evaluated in it now
    """

    ledger: Ledger
    options: EvaluationOptions
    ranks: Ranks = field(default_factory=Ranks)
    client: Client | None = None
    watch: Watch = lambda progress, fresh: None

    def evaluate(self, entry: Entry) -> Iterator[tuple[str, Evidence]]:
        """Evaluate the entry's own pipeline, then its neighbours if the options ask for them.

        Yields (difference from the entry's own pipeline, evidence).

        Raises:
            UsageError, WeightsError, NoSource, RemoteError: data or weights cannot be had.
            BuilderMissing, BuildError: the model cannot be built.
            LedgerError: the evidence cannot be written.
        """
        subject = prepare_subject(entry, self.options, self.client)
        yield "", self._evaluate_pipeline(subject, subject.pre, "")
        if self.options.sensitivity:
            for label, pre in neighbours(subject.pre, subject.configuration):
                yield label, self._evaluate_pipeline(subject, pre, label)

    def _evaluate_pipeline(
        self, subject: EvaluationSubject, pre: Preprocessing, label: str
    ) -> Evidence:
        """Return the evidence of one pipeline, from the ledger if it is complete and current.

        The user may state something new about it, such as the data set's name: then the document is
        updated.
        """
        cell = self._cell(subject, pre)
        if len(set(self.ranks.gather(cell.key))) > 1:
            raise UsageError(
                f"{subject.entry.name}: the processes see different images, weights or versions"
            )
        earlier = self.ranks.broadcast(
            self._earlier_evidence(subject, cell) if self.ranks.first else None
        )
        if (
            earlier
            and not self.options.fresh
            and earlier.evaluation
            and earlier.evaluation.complete
        ):
            return self._update_metadata(subject, pre, earlier)
        return self._measure(subject, pre, cell, label, earlier)

    def _update_metadata(
        self, subject: EvaluationSubject, pre: Preprocessing, earlier: Evidence
    ) -> Evidence:
        """Update the evidence's metadata (data set name, weights) without a new evaluation."""
        values = earlier.values | claim_conditions(subject, pre)
        if values == earlier.values:
            return earlier
        command = rerun_command(earlier.cell, self._flags(subject, pre))
        updated = msgspec.structs.replace(earlier, values=values, command=command).as_stored()
        return self._store(updated, earlier)

    def _flags(self, subject: EvaluationSubject, pre: Preprocessing) -> str:
        """The options that repeat one pipeline."""
        return self.options.flags + (" --sensitivity" if pre != subject.pre else "")

    def _earlier_evidence(self, subject: EvaluationSubject, cell: Cell) -> Evidence | None:
        """Evidence in the ledger for the same files, if its predictions are there too."""
        earlier = self.ledger.get(cell)
        evaluation = earlier.evaluation if earlier else None
        if evaluation is None or evaluation.stamp != subject.stamp:
            return None
        predictions = self._predictions(subject, cell, fresh=False)
        return earlier if predictions.count >= evaluation.seen else None

    def _predictions(self, subject: EvaluationSubject, cell: Cell, fresh: bool) -> Predictions:
        path = self.ledger.path(cell).with_suffix(".parquet")
        return Predictions(
            path, subject.images.names, subject.targets.answers, subject.stamp, fresh
        )

    def _cell(self, subject: EvaluationSubject, pre: Preprocessing) -> Cell:
        options = self.options
        return Cell(
            kind="eval",
            model=subject.entry.name,
            builder=str(subject.entry.builder),
            arguments=subject.entry.builder.arguments,
            builder_version=builders.version(subject.entry.builder),
            conditions={
                "dataset": subject.images.dataset,
                "split": subject.images.split,
                "data": subject.data_digest,
                "answers": subject.answers_digest,
                "weights": subject.weights.sha256,
                "preprocessing": msgspec.to_builtins(pre),
                "precision": options.setup.precision,
                "device": options.setup.device.type,
                "batch_size": options.setup.batch_size,
                "seed": options.seed,
            },
            tool=TOOL,
        )

    def _measure(
        self,
        subject: EvaluationSubject,
        pre: Preprocessing,
        cell: Cell,
        label: str,
        earlier: Evidence | None,
    ) -> Evidence:
        """Evaluate one pipeline and store the result, also if the run is interrupted or fails."""
        options = self.options
        order = draw_order(len(subject.images), subject.targets.excluded, options.seed)
        if not len(order):
            raise UsageError(f"{subject.images.where}: no image with a label")
        rule = StoppingRule(
            len(order),
            claims_about(subject.entry, subject.image_set) if subject.images.stated else [],
            options.tolerance,
            options.level,
            limit=options.limit,
            check=options.check,
        )
        loop = EvaluationLoop(
            model=subject.model,
            images=subject.images,
            targets=subject.targets,
            order=order,
            pre=pre,
            setup=options.setup,
            outputs=subject.outputs,
            predictions=self._predictions(subject, cell, fresh=options.fresh),
            ranks=self.ranks,
        )
        outcome = EvaluationOutcome(
            subject=subject,
            loop=loop,
            cell=cell,
            tally=loop.tally(),
            rule=rule,
            clock=Stopwatch(),
            flags=self._flags(subject, pre),
        )
        return self._run(outcome, label or subject.entry.name, earlier)

    def _run(self, outcome: EvaluationOutcome, label: str, earlier: Evidence | None) -> Evidence:
        loop, tally, rule = outcome.loop, outcome.tally, outcome.rule
        progress = EvaluationProgress(label, tally, len(loop.order), rule.sequences["top1"])

        def watch(fresh: int) -> None:
            outcome.clock.tick(fresh)
            self.watch(progress, fresh)

        try:
            loop.evaluate(tally, rule.should_stop, watch)
        except KeyboardInterrupt:
            if tally.seen:
                self._store(build_evidence(outcome, "interrupted"), earlier)
            raise
        except EvaluationError as error:
            return self._store(build_failure(outcome, str(error)), earlier)
        return self._store(build_evidence(outcome, rule.stop_reason(tally)), earlier)

    def _store(self, document: Evidence, earlier: Evidence | None) -> Evidence:
        """Write a document, unless the ledger has evidence of more images.

        That is `earlier`, or what another process has written of the same files meanwhile.
        """
        evaluation = document.evaluation

        def choose(stored: Evidence | None) -> Evidence | None:
            rivals = [earlier.evaluation] if earlier and earlier.evaluation else []
            if stored and stored.evaluation and _same_files(stored.evaluation, evaluation):
                rivals.append(stored.evaluation)
            has_more = any(evaluation is None or rival.seen > evaluation.seen for rival in rivals)
            return None if has_more else document

        if self.ranks.first:
            self.ledger.update(document.cell, choose)
        return document


def _same_files(stored: Evaluation, current: Evaluation | None) -> bool:
    """Whether both evaluations saw the files in the same state; a failed one matches any."""
    return current is None or stored.stamp == current.stamp


def claims_about(entry: Entry, images: ImageSet) -> list[Claim]:
    """The claims of top-1 and top-5 on these images, of all publishers."""
    return [
        claim
        for claim in entry.all_claims()
        if claim.quantity in QUANTITIES and is_about(claim, images)
    ]
