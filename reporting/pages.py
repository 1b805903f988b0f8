"""Pages as text: each template is filled from the catalogue and nothing else, so the same data gives the same bytes.

The texts are Markdown whose tables and plots are HTML. Everything a template prints passes through
`text.safe`; links are computed from page to page, because a builder of sites leaves those in HTML alone.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model_index.findings import Verdict
from model_index.ledger import Evidence, slug
from model_index.quantities import BY_KEY
from model_index.records import Claim
from reporting import benchmarks, groups, model_page, svg, tables, text
from reporting.benchmark_plots import MEASURED, REPORTED, benchmark_plots, of_family
from reporting.benchmarks import all_records, no_cuda
from reporting.machine_pages import INDEX, machines
from reporting.plots import Plot, layout, plots
from reporting.standing import STANDINGS
from reporting.view import Catalogue, Family

TEMPLATES = Path(__file__).parent / "templates"
VERSION = re.compile(r"v?\d+\.\d")
LINKS = 30  # models named by a group
GROUPS = ("cost", MEASURED, REPORTED)  # headings that plots of a family stand under


@dataclass(frozen=True, slots=True)
class Page:
    """A file below the documentation folder and the template that makes it."""

    path: str
    template: str
    context: Mapping[str, Any]


def pages(catalogue: Catalogue, drawn: Mapping[str, tuple[Plot, ...]]) -> Iterator[tuple[str, str]]:
    """Path and text of every generated page; `drawn` are the plots by page path."""
    for page in _planned(catalogue, drawn):
        yield page.path, render(page)


def all_plots(catalogue: Catalogue) -> dict[str, tuple[Plot, ...]]:
    """The plots by the path of the page they stand on."""
    families = [family.name for family in catalogue.families]
    records = all_records(catalogue)
    speeds = benchmark_plots(catalogue, records)
    made = {"models/index.md": tuple(plots("all-models", "All models", catalogue.models, families))}
    for family in catalogue.families:
        cost = plots(f"family-{family.slug}", family.name, family.models, families)
        speed = (of_family(each, family) for each in speeds)
        made[family.page] = (*cost, *(plot for plot in speed if plot))
    for machine in machines(records):
        made[machine.page] = tuple(each.plot for each in speeds if each.machine == machine.name)
    return made


def _planned(catalogue: Catalogue, drawn: Mapping[str, tuple[Plot, ...]]) -> Iterator[Page]:
    shared = {"catalogue": catalogue, "counts": tables.coverage(("all", check) for _, check in catalogue.checks)}
    yield Page("index.md", "home.md.j2", shared)
    yield Page("models/index.md", "models.md.j2", shared | {"plots": drawn["models/index.md"]})
    yield Page("families/index.md", "families.md.j2", shared)
    yield Page("ledger/index.md", "ledger.md.j2", shared | _ledger(catalogue))
    records = all_records(catalogue)
    found = machines(records)
    shared |= {"machine_pages": {machine.name: machine.page for machine in found}, "no_cuda": no_cuda(records)}
    yield Page(INDEX, "machines.md.j2", shared | {"machines": found})
    for machine in found:
        yield Page(machine.page, "machine.md.j2", shared | {"machine": machine, "plots": drawn[machine.page]})
    for family in catalogue.families:
        quantities, rows = tables.side_by_side(family.models)
        grouped = {kind: [plot for plot in drawn[family.page] if plot.group == kind] for kind in GROUPS}
        own = {"family": family, "plots": grouped, "rows": rows, "quantities": quantities}
        yield Page(family.page, "family.md.j2", shared | own)
        for model in family.models:
            about = {"family": family, "model": model} | benchmarks.context(model)
            yield Page(model.page, "model.md.j2", shared | about | model_page.context(catalogue, model))


def render(page: Page) -> str:
    """The page's text, ending in one line break."""
    context = dict(page.context) | {"href": partial(href, page.path)}
    return _environment().get_template(page.template).render(context).strip() + "\n"


def href(origin: str, target: str, anchor: str = "") -> str:
    """The address of one page of the site as seen from another, both as paths of their sources."""
    address = posixpath.relpath(_address(target), _address(origin))
    folder = "/" if target.endswith(".md") else ""
    return f"{address}{folder}{f'#{anchor}' if anchor else ''}"


def _address(path: str) -> str:
    if not path.endswith(".md"):
        return path
    return posixpath.dirname(path) or "." if posixpath.basename(path) == "index.md" else path.removesuffix(".md")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=text.safe,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "heading": text.title, "line": text.one_line, "paragraphs": text.paragraphs, "human": text.human,
        "web": text.web_address, "flat": text.flat, "plain": plain,
    }  # fmt: skip
    environment.globals |= {
        "columns": tables.COLUMNS, "quantity": BY_KEY, "standings": STANDINGS,
        "shown": text.shown, "amount": text.amount, "left": text.left, "off": text.off,
        "full": text.full, "difference": text.difference, "claimed": claimed, "value": value,
        "evidence_path": evidence_path, "draw": svg.draw, "layout": layout, "facts": facts, "measured_on": measured_on,
    }  # fmt: skip
    return environment


def claimed(claim: Claim) -> str:
    """A claim as printed, with the unit that its label says; of an address the file's name."""
    return text.one_line(claim.row.show(claim.value) if claim.quantity == "weights" else claim.printed)


def value(claim: Claim) -> str:
    """A claim in its quantity's unit, percentages in two decimals, where several publishers stand together."""
    percent = claim.row.unit == "%" and isinstance(claim.value, Decimal)
    return f"{claim.value:.2f}%" if percent else claim.row.show(claim.value)


def facts(family: Family) -> list[str]:
    """A family in a few words: size, range of cost and accuracy, and whether its claims hold."""
    found = [f"{len(family.models)} model{'s' if len(family.models) > 1 else ''}"]
    if macs := [model.macs for model in family.models if model.macs]:
        found.append(f"{text.human(min(macs))} to {text.human(max(macs))} multiply-adds")
    claims = [c for model in family.models if (c := model.claim("top1")) and isinstance(c.value, Decimal)]
    if claims:
        low, high = min(c.value for c in claims), max(c.value for c in claims)
        found.append(f"claimed top-1 {low:.2f} to {high:.2f}%")
    failing = sum(check.finding.fails() for check in family.checks)
    found.append(f"{failing} of {sum(1 for _ in family.checks)} claims fail")
    return found


def measured_on(evidence: Evidence) -> dict[str, list[str]]:
    """What a document says about where it was measured: versions of software, and the machine."""
    found: dict[str, list[str]] = {"Software": [], "Machine": []}
    for key, part in sorted(evidence.environment.items()):
        if isinstance(part, (str, int, float)) and part != "":
            versioned = isinstance(part, str) and VERSION.match(part)
            amount = f"{text.human(part)}B" if key.endswith("_bytes") and isinstance(part, int) else part
            name = key.removesuffix("_bytes").replace("_", " ")
            found["Software" if versioned else "Machine"].append(f"{name} {amount}")
    return found


def evidence_path(catalogue: Catalogue, evidence: Evidence) -> str:
    """Where the ledger keeps a document."""
    cell = evidence.cell
    return f"{catalogue.zoo.ledger.rstrip('/')}/{cell.kind}/{slug(cell.model)}/{cell.key}.json"


def plain(value: object) -> str:
    """A value of a document as text: sequences by commas, mappings in order of their keys, fractions in four digits.

    A document that was read again has lists for tuples and sorted keys, and must look the same.
    """
    if isinstance(value, (list, tuple)):
        return ", ".join(map(plain, value))
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {plain(part)}" for key, part in sorted(value.items()))
    return f"{value:.4g}" if isinstance(value, float) else text.one_line("" if value is None else value)


def _ledger(catalogue: Catalogue) -> dict[str, Any]:
    checks = list(catalogue.checks)
    caused = groups.caused(checks)
    agreeing = [check for _, check in checks if check.verdict in (Verdict.EXACT, Verdict.ROUNDED, Verdict.CONSISTENT)]
    return {
        "tables": {
            "quantity": tables.coverage((check.claim.row.label, check) for _, check in checks),
            "family": tables.coverage((model.family, check) for model, check in checks),
            "publisher": tables.coverage((check.claim.publisher, check) for _, check in checks),
        },
        "failing": groups.listed(checks),
        "mistakes": [group for group in caused if group.mistake],
        "explained": [group for group in caused if not group.mistake],
        "unchecked": groups.grouped(checks, Verdict.UNCHECKED, lambda check: check.finding.reason),
        "shortened": LINKS,
        "most_odd": groups.ODD,
        "agreeing": tables.coverage((check.claim.row.label, check) for check in agreeing),
    }
