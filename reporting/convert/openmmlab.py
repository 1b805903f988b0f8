"""To an OpenMMLab metafile: the model-index format under OpenMMLab's conventions.

FLOPs and Parameters are plain integers, percentages plain numbers, and the weights and the code of
a model that OpenMMLab did not train stand under `Converted From`. OpenMMLab's FLOPs are
multiply-adds; a claim in another convention stays the number that was published, and the losses say
so.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from zoo.model_index.dialects.base.claims import DIGITS
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.quantities.table import Quantity, find_with_unit
from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.reporting.convert import pwc
from zoo.reporting.convert.losses import Converted, Losses
from zoo.reporting.convert.scattered_parts import Layout
from zoo.reporting.text.escape import one_line
from zoo.reporting.text.yaml_block import Bare, Exact, mapping
from zoo.reporting.views.catalogue import Catalogue, Model
from zoo.reporting.views.results import percent, unclaimed

METAFILE = "metafile.yml"
COUNTS = ("flops", "parameters")
OWN = ("builder", "reported", "publisher", "source")  # keys that only this project reads
MOVED = ("weights", "code")
ORDER = ("Name", "Metadata", "In Collection", "Results", "Weights", "Config", "Converted From")
WITHOUT = "a metafile has no such key"


def convert(catalogue: Catalogue, folder: bool) -> Converted:
    """The whole index as one metafile."""
    index, losses = catalogue.zoo.index, Losses()
    of_entry = {
        model.entry.place: model for model in catalogue.models
    }  # by family, where a file has its own order
    layout = Layout.of(index)
    library = pwc.shared_library(index.entries, losses, "a metafile names one Library at most")
    pwc.same_names(index.collections, losses, "another collection of the metafile has this name")
    fields = ((of_entry[entry.place], pwc.entry_fields(layout, entry)) for entry in index.entries)
    models = [_model(model, stated, library, losses) for model, stated in fields]
    collections = [
        _numbered(layout.of_collection(collection, losses), losses)
        for collection in index.collections
    ]
    text = {"Library": library, "Collections": collections, "Models": models}
    lines = mapping({key: value for key, value in text.items() if value}, literal=True)
    return Converted({METAFILE: "\n".join(lines) + "\n"}, losses)


def _model(
    model: Model, fields: dict[str, object], library: dict[str, Plain], losses: Losses
) -> dict[str, object]:
    entry = model.entry
    kept = {key: value for key, value in fields.items() if fold_key(key) not in OWN}
    told = {fold_key(key): key for key in pwc.publisher(entry, library)}
    if "publisher" in told and entry.publisher == look_up(library, "name"):
        del told["publisher"]
    for key in (
        *told.values(),
        *(key for key in entry.fields if fold_key(key) in OWN and fold_key(key) != "reported"),
    ):
        losses(key, WITHOUT)
    for report in entry.reported:
        for claim in report.claims:
            losses(f"{claim.row.label} by another publisher", WITHOUT)
        for name in unclaimed(report.fields):
            losses(f"{name} by another publisher", WITHOUT)
    if not isinstance(look_up(entry.fields, "config"), str):
        kept = _converted_from(kept)
        losses("Config", "the index names no configuration file; the key is left out")
    _conventions(model, losses)
    return _ordered(_numbered(kept, losses))


def _converted_from(fields: dict[str, object]) -> dict[str, object]:
    """Weights and code of a model that has no configuration of OpenMMLab's, as those it would be
    converted from.

    They stay where they are if the index says already what it was converted from.
    """
    if "converted from" in map(fold_key, fields):
        return fields
    source = {
        key.strip().capitalize(): value for key, value in fields.items() if fold_key(key) in MOVED
    }
    rest = {key: value for key, value in fields.items() if fold_key(key) not in MOVED}
    return rest | ({"Converted From": source} if source else {})


def _conventions(model: Model, losses: Losses) -> None:
    """Name the FLOPs that are not known to be multiply-adds."""
    for check in model.checks:
        claim = check.claim
        own = claim.quantity == "flops" and claim.publisher == model.entry.publisher
        if own and (why := _unlike(check.finding)):
            losses(claim.row.label, f"{why}; kept as published")


def _unlike(finding: Finding) -> str:
    """Why a claim of FLOPs may not be a number of multiply-adds; empty where it was measured to be
    one."""
    if finding.verdict in (Verdict.EXACT, Verdict.ROUNDED):
        return ""
    if finding.verdict is Verdict.EXPLAINED:
        kind = "a mistake of the page" if finding.mistake else "in another convention"
        return f"{kind}: {one_line(finding.cause or finding.reason)}"
    return (
        "not what was measured"
        if finding.verdict is Verdict.MISMATCH
        else "not checked to be multiply-adds"
    )


def _numbered(fields: Mapping[str, object], losses: Losses) -> dict[str, object]:
    """The fields with FLOPs, Parameters and percentages as plain numbers, in Metadata and in
    Results."""
    return {key: _part(fold_key(key), value, losses) for key, value in fields.items()}


def _part(key: str, value: object, losses: Losses) -> object:
    if key == "metadata" and isinstance(value, dict):
        return _plain_numbers(value, (), losses)
    if key == "results" and isinstance(value, list):
        return [_result(result, losses) if isinstance(result, dict) else result for result in value]
    return _result(value, losses) if key == "results" and isinstance(value, dict) else value


def _result(result: dict[str, Plain], losses: Losses) -> dict[str, object]:
    task = look_up(result, "task")
    told = (look_up(task, "name"), look_up(task, "type")) if isinstance(task, dict) else (task,)
    tasks = [name for name in told if isinstance(name, str)]
    return {
        key: _metrics(value, tasks, losses) if fold_key(key) == "metrics" else value
        for key, value in result.items()
    }


def _metrics(value: Plain, tasks: Sequence[str], losses: Losses) -> object:
    if isinstance(value, list):
        return [_metrics(each, tasks, losses) for each in value]
    if not isinstance(value, dict):
        return value
    if look_up(value, "value") is None:
        return _plain_numbers(value, tasks, losses)
    labels = (look_up(value, "name"), look_up(value, "type"))
    known = next(
        (k for label in labels if isinstance(label, str) and (k := _quantity(label, tasks))), None
    )
    return _valued(known, value, losses) if known else value


def _quantity(label: str, tasks: Sequence[str]) -> tuple[Quantity, str] | None:
    """The quantity of a label and the unit it says; what a bare accuracy is, the task says by its
    name or type."""
    return next((known for task in (None, *tasks) if (known := find_with_unit(label, task))), None)


def _plain_numbers(
    fields: Mapping[str, Plain], tasks: Sequence[str], losses: Losses
) -> dict[str, object]:
    """Each quantity under OpenMMLab's spelling and as a plain number; what is none stays as it is.

    Of a quantity that is stated twice the last has the spelling: what an entry states itself comes
    behind what a merge key or a collection brings in.
    """
    last = {known[0].key: key for key in fields if (known := _quantity(key, tasks))}
    plain: dict[str, object] = {}
    for key, value in fields.items():
        known = _quantity(key, tasks)
        row = known[0] if known else None
        if known is None or row is None or not (row.key in COUNTS or row.unit == "%"):
            plain[key] = value
        elif last[row.key] == key:
            plain.pop(row.label, None)
            plain[row.label] = _valued(known, value, losses)
        elif key == row.label:
            losses(row.label, f"stated again as {one_line(last[row.key])}, which has its place")
        else:
            plain[key] = value
    return plain


def _valued(known: tuple[Quantity, str], value: Plain, losses: Losses) -> object:
    """A value, or values with the conditions of each, as plain numbers."""
    if isinstance(value, list):
        return [_valued(known, each, losses) for each in value]
    if isinstance(value, dict):
        return {
            key: _valued(known, part, losses) if fold_key(key) == "value" else part
            for key, part in value.items()
        }
    return _number(*known, value, losses) if isinstance(value, str) else value


def _number(row: Quantity, unit: str, raw: str, losses: Losses) -> str:
    printed = (
        raw + unit if raw[-1:] in DIGITS else raw
    )  # what the value says itself goes before its label
    try:
        parsed = row.parse(printed)
    except ValueError:  # a collection's fields are no claims of their own
        return raw
    if not isinstance(value := parsed.value, Decimal):
        return raw
    text = (
        percent(printed, value)
        if row.unit == "%"
        else f"{value:f}"
        if value % 1
        else f"{value:.0f}"
    )
    if row.parse(text).digits != parsed.digits:
        losses(row.label, "as many digits as were printed cannot be told from padding")
    if text.endswith("%"):
        losses(
            row.label, "a percentage of at most 1 keeps its sign, or it would be read as a fraction"
        )
    return Exact(text) if text.endswith("%") else Bare(text)


def _ordered(fields: dict[str, object]) -> dict[str, object]:
    """Keys in the spelling and the order in which metafiles have them, others behind."""
    rank = {fold_key(label): place for place, label in enumerate(ORDER)}
    spelled = {
        ORDER[rank[fold_key(key)]] if fold_key(key) in rank else key: value
        for key, value in fields.items()
    }
    return dict(sorted(spelled.items(), key=lambda item: rank.get(fold_key(item[0]), len(rank))))
