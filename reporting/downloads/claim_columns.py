"""Write the claims about a model as columns, which take less than half the room of objects.

A column has a value for each claim, null where there is none; a column without any value is left
out. What several claims have in common stands once in `shared`, and the column of that name holds
numbers of rows there. So `pandas.DataFrame(record["claims"])` is the table of all claims, and
`record["shared"]["source"][number]` the page that a claim stands on.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import msgspec

from zoo.model_index.findings import Finding, Standing, Verdict
from zoo.model_index.quantities.value import Value
from zoo.reporting.i18n.gettext import languages, speaking
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.claim_lines import use_of
from zoo.reporting.views.claim_words import claim_words
from zoo.reporting.views.tolerance import tolerance

Number = int | float | str | list[int] | None


class Commons(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Values that claims and documents of a model have in common: the address of a publisher's
    page, the index file, conditions, the reason of a verdict, keys of documents that a verdict
    rests on, and where something was measured."""

    source: list[str] = []
    file: list[str] = []
    conditions: list[dict[str, str]] = []
    reason: list[str] = []
    evidence: list[list[str]] = []
    environment: list[dict[str, Any]] = []


class Pool:
    """Collects what claims and documents of a model have in common."""

    def __init__(self) -> None:
        self._values: dict[str, list[Any]] = defaultdict(list)
        self._numbers: dict[tuple[str, bytes], int] = {}

    def number(self, name: str, value: object) -> int | None:
        """Return the number of a value in the list of this name, to which a new one is added; None
        where it is empty."""
        if not value:
            return None
        values, known = self._values[name], (name, msgspec.json.encode(value))
        if known not in self._numbers:
            self._numbers[known] = len(values)
            values.append(value)
        return self._numbers[known]

    def shared(self) -> Commons:
        """Return all values."""
        return Commons(**self._values)


class ClaimColumns(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The claims about a model, their verdicts and the evidence for them. Numbers are in `unit`;
    `quantity` is the publisher's spelling, `key` that of the table of quantities, `anchor` the
    place on the model's page, `line` that in the index file. Of a wrong number `use_text` is the
    one to use with its unit; of one that has a cause, `words` say it in a line, by language."""

    quantity: list[str] = []
    key: list[str] = []
    publisher: list[str] = []
    claimed: list[Number] = []
    printed: list[str] = []
    unit: list[str] = []
    dataset: list[str | None] = []
    task: list[str | None] = []
    conditions: list[int | None] = []
    source: list[int | None] = []
    file: list[int] = []
    line: list[int] = []
    anchor: list[str] = []
    verdict: list[str] = []
    standing: list[str] = []
    reason: list[int | None] = []
    evidence: list[int | None] = []
    measured: list[Number] = []
    use: list[Number] = []
    use_text: list[str] = []
    difference: list[Number] = []
    tolerance: list[Number] = []
    cause: list[str | None] = []
    words: list[dict[str, str] | None] = []
    prediction: list[Number] = []
    residual: list[Number] = []
    alternatives: list[list[str] | None] = []


def claim_columns(model: Model, pool: Pool) -> ClaimColumns | None:
    """Return a model's claims as columns, and add to the pool what they have in common; None
    without a claim."""
    rows = [_row(model, check, pool) for check in model.checks]
    columns = {name: [row[name] for row in rows] for name in ClaimColumns.__struct_fields__}
    filled = {name: values for name, values in columns.items() if any(map(_is_stated, values))}
    return ClaimColumns(**filled) if rows else None


def _row(model: Model, check: Check, pool: Pool) -> dict[str, Any]:
    """Return the claim with its finding: a value for each column."""
    claim, finding = check.claim, check.finding
    measured, unjudged = finding.measured, finding.verdict is Verdict.UNCHECKED
    difference = None
    if isinstance(claim.value, Decimal) and isinstance(measured, Decimal):
        difference = claim.value - measured
    return {
        "quantity": claim.label,
        "key": claim.quantity,
        "publisher": claim.publisher,
        "claimed": json_number(claim.value),
        "printed": claim.printed,
        "unit": claim.row.unit,
        "dataset": claim.dataset,
        "task": claim.task,
        "conditions": pool.number("conditions", dict(claim.conditions)),
        "source": pool.number("source", claim.source),
        "file": pool.number("file", check.file.rpartition(":")[0]),
        "line": claim.place.line,
        "anchor": check.anchor,
        "verdict": str(finding.verdict),
        "standing": str(finding.standing),
        "reason": pool.number("reason", finding.reason),
        "evidence": pool.number("evidence", list(finding.evidence)),
        "measured": json_number(measured),
        "use": json_number(finding.use),
        "use_text": use_of(finding) if finding.standing is Standing.WRONG else "",
        "difference": json_number(difference),
        "tolerance": None if unjudged else json_number(tolerance(check)),
        "cause": finding.cause,
        "words": _words(model, finding),
        "prediction": json_number(finding.prediction),
        "residual": json_number(finding.residual),
        "alternatives": list(finding.alternatives) or None,
    }


def _words(model: Model, finding: Finding) -> dict[str, str] | None:
    """Return why the number is not the measured one, in each language; None where it is, and where
    nothing was compared."""
    if finding.standing is not Standing.WRONG and finding.verdict is not Verdict.EXPLAINED:
        return None
    words = {}
    for language in languages():
        with speaking(language):
            words[language] = claim_words(model, finding)
    return words


def _is_stated(value: object) -> bool:
    return value is not None and value != ""


def json_number(value: Value | None) -> Number:
    """Return a value as JSON: whole numbers without a point, sizes as height and width."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(value) if isinstance(value, tuple) else value
