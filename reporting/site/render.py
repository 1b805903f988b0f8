"""Pages as text: each template is filled from the catalogue and nothing else, so the same data
gives the same bytes.

The texts are Markdown whose tables and plots are HTML. Everything a template prints passes through
`text.safe`; links are computed from page to page, because a builder of sites leaves those in HTML
alone.
"""

import json
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

from jinja2 import TemplateError, TemplateSyntaxError

from zoo.model_index.errors import UsageError
from zoo.reporting.i18n.gettext import speaking
from zoo.reporting.pages import (
    compare,
    coverage,
    families,
    findings,
    machines,
    model,
)
from zoo.reporting.pages.about import abouts
from zoo.reporting.pages.base import About, Page, Site
from zoo.reporting.pages.changes import page as changes
from zoo.reporting.pages.explore import page as explore
from zoo.reporting.pages.home import page as home
from zoo.reporting.pages.models import page as models
from zoo.reporting.pages.settings import Settings
from zoo.reporting.plots.benchmarks import benchmark_plots, of_family
from zoo.reporting.plots.cost_plot import cost_plot
from zoo.reporting.plots.scatter import Plot
from zoo.reporting.site.html_comments import hide_html
from zoo.reporting.site.jinja_env import environment
from zoo.reporting.text.escape import printable
from zoo.reporting.text.yaml_block import scalar
from zoo.reporting.views.benchmarks import Record, all_records
from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.machines import machines as measured_machines

FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)
HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
UNINDEXED = "search: {exclude: true}"  # the look-up has indexes of its own for our pages
ONCE = ("downloads/", "badges/", "feeds/")  # folders that only the first language's site has


def site_of(zoo: Zoo, settings: Settings) -> Site:
    """Arrange everything that page modules read."""
    catalogue = Catalogue.of(zoo, settings.source)
    records = tuple(all_records(catalogue))
    with speaking(settings.language):
        return Site(catalogue, settings, records, all_plots(catalogue, records))


def render_pages(site: Site) -> Iterator[tuple[Page, str]]:
    """Render every page; yield it with its text."""
    with speaking(site.settings.language):
        about = abouts(site)
        for plan in PAGES:
            for page in plan(site):
                yield page, render(page, site.settings, about.get(page.path, about["index.md"]))


def all_plots(catalogue: Catalogue, records: Sequence[Record]) -> dict[str, tuple[Plot, ...]]:
    """Return the plots by the path of their page."""
    names = [family.name for family in catalogue.families]
    speeds = benchmark_plots(catalogue, records)
    drawn: dict[str, tuple[Plot, ...]] = {}
    for family in catalogue.families:
        cost = _only(cost_plot(f"family-{family.slug}", family.models, names))
        family_speeds = (of_family(speed, family) for speed in speeds)
        drawn[family.page] = (*cost, *(plot for plot in family_speeds if plot))
    for machine in measured_machines(records):
        drawn[machine.page] = tuple(s.plot for s in speeds if s.machine == machine.name)
    return drawn


def _only(plot: Plot | None) -> tuple[Plot, ...]:
    return (plot,) if plot else ()


# The page modules' planners.
PAGES: tuple[Callable[[Site], Iterator[Page]], ...] = (
    home.pages,
    models.pages,
    explore.pages,
    compare.pages,
    coverage.pages,
    changes.pages,
    families.pages,
    findings.pages,
    machines.pages,
    model.pages,
)


def render(page: Page, settings: Settings, about: About | None = None) -> str:
    """Render the page's text in the language of the settings; it ends in one line break. `about` is
    what links to it show."""
    context = dict(page.context) | {"href": partial(href, page.path, root=settings.root)}
    try:
        template = environment(settings.templates, settings.language).get_template(page.template)
        text = template.render(context).strip() + "\n"
    except TemplateError as error:
        if settings.templates is None:
            raise
        raise UsageError(_where(error, settings.templates)) from error
    text = add_meta(text, page.template.partition(".")[0], about or About())
    return hide_html(text) if settings.hides_html else text


def add_meta(text: str, kind: str, about: About) -> str:
    """Return a page whose front matter names its kind, by which the theme knows our pages, what
    links to it show, and its title, where its heading is HTML: a builder of sites takes titles from
    Markdown alone."""
    meta, body = [f"zoo: {kind}", UNINDEXED], text
    if match := FRONT_MATTER.match(text):
        meta, body = [*meta, *match[1].splitlines()], text[match.end() :]
    heading = HEADING.search(body)
    if heading and not any(line.startswith("title:") for line in meta):
        meta.append(f"title: {scalar(TAG.sub('', heading[1]).strip())}")
    for key, value in (("description", about.description), ("picture", about.picture)):
        if value and not any(line.startswith(f"{key}:") for line in meta):
            meta.append(f"{key}: {json.dumps(printable(value), ensure_ascii=False)}")
    return "\n".join(("---", *meta, "---", "", body.lstrip()))


def _where(error: TemplateError, templates: Path) -> str:
    """Return file and line of an error in an owner's template; the innermost of nested
    templates."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name}:{error.lineno}: {error.message}"
    lines = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith(".j2")
    ]
    owners_lines = [
        frame for frame in lines if Path(frame.filename).is_relative_to(templates)
    ] or lines
    return (
        f"{owners_lines[-1].filename}:{owners_lines[-1].lineno}: {error}"
        if owners_lines
        else str(error)
    )


def href(origin: str, target: str, anchor: str = "", *, root: str = "") -> str:
    """Return the address of a page relative to another, both as paths of their sources.

    Downloads stand once, below `root`, for all languages.
    """
    target_parts, origin_parts = _address(target), _address(origin)
    above = (root,) if root and target.startswith(ONCE) else ()
    shared = 0
    if not above:
        for a, b in zip(target_parts, origin_parts, strict=False):
            if a != b:
                break
            shared += 1
    address = (
        "/".join((*("..",) * (len(origin_parts) - shared), *above, *target_parts[shared:])) or "."
    )
    folder = "/" if target.endswith(".md") else ""
    return f"{address}{folder}{f'#{anchor}' if anchor else ''}"


@cache
def _address(path: str) -> tuple[str, ...]:
    """Return the folders of an address below the site's root; the last part of a download is its
    file."""
    parts = tuple(path.removesuffix(".md").split("/"))
    return parts[:-1] if path.endswith(".md") and parts[-1] == "index" else parts
