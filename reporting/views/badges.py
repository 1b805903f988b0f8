"""Select the claims of a model that have a badge, and write the README line that shows it."""

from zoo.reporting.views.catalogue import Check, Model

FOLDER = "badges"


def badge_checks(model: Model) -> list[Check]:
    """Return the first claim of each quantity with a badge, the model's own publisher first."""
    checks = sorted(model.checks, key=lambda check: check.claim.publisher != model.entry.publisher)
    by_quantity: dict[str, Check] = {}
    for check in checks:
        if check.claim.row.badge:
            by_quantity.setdefault(check.claim.quantity, check)
    return list(by_quantity.values())


def badge_markdown(site_url: str, model: Model) -> str:
    """Return the Markdown that shows the model's badge in a README."""
    base = site_url.rstrip("/")
    return f"[![claims]({base}/{FOLDER}/{model.slug}.svg)]({base}/models/{model.slug}/)"
