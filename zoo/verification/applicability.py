"""Which evaluations are about a claim: of the entry's builder and weights as they are now, with the
preprocessing that it states, and of the data set that claims are about: its labels, its split, all
of its images.

An evaluation that is not says why; the ledger keeps it, and no verdict rests on it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from zoo.evaluation.datasets.catalogue import DATASETS, canonical
from zoo.evaluation.settings import SETTINGS
from zoo.model_index.ledger.evaluation import Evaluation
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.quantities.parse import parse_channels
from zoo.model_index.quantities.show import show_size
from zoo.model_index.records.records import Claim, Entry
from zoo.models import builders
from zoo.weights.references import stated_digest

PRECISE = ("fp32", "tf32", "amp", "bf16", "fp16")
TRAINING = frozenset({"train", "training"})
ALIKE = ("data", "answers", "weights", "split")


class Evaluated(NamedTuple):
    """An evaluation and the document it stands in."""

    evidence: Evidence
    found: Evaluation


@dataclass(frozen=True, slots=True)
class Known:
    """The evaluations of an entry's builder, the documents of those that failed, and what decides
    whether they are about the entry as it is: the version of its builder, and the SHA-256 of its
    weights by reference, as far as known.
    """

    entry: Entry
    evaluated: tuple[Evaluated, ...]
    failed: tuple[Evidence, ...]
    version: str
    digests: dict[str, str]


def known(entry: Entry, documents: Iterable[Evidence], digests: dict[str, str]) -> Known:
    """Everything that was evaluated of an entry. `digests` are SHA-256 of what was seen of its
    weights."""
    built = str(entry.builder), entry.builder.arguments
    about = [e for e in documents if (e.cell.builder, e.cell.arguments) == built]
    version = builders.version(entry.builder)
    found = tuple(Evaluated(e, e.evaluation) for e in about if e.evaluation)
    failed = [
        e
        for e in about
        if e.outcome == "failed" and e.values.get("own") and e.cell.builder_version == version
    ]
    of_weights = [e for e in failed if not _other_weights(e.values, entry, digests)]
    return Known(entry, found, tuple(of_weights), version, digests)


def alike(one: Evaluated, other: Evaluated) -> bool:
    """Whether two evaluations of all images differ in their pipelines only: same images, answers
    and weights."""
    mine, theirs = one.evidence.cell, other.evidence.cell
    conditions = all(mine.conditions.get(name) == theirs.conditions.get(name) for name in ALIKE)
    return conditions and one.found.complete and mine.builder_version == theirs.builder_version


def best(usable: Sequence[Evaluated]) -> Evaluated:
    """Of the newest images: labelled by the data before by a person, all images before some,
    float32 before less."""
    newest = max(usable, key=lambda one: one.evidence.recency)
    these = [one for one in usable if _data(one) == _data(newest)]
    return max([one for one in these if not one.found.given] or these, key=_preference)


def _data(one: Evaluated) -> tuple[Any, ...]:
    conditions = one.evidence.cell.conditions
    return conditions.get("data"), one.found.stamp


def _preference(one: Evaluated) -> tuple[bool, int, int, tuple[bool, datetime]]:
    precision = (
        -PRECISE.index(one.found.precision) if one.found.precision in PRECISE else -len(PRECISE)
    )
    return one.found.complete, precision, one.found.seen, one.evidence.recency


def why_not(claim: Claim, one: Evaluated, about: Known) -> str:
    """Why an evaluation says nothing of a claim about its data set; empty where it does."""
    return next(_reasons(claim, one, about), "")


def _reasons(claim: Claim, one: Evaluated, about: Known) -> Iterator[str]:
    found, version = one.found, one.evidence.cell.builder_version
    if version != about.version:
        yield f"evaluated with {version}, which is {about.version} now"
    values = {"weights": found.weights, "sha256": found.sha256, "named": found.named}
    if other := _other_weights(values, about.entry, about.digests):
        yield other
    if changed := _changed(about.entry, found):
        yield changed
    size = tuple(found.preprocessing["input_size"][-2:])
    if claim.size and size != claim.size:
        yield f"evaluated at {show_size(size)}; the claim is about {show_size(claim.size)}"
    if not found.stated:
        yield f"{found.where} is not known to be {claim.dataset}; --dataset says that it is"
    row = DATASETS.get(canonical(found.dataset) or "")
    split = row.split if row else None
    if (
        found.split
        and (found.split in TRAINING or split)
        and found.split != split
        and not _names(claim, found.split)
    ):
        about_split = (
            f"claims are about {split}" if split else "the claim does not say that it is about that"
        )
        yield f"evaluated on the split {found.split} of {found.dataset}; {about_split}"
    if found.excluded and found.given:
        yield f"{found.excluded:,} images are left out by {found.given}"
    if row and row.images and found.images + found.excluded != row.images:
        here = f"{found.images + found.excluded:,} images are at hand"
        yield f"{here}, {row.name} has {row.images:,}: what the others would be is not known"


def _other_weights(values: dict[str, Any], entry: Entry, digests: dict[str, str]) -> str:
    """That what was evaluated are not the weights of the index. Weights a person named are known by
    their digest."""
    links = {link.raw.strip() for link in entry.links}
    text, sha256 = str(values.get("weights")), str(values.get("sha256"))
    if text in links and not values.get("named"):
        if digests.get(text, sha256) == sha256:
            return ""
        return f"{text} is another file than the one evaluated, by its SHA-256"
    stated = [digest for link in links if (digest := digests.get(link) or stated_digest(link))]
    if not links or any(sha256.startswith(digest) for digest in stated):
        return ""
    return f"{text}, SHA-256 {sha256[:8]}, is not known to be the weights that the index names"


def _changed(entry: Entry, found: Evaluation) -> str:
    """That the entry states another preprocessing now than was evaluated."""
    for key in SETTINGS:
        claim = entry.claim(key)
        stated = entry.image_size if key == "image_size" else claim.value if claim else None
        if stated is None and key in found.settings:
            return (
                f"the index does not state {_label(key)} any more, and did when this was evaluated"
            )
        if stated is not None and not _equal(key, stated, found.preprocessing):
            return f"evaluated with another {_label(key)} than the index states"
    return ""


def _label(key: str) -> str:
    return key.replace("_", " ").replace("pct", "fraction")


def _equal(key: str, stated: Any, pipeline: dict[str, Any]) -> bool:
    """Whether a setting is what ran."""
    match key:
        case "image_size":
            return tuple(pipeline["input_size"][-2:]) == tuple(stated)
        case "crop_pct":
            return Decimal(str(pipeline[key])) == stated
        case "mean" | "std":
            return parse_channels(", ".join(map(repr, pipeline[key]))).value == stated
        case _:
            return str(pipeline[key]).casefold() == str(stated).casefold()


def _names(claim: Claim, split: str) -> bool:
    """Whether the claim says that it is about this split."""
    return any(name.lower() == "split" and value == split for name, value in claim.conditions)
