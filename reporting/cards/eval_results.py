"""Write evaluation results as files of a Hugging Face repository: `.eval_results/*.yaml`.

Such a file names a data set of the Hub, so only results whose data set has an identifier there
(`Dataset: {Name: ImageNet, Type: ILSVRC/imagenet-1k}`) can be written. A leaderboard has one number
for each task of a data set, and the file has no place for the metric's name: the number is that of
the first metric, and `notes` has its name.
"""

from zoo.model_index.ledger.store import Evidence
from zoo.reporting.cards.front_matter import as_exact_text
from zoo.reporting.cards.results import HUB_ID, agrees_with_measurement, metric_number, slug
from zoo.reporting.text.escape import web_address
from zoo.reporting.text.yaml_block import mapping
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.results import Result, results

TASK = "default"  # where the index states no other task of the data set


def eval_results(model: Model) -> dict[str, str]:
    """Return name and text of one file a data set; nothing without an identifier of the Hub."""
    files: dict[str, dict[str, dict[str, object]]] = {}
    for result in results(model.entry):
        dataset = result.dataset
        wrong = result.metrics[0].claim in model.wrong_claims
        if dataset.type and HUB_ID.fullmatch(dataset.type) and not wrong:
            entries = files.setdefault(dataset.type, {})
            entries.setdefault(dataset.task_id or TASK, _entry(result, dataset.type, model))
    return {f"{slug(name)}.yaml": _text(list(entries.values())) for name, entries in files.items()}


def _entry(result: Result, dataset_id: str, model: Model) -> dict[str, object]:
    metric = result.metrics[0]
    dataset: dict[str, object] = {"id": dataset_id, "task_id": result.dataset.task_id or TASK}
    if result.dataset.revision:
        dataset["revision"] = result.dataset.revision
    address = web_address(result.source)
    measured = _measured(model, result)
    return {
        "dataset": dataset,
        "value": metric_number(metric),
        **({"date": measured.started_at} if measured and measured.started_at else {}),
        **({"source": {"url": address, "name": result.publisher}} if address else {}),
        "notes": metric.label,
    }


def _measured(model: Model, result: Result) -> Evidence | None:
    """Return the evidence of a result that was measured here."""
    claim = result.metrics[0].claim
    finding = next((check.finding for check in model.checks if check.claim == claim), None)
    keys = finding.evidence if finding and agrees_with_measurement(finding) else ()
    return next((document for document in model.documents if document.cell.key in keys), None)


def _text(entries: list[dict[str, object]]) -> str:
    lines = mapping({"entries": [as_exact_text(entry) for entry in entries]})[1:]
    return "\n".join(lines) + "\n"
