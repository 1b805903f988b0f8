"""Tables as data: what stands in each cell for people, and what a script or a program reads instead.

One row of `COLUMNS` is one column of the table of all models and of its downloads.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from model_index.findings import Finding
from model_index.quantities import QUANTITIES
from reporting.standing import STANDINGS
from reporting.text import human
from reporting.view import Catalogue, Check, Model

Raw = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """`raw` gives the value that sorts and is downloaded, `show` how a person sees it."""

    key: str
    label: str
    note: str
    raw: Callable[[Model], Raw]
    show: Callable[[Raw], str] = lambda value: "" if value is None else str(value)
    number: bool = True


def _claimed(quantity: str) -> Callable[[Model], Raw]:
    def raw(model: Model) -> Raw:
        claim = model.claim(quantity)
        return float(claim.value) if claim and isinstance(claim.value, Decimal) else None

    return raw


def _count(value: Raw) -> str:
    return human(value) if isinstance(value, int) else ""


def _percent(value: Raw) -> str:
    return f"{value:.2f}%" if isinstance(value, float) else ""


def _publisher(model: Model) -> Raw:
    claim = model.claim("top1")
    return claim.publisher if claim else None


def _size(model: Model) -> Raw:
    return "x".join(map(str, model.input_size)) if model.input_size else None


def _failing(model: Model) -> Raw:
    return sum(check.finding.fails() for check in model.checks)


COLUMNS = (
    Column("model", "Model", "", lambda m: m.name, number=False),
    Column("family", "Family", "", lambda m: m.family, number=False),
    Column("macs", "Multiply-adds", "measured", lambda m: m.macs, _count),
    Column("parameters", "Parameters", "measured", lambda m: m.parameters, _count),
    Column("input", "Input", "pixels", _size, number=False),
    Column("top1", "Top-1", "claimed", _claimed("top1"), _percent),
    Column("top5", "Top-5", "claimed", _claimed("top5"), _percent),
    Column("publisher", "Claimed by", "accuracy", _publisher, number=False),
    Column("failing", "Findings", "mismatches, mistakes and errors", _failing, lambda v: str(v)),
)


@dataclass(frozen=True, slots=True)
class Count:
    """One row of the coverage table: how many findings stand how, and how many of them fail."""

    name: str
    total: int
    standings: dict[str, int]
    failing: int


def coverage(named: Iterable[tuple[str, Check]]) -> list[Count]:
    """Findings counted by name, names in the order they first appear."""
    groups: dict[str, list[Check]] = {}
    for name, check in named:
        groups.setdefault(name, []).append(check)
    return [_count_of(name, found) for name, found in groups.items()]


def _count_of(name: str, found: Sequence[Check]) -> Count:
    number = Counter(check.standing.key for check in found)
    return Count(name, len(found), {s.key: number[s.key] for s in STANDINGS}, sum(c.finding.fails() for c in found))


@dataclass(frozen=True, slots=True)
class Claimed:
    """One publisher's claims about one model, by quantity, for the side-by-side table of a family."""

    model: Model
    publisher: str
    checks: dict[str, list[Check]]


def side_by_side(models: Sequence[Model]) -> tuple[list[str], list[Claimed]]:
    """The quantities that anybody claims, in the table's order, and one row a model and publisher.

    Benchmarks are not among them: each is of its own hardware and batch size.
    """
    rows = []
    for model in models:
        publishers: dict[str, dict[str, list[Check]]] = {}
        for check in (check for check in model.checks if check.claim.row.check != "benchmark"):
            publishers.setdefault(check.claim.publisher, {}).setdefault(check.claim.quantity, []).append(check)
        rows += [Claimed(model, publisher, checks) for publisher, checks in publishers.items()]
    present = {quantity for row in rows for quantity in row.checks}
    return [row.key for row in QUANTITIES if row.key in present], rows


def models_json(catalogue: Catalogue) -> str:
    """Every model as one object, with its page's address below the site's root."""
    rows = [
        {column.key: column.raw(model) for column in COLUMNS} | {"page": f"models/{model.slug}/"}
        for model in catalogue.models
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def models_csv(catalogue: Catalogue) -> str:
    """The table of all models; a cell that a spreadsheet would run as a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.key for column in COLUMNS])
    for model in catalogue.models:
        writer.writerow([_inert(column.raw(model)) for column in COLUMNS])
    return out.getvalue()


def findings_json(findings: Sequence[Finding]) -> str:
    """Every finding as `zoo verify --format json` prints it."""
    return json.dumps([finding.to_dict() for finding in findings], indent=1, ensure_ascii=False) + "\n"


def _inert(value: Raw) -> Raw:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
