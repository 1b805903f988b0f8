"""The line below a model's name: its family, who builds it, licence and weights."""

import re
from dataclasses import dataclass
from decimal import Decimal

from zoo.model_index.findings import Standing
from zoo.model_index.quantities.show import human
from zoo.model_index.records.fields import Plain, look_up
from zoo.model_index.records.records import Collection
from zoo.reporting.text.escape import one_line, web_address
from zoo.reporting.text.format import flat, plain
from zoo.reporting.views.catalogue import Family, Model

HUB = "https://huggingface.co/"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
SPDX = "https://spdx.org/licenses/{}.html"
# Identifiers of SPDX by their spelling in lower case; others are no links.
LICENCES = {
    name.lower(): name
    for name in (
        "AGPL-3.0-only Apache-2.0 BSD-2-Clause BSD-3-Clause CC-BY-4.0 CC-BY-NC-4.0 CC-BY-NC-ND-4.0"
        " CC-BY-NC-SA-4.0 CC-BY-SA-4.0 CC0-1.0 GPL-3.0-only ISC MIT MPL-2.0 Unlicense"
    ).split()
}
YEAR = re.compile(r"\byear\s*=\s*[{\"]?\s*((?:19|20)\d\d)", re.IGNORECASE)
ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf)/(\d\d)\d\d\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A text, and the web address behind it where there is one."""

    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Full name and year of the family, builder, licence and weights, as far as they are known.

    `built_by` is the name of a library, `built_as` what it builds; `paper` is the paper's page.
    """

    family: str
    paper: str | None
    built_by: str
    built_as: str
    licence: Link | None
    weights: Link | None


def identity(family: Family, model: Model) -> Identity:
    """Return what the line below a model's name says."""
    builder = model.entry.builder
    known = builder.kind if builder.kind in ("timm", "torchvision") else ""
    return Identity(
        family=_family_name(family, model),
        paper=_paper(family.collection, model),
        built_by=known,
        built_as=_built_as(model),
        licence=_licence(model),
        weights=_weights(model),
    )


def _built_as(model: Model) -> str:
    builder = model.entry.builder
    if not builder.makes_models or not model.built_by_name:
        return ""
    return one_line((model.resolved if builder.kind == "timm" else None) or builder.name)


def _family_name(family: Family, model: Model) -> str:
    collection = family.collection
    if collection is None:
        return ""
    name = one_line(collection.text("full name") or collection.name)
    year = _year(collection, model)
    return f"{name}, {year}" if year else name


def _year(collection: Collection, model: Model) -> str:
    """Return the year of the paper, by its citation or its number on arXiv."""
    citation = collection.text("citation") or model.entry.text("citation") or ""
    if stated := YEAR.search(citation):
        return stated[1]
    on_arxiv = ARXIV.search(_paper(collection, model) or "")
    return f"20{on_arxiv[1]}" if on_arxiv else ""


def _paper(collection: Collection | None, model: Model) -> str | None:
    stated = look_up(model.entry.fields, "paper")
    fields: dict[str, Plain] = stated if isinstance(stated, dict) else {"URL": stated}
    own = web_address(look_up(fields, "url"))
    return own or (web_address(look_up(collection.paper, "url")) if collection else None)


def _licence(model: Model) -> Link | None:
    if model.another:
        return None
    places = (model.configuration, model.entry.metadata, model.entry.fields, model.entry.library)
    names = (plain(look_up(dict(place), key)) for place in places for key in ("license", "licence"))
    name = next((one_line(name) for name in names if name), "")
    known = LICENCES.get(name.lower())
    stated = web_address(flat(look_up(model.entry.fields, "license link")))
    return Link(name, stated or (SPDX.format(known) if known else None)) if name else None


def _weights(model: Model) -> Link | None:
    """Return the first of the weights, with its size where that is known."""
    size = _file_size(model)
    hub = plain(model.configuration.get("hf_hub_id"))
    for address in model.entry.weights:
        named = address.strip().removeprefix("hf:")
        on_hub = f"{HUB}{named}" if named != address.strip() and HUB_NAME.fullmatch(named) else None
        return Link(size, web_address(address) or on_hub)
    return Link(size, f"{HUB}{hub}") if HUB_NAME.fullmatch(hub) else None


def _file_size(model: Model) -> str:
    """Return the size of the file, as it is claimed and not known to be wrong."""
    for check in model.checks:
        value = check.finding.use if check.finding.standing is Standing.WRONG else check.usable
        if check.claim.quantity == "file_size" and isinstance(value, Decimal):
            return f"{human(value)}B"
    return ""
