"""Arrange the inspection of a model's checkpoints, one row each."""

from dataclasses import dataclass
from typing import Any

from zoo.model_index.findings import Standing
from zoo.model_index.ledger.store import Evidence
from zoo.reporting.i18n.gettext import N_, _, n_
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.claim_lines import claim_line

# In which way tensors were matched, where not by their names.
HOW = {
    "order": N_("%(matched)s of %(all)s, in their order"),
    "filter": N_("%(matched)s of %(all)s, after timm's own filter"),
    "prefix": N_("%(matched)s of %(all)s, by name without a prefix"),
}
BY_NAME = N_("%(matched)s of %(all)s")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint: its address, its standing, and facts as (name, text)."""

    address: str
    standing: Standing
    reason: str
    facts: tuple[tuple[str, str], ...]


def checkpoints(model: Model) -> list[Checkpoint]:
    """Return the checkpoints of a model that were inspected."""
    documents = {
        document.cell.key: document
        for document in model.documents
        if document.cell.kind == "weights"
    }
    seen = []
    for check in model.checks:
        document = next(
            (documents[key] for key in check.finding.evidence if key in documents), None
        )
        if check.claim.quantity == "weights" and document is not None:
            facts = tuple(_facts(document))
            seen.append(
                Checkpoint(
                    check.claim.raw.strip(),
                    check.finding.standing,
                    claim_line(model, check).words,
                    facts,
                )
            )
    return seen


def _facts(document: Evidence) -> list[tuple[str, str]]:
    values = document.values
    tensors, size = values.get("tensors") or [], values.get("size")
    facts = {
        N_("Size"): _bytes(size) if isinstance(size, int) else "",
        "SHA-256": f"{values['sha256']}, {values.get('sha256_by', '')}"
        if values.get("sha256")
        else "",
        N_("Format"): values.get("format") or "",
        N_("dtypes"): ", ".join(sorted({str(dtype) for _, dtype, _ in tensors})),
        N_("Tensors matched"): _match_words(values.get("comparison") or {}),
        N_("Last seen"): values.get("seen") or "",
    }
    return [(name, text) for name, text in facts.items() if text]


def _bytes(size: int) -> str:
    return n_("%(size)s byte", "%(size)s bytes", size, size=f"{size:,}")


def _match_words(comparison: dict[str, Any]) -> str:
    if "matched" not in comparison:
        return ""
    message = HOW.get(comparison.get("how", ""), BY_NAME)
    return _(message, matched=f"{comparison['matched']:,}", all=f"{comparison['model']:,}")
