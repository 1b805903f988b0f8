"""The site for machines that read pages: JSON-LD in pages, and `llms.txt` with what lies where."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from zoo.reporting.pages.base import Site
from zoo.reporting.text.escape import one_line, web_address
from zoo.reporting.text.format import plain
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Model

CONTEXT = "https://schema.org"
LINE = 200  # characters of a description


def model_data(site: Site, model: Model) -> Markup:
    """A model as `SoftwareSourceCode` with what was measured and what is claimed of it."""
    measured = {"multiply-adds": model.macs, "parameters": model.parameters}
    properties = [_property(name, value) for name, value in measured.items() if value]
    for key in ("top1", "top5"):
        claim = model.claim(key)
        if claim and isinstance(claim.value, Decimal):
            about = f" on {one_line(claim.dataset)}" if claim.dataset else ""
            properties.append(_property(f"{claim.row.label}{about}", float(claim.value), "percent"))
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "SoftwareSourceCode",
        "name": model.name,
        "url": _address(site, f"models/{model.slug}/"),
        "codeRepository": web_address(model.entry.text("code")),
        "programmingLanguage": "Python",
        "runtimePlatform": "PyTorch",
        "license": plain(model.configuration.get("license")) or None,
        "isPartOf": {"@type": "Dataset", "name": site.settings.name, "url": _address(site, "")},
        "additionalProperty": properties or None,
    }
    return script(found)


def zoo_data(site: Site) -> Markup:
    """The zoo as a `Dataset` with its files."""
    files = {"text/csv": "downloads/models.csv", "application/json": "downloads/models.json"}
    found = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "name": site.settings.name,
        "description": site.settings.description or None,
        "url": _address(site, ""),
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": _address(site, path)}
            for kind, path in files.items()
        ],
    }
    return script(found)


def script(found: Mapping[str, Any]) -> Markup:
    """An element that nothing in the data can end; what is not known is left out."""
    known = {key: value for key, value in found.items() if value is not None}
    return Markup(f'<script type="application/ld+json">{script_json(known)}</script>')


def _property(name: str, value: float, unit: str | None = None) -> dict[str, Any]:
    found = {"@type": "PropertyValue", "name": name, "value": value}
    return found | ({"unitText": unit} if unit else {})


def _address(site: Site, path: str) -> str:
    """An address of the site; the path alone where the site does not know its own."""
    base = site.settings.url.rstrip("/")
    return f"{base}/{path}" if base else f"/{path}"


def files(site: Site) -> Iterator[tuple[str, str]]:
    """`llms.txt`: the site in Markdown for language models, links to data before links to pages."""
    yield "llms.txt", llms(site)


def llms(site: Site) -> str:
    """A title, a summary, and sections of links, as llmstxt.org has them."""
    settings, catalogue = site.settings, site.catalogue
    lines = [
        f"# {_plain(settings.name)}",
        "",
        f"> {_plain(settings.description or 'Every number a model zoo publishes, checked against the live model.')}",
        "",
        "## Data",
        "",
        _link(site, "All models", "downloads/models.json", "values by column, with verdicts"),
        _link(site, "All models as CSV", "downloads/models.csv"),
        _link(
            site, "All findings", "downloads/findings.json", "claim, measurement, verdict, cause"
        ),
        _link(site, "Changes", "downloads/changes.json"),
        _link(site, "Schema of a model's file", "downloads/model.schema.json"),
    ]
    for family in catalogue.families:
        told = family.collection.text("full name") if family.collection else None
        lines += ["", f"## {_plain(family.name)}", "", *([_plain(told), ""] if told else [])]
        lines += [
            _link(site, model.name, f"downloads/models/{model.slug}.json")
            for model in family.models
        ]
    return "\n".join(lines) + "\n"


def _link(site: Site, name: str, path: str, about: str = "") -> str:
    return f"- [{_plain(name)}]({_address(site, path)})" + (f": {about}" if about else "")


def _plain(text: str) -> str:
    """One line in which no Markdown is left to do anything."""
    line = one_line(text)[:LINE]
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in line if c.isprintable())
