"""Pages as text: each template is filled from the catalogue and nothing else, so the same data gives the same bytes.

The texts are Markdown whose tables and plots are HTML. Everything a template prints passes through
`text.safe`; links are computed from page to page, because a builder of sites leaves those in HTML alone.
"""

import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from model_index.errors import UsageError
from model_index.findings import Verdict
from model_index.ledger import Evidence, slug
from model_index.quantities import BY_KEY
from model_index.records import Claim
from reporting import (
    badges,
    benchmarks,
    changes,
    citations,
    compare,
    coverage,
    diagram,
    explore,
    groups,
    highlight,
    language,
    linked_data,
    localised,
    model_page,
    models_table,
    pieces,
    svg,
    tables,
    text,
    tolerance,
    words,
)
from reporting.benchmark_plots import MEASURED, REPORTED, benchmark_plots, of_family
from reporting.benchmarks import Record, all_records, no_cuda
from reporting.kept import family_key
from reporting.language import N_, _, n_, speaking
from reporting.machine_pages import INDEX, machines
from reporting.plan import Page, Site
from reporting.plots import Plot, layout, plots
from reporting.settings import Settings
from reporting.standing import STANDINGS
from reporting.veil import veil
from reporting.view import Catalogue, Family, Zoo

PACKAGES = Path(__file__).parent.parent  # where the embedded index lies
TEMPLATES = Path(__file__).parent / "templates"
VERSION = re.compile(r"v?\d+\.\d")
LINKS = 30  # models named by a group
ONCE = ("downloads/", "badges/", "feeds/")  # folders that only the first language's site has
GROUPS = ("cost", MEASURED, REPORTED)  # headings that plots of a family stand under


def site_of(zoo: Zoo, settings: Settings) -> Site:
    """Everything the rooms of a site may know, arranged once for all its languages."""
    catalogue = Catalogue.of(zoo)
    records = tuple(all_records(catalogue))
    with speaking(settings.language):
        return Site(catalogue, settings, records, all_plots(catalogue, records))


def pages(site: Site) -> Iterator[tuple[str, str]]:
    """Path and text of every generated page."""
    with speaking(site.settings.language):
        for room in ROOMS:
            for page in room(site):
                yield page.path, render(page, site.settings)


def all_plots(catalogue: Catalogue, records: Sequence[Record]) -> dict[str, tuple[Plot, ...]]:
    """The plots by the path of the page they stand on."""
    families = [family.name for family in catalogue.families]
    speeds = benchmark_plots(catalogue, records)
    made = {"models/index.md": tuple(plots("all-models", _("All models"), catalogue.models, families))}
    for family in catalogue.families:
        cost = plots(f"family-{family.slug}", family.name, family.models, families)
        speed = (of_family(each, family) for each in speeds)
        made[family.page] = (*cost, *(plot for plot in speed if plot))
    for machine in machines(records):
        made[machine.page] = tuple(each.plot for each in speeds if each.machine == machine.name)
    return made


def _home(site: Site) -> Iterator[Page]:
    yield Page("index.md", "home.md.j2", _shared(site) | {"linked_data": linked_data.zoo_data(site)})


def _verification(site: Site) -> Iterator[Page]:
    yield Page("ledger/index.md", "ledger.md.j2", _shared(site) | _ledger(site.catalogue))


def _machines(site: Site) -> Iterator[Page]:
    shared, found = _shared(site) | _speeds(site), machines(site.records)
    yield Page(INDEX, "machines.md.j2", shared | {"machines": found})
    for machine in found:
        yield Page(machine.page, "machine.md.j2", shared | {"machine": machine, "plots": site.drawn[machine.page]})


def _families(site: Site) -> Iterator[Page]:
    shared = _shared(site)
    yield Page("families/index.md", "families.md.j2", shared)
    shared |= _speeds(site)
    for family in (each for each in site.catalogue.families if family_key(each) not in site.kept):
        quantities, rows = tables.side_by_side(family.models)
        grouped = {kind: [plot for plot in site.drawn[family.page] if plot.group == kind] for kind in GROUPS}
        own = {"family": family, "plots": grouped, "rows": rows, "quantities": quantities}
        yield Page(family.page, "family.md.j2", shared | own | {"starter": model_page.starter(family)})


def _model_pages(site: Site) -> Iterator[Page]:
    shared = _shared(site) | _speeds(site)
    for family in site.catalogue.families:
        for model in (each for each in family.models if each.slug not in site.kept):
            about = {"family": family, "model": model} | benchmarks.context(model)
            linked = {
                "linked_data": linked_data.model_data(site, model),
                "badge_markdown": badges.markdown(site, model),
                "badge_checks": badges.own(model),
            }
            context = shared | about | linked | model_page.context(site.catalogue, model)
            yield Page(model.page, "model.md.j2", context)


# What has pages of its own; one row a room.
ROOMS: tuple[Callable[[Site], Iterator[Page]], ...] = (
    _home,
    models_table.pages,
    explore.pages,
    compare.pages,
    coverage.pages,
    changes.pages,
    _families,
    _verification,
    _machines,
    _model_pages,
)


def _shared(site: Site) -> dict[str, Any]:
    catalogue = site.catalogue
    counts = tables.coverage(("all", check) for _, check in catalogue.checks)
    return {"catalogue": catalogue, "settings": site.settings, "counts": counts}


def _speeds(site: Site) -> dict[str, Any]:
    """What every page with benchmarks needs."""
    found = {machine.name: machine.page for machine in machines(site.records)}
    return {"machine_pages": found, "no_cuda": no_cuda(site.records)}


def render(page: Page, settings: Settings) -> str:
    """The page's text, ending in one line break, in the language of the settings."""
    context = dict(page.context) | {"href": partial(href, page.path, root=settings.root)}
    try:
        made = environment(settings.templates).get_template(page.template).render(context).strip() + "\n"
    except TemplateError as error:
        if settings.templates is None:
            raise
        raise UsageError(_where(error, settings.templates)) from error
    return veil(made) if settings.veiled else made


def _where(error: TemplateError, templates: Path) -> str:
    """File and line of a mistake in an owner's template; the innermost where one is drawn in by another."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name}:{error.lineno}: {error.message}"
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    own = [frame for frame in lines if Path(frame.filename).is_relative_to(templates)] or lines
    return f"{own[-1].filename}:{own[-1].lineno}: {error}" if own else str(error)


def href(origin: str, target: str, anchor: str = "", *, root: str = "") -> str:
    """The address of one page of the site as seen from another, both as paths of their sources.

    Downloads stand once, below `root`, for all languages.
    """
    there, here = _address(target), _address(origin)
    above = (root,) if root and target.startswith(ONCE) else ()
    shared = 0
    if not above:
        for one, other in zip(there, here, strict=False):
            if one != other:
                break
            shared += 1
    address = "/".join((*("..",) * (len(here) - shared), *above, *there[shared:])) or "."
    folder = "/" if target.endswith(".md") else ""
    return f"{address}{folder}{f'#{anchor}' if anchor else ''}"


@cache
def _address(path: str) -> tuple[str, ...]:
    """The folders of an address below the site's root, the last one a file's name where it is no page."""
    parts = tuple(path.removesuffix(".md").split("/"))
    return parts[:-1] if path.endswith(".md") and parts[-1] == "index" else parts


@cache
def environment(templates: Path | None = None) -> Environment:
    """Our templates, each of them after the one of its name in a folder of the site's owner."""
    loaders = [FileSystemLoader(path) for path in (templates, TEMPLATES) if path]
    made = Environment(
        loader=ChoiceLoader([*loaders, PrefixLoader({"zoo": FileSystemLoader(TEMPLATES)})]),
        autoescape=True, undefined=StrictUndefined, finalize=text.safe, trim_blocks=True, lstrip_blocks=True,
        auto_reload=templates is not None,
    )  # fmt: skip
    made.filters |= {
        "heading": text.title, "line": text.one_line, "paragraphs": text.paragraphs, "human": text.human,
        "web": text.web_address, "coded": text.coded, "flat": text.flat, "plain": text.plain,
    }  # fmt: skip
    made.globals |= {
        "_": language.in_template, "n_": language.plural_in_template, "language": language.current,
        "quantity": BY_KEY, "standings": STANDINGS,
        "shown": text.shown, "amount": text.amount, "left": text.left, "off": text.off,
        "full": text.full, "difference": text.difference, "claimed": claimed, "value": value,
        "evidence_path": evidence_path, "draw": svg.draw, "layout": layout, "facts": facts, "measured_on": measured_on,
        "together": compare.together, "change_anchor": changes.anchor, "change_title": changes.title,
        "quantity_label": quantity_label, "claim_label": claim_label,
        "translated": words.translated, "tasks_of": words.tasks_of, "tolerance": tolerance.shown, "place": place,
        **pieces.TABLE,
        "diagram": diagram.diagram, "highlighted": highlight.highlighted, "paragraphs_of": localised.paragraphs_of,
        "citation_file": citations.path,
    }  # fmt: skip
    return made


def claimed(claim: Claim) -> str:
    """A claim as printed, with the unit that its label says; of an address the file's name."""
    return text.one_line(claim.row.show(claim.value) if claim.quantity == "weights" else claim.printed)


def value(claim: Claim) -> str:
    """A claim in its quantity's unit, percentages in two decimals, where several publishers stand together."""
    percent = claim.row.unit == "%" and isinstance(claim.value, Decimal)
    return f"{claim.value:.2f}%" if percent else claim.row.show(claim.value)


def claim_label(claim: Claim) -> str:
    """A claim's label: the quantity's in the current language where the index spells it so, else as it is spelled."""
    return _(claim.row.label) if claim.label == claim.row.label else text.one_line(claim.label)


def quantity_label(key: str) -> str:
    """The label of a quantity by its key, in the current language."""
    return _(BY_KEY[key].label) if key in BY_KEY else key


def place(claim: Claim) -> str:
    """File and line of a claim, the file as seen from here, or in the package that ships it."""
    file = Path(claim.place.file)
    for root in (Path.cwd(), PACKAGES):
        if file.is_absolute() and file.is_relative_to(root):
            return f"{file.relative_to(root).as_posix()}:{claim.place.line}"
    return f"{claim.place.file}:{claim.place.line}"


def facts(family: Family) -> list[str]:
    """A family in a few words: size, range of cost and accuracy, and whether its claims hold."""
    found = [n_("%(count)s model", "%(count)s models", len(family.models))]
    if macs := [model.macs for model in family.models if model.macs]:
        low, high = text.human(min(macs)), text.human(max(macs))
        found.append(_("%(low)s to %(high)s multiply-adds", low=low, high=high))
    claims = [c for model in family.models if (c := model.claim("top1")) and isinstance(c.value, Decimal)]
    if claims:
        worst, best = (f"{end(c.value for c in claims):.2f}" for end in (min, max))
        found.append(_("claimed top-1 %(low)s to %(high)s%%", low=worst, high=best))
    failing = sum(check.finding.fails() for check in family.checks)
    found.append(_("%(failing)s of %(all)s claims fail", failing=failing, all=sum(1 for _check in family.checks)))
    return found


def measured_on(evidence: Evidence) -> dict[str, list[str]]:
    """What a document says about where it was measured: versions of software, and the machine."""
    found: dict[str, list[str]] = {N_("Software"): [], N_("Machine"): []}
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
