"""Make pages that forward from the old address of a renamed model to its new one."""

from collections.abc import Iterator, Mapping
from html import escape

from zoo.reporting.downloads import badges
from zoo.reporting.pages.base import File, Site
from zoo.reporting.pages.json_ld import whole_address
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.names import slugs


def former_slugs(site: Site) -> dict[str, Model]:
    """Return models by the slugs of their former names, from the index (`Formerly`) and the site's
    settings.

    A slug that a model has today leads nowhere else.
    """
    models = site.catalogue.models
    by_name = {model.entry.name: model for model in reversed(models)}
    by_old_name = {old: model for model in models for old in model.entry.former_names}
    renamed = site.settings.renamed.items()
    by_old_name |= {old: by_name[new] for old, new in renamed if new in by_name}
    taken = {model.slug for model in models}
    by_slug = {slugs([old])[0]: model for old, model in by_old_name.items()}
    return {slug: model for slug, model in by_slug.items() if slug not in taken}


def files(site: Site) -> Iterator[File]:
    """Yield a page that forwards for each former slug, and the badges that the site has at
    their old addresses."""
    for slug, model in former_slugs(site).items():
        yield File(path(slug), forward(site, model))
        yield from badges.model_badges(model, slug, site.settings)


def forwards(site: Site) -> Mapping[str, str]:
    """Return only the pages, for the site of another language."""
    return {path(slug): forward(site, model) for slug, model in former_slugs(site).items()}


def path(slug: str) -> str:
    """Return the path of the page of a former slug."""
    return f"models/{slug}/index.html"


def forward(site: Site, model: Model) -> str:
    """Return a page that forwards at once, with a link for browsers that do not; it names the
    canonical page where the site's address is known."""
    address, name = f"../{model.slug}/", escape(model.name)
    folder = "" if site.settings.primary else f"{site.settings.language}/"
    canonical = whole_address(site, f"{folder}models/{model.slug}/")
    lines = (
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f"<title>{name}</title>",
        *([f'<link rel="canonical" href="{escape(canonical)}">'] if canonical else []),
        f'<meta http-equiv="refresh" content="0; url={address}">',
        '<meta name="robots" content="noindex">',
        "</head>",
        "<body>",
        f'<p><a href="{address}">{name}</a></p>',
        "</body>",
        "</html>",
    )
    return "\n".join(lines) + "\n"
