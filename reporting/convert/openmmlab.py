"""Convert an index to an OpenMMLab metafile: the model-index format by OpenMMLab's conventions.

FLOPs and Parameters are plain integers, percentages plain numbers, and the weights and the code of
a model that OpenMMLab did not train are under `Converted From`. OpenMMLab's FLOPs are
multiply-adds; a claim in another convention keeps the published number, and the losses say so.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.quantities.lookup import find_with_unit
from zoo.model_index.quantities.metric_names import find_metric
from zoo.model_index.quantities.parse import is_bare
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.reporting.convert import pwc
from zoo.reporting.convert.losses import Conversion, Losses
from zoo.reporting.convert.scattered_parts import PartsLayout
from zoo.reporting.text.escape import one_line
from zoo.reporting.text.yaml_block import Bare, Exact, mapping
from zoo.reporting.views.catalogue import Catalogue, Model
from zoo.reporting.views.results import percent, unclaimed_fields

METAFILE = "metafile.yml"
ACCURACY = "accuracy"  # the check of the metrics whose spelling the format settles
COUNTS = ("flops", "parameters")
PROJECT_KEYS = ("builder", "reported", "publisher", "source")  # that only this project reads
MOVED = ("weights", "code")
ORDER = ("Name", "Metadata", "In Collection", "Results", "Weights", "Config", "Converted From")
NO_KEY = "a metafile has no such key"


def convert(catalogue: Catalogue, folder: bool) -> Conversion:
    """Write the whole index as one metafile."""
    index, losses = catalogue.zoo.index, Losses()
    # the catalogue's models are in the order of families, the metafile's in that of the file
    of_entry = {model.entry.place: model for model in catalogue.models}
    layout = PartsLayout.from_index(index)
    library = pwc.shared_library(index.entries, losses, "a metafile names one Library at most")
    pwc.count_same_names(
        index.collections, losses, "another collection of the metafile has this name"
    )
    fields = ((of_entry[entry.place], pwc.entry_fields(layout, entry)) for entry in index.entries)
    models = [_model(model, stated, library, losses) for model, stated in fields]
    collections = [
        _with_plain_numbers(layout.of_collection(collection, losses), losses)
        for collection in index.collections
    ]
    text = {"Library": library, "Collections": collections, "Models": models}
    lines = mapping({key: value for key, value in text.items() if value}, literal=True)
    return Conversion({METAFILE: "\n".join(lines) + "\n"}, losses)


def _model(
    model: Model, fields: dict[str, object], library: dict[str, Plain], losses: Losses
) -> dict[str, object]:
    entry = model.entry
    written = {key: value for key, value in fields.items() if fold_key(key) not in PROJECT_KEYS}
    publisher = {fold_key(key): key for key in pwc.publisher(entry, library)}
    if entry.publisher == look_up(library, "name"):
        publisher.pop("publisher", None)
    dropped = [key for key in entry.fields if fold_key(key) in PROJECT_KEYS]
    for key in (*publisher.values(), *dropped):
        if fold_key(key) != "reported":
            losses(key, NO_KEY)
    for report in entry.reported:
        for claim in report.claims:
            losses(f"{claim.row.label} by another publisher", NO_KEY)
        for name in unclaimed_fields(report.fields):
            losses(f"{name} by another publisher", NO_KEY)
    if not isinstance(look_up(entry.fields, "config"), str):
        written = _converted_from(written)
        losses("Config", "the index names no configuration file; the key is left out")
    _conventions(model, losses)
    return _ordered(_with_plain_numbers(written, losses))


def _converted_from(fields: dict[str, object]) -> dict[str, object]:
    """Move weights and code under `Converted From`, for a model without OpenMMLab's configuration.

    They stay where they are if the index has that key already.
    """
    if "converted from" in map(fold_key, fields):
        return fields
    source = {
        key.strip().capitalize(): value for key, value in fields.items() if fold_key(key) in MOVED
    }
    remaining = {key: value for key, value in fields.items() if fold_key(key) not in MOVED}
    return remaining | ({"Converted From": source} if source else {})


def _conventions(model: Model, losses: Losses) -> None:
    """Count the FLOPs that may not be multiply-adds."""
    for check in model.checks:
        claim = check.claim
        is_own = claim.publisher == model.entry.publisher
        if claim.quantity == "flops" and is_own and (why := _convention_doubt(check.finding)):
            losses(claim.row.label, f"{why}; kept as published")


def _convention_doubt(finding: Finding) -> str:
    """Say why a claim of FLOPs may not be multiply-adds; empty where a measurement agrees."""
    if finding.verdict in (Verdict.EXACT, Verdict.ROUNDED):
        return ""
    if finding.verdict is Verdict.EXPLAINED:
        kind = "wrong" if finding.wrong else "in another convention"
        return f"{kind}: {one_line(finding.cause or finding.reason)}"
    if finding.verdict is Verdict.MISMATCH:
        return "differs from the measurement"
    return "not checked to be multiply-adds"


def _with_plain_numbers(fields: Mapping[str, object], losses: Losses) -> dict[str, object]:
    """Return the fields with FLOPs, Parameters and percentages as plain numbers."""
    return {key: _part(fold_key(key), value, losses) for key, value in fields.items()}


def _part(key: str, value: object, losses: Losses) -> object:
    if key == "metadata" and isinstance(value, dict):
        return _plain_numbers(value, None, losses)
    if key == "results" and isinstance(value, list):
        return [_result(result, losses) if isinstance(result, dict) else result for result in value]
    return _result(value, losses) if key == "results" and isinstance(value, dict) else value


def _result(result: dict[str, Plain], losses: Losses) -> dict[str, object]:
    task = look_up(result, "task")
    names = (look_up(task, "name"), look_up(task, "type")) if isinstance(task, dict) else (task,)
    tasks = [name for name in names if isinstance(name, str)]
    return {
        key: _metrics(value, tasks, losses) if fold_key(key) == "metrics" else value
        for key, value in result.items()
    }


def _metrics(value: Plain, tasks: Sequence[str], losses: Losses) -> object:
    if isinstance(value, list):
        return [_metrics(metric, tasks, losses) for metric in value]
    if not isinstance(value, dict):
        return value
    if look_up(value, "value") is None:
        return _plain_numbers(value, tasks, losses)
    name, kind = (
        label if isinstance(label := look_up(value, key), str) else None for key in ("name", "type")
    )
    metric = find_metric(name, kind, tasks)
    if metric is None or metric.row.check != ACCURACY:
        return value
    return _plain_value((metric.row, metric.unit), value, losses)


def _quantity(label: str, tasks: Sequence[str] | None) -> tuple[Quantity, str] | None:
    """Return the quantity of a label and its unit: of a metric of these tasks, or of Metadata for
    None."""
    if tasks is None:
        return find_with_unit(label)
    metric = find_metric(label, None, tasks)
    return (metric.row, metric.unit) if metric and metric.row.check == ACCURACY else None


def _plain_numbers(
    fields: Mapping[str, Plain], tasks: Sequence[str] | None, losses: Losses
) -> dict[str, object]:
    """Return each quantity under OpenMMLab's spelling and as a plain number; other fields stay.

    Of a quantity that is stated twice the last has the spelling: an entry's own statement comes
    after that of a merge key or a collection.
    """
    quantities = {key: _quantity(key, tasks) for key in fields}
    last = {quantity[0].key: key for key, quantity in quantities.items() if quantity}
    plain: dict[str, object] = {}
    for key, value in fields.items():
        quantity = quantities[key]
        row = quantity[0] if quantity else None
        if quantity is None or row is None or not (row.key in COUNTS or row.unit == "%"):
            plain[key] = value
        elif last[row.key] == key:
            plain.pop(row.label, None)
            plain[row.label] = _plain_value(quantity, value, losses)
        elif key == row.label:
            losses(row.label, f"stated again as {one_line(last[row.key])}, which has its place")
        else:
            plain[key] = value
    return plain


def _plain_value(quantity: tuple[Quantity, str], value: Plain, losses: Losses) -> object:
    """Return a value, or values with their conditions, as plain numbers."""
    if isinstance(value, list):
        return [_plain_value(quantity, part, losses) for part in value]
    if isinstance(value, dict):
        return {
            key: _plain_value(quantity, part, losses) if fold_key(key) == "value" else part
            for key, part in value.items()
        }
    return _number(*quantity, value, losses) if isinstance(value, str) else value


def _number(row: Quantity, unit: str, raw: str, losses: Losses) -> str:
    # a unit of the value goes before that of its label
    printed = raw + unit if is_bare(raw) else raw
    try:
        parsed = row.parse(printed)
    except ValueError:  # a collection's fields are not claims
        return raw
    if not isinstance(value := parsed.value, Decimal):
        return raw
    if row.unit == "%":
        text = percent(printed, value)
    else:
        text = f"{value:f}" if value % 1 else f"{value:.0f}"
    if row.parse(text).digits != parsed.digits:
        losses(row.label, "the printed digits cannot be told from padding")
    if text.endswith("%"):
        why = "a percentage of at most 1 keeps its sign, or it would be read as a fraction"
        losses(row.label, why)
    return Exact(text) if text.endswith("%") else Bare(text)


def _ordered(fields: dict[str, object]) -> dict[str, object]:
    """Return the keys in the spelling and order of metafiles, other keys last."""
    rank = {fold_key(label): place for place, label in enumerate(ORDER)}
    spelled = {
        ORDER[rank[fold_key(key)]] if fold_key(key) in rank else key: value
        for key, value in fields.items()
    }
    return dict(sorted(spelled.items(), key=lambda item: rank.get(fold_key(item[0]), len(rank))))
