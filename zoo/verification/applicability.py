"""Decide which evaluations apply to a claim.

An evaluation applies that is of the entry's builder and weights as they are now, with the
preprocessing that the entry states, on all images of the claim's data set, with its labels and
split. Any other says why it does not; the ledger keeps it, and no verdict rests on it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from zoo.evaluation.claim_scope import ImageSet, scope_objections
from zoo.evaluation.request import PRECISIONS
from zoo.evaluation.settings import SETTINGS
from zoo.model_index.ledger.evaluation import Evaluation
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.quantities.parse import parse_channels
from zoo.model_index.quantities.show import show_size
from zoo.model_index.records.records import Claim, Entry
from zoo.models import builders
from zoo.weights.digests import stated_digests
from zoo.weights.references import stated_digest

SAME_IMAGES = ("data", "answers", "weights", "split")


class EvaluationDocument(NamedTuple):
    """An evaluation and the document it stands in."""

    evidence: Evidence
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class EntryEvaluations:
    """The evaluations of an entry's builder, and the documents of those that failed.

    Whether they apply to the entry as it is depends on the version of its builder, and on the
    SHA-256 of its weights by reference, as far as known.
    """

    entry: Entry
    documents: tuple[EvaluationDocument, ...]
    failures: tuple[Evidence, ...]
    version: str
    digests: dict[str, str]


def gather_evaluations(
    entry: Entry, documents: Iterable[Evidence], digests: dict[str, str], version: str = ""
) -> EntryEvaluations:
    """Collect the evaluations of an entry; `digests` are SHA-256 of its weights as inspected,
    `version` is that of its builder where it is not the installed one."""
    builder = str(entry.builder), entry.builder.arguments
    relevant = [e for e in documents if (e.cell.builder, e.cell.arguments) == builder]
    version = version or builders.version(entry.builder)
    return EntryEvaluations(
        entry,
        tuple(EvaluationDocument(e, e.evaluation) for e in relevant if e.evaluation),
        tuple(
            e
            for e in relevant
            if e.outcome == "failed"
            and e.values.get("own")
            and e.cell.builder_version == version
            and not _weights_objection(e.values, entry, digests)
        ),
        version,
        digests,
    )


def differ_in_pipeline(first: EvaluationDocument, second: EvaluationDocument) -> bool:
    """Tell whether the first is of all images, and the same images, labels and weights as the
    second."""
    cell, base = first.evidence.cell, second.evidence.cell
    same = all(cell.conditions.get(name) == base.conditions.get(name) for name in SAME_IMAGES)
    return same and first.evaluation.complete and cell.builder_version == base.builder_version


def choose_best(usable: Sequence[EvaluationDocument]) -> EvaluationDocument:
    """Choose among evaluations of the newest images.

    Labels of the data go before a person's, all images before some, float32 before less.
    """
    newest = max(usable, key=lambda document: document.evidence.recency)
    recent = [document for document in usable if _data(document) == _data(newest)]
    labelled = [document for document in recent if not document.evaluation.given]
    return max(labelled or recent, key=_preference)


def _data(document: EvaluationDocument) -> tuple[Any, ...]:
    return document.evidence.cell.conditions.get("data"), document.evaluation.stamp


def _preference(document: EvaluationDocument) -> tuple[bool, int, int, tuple[bool, datetime]]:
    evaluation = document.evaluation
    precise = evaluation.precision in PRECISIONS
    rank = PRECISIONS.index(evaluation.precision) if precise else len(PRECISIONS)
    return evaluation.complete, -rank, evaluation.seen, document.evidence.recency


def objection(claim: Claim, document: EvaluationDocument, evaluations: EntryEvaluations) -> str:
    """Return why an evaluation does not apply to a claim about its data set; empty where it
    does."""
    return next(_objections(claim, document, evaluations), "")


def _objections(
    claim: Claim, document: EvaluationDocument, evaluations: EntryEvaluations
) -> Iterator[str]:
    found, version = document.evaluation, document.evidence.cell.builder_version
    if version != evaluations.version:
        yield f"evaluated with {version}, which is {evaluations.version} now"
    if other_weights := object_to_weights(document, evaluations):
        yield other_weights
    if found.variation:
        yield f"{found.variation}; so no accuracy is a property of the model and these images"
    if changed := _changed_setting(evaluations.entry, found):
        yield changed
    size = tuple(found.preprocessing["input_size"][-2:])
    if claim.size and size != claim.size:
        yield f"evaluated at {show_size(size)}; the claim is about {show_size(claim.size)}"
    if not found.stated:
        yield f"{found.where} is not known to be {claim.dataset}; --dataset states it"
    images = image_set(found)
    yield from scope_objections(claim, images)
    if found.excluded and found.given:
        yield f"{found.excluded:,} images are left out by {found.given}"
    row, available = images.info, found.images + found.excluded
    if row and row.images and images.is_usual and available != row.images:
        numbers = f"{available:,} images are available, {row.name} has {row.images:,}"
        yield f"{numbers}: the accuracy on all of them is unknown"


def image_set(evaluation: Evaluation) -> ImageSet:
    """Return the images of an evaluation."""
    return ImageSet(evaluation.dataset, evaluation.split, evaluation.where, evaluation.conditions)


def object_to_weights(document: EvaluationDocument, evaluations: EntryEvaluations) -> str:
    """Say why the weights of an evaluation are not known to be the entry's; empty where they
    are."""
    return _weights_objection(document.evidence.values, evaluations.entry, evaluations.digests)


def _weights_objection(values: dict[str, Any], entry: Entry, digests: dict[str, str]) -> str:
    """Say why these weights are not known to be the entry's.

    The entry's are those that the index names; where it names none, those of the pretrained tag
    that its builder resolves to. Weights that a person named are known by their digest.
    """
    links = {link.raw.strip() for link in entry.links}
    references = links or set(values.get("pretrained") or ())
    text, sha256 = str(values.get("weights")), str(values.get("sha256"))
    if text in references and not values.get("named"):
        if digests.get(text, sha256) == sha256:
            return ""
        return f"{text} is another file than the one evaluated, by its SHA-256"
    named = (digests.get(name) or stated_digest(name, sha256) for name in references)
    if any(digest and sha256.startswith(digest) for digest in (*named, *stated_digests(entry))):
        return ""
    if links:
        return f"{text}, SHA-256 {sha256[:8]}, is not known to be the weights that the index names"
    theirs = " or ".join(sorted(references))
    other = f" and is not known to be {theirs}, which its builder names" if theirs else ""
    return (
        f"evaluated with {text}{other}; the index names no weights; `Weights` in its entry names "
        "them"
    )


def _changed_setting(entry: Entry, evaluation: Evaluation) -> str:
    """Say which preprocessing the entry states now and was not evaluated; empty where none."""
    for key in SETTINGS:
        claim = entry.claim(key)
        stated = entry.image_size if key == "image_size" else claim.value if claim else None
        if stated is None and key in evaluation.settings:
            return f"the index no longer states the {_label(key)} that was evaluated"
        if stated is not None and not _is_setting(key, stated, evaluation.preprocessing):
            return f"evaluated with another {_label(key)} than the index states"
    return ""


def _label(key: str) -> str:
    return key.replace("_", " ").replace("pct", "fraction")


def _is_setting(key: str, stated: Any, pipeline: dict[str, Any]) -> bool:
    """Tell whether a stated setting is the one of the pipeline that ran."""
    match key:
        case "image_size":
            return tuple(pipeline["input_size"][-2:]) == tuple(stated)
        case "crop_pct":
            return bool(Decimal(str(pipeline[key])) == stated)
        case "mean" | "std":
            return bool(parse_channels(", ".join(map(repr, pipeline[key]))).value == stated)
        case _:
            return str(pipeline[key]).casefold() == str(stated).casefold()
