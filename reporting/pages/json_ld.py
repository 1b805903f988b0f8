"""Describe models and the zoo as JSON-LD, for machines that read pages."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from zoo.model_index.quantities.table import EVALUATED
from zoo.reporting.pages.base import Site
from zoo.reporting.text.escape import one_line, web_address
from zoo.reporting.text.format import plain
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.measured_quantities import MEASURED

CONTEXT = "https://schema.org"


def model_data(site: Site, model: Model) -> Markup:
    """Describe a model as `SoftwareSourceCode` with its measurements and claims."""
    measured = [(quantity.label.lower(), quantity.value(model)) for quantity in MEASURED]
    properties = [_property(name, value) for name, value in measured if value]
    for key in EVALUATED:
        claim = model.claim(key)
        if claim and isinstance(claim.value, Decimal):
            on_dataset = f" on {one_line(claim.dataset)}" if claim.dataset else ""
            properties.append(
                _property(f"{claim.row.label}{on_dataset}", float(claim.value), "percent")
            )
    data: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "SoftwareSourceCode",
        "name": model.name,
        "url": page_address(site, f"models/{model.slug}/"),
        "codeRepository": web_address(model.entry.text("code")),
        "programmingLanguage": "Python",
        "runtimePlatform": "PyTorch",
        "license": plain(model.configuration.get("license")) or None,
        "isPartOf": {"@type": "Dataset", "name": site.settings.name, "url": page_address(site, "")},
        "additionalProperty": properties or None,
    }
    return script(data)


def zoo_data(site: Site) -> Markup:
    """Describe the zoo as a `Dataset` with its files."""
    files = {"text/csv": "downloads/models.csv", "application/json": "downloads/models.json"}
    data = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "name": site.settings.name,
        "description": site.settings.description or None,
        "url": page_address(site, ""),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": kind,
                "contentUrl": page_address(site, path),
            }
            for kind, path in files.items()
        ],
    }
    return script(data)


def script(data: Mapping[str, Any]) -> Markup:
    """Return the `<script>` element; data cannot close it, and None values are left out."""
    stated = {key: value for key, value in data.items() if value is not None}
    return Markup(f'<script type="application/ld+json">{script_json(stated)}</script>')


def _property(name: str, value: float, unit: str | None = None) -> dict[str, Any]:
    data = {"@type": "PropertyValue", "name": name, "value": value}
    return data | ({"unitText": unit} if unit else {})


def page_address(site: Site, path: str) -> str:
    """Return the address of a page; the path alone where the settings have no site address."""
    base = site.settings.url.rstrip("/")
    return f"{base}/{path}" if base else f"/{path}"
