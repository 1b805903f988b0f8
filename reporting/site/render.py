"""Pages as text: each template is filled from the catalogue and nothing else, so the same data
gives the same bytes.

The texts are Markdown whose tables and plots are HTML. Everything a template prints passes through
`text.safe`; links are computed from page to page, because a builder of sites leaves those in HTML
alone.
"""

import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import (
    TemplateError,
    TemplateSyntaxError,
)

from zoo.model_index.errors import UsageError
from zoo.model_index.findings import Verdict
from zoo.reporting.downloads import badges
from zoo.reporting.i18n.gettext import _, speaking
from zoo.reporting.pages import changes, compare, coverage, explore, json_ld, models_table
from zoo.reporting.pages import model as model_page
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.machines import INDEX, machines
from zoo.reporting.pages.settings import Settings
from zoo.reporting.plots.benchmarks import MEASURED, REPORTED, benchmark_plots, of_family
from zoo.reporting.plots.scatter import Plot, plots
from zoo.reporting.site.html_comments import veil
from zoo.reporting.site.incremental import family_key
from zoo.reporting.site.jinja_env import environment
from zoo.reporting.views import benchmarks, finding_groups, summaries
from zoo.reporting.views.benchmarks import Record, all_records, no_cuda
from zoo.reporting.views.catalogue import Catalogue, Zoo

PACKAGES = Path(__file__).parents[2]  # where the embedded index lies
TEMPLATES = Path(__file__).parents[1] / "templates"
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
    made = {
        "models/index.md": tuple(plots("all-models", _("All models"), catalogue.models, families))
    }
    for family in catalogue.families:
        cost = plots(f"family-{family.slug}", family.name, family.models, families)
        speed = (of_family(each, family) for each in speeds)
        made[family.page] = (*cost, *(plot for plot in speed if plot))
    for machine in machines(records):
        made[machine.page] = tuple(each.plot for each in speeds if each.machine == machine.name)
    return made


def _home(site: Site) -> Iterator[Page]:
    yield Page("index.md", "home.md.j2", _shared(site) | {"linked_data": json_ld.zoo_data(site)})


def _verification(site: Site) -> Iterator[Page]:
    yield Page("ledger/index.md", "ledger.md.j2", _shared(site) | _ledger(site.catalogue))


def _machines(site: Site) -> Iterator[Page]:
    shared, found = _shared(site) | _speeds(site), machines(site.records)
    yield Page(INDEX, "machines.md.j2", shared | {"machines": found})
    for machine in found:
        yield Page(
            machine.page,
            "machine.md.j2",
            shared | {"machine": machine, "plots": site.drawn[machine.page]},
        )


def _families(site: Site) -> Iterator[Page]:
    shared = _shared(site)
    yield Page("families/index.md", "families.md.j2", shared)
    shared |= _speeds(site)
    for family in (each for each in site.catalogue.families if family_key(each) not in site.kept):
        quantities, rows = summaries.side_by_side(family.models)
        grouped = {
            kind: [plot for plot in site.drawn[family.page] if plot.group == kind]
            for kind in GROUPS
        }
        own = {"family": family, "plots": grouped, "rows": rows, "quantities": quantities}
        yield Page(
            family.page, "family.md.j2", shared | own | {"starter": model_page.starter(family)}
        )


def _model_pages(site: Site) -> Iterator[Page]:
    shared = _shared(site) | _speeds(site)
    for family in site.catalogue.families:
        for model in (each for each in family.models if each.slug not in site.kept):
            about = {"family": family, "model": model} | benchmarks.context(model)
            linked = {
                "linked_data": json_ld.model_data(site, model),
                "badge_markdown": badges.markdown(site, model),
                "badge_checks": badges.badge_checks(model),
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
    counts = summaries.coverage(("all", check) for _, check in catalogue.checks)
    return {"catalogue": catalogue, "settings": site.settings, "counts": counts}


def _speeds(site: Site) -> dict[str, Any]:
    """What every page with benchmarks needs."""
    found = {machine.name: machine.page for machine in machines(site.records)}
    return {"machine_pages": found, "no_cuda": no_cuda(site.records)}


def render(page: Page, settings: Settings) -> str:
    """The page's text, ending in one line break, in the language of the settings."""
    context = dict(page.context) | {"href": partial(href, page.path, root=settings.root)}
    try:
        template = environment(settings.templates, settings.language).get_template(page.template)
        made = template.render(context).strip() + "\n"
    except TemplateError as error:
        if settings.templates is None:
            raise
        raise UsageError(_where(error, settings.templates)) from error
    return veil(made) if settings.veiled else made


def _where(error: TemplateError, templates: Path) -> str:
    """File and line of a mistake in an owner's template; the innermost where one is drawn in by
    another."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name}:{error.lineno}: {error.message}"
    lines = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith(".j2")
    ]
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
    """The folders of an address below the site's root, the last one a file's name where it is no
    page."""
    parts = tuple(path.removesuffix(".md").split("/"))
    return parts[:-1] if path.endswith(".md") and parts[-1] == "index" else parts


def _ledger(catalogue: Catalogue) -> dict[str, Any]:
    checks = list(catalogue.checks)
    caused = finding_groups.caused(checks)
    agreeing = [
        check
        for _, check in checks
        if check.verdict in (Verdict.EXACT, Verdict.ROUNDED, Verdict.CONSISTENT)
    ]
    return {
        "tables": {
            "quantity": summaries.coverage((check.claim.row.label, check) for _, check in checks),
            "family": summaries.coverage((model.family, check) for model, check in checks),
            "publisher": summaries.coverage((check.claim.publisher, check) for _, check in checks),
        },
        "failing": finding_groups.listed(checks),
        "mistakes": [group for group in caused if group.mistake],
        "explained": [group for group in caused if not group.mistake],
        "unchecked": finding_groups.grouped(
            checks, Verdict.UNCHECKED, lambda check: check.finding.reason
        ),
        "shortened": LINKS,
        "most_odd": finding_groups.ODD,
        "agreeing": summaries.coverage((check.claim.row.label, check) for check in agreeing),
    }
