"""Describe the source of a number: the ledger's file of a document, the machine and its
software."""

import re

from zoo.model_index.ledger.store import Evidence, slug
from zoo.model_index.quantities.show import human
from zoo.reporting.i18n.gettext import N_
from zoo.reporting.views.catalogue import Catalogue

VERSION = re.compile(r"v?\d+\.\d")


def evidence_path(catalogue: Catalogue, evidence: Evidence) -> str:
    """Return the path of a document in the ledger."""
    cell = evidence.cell
    return f"{catalogue.zoo.ledger.rstrip('/')}/{cell.kind}/{slug(cell.model)}/{cell.key}.json"


def describe_setup(evidence: Evidence) -> dict[str, list[str]]:
    """Describe where a document was measured: versions of software, and the machine."""
    facts: dict[str, list[str]] = {N_("Software"): [], N_("Machine"): []}
    for key, value in sorted(evidence.environment.items()):
        if isinstance(value, (str, int, float)) and value != "":
            is_version = isinstance(value, str) and VERSION.match(value)
            text = str(value)
            if key.endswith("_bytes") and isinstance(value, int):
                text = f"{human(value)}B"
            name = key.removesuffix("_bytes").replace("_", " ")
            facts["Software" if is_version else "Machine"].append(f"{name} {text}")
    return facts
