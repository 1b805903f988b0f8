"""Convert an index to other formats: one module and one row of `TARGETS` for each format.

Importing this package imports no target, so that the command line can list their names.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.reporting.convert.losses import Conversion
    from zoo.reporting.views.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Target:
    """A format: the module with its `convert`, and whether the catalogue must have findings."""

    module: str
    needs_findings: bool = False

    def convert(self, catalogue: "Catalogue", folder: bool) -> "Conversion":
        """Return files and losses; with `folder`, the target may write more than one file."""
        converted: Conversion = import_module(self.module).convert(catalogue, folder)
        return converted


TARGETS = {
    "pwc": Target("zoo.reporting.convert.pwc"),
    "openmmlab": Target("zoo.reporting.convert.openmmlab", needs_findings=True),
    "huggingface": Target("zoo.reporting.convert.huggingface", needs_findings=True),
    "csv": Target("zoo.reporting.convert.claims_csv"),
}
"""The targets by the name that `zoo convert --to` takes."""
