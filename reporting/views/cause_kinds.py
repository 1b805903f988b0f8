"""Sort causes into a few kinds that a reader understands: the headings of findings by cause."""

from dataclasses import dataclass

from zoo.model_index.findings import ANOTHER_MODEL, SIZED, Finding, Standing
from zoo.reporting.i18n.gettext import N_


@dataclass(frozen=True, slots=True)
class CauseKind:
    """A kind of cause: its key in an address, its name, what it means, and the causes that it
    covers."""

    key: str
    label: str
    meaning: str
    causes: frozenset[str] = frozenset()


NO_CAUSE = CauseKind("none", N_("No known cause"), N_("nothing in the catalogue gives the number"))
SLIP = CauseKind("slip", N_("A slip"), N_("misprinted, or the page contradicts itself"))
CONVENTION = CauseKind(
    "convention",
    N_("Right by convention"),
    N_("the same model and input, other operations or units counted"),
)
NAMED_KINDS = (
    CauseKind(
        "model",
        N_("Another model"),
        N_("the name builds, or the number describes, another model"),
        frozenset(
            {ANOTHER_MODEL, "another pretrained tag", "other classes", "stride in 1x1"}
            | {"5x5 branches"}
        ),
    ),
    CauseKind(
        "input",
        N_("Counted at another input"),
        N_("the count is of another input size than the one printed beside it"),
        SIZED,
    ),
    CauseKind(
        "part",
        N_("Another part of the model"),
        N_("counted without the classifier, or with heads that only training uses"),
        frozenset({"no classifier", "auxiliary heads"}),
    ),
)
KINDS = (*NAMED_KINDS, SLIP, NO_CAUSE, CONVENTION)  # the order of headings with as many findings


def kind_of(finding: Finding) -> CauseKind:
    """Return the kind of a finding's cause."""
    if finding.standing is Standing.RIGHT:
        return CONVENTION
    causes = {*finding.causes, finding.cause} - {None}
    if not causes:
        return NO_CAUSE
    return next((kind for kind in NAMED_KINDS if kind.causes & causes), SLIP)
