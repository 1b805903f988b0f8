"""The targets of a conversion by name; adding one is adding a row and a module."""

from collections.abc import Callable
from dataclasses import dataclass

from zoo.reporting.convert import claims_csv, huggingface, openmmlab, pwc
from zoo.reporting.convert.losses import Converted
from zoo.reporting.views.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Target:
    """`convert` takes the catalogue and whether a folder may be written; `judged` says that it
    needs the findings."""

    convert: Callable[[Catalogue, bool], Converted]
    judged: bool = False


TARGETS = {
    "pwc": Target(pwc.convert),
    "openmmlab": Target(openmmlab.convert, judged=True),
    "huggingface": Target(huggingface.convert, judged=True),
    "csv": Target(claims_csv.convert),
}
