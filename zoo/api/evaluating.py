"""Evaluate models, and judge what they claim."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from zoo.api.measuring import inspect_local, make_measurer
from zoo.api.sources import Source, Store, list_names, list_paths, open_store, select
from zoo.evaluation.request import EvalRequest
from zoo.isolation.guard import guard_process
from zoo.model_index.errors import ZooError
from zoo.model_index.findings import Finding
from zoo.model_index.ledger.store import Evidence, Ledger
from zoo.model_index.records.records import Entry
from zoo.model_index.records.tabular import TabularSequence
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.evaluator import EvaluationProgress, Evaluator, Watch
    from zoo.weights.http.client import Client

ACCURACIES = {"top1": "Top 1 Accuracy", "top5": "Top 5 Accuracy"}


@dataclass(frozen=True)
class EvaluationResult:
    """A model's evaluation with its findings.

    `variants` are other pipelines: (the changed setting, evidence).
    """

    entry: Entry
    evidence: Evidence
    variants: Sequence[tuple[str, Evidence]]
    findings: Sequence[Finding]
    differing: Sequence[Finding]

    @property
    def fails(self) -> bool:
        return (
            any(finding.fails() for finding in self.findings) or self.evidence.outcome == "failed"
        )

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each accuracy that was measured."""
        evaluation = self.evidence.evaluation
        if evaluation is None:
            return
        for key, label in ACCURACIES.items():
            if (percent := evaluation.percent(key)) is None:
                continue
            claims = (f.to_dict() for f in self.findings if f.claim.quantity == key)
            finding = next(claims, {})
            yield {
                "model": self.entry.name,
                "quantity": label,
                "key": key,
                "measured": float(percent),
                "images": evaluation.seen,
                "dataset": evaluation.dataset_label,
                **{
                    name: finding.get(name) for name in ("claimed", "standing", "verdict", "reason")
                },
                "evidence": self.evidence.cell.key,
            }

    def to_dict(self) -> dict[str, Any]:
        """Return the result for JSON."""
        return {
            "model": self.entry.name,
            "evidence": self.evidence.cell.key,
            "error": self.evidence.error,
            "evaluation": self.evidence.values,
            "findings": [finding.to_dict() for finding in (*self.findings, *self.differing)],
            "variants": [
                {
                    "pipeline": label,
                    "evidence": document.cell.key,
                    "error": document.error,
                    "evaluation": document.values,
                }
                for label, document in self.variants
            ],
        }


def judge_evaluation(
    entry: Entry, pipelines: Sequence[tuple[str, Evidence]], measurer: "Measurer"
) -> EvaluationResult:
    """Return the findings of an evaluation, and the settings that differ from the configuration."""
    from zoo.verification.accuracy import compare_evaluations
    from zoo.verification.applicability import gather_evaluations
    from zoo.verification.verify import find_unlike_settings

    (_, evidence), *variants = pipelines
    documents = {document.cell.key: document for document in measurer.evaluations(entry)}
    documents[evidence.cell.key] = evidence
    evaluations = gather_evaluations(entry, documents.values(), measurer.digests(entry))
    claims = [claim for claim in entry.all_claims() if claim.row.check == "accuracy"]
    compared = [compare_evaluations(claim, evaluations, evidence.cell.key) for claim in claims]
    findings = [
        finding for finding in compared if finding and evidence.cell.key in finding.evidence
    ]
    return EvaluationResult(
        entry, evidence, variants, findings, find_unlike_settings(entry, measurer)
    )


class EvaluationResults(TabularSequence[EvaluationResult]):
    """The evaluations of models, each with the findings on what is claimed.

    `errors` are the models that could not be evaluated, each with the reason.
    """

    html_columns = ("model", "quantity", "measured", "claimed", "standing", "images", "reason")

    def __init__(self, items: Sequence[EvaluationResult], errors: Mapping[str, str]):
        super().__init__(items)
        self.errors = dict(errors)

    def __str__(self) -> str:
        failed = f", {len(self.errors)} not evaluated" if self.errors else ""
        return f"{len(self)} models evaluated{failed}"

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each accuracy, in percent, with the first claim that it judges."""
        return [row for result in self for row in result.rows()]


def evaluate(
    models: str | Sequence[str],
    *,
    data: "str | PathLike[str] | None" = None,
    split: str | None = None,
    root: "str | PathLike[str] | None" = None,
    dataset: str | None = None,
    conditions: Mapping[str, str] = {},
    class_map: "str | PathLike[str] | None" = None,
    class_folder: str | None = None,
    labels: "str | PathLike[str] | None" = None,
    weights: "str | PathLike[str] | None" = None,
    download: bool = False,
    allow_hosts: Sequence[str] = (),
    device: str = "auto",
    precision: str = "fp32",
    batch_size: int = 64,
    workers: int | None = None,
    check: bool = False,
    tolerance: float = 0.5,
    confidence: float = 0.99,
    limit: int | None = None,
    seed: int = 0,
    sensitivity: bool = False,
    source: Source = None,
    ledger: Store = "ledger",
    trust: Sequence[str] = (),
    fresh: bool = False,
    progress: "Callable[[EvaluationProgress, int], None] | None" = None,
) -> EvaluationResults:
    """Evaluate accuracy on images, with the preprocessing that the index states.

    Args:
        models: names or globs of models of the index.
        data: images: a folder, tar shards, a data set of Hugging Face on disk, `torchvision:NAME`,
            `digits`, `photographs`; None is a local copy of the claims' data set.
        split: which part of the data.
        root: where torchvision keeps its data sets.
        dataset: what the data is, as claims call it.
        conditions: what else the data is: `config`, `revision`, `args`.
        class_map: a file that says which output a class of the data is.
        class_folder: `outer` or `inner`: which folder is the class, of folders in folders.
        labels: a file of right outputs by image, or `real`.
        weights: a file or URL to evaluate in place of the index's weights.
        download: fetch weights that are not on this machine.
        allow_hosts: hosts that addresses may lead to though they are not public.
        device: `cpu`, `cuda`, `cuda:1`, `mps`; `auto` is the fastest there is.
        precision: `fp32`, `tf32`, `amp`, `bf16`, `fp16`.
        batch_size: images at once.
        workers: processes that load images; None is a few.
        check: stop as soon as the claims are decided within `tolerance`, in percentage points, with
            probability `confidence`.
        limit: stop after so many images.
        seed: of the order in which images are drawn.
        sensitivity: evaluate neighbours of the preprocessing too.
        source: the index, as for `load`.
        ledger: the folder of evidence; what it has is not measured again.
        trust: packages whose code the index may call.
        fresh: evaluate again what the ledger has.
        progress: called after each batch.

    Raises:
        MissingExtra: what evaluates is not installed.
        UsageError: an unknown model or value, or data that is not there. Where several models are
            asked for, one that cannot be evaluated is in `errors`, and the others go on.
        LedgerError: evidence cannot be read or written.
    """
    require("eval")
    from zoo.weights.http.client import Client

    store = open_store(ledger)
    _, entries = select(source, models)
    request = EvalRequest(
        names=list_names(models),
        data=_text(data),
        split=split,
        root=_text(root),
        dataset=dataset,
        condition=tuple(f"{name}={value}" for name, value in conditions.items()),
        class_map=_text(class_map),
        class_folder=class_folder,
        labels=_text(labels),
        weights=_text(weights),
        download=download,
        allow_host=tuple(allow_hosts),
        device=device,
        precision=precision,
        batch_size=batch_size,
        workers=workers,
        check=check,
        tolerance=str(tolerance),
        confidence=confidence,
        limit=limit,
        seed=seed,
        sensitivity=sensitivity,
        index=list_paths(source),
        ledger=str(store.folder),
        fresh=fresh,
        trust=tuple(trust),
    )
    results: list[EvaluationResult] = []
    errors: dict[str, str] = {}
    with Client(allow_hosts=request.allow_host) as client:
        for entry, evidence in evaluate_entries(entries, request, store, client, watch=progress):
            if isinstance(evidence, ZooError):
                errors[entry.name] = str(evidence)
            else:
                results.append(judge_entry(entry, evidence, request, store))
    return EvaluationResults(results, errors)


def evaluate_entries(
    entries: Sequence[Entry],
    request: EvalRequest,
    ledger: Ledger,
    client: "Client",
    *,
    ranks: "Ranks | None" = None,
    watch: "Watch | None" = None,
) -> Iterator[tuple[Entry, list[tuple[str, Evidence]] | ZooError]]:
    """Evaluate one entry after another: yield its evidence by pipeline, or why there is none.

    Raises:
        ZooError: the only entry, or one of several processes, cannot be evaluated.
    """
    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.preflight import check_entry, check_options

    check_options(request)
    ranks = ranks or Ranks()
    evaluator: Evaluator | None = None
    for entry in entries:
        outcome: list[tuple[str, Evidence]] | ZooError
        try:
            check_entry(entry, request)
        except ZooError as error:
            outcome = error
        else:
            evaluator = evaluator or _make_evaluator(request, ledger, client, ranks, watch)
            outcome = _evaluate(evaluator, entry)
        # another process of several may not have met the error
        if isinstance(outcome, ZooError) and (len(entries) == 1 or ranks.size > 1):
            raise outcome
        yield entry, outcome


def _make_evaluator(
    request: EvalRequest,
    ledger: Ledger,
    client: "Client",
    ranks: "Ranks",
    watch: "Watch | None",
) -> "Evaluator":
    from zoo.evaluation.evaluator import Evaluator
    from zoo.evaluation.parse_request import options_of

    return Evaluator(
        ledger.absolute(),
        options_of(request, ranks),
        ranks,
        client if request.download else None,
        watch or (lambda progress, fresh: None),
    )


def _evaluate(evaluator: "Evaluator", entry: Entry) -> list[tuple[str, Evidence]] | ZooError:
    """Return the evidence of an entry by pipeline, or why there is none."""
    try:
        with guard_process():
            return list(evaluator.evaluate(entry))
    except ZooError as error:
        return error


def judge_entry(
    entry: Entry,
    evidence: Sequence[tuple[str, Evidence]],
    request: EvalRequest,
    ledger: Ledger,
) -> EvaluationResult:
    """Judge what an entry claims by its evaluation; local weights are inspected for that."""
    inspect_local([entry], ledger, request.index, request.trust)
    measurer = make_measurer(ledger, request.index, request.trust)
    return judge_evaluation(entry, evidence, measurer)


def _text(value: "str | PathLike[str] | None") -> str | None:
    return None if value is None else str(value)
