"""Describe the source of a number: the ledger's file of a document, the machine and its
software."""

import re
from pathlib import Path

from zoo.model_index.ledger.store import Evidence, slug
from zoo.model_index.quantities.show import human
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.views.catalogue import Catalogue

FOLDERS = re.compile(r"(?<![^\s'\"=])/(?:[^\s'\"/]+/)*(?=[^\s'\"/])")  # before a file's name
VERSION = re.compile(r"v?\d+\.\d")


def evidence_path(catalogue: Catalogue, evidence: Evidence) -> str:
    """Return the path of a document in the ledger; of a ledger that lies elsewhere, below its
    folder's own name: pages tell no paths of a machine."""
    cell, folder = evidence.cell, Path(catalogue.zoo.ledger)
    if folder.is_absolute():
        here = Path.cwd()
        folder = folder.relative_to(here) if folder.is_relative_to(here) else Path(folder.name)
    return f"{folder.as_posix()}/{cell.kind}/{slug(cell.model)}/{cell.key}.json"


def show_command(command: str) -> str:
    """Return a recorded command without the folders of the machine that ran it: of an absolute path
    the last part."""
    return FOLDERS.sub("", command)


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
            facts["Software" if is_version else "Machine"].append(f"{_(name)} {text}")
    return facts
