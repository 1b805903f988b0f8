"""How to cite what the ledger says about a model, as BibTeX."""

from zoo.reporting.text.escape import printable
from zoo.reporting.views.catalogue import Model

RECORDS = 4  # that a citation names


def record_citation(site_name: str, model: Model) -> str:
    """Return an entry that names the site, the model, the newest day of its records and their
    keys."""
    days = [document.started_at[:10] for document in model.documents if document.started_at]
    keys = [document.cell.key[:8] for document in model.documents[:RECORDS]]
    name, site = _bare(model.name), _bare(site_name)
    fields = {"title": f"{name} in {site}"}
    if days:
        fields |= {"year": max(days)[:4], "note": f"as of {max(days)}, records {', '.join(keys)}"}
    lines = ",\n".join(f"  {key}={{{value}}}" for key, value in fields.items())
    return f"@misc{{zoo-{model.slug},\n{lines}\n}}"


def _bare(text: str) -> str:
    """Return a text without what BibTeX reads as markup."""
    return printable(text).translate(dict.fromkeys(map(ord, "{}\\")))
