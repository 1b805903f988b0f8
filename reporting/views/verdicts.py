"""Define the badge of a verdict: its name, sign and meaning.

An explanation that makes the page wrong is a fault of the page, so it has a colour and a name of
its own wherever verdicts are shown or counted.
"""

from dataclasses import dataclass

from zoo.model_index.findings import Finding
from zoo.model_index.ledger.history import verdict_key
from zoo.reporting.i18n.gettext import N_


@dataclass(frozen=True, slots=True)
class VerdictBadge:
    """A badge with its texts; `sign` distinguishes it without colour."""

    key: str
    label: str
    sign: str
    meaning: str


VERDICT_BADGES = (
    VerdictBadge("exact", N_("exact"), "=", N_("the claim is what was measured")),
    VerdictBadge(
        "rounded",
        N_("rounded"),
        "≈",
        N_("the same once the measurement is rounded to the digits the claim was printed with"),
    ),
    VerdictBadge(
        "consistent",
        N_("consistent"),
        "≅",
        N_(
            "the claim holds within its tolerance: an accuracy by the interval measured on a random"
            " sample, a file size by the bytes of the model's tensors"
        ),
    ),
    VerdictBadge(
        "explained",
        N_("explained"),
        "∵",
        N_("different, and one named cause reproduces the claim"),
    ),
    VerdictBadge(
        "explained-wrong",
        N_("wrong (explained)"),
        "✎",
        N_(
            "different, and the cause that reproduces the claim makes it wrong: another input,"
            " another model, another row or a slip"
        ),
    ),
    VerdictBadge(
        "mismatch",
        N_("mismatch"),
        "≠",
        N_("different without a cause that reproduces it, or impossible as printed"),
    ),
    VerdictBadge("unchecked", N_("unchecked"), "?", N_("could not be measured here")),
    VerdictBadge("error", N_("error"), "!", N_("measuring failed, or the model was not built")),
)
BY_KEY = {badge.key: badge for badge in VERDICT_BADGES}


def verdict_badge(finding: Finding) -> VerdictBadge:
    """Return the badge of a finding's verdict."""
    return BY_KEY[verdict_key(finding)]
