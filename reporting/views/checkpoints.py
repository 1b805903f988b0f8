"""Arrange the inspection of a model's checkpoints, one row each."""

from dataclasses import dataclass
from typing import Any

from zoo.model_index.findings import Standing
from zoo.model_index.ledger.store import Evidence
from zoo.reporting.i18n.gettext import N_
from zoo.reporting.views.catalogue import Model

# In which way tensors were matched, where not by their names.
HOW = {
    "order": ", in their order",
    "filter": ", after timm's own filter",
    "prefix": ", by name without a prefix",
}


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
                    check.finding.reason,
                    facts,
                )
            )
    return seen


def _facts(document: Evidence) -> list[tuple[str, str]]:
    values = document.values
    tensors = values.get("tensors") or []
    facts = {
        N_("Size"): f"{values['size']:,} bytes" if isinstance(values.get("size"), int) else "",
        "SHA-256": f"{values['sha256']}, {values.get('sha256_by', '')}"
        if values.get("sha256")
        else "",
        N_("Format"): values.get("format") or "",
        N_("dtypes"): ", ".join(sorted({str(dtype) for _, dtype, _ in tensors})),
        N_("Tensors matched"): _match_words(values.get("comparison") or {}),
        N_("Last seen"): values.get("seen") or "",
    }
    return [(name, text) for name, text in facts.items() if text]


def _match_words(comparison: dict[str, Any]) -> str:
    if "matched" not in comparison:
        return ""
    how = HOW.get(comparison.get("how", ""), "")
    return f"{comparison['matched']:,} of {comparison['model']:,}{how}"
