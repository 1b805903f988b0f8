"""To an OpenMMLab metafile: the model-index format under OpenMMLab's conventions.

FLOPs and Parameters are plain integers, percentages plain numbers, and the weights and the code of a model
that OpenMMLab did not train stand under `Converted From`. OpenMMLab's FLOPs are multiply-adds; a claim in
another convention stays the number that was published, and the losses say so.
"""

from collections.abc import Mapping
from decimal import Decimal

from model_index.findings import Finding, Verdict
from model_index.nodes import Plain, looked_up
from model_index.quantities import Quantity, find
from reporting.block import Bare, Exact, mapping
from reporting.convert import pwc
from reporting.convert.outcome import Converted, Losses
from reporting.results import percent
from reporting.text import one_line
from reporting.view import Catalogue, Model

METAFILE = "metafile.yml"
COUNTS = ("flops", "parameters")
OWN = ("builder", "reported", "publisher", "source")  # keys that only this project reads
MOVED = ("weights", "code")
ORDER = ("name", "metadata", "in collection", "results", "weights", "config", "converted from")
WITHOUT = "a metafile has no such key"


def convert(catalogue: Catalogue, folder: bool) -> Converted:
    """The whole index as one metafile."""
    index, losses = catalogue.zoo.index, Losses()
    of_entry = {model.entry.place: model for model in catalogue.models}  # by family, where a file has its own order
    library = pwc.shared_library(index.entries, losses, "a metafile names one Library at most")
    pwc.same_names(index.collections, losses, "another collection of the metafile has this name")
    models = [_model(of_entry[entry.place], pwc.entry_fields(index, entry), library, losses) for entry in index.entries]
    collections = [_numbered(collection.fields, losses) for collection in index.collections]
    text = {"Library": library, "Collections": collections, "Models": models}
    lines = mapping({key: value for key, value in text.items() if value}, literal=True)
    return Converted({METAFILE: "\n".join(lines) + "\n"}, losses)


def _model(model: Model, fields: dict[str, object], library: dict[str, Plain], losses: Losses) -> dict[str, object]:
    entry = model.entry
    kept = {key: value for key, value in fields.items() if key.lower() not in OWN}
    told = {key.lower(): key for key in pwc.publisher(entry, library)}
    if "publisher" in told and entry.publisher == looked_up(library, "name"):
        del told["publisher"]
    for key in (*told.values(), *(key for key in entry.fields if key.lower() in OWN and key.lower() != "reported")):
        losses(key, WITHOUT)
    for claim in entry.all_claims():
        if claim.publisher != entry.publisher:
            losses(f"{claim.row.label} by another publisher", WITHOUT)
    if not isinstance(looked_up(entry.fields, "config"), str):
        kept = _converted_from(kept)
        losses("Config", "the index names no configuration file; the key is left out")
    _conventions(model, losses)
    return _ordered(_numbered(kept, losses))


def _converted_from(fields: dict[str, object]) -> dict[str, object]:
    """Weights and code of a model that has no configuration of OpenMMLab's, as those it would be converted from."""
    source = {key.capitalize(): value for key, value in fields.items() if key.lower() in MOVED}
    rest = {key: value for key, value in fields.items() if key.lower() not in MOVED}
    return rest | ({"Converted From": source} if source and "Converted From" not in rest else {})


def _conventions(model: Model, losses: Losses) -> None:
    """Name the FLOPs that are not known to be multiply-adds."""
    for check in model.checks:
        claim = check.claim
        own = claim.quantity == "flops" and claim.publisher == model.entry.publisher
        if own and (why := _unlike(check.finding)):
            losses(claim.row.label, f"{why}; kept as published")


def _unlike(finding: Finding) -> str:
    """Why a claim of FLOPs may not be a number of multiply-adds; empty where it was measured to be one."""
    if finding.verdict in (Verdict.EXACT, Verdict.ROUNDED):
        return ""
    if finding.verdict is Verdict.EXPLAINED:
        kind = "a mistake of the page" if finding.mistake else "in another convention"
        return f"{kind}: {one_line(finding.cause or finding.reason)}"
    return "not what was measured" if finding.verdict is Verdict.MISMATCH else "not checked to be multiply-adds"


def _numbered(fields: Mapping[str, object], losses: Losses) -> dict[str, object]:
    """The fields with FLOPs, Parameters and percentages as plain numbers, in Metadata and in Results."""
    return {key: _part(key.lower(), value, losses) for key, value in fields.items()}


def _part(key: str, value: object, losses: Losses) -> object:
    if key == "metadata" and isinstance(value, dict):
        return _plain_numbers(value, losses)
    if key == "results" and isinstance(value, list):
        return [_result(result, losses) if isinstance(result, dict) else result for result in value]
    return value


def _result(result: dict[str, object], losses: Losses) -> dict[str, object]:
    return {
        key: _plain_numbers(value, losses) if key.lower() == "metrics" and isinstance(value, dict) else value
        for key, value in result.items()
    }


def _plain_numbers(fields: Mapping[str, object], losses: Losses) -> dict[str, object]:
    """Each quantity under OpenMMLab's spelling and as a plain number; what is none stays as it is."""
    plain: dict[str, object] = {}
    for key, value in fields.items():
        row = find(key)
        converts = row is not None and (row.key in COUNTS or row.unit == "%") and isinstance(value, str)
        if row is None or not converts or row.label in plain:
            plain[key] = value
        else:
            plain[row.label] = _number(row, str(value), losses)
    return plain


def _number(row: Quantity, raw: str, losses: Losses) -> str:
    try:
        parsed = row.parse(raw)
    except ValueError:  # a collection's fields are no claims of their own
        return raw
    if not isinstance(value := parsed.value, Decimal):
        return raw
    text = percent(raw, value) if row.unit == "%" else f"{value:f}" if value % 1 else f"{value:.0f}"
    if row.parse(text).digits != parsed.digits:
        losses(row.label, "as many digits as were printed cannot be told from padding")
    if text.endswith("%"):
        losses(row.label, "a percentage of at most 1 keeps its sign, or it would be read as a fraction")
    return Exact(text) if text.endswith("%") else Bare(text)


def _ordered(fields: dict[str, object]) -> dict[str, object]:
    """Keys in the order in which metafiles have them, others behind."""
    rank = {key: place for place, key in enumerate(ORDER)}
    return dict(sorted(fields.items(), key=lambda item: rank.get(item[0].lower(), len(rank))))
