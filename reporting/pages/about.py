"""Say what a link to a page shows elsewhere, in lists of results and in messages: a description of
its own, and a picture.

The text is a page's front matter, from which the theme makes `description` and Open Graph's tags.
"""

from collections.abc import Callable, Mapping

from zoo.reporting.i18n.gettext import _, n_
from zoo.reporting.pages import findings
from zoo.reporting.pages.base import About, Site
from zoo.reporting.plots.share_card import has_letters
from zoo.reporting.views.catalogue import Family, Model
from zoo.reporting.views.claim_lines import counts_of
from zoo.reporting.views.family_story import story_of
from zoo.reporting.views.finding_rows import list_rows, main_cause
from zoo.reporting.views.machines import machines

FOLDER = "downloads/share"
PICTURE = f"{FOLDER}/site.png"


def family_picture(family: Family) -> str:
    """Return the path of a family's picture."""
    return f"{FOLDER}/family-{family.slug}.png"


def model_picture(model: Model) -> str:
    """Return the path of a model's picture."""
    return f"{FOLDER}/model-{model.slug}.png"


def abouts(site: Site) -> Mapping[str, About]:
    """Return what links show, by the path of a page; a page that is missing has the site's."""
    usual = PICTURE if has_letters(site.settings.name) else ""
    result = {
        path: About(description=describe(site), picture=usual)
        for path, describe in DESCRIPTIONS.items()
    }
    for family in site.catalogue.families:
        picture = family_picture(family) if has_letters(family.name) else usual
        if family.key not in site.kept:
            result[family.page] = About(description=_family(family), picture=picture)
        for model in family.models:
            own = bool(site.settings.url) and has_letters(model.name)
            result[model.page] = About(picture=model_picture(model) if own else picture)
    for machine in machines(site.records):
        result[machine.page] = About(description=machine.summary, picture=usual)
    return result


def _family(family: Family) -> str:
    """Say what is wrong with a family's numbers, or of what kind it is."""
    story = story_of(family)
    full = family.collection.text("full name") if family.collection else None
    models = n_("%(count)s model", "%(count)s models", len(family.models))
    said = [sentence.text for sentence in story.sentences[:2]]
    return " ".join(said) or f"{full or family.name}: {models}. {story.title}."


def _home(site: Site) -> str:
    counts, models = counts_of(site.catalogue), len(site.catalogue.models)
    numbers = _(
        "%(wrong)s wrong, %(right)s right, %(unknown)s unknown.",
        wrong=counts.wrong,
        right=counts.right,
        unknown=counts.unknown,
    )
    said = n_(
        "%(total)s published numbers of %(count)s model:",
        "%(total)s published numbers of %(count)s models:",
        models,
        total=counts.total,
    )
    return " ".join(filter(None, (site.settings.description, said, numbers)))


def _models(site: Site) -> str:
    return n_(
        "%(count)s model in one table: measured GMACs and parameters, published accuracy and "
        "latency, each with its standing.",
        "%(count)s models in one table: measured GMACs and parameters, published accuracy and "
        "latency, each with its standing.",
        len(site.catalogue.models),
    )


def _findings(site: Site) -> str:
    wrong = [row for row in list_rows(site.catalogue) if row.wrong]
    said = findings.headline(counts_of(site.catalogue), main_cause(wrong))
    return f"{said} " + _("Each with the number to use in its place, its cause and its source.")


def _families(site: Site) -> str:
    return n_(
        "%(count)s family of models: what is published of each beside what was measured.",
        "%(count)s families of models: what is published of each beside what was measured.",
        len(site.catalogue.families),
    )


def _explore(site: Site) -> str:
    return _("Which model is the best for its cost: a plot with limits on GMACs and latency.")


def _compare(site: Site) -> str:
    return _("Up to four models side by side: accuracy, cost, speed, and which to take for what.")


def _coverage(site: Site) -> str:
    counts = counts_of(site.catalogue)
    return n_(
        "%(checked)s of %(total)s published number is checked, and why others are not.",
        "%(checked)s of %(total)s published numbers are checked, and why others are not.",
        counts.total,
        checked=counts.wrong + counts.right,
        total=counts.total,
    )


def _changes(site: Site) -> str:
    return _("What changed in the published numbers and in what their checks say, by date.")


def _machines(site: Site) -> str:
    return _("The machines that latencies were measured on, with every setting.")


DESCRIPTIONS: Mapping[str, Callable[[Site], str]] = {
    "index.md": _home,
    "models/index.md": _models,
    "findings/index.md": _findings,
    "families/index.md": _families,
    "explore/index.md": _explore,
    "compare/index.md": _compare,
    "coverage/index.md": _coverage,
    "changes/index.md": _changes,
    "machines/index.md": _machines,
}
