"""Why a number differs, as the part of a model's page: its correction, the sum that gives the
published number, and what else was tried."""

from dataclasses import dataclass

from zoo.model_index.findings import Hypothesis
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.quantities.quantity import Quantity
from zoo.reporting.text.escape import one_line
from zoo.reporting.text.format import format_amount, format_residual, format_residual_share
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.cause_words import cause_text, term_text
from zoo.reporting.views.claim_lines import ClaimLine, claim_line
from zoo.reporting.views.hypotheses import Why, terms_of, whys

FAR = 10  # times, from which on a share says little


@dataclass(frozen=True, slots=True)
class Trial:
    """A cause that was tried: what it gives, and how far the published number is from it."""

    label: str
    gives: str
    off: str
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A number that differs: its line, `terms` that add up to `total`, trials, other causes
    that fit as well, and the documents of the ledger."""

    anchor: str
    line: ClaimLine
    terms: tuple[tuple[str, str], ...]
    total: str
    exact: bool
    size: str
    trials: tuple[Trial, ...]
    tried: int
    alternatives: tuple[str, ...]
    documents: tuple[Evidence, ...]


def explanations(model: Model) -> list[Explanation]:
    """Return an explanation for each count that differs, the worst first."""
    documents = {document.cell.key: document for document in model.documents}
    made = [_explanation(model, why, documents) for why in whys(model).values()]
    return sorted(made, key=lambda explanation: explanation.line.severity)


def _explanation(model: Model, why: Why, documents: dict[str, Evidence]) -> Explanation:
    finding, chosen = why.check.finding, why.chosen
    size = chosen.size if chosen else None
    return Explanation(
        anchor=why.anchor,
        line=claim_line(model, why.check),
        terms=tuple(
            (one_line(term_text(name)), f"{number:,}")
            for name, number in (terms_of(chosen) if chosen else ())
        ),
        total=format_amount(finding.claim.row, chosen.prediction) if chosen else "",
        exact=chosen is not None and not chosen.residual,
        size=f"{size[0]}×{size[1]}" if size else "",
        trials=tuple(_trial(why, hypothesis) for hypothesis in why.shown),
        tried=why.tried,
        alternatives=tuple(one_line(cause_text(other)) for other in finding.alternatives),
        documents=tuple(documents[key] for key in finding.evidence if key in documents),
    )


def _trial(why: Why, hypothesis: Hypothesis) -> Trial:
    row = why.check.claim.row
    fits = hypothesis is why.chosen or hypothesis.fits
    label, gives = one_line(cause_text(hypothesis.label)), format_amount(row, hypothesis.prediction)
    return Trial(label, gives, _off(row, hypothesis).replace("-", "\N{MINUS SIGN}"), fits)


def _off(row: Quantity, hypothesis: Hypothesis) -> str:
    """Return how far the published number is from a prediction: `+27.92 %`, `× 949`; a difference
    that would be 0.00 % in full."""
    published, prediction = hypothesis.prediction + hypothesis.residual, hypothesis.prediction
    if prediction and published and published / prediction >= FAR:
        return f"× {published / prediction:,.0f}"
    share = format_residual_share(hypothesis.residual, prediction)
    if "%" not in share or share.startswith("under"):
        return format_residual(row, hypothesis.residual)
    return share.replace("%", " %")
