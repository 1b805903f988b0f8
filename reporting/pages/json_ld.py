"""Describe models and the zoo as JSON-LD, for machines that read pages.

Terms are those of schema.org. What was measured is a property of a data set; what a publisher says
is a `Claim` of its author, never a property. Addresses are whole; where the site has none, they are
left out.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from zoo.model_index.quantities.table import EVALUATED
from zoo.reporting.i18n.gettext import ENGLISH
from zoo.reporting.pages.base import Site
from zoo.reporting.text.escape import one_line, web_address
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Family, Model
from zoo.reporting.views.measured_quantities import MEASURED
from zoo.reporting.views.model_page.identity import identity

CONTEXT = "https://schema.org"
Data = dict[str, Any]


def model_data(site: Site, family: Family, model: Model) -> Markup:
    """Describe a model as `SoftwareSourceCode`; its measurements and claims are its subject."""
    licence = identity(family, model).licence
    about = [_measurements(site, model), *filter(None, (_claim(model, key) for key in EVALUATED))]
    data: Data = {
        "@context": CONTEXT,
        "@type": "SoftwareSourceCode",
        "name": model.name,
        "url": page_address(site, f"models/{model.slug}/"),
        "codeRepository": web_address(model.entry.text("code")),
        "programmingLanguage": "Python",
        "runtimePlatform": "PyTorch",
        "license": licence and (licence.address or _node("CreativeWork", name=licence.text)),
        "isPartOf": _node("Dataset", name=site.settings.name, url=page_address(site, "")),
        "subjectOf": [part for part in about if part] or None,
    }
    return script(data)


def _measurements(site: Site, model: Model) -> Data | None:
    """Describe what was measured of a model as a data set; None where nothing was."""
    known = [(quantity, quantity.value(model)) for quantity in MEASURED]
    measured = [
        _node("PropertyValue", name=quantity.label, value=value, unitText=quantity.unit)
        for quantity, value in known
        if value
    ]
    if not measured:
        return None
    address = whole_address(site, f"downloads/models/{model.slug}.json")
    return _node(
        "Dataset",
        name=f"Measurements of {model.name}",
        description=f"What {model.name} costs, counted on the model itself.",
        variableMeasured=measured,
        distribution=_download("application/json", address),
        **_common(site),
    )


def _claim(model: Model, key: str) -> Data | None:
    """Describe an accuracy as what its publisher says, with the page that says so."""
    claim = model.claim(key)
    if claim is None or not isinstance(claim.value, Decimal):
        return None
    on_dataset = f" on {one_line(claim.dataset)}" if claim.dataset else ""
    address = web_address(claim.source)
    return _node(
        "Claim",
        text=f"{one_line(claim.row.label)}{on_dataset}: {one_line(claim.printed)}",
        author=_node("Organization", name=one_line(claim.publisher)),
        appearance=_node("CreativeWork", url=address) if address else None,
    )


def zoo_data(site: Site, as_of: str = "") -> Markup:
    """Describe the zoo as a `Dataset` with its files; `as_of` is the day of its last record."""
    files = {"text/csv": "downloads/models.csv", "application/json": "downloads/models.json"}
    downloads = [_download(kind, whole_address(site, path)) for kind, path in files.items()]
    data = _node(
        "Dataset",
        name=site.settings.name,
        description=site.settings.description or None,
        url=page_address(site, ""),
        dateModified=as_of or None,
        distribution=[download for download in downloads if download] or None,
        **_common(site),
    )
    return script({"@context": CONTEXT, **data})


def _common(site: Site) -> Data:
    """Return creator and licence of what the site publishes."""
    settings = site.settings
    creator = _node("Organization", name=settings.author or settings.name, url=settings.url or None)
    return {"creator": creator, "license": settings.licence or None}


def _download(kind: str, address: str) -> Data | None:
    return _node("DataDownload", encodingFormat=kind, contentUrl=address) if address else None


def _node(type_: str, **values: object) -> Data:
    """Return a node of schema.org without the properties that are None."""
    stated = {key: value for key, value in values.items() if value is not None}
    return {"@type": type_, **stated}


def script(data: Mapping[str, Any]) -> Markup:
    """Return the `<script>` element; data cannot close it, and None values are left out."""
    stated = {key: value for key, value in data.items() if value is not None}
    return Markup(f'<script type="application/ld+json">{script_json(stated)}</script>')


def page_address(site: Site, path: str) -> str | None:
    """Return the whole address of a page in the site's language; None where the site's own address
    is not known."""
    language = site.settings.language
    folder = "" if site.settings.primary or language == ENGLISH else f"{language}/"
    return whole_address(site, f"{folder}{path}") or None


def whole_address(site: Site, path: str) -> str:
    """Return the whole address of a path below the first language's site; empty where the site's
    own address is not known."""
    base = site.settings.url.rstrip("/")
    return f"{base}/{path}" if base else ""
