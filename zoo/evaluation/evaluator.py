"""From an entry and data to evidence: the entry's own pipeline, and its neighbours where they are
asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import msgspec
import torch

from zoo.evaluation import checkpoint
from zoo.evaluation.confidence_sequence import ConfidenceSequence
from zoo.evaluation.datasets import find
from zoo.evaluation.datasets.builtin import BUILTIN
from zoo.evaluation.datasets.catalogue import canonical, same_dataset
from zoo.evaluation.distributed import Ranks
from zoo.evaluation.evidence import EvaluationSubject, Stopwatch, about, command, evidence, failed
from zoo.evaluation.inference import EvaluationError, Scorer, Setup
from zoo.evaluation.labels import files
from zoo.evaluation.labels.targets import build_targets
from zoo.evaluation.loop import EvaluationLoop, Tally, draw_order, pad_answers
from zoo.evaluation.predictions import Predictions
from zoo.evaluation.preprocessing import Preprocessing, neighbours, resolve
from zoo.evaluation.stopping import QUANTITIES, StoppingRule
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.evaluation import Evaluation
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.model_index.records.records import Claim, Entry
from zoo.models import builders
from zoo.weights.http.client import Client

REAL = "ImageNet-ReaL"
TOOL = "zoo-eval/2"  # 1: ranks by score; 2: ranks by output


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationOptions:
    """What a person asks for; see `zoo eval --help`. `tolerance` is in points, `level` the chance
    of being wrong."""

    setup: Setup
    data: str | None = None
    split: str | None = None
    root: Path | None = None
    dataset: str | None = None
    class_map: Path | None = None
    labels: str | None = None
    weights: str | None = None
    seed: int = 0
    limit: int | None = None
    check: bool = False
    tolerance: Decimal = Decimal("0.5")
    level: float = 0.01
    sensitivity: bool = False
    fresh: bool = False
    trusted: tuple[str, ...] = ()
    flags: str = ""


@dataclass(frozen=True)
class EvaluationProgress:
    """What a watcher may show while images are evaluated."""

    label: str
    tally: Tally
    images: int
    sequence: ConfidenceSequence

    def bounds(self) -> tuple[float, float]:
        """Top-1 accuracy among all images is between these, in percent."""
        low, high = self.sequence.interval(self.tally.seen, self.tally.top1)
        return 100 * low / self.images, 100 * high / self.images


Watch = Callable[[EvaluationProgress, int], None]


@dataclass
class Evaluator:
    """Evaluates entries one after the other. `client` fetches weights where it may; `watch` is told
    of each batch."""

    ledger: Ledger
    options: EvaluationOptions
    ranks: Ranks = field(default_factory=Ranks)
    client: Client | None = None
    watch: Watch = lambda progress, fresh: None

    def evaluate(self, entry: Entry) -> Iterator[tuple[str, Evidence]]:
        """The entry's own pipeline, then its neighbours where asked for: (what is otherwise,
        evidence) of each.

        Raises:
            UsageError, WeightsError, NoSource, RemoteError: data or weights cannot be had.
            BuilderMissing, BuildError: the model cannot be built.
            LedgerError: evidence cannot be kept.
        """
        subject = self._subject(entry)
        yield "", self._cell(subject, subject.pre, "")
        if self.options.sensitivity:
            for label, pre in neighbours(subject.pre, subject.configuration):
                yield label, self._cell(subject, pre, label)

    def _subject(self, entry: Entry) -> EvaluationSubject:
        options, setup = self.options, self.options.setup
        images = find(self._data(entry), options.split, root=options.root, dataset=self._called())
        configured = checkpoint.pretrained_configuration(entry, options.weights, options.trusted)
        weights = checkpoint.find_weights(entry, configured, options.weights, self.client)
        built, fit = checkpoint.load_model(entry, weights, options.trusted)
        pre = resolve(entry, built.configuration, builders.channels(built, entry.builder))
        model = setup.prepare(built.model)
        try:
            blank = torch.zeros((1, *pre.input_size), device=setup.device, dtype=setup.dtype)
            outputs = Scorer(model, setup, pad_answers([()]), None).logits(blank).shape[1]
        except EvaluationError as error:
            raise EvaluationError(
                f"{entry.name} cannot run at {pre.describe()} in {setup.precision}: {error}"
            ) from error
        right = build_targets(
            images,
            outputs,
            class_map=options.class_map,
            labels=options.labels,
            dataset=images.dataset,
        )
        return EvaluationSubject(
            entry, model, built.configuration, built.resolved, weights, fit.how, images, right, outputs, pre,
            self._given(),
        )  # fmt: skip

    def _called(self) -> str | None:
        """What the data set is called where a person says so: ReaL labels make another data set of
        ImageNet.

        Raises:
            UsageError: both are said, and contradict each other.
        """
        options = self.options
        if options.labels != files.REAL:
            return options.dataset
        if options.dataset and canonical(options.dataset) != REAL:
            raise UsageError(f"--labels real: the labels of {REAL}, not of {options.dataset}")
        return REAL

    def _given(self) -> str:
        """Where right outputs come from that are not the data set's own."""
        if self.options.labels and self.options.labels != files.REAL:
            return f"labels of {Path(self.options.labels).name}"
        return f"classes of {self.options.class_map.name}" if self.options.class_map else ""

    def _data(self, entry: Entry) -> str:
        """The data asked for; else data that is at hand and that the entry's claims are about."""
        if self.options.data is not None:
            return self.options.data
        stated = dict.fromkeys(
            claim.dataset for claim in entry.all_claims() if claim.quantity in QUANTITIES
        )
        at_hand = [name for name in map(canonical, stated) if name in BUILTIN]
        if at_hand:
            return at_hand[0]
        about = ", ".join(name for name in stated if name) or "no data set"
        raise UsageError(
            f"{entry.name}: --data names the images; its accuracy is claimed on {about}"
        )

    def _cell(self, subject: EvaluationSubject, pre: Preprocessing, label: str) -> Evidence:
        """The evidence of one pipeline, from the ledger where all of it is there and the images are
        as they were.

        What a person says about it may be new, such as what the data set is: then the document says
        so from now on.
        """
        cell = self._cell_of(subject, pre)
        if len(set(self.ranks.gather(cell.key))) > 1:
            raise UsageError(
                f"{subject.entry.name}: the processes see different images, weights or versions"
            )
        known = self.ranks.broadcast(self._known(subject, cell) if self.ranks.first else None)
        if known and not self.options.fresh and known.evaluation and known.evaluation.complete:
            return self._retold(subject, pre, known)
        return self._measured(subject, pre, cell, label, known)

    def _retold(self, subject: EvaluationSubject, pre: Preprocessing, known: Evidence) -> Evidence:
        """The same measurement, about what it is said to be about now."""
        values = known.values | about(subject, pre)
        if values == known.values:
            return known
        told = msgspec.structs.replace(
            known, values=values, command=command(known.cell, self._flags(subject, pre))
        )
        return self._put(told, known)

    def _flags(self, subject: EvaluationSubject, pre: Preprocessing) -> str:
        """The options that repeat one pipeline."""
        return self.options.flags + (" --sensitivity" if pre != subject.pre else "")

    def _known(self, subject: EvaluationSubject, cell: Cell) -> Evidence | None:
        """What the ledger has of the images in the state they are in, where the predictions are
        there too."""
        known = self.ledger.get(cell)
        found = known.evaluation if known else None
        if found is None or found.stamp != subject.stamp:
            return None
        return known if self._predictions(subject, cell, anew=False).count >= found.seen else None

    def _predictions(self, subject: EvaluationSubject, cell: Cell, anew: bool) -> Predictions:
        path = self.ledger.path(cell).with_suffix(".parquet")
        return Predictions(path, subject.images.names, subject.targets.answers, subject.stamp, anew)

    def _cell_of(self, subject: EvaluationSubject, pre: Preprocessing) -> Cell:
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
                "data": subject.data,
                "answers": subject.answers,
                "weights": subject.weights.sha256,
                "preprocessing": msgspec.to_builtins(pre),
                "precision": options.setup.precision,
                "device": options.setup.device.type,
                "batch_size": options.setup.batch_size,
                "seed": options.seed,
            },
            tool=TOOL,
        )

    def _measured(
        self,
        subject: EvaluationSubject,
        pre: Preprocessing,
        cell: Cell,
        label: str,
        known: Evidence | None,
    ) -> Evidence:
        options = self.options
        order = draw_order(len(subject.images), subject.targets.excluded, options.seed)
        if not len(order):
            raise UsageError(f"{subject.images.where}: no image with a label")
        claims = (
            claims_about(subject.entry, subject.images.dataset) if subject.images.stated else []
        )
        rule = StoppingRule(
            len(order), claims, options.tolerance, options.level, limit=options.limit, check=options.check
        )  # fmt: skip
        run = EvaluationLoop(
            subject.model, subject.images, subject.targets, order, pre, options.setup, subject.outputs,
            self._predictions(subject, cell, anew=options.fresh), self.ranks,
        )  # fmt: skip
        return self._kept(subject, run, rule, cell, label, known)

    def _kept(
        self,
        subject: EvaluationSubject,
        run: EvaluationLoop,
        rule: StoppingRule,
        cell: Cell,
        label: str,
        known: Evidence | None,
    ) -> Evidence:
        """Evaluate and keep what came out, also of a run that is interrupted or fails."""
        flags = self._flags(subject, run.pre)
        tally, clock = run.tally(), Stopwatch()
        progress = EvaluationProgress(
            label or subject.entry.name, tally, len(run.order), rule.sequences["top1"]
        )

        def watch(fresh: int) -> None:
            clock.tick(fresh)
            self.watch(progress, fresh)

        try:
            run.evaluate(tally, rule.stops, watch)
        except KeyboardInterrupt:
            if tally.seen:
                self._put(
                    evidence(subject, run, cell, tally, rule, clock, "interrupted", flags), known
                )
            raise
        except EvaluationError as error:
            return self._put(failed(subject, run, cell, clock, str(error), flags), known)
        return self._put(
            evidence(subject, run, cell, tally, rule, clock, rule.why(tally), flags), known
        )

    def _put(self, document: Evidence, known: Evidence | None) -> Evidence:
        """Keep a document, unless one of more images is there: `known`, or what another run has
        written meanwhile of the same images."""
        now = document.evaluation

        def kept(there: Evidence | None) -> Evidence | None:
            other = there.evaluation if there else None
            before = [
                each
                for each in (
                    known.evaluation if known else None,
                    other if _same(other, now) else None,
                )
                if each
            ]
            more = any(now is None or each.seen > now.seen for each in before)
            return None if more else document

        if self.ranks.first:
            self.ledger.update(document.cell, kept)
        return document


def _same(one: Evaluation | None, other: Evaluation | None) -> bool:
    """Whether both are of the images in one state; one that failed is of any."""
    return one is not None and (other is None or one.stamp == other.stamp)


def claims_about(entry: Entry, dataset: str) -> list[Claim]:
    """The claims of top-1 and top-5 on a data set, whoever states them."""
    return [
        c
        for c in entry.all_claims()
        if c.quantity in QUANTITIES and same_dataset(c.dataset, dataset)
    ]
