"""Pages of models that were renamed: their old addresses lead to the new ones."""

from collections.abc import Iterator, Mapping
from html import escape

from zoo.reporting.downloads import badges
from zoo.reporting.pages.base import File, Site
from zoo.reporting.views.catalogue import Model, slugs


def former_slugs(site: Site) -> dict[str, Model]:
    """Models by the slugs of their former names, as the index states them (`Formerly`) or the
    site's settings.

    A slug that a model has today leads nowhere else.
    """
    models = {model.name: model for model in site.catalogue.models}
    former = {**site.catalogue.zoo.index.former_names(), **site.settings.renamed}
    taken = {model.slug for model in site.catalogue.models}
    by_old_name = {old: models[new] for old, new in former.items() if new in models}
    return {
        slugs([old])[0]: model for old, model in by_old_name.items() if slugs([old])[0] not in taken
    }


def files(site: Site) -> Iterator[File]:
    """A page that forwards for each former slug, and badges as they were linked."""
    for slug, model in former_slugs(site).items():
        yield File(path(slug), forward(model))
        yield from badges.model_badges(model, slug)


def forwards(site: Site) -> Mapping[str, str]:
    """The pages alone, for another language's site."""
    return {path(slug): forward(model) for slug, model in former_slugs(site).items()}


def path(slug: str) -> str:
    """Where the page of a former slug lies."""
    return f"models/{slug}/index.html"


def forward(model: Model) -> str:
    """A page that leads on at once, and a link for who does not follow."""
    address, name = f"../{model.slug}/", escape(model.name)
    lines = (
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f"<title>{name}</title>",
        f'<link rel="canonical" href="{address}">',
        f'<meta http-equiv="refresh" content="0; url={address}">',
        '<meta name="robots" content="noindex">',
        "</head>",
        "<body>",
        f'<p><a href="{address}">{name}</a></p>',
        "</body>",
        "</html>",
    )
    return "\n".join(lines) + "\n"
