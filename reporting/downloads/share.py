"""Write the pictures that stand beside shared links: one of the site, one of each family, and one
of each model where the site's address is known, without which nobody can show it.

They are in English, since the letters at hand are Latin, Greek and Cyrillic. A family or a model
owns its picture, so it is drawn again only where something of it changed.
"""

from collections.abc import Iterator, Sequence

from zoo.model_index.quantities.show import human
from zoo.reporting.i18n.gettext import ENGLISH, _, n_, speaking
from zoo.reporting.pages.about import PICTURE, family_picture, model_picture
from zoo.reporting.pages.base import File, Site
from zoo.reporting.pages.changes.page import show_day
from zoo.reporting.pages.home.page import as_of
from zoo.reporting.plots.share_card import Card, CardCorrection, CardValue, draw_card
from zoo.reporting.views.catalogue import Family, Model
from zoo.reporting.views.claim_lines import ClaimLine, Counts, claim_line, counts_of
from zoo.reporting.views.finding_rows import list_rows
from zoo.reporting.views.model_page.identity import identity
from zoo.reporting.views.model_page.numbers import numbers
from zoo.reporting.views.model_page.tiles import tiles

SMALL = 0.5  # of a model's picture: 600 by 315 pixels, at most 8 KB
ROWS, VALUES = 2, 4  # of a card


def files(site: Site) -> Iterator[File]:
    """Yield every picture that is due."""
    with speaking(ENGLISH):
        yield from _file(PICTURE, site_card(site))
        for family in site.due_families:
            yield from _file(family_picture(family), family_card(family), owner=family.key)
        if site.settings.url:
            families = {model.slug: f for f in site.catalogue.families for model in f.models}
            for model in site.due:
                card = model_card(families[model.slug], model)
                yield from _file(model_picture(model), card, SMALL, owner=model.slug)


def _file(path: str, card: Card, scale: float = 1.0, *, owner: str = "") -> Iterator[File]:
    data = draw_card(card, scale)
    if data is not None:
        yield File(path, data, owner)


def site_card(site: Site) -> Card:
    """Return the card of the site: how many numbers are wrong, and the worst of them."""
    catalogue, counts = site.catalogue, counts_of(site.catalogue)
    worst: dict[tuple[str, str], ClaimLine] = {}
    for row in list_rows(catalogue):
        if row.wrong and row.line.use:
            worst.setdefault((row.model.family, row.line.quantity), row.line)
    named = [("wrong", counts.wrong), ("right", counts.right), ("unknown", counts.unknown)]
    values = [CardValue(f"{number:,}", "", key, _(key)) for key, number in named]
    models = n_("%(count)s model", "%(count)s models", len(catalogue.models))
    families = n_("%(count)s family", "%(count)s families", len(catalogue.families))
    day = as_of(site)
    return Card(
        name=site.settings.name,
        kind=f"{models}, {families}",
        **_tally(counts),
        rows=[_correction(line) for line in list(worst.values())[:ROWS]],
        values=[*values, CardValue(f"{counts.total:,}", "", "", _("published numbers"))],
        date=_("as of %(day)s", day=show_day(day)) if day else "",
    )


def family_card(family: Family) -> Card:
    """Return the card of a family: its wrong numbers, and the ranges of its costs."""
    wrong = (
        claim_line(model, check)
        for model in family.models
        for check in model.checks
        if check.usable is None
    )
    lines = sorted((line for line in wrong if line.use), key=lambda line: line.severity)
    by_cause = {(line.publisher, line.words): line for line in reversed(lines)}
    full = family.collection.text("full name") if family.collection else None
    models = n_("%(count)s model", "%(count)s models", len(family.models))
    return Card(
        name=family.name,
        kind=", ".join(filter(None, (full, models))),
        **_tally(counts_of(family)),
        rows=[_correction(line) for line in list(by_cause.values())[-1 : -ROWS - 1 : -1]],
        values=[*_ranges(family.models)],
    )


def _ranges(models: Sequence[Model]) -> Iterator[CardValue]:
    macs = [model.macs for model in models if model.macs]
    parameters = [model.parameters for model in models if model.parameters]
    yield CardValue(f"{len(models):,}", "", "", n_("model", "models", len(models)))
    for values, unit in ((macs, "MACs"), (parameters, f" {_('parameters')}")):
        if values:
            low, high = human(min(values)), human(max(values))
            number, _space, prefix = high.partition(" ")
            text = number if low == high else f"{low.removesuffix(f' {prefix}')}–{number}"
            yield CardValue(text, f"{prefix}{unit}", "right", _("measured"))


def model_card(family: Family, model: Model) -> Card:
    """Return the card of a model: its wrong numbers, and the tiles of its page."""
    known, all_numbers = identity(family, model), numbers(model)
    built = _("built by %(library)s", library=known.built_by) if known.built_by else ""
    return Card(
        name=model.name,
        kind=", ".join(filter(None, (known.family, built))),
        **_tally(all_numbers.counts),
        rows=[_correction(line) for line in all_numbers.corrections if line.use][:ROWS],
        values=[
            CardValue(tile.number, f"{tile.unit} {tile.label}".strip(), tile.standing, tile.words)
            for tile in tiles(model)[:VALUES]
        ],
    )


def _tally(counts: Counts) -> dict[str, str]:
    """Say how many published numbers are wrong, and the standing of that."""
    if counts.wrong:
        text = n_(
            "%(count)s of %(total)s published numbers is wrong",
            "%(count)s of %(total)s published numbers are wrong",
            counts.wrong,
            total=counts.total,
        )
        return {"tally": text, "standing": "wrong"}
    if counts.right:
        text = n_(
            "The published number is not wrong",
            "None of %(total)s published numbers is wrong",
            counts.total,
            total=counts.total,
        )
        return {"tally": text, "standing": "right"}
    return {"tally": _("No published number is checked yet"), "standing": "unknown"}


def _correction(line: ClaimLine) -> CardCorrection:
    return CardCorrection(
        what=f"{line.quantity}, {line.publisher}",
        old=line.published,
        new=line.use,
        why=line.words.partition(";")[0],
    )
