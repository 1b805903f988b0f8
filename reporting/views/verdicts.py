"""Define the standing of a finding: its verdict, or that the page has to be corrected.

An explanation that makes the page wrong is a fault of the page, so it has a colour and a name of
its own wherever verdicts are shown or counted.
"""

from dataclasses import dataclass

from zoo.model_index.findings import Finding, Verdict
from zoo.reporting.i18n.gettext import N_


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing with its texts; `sign` distinguishes it without colour."""

    key: str
    label: str
    sign: str
    meaning: str


STANDINGS = (
    Standing("exact", N_("exact"), "=", N_("the claim is what was measured")),
    Standing(
        "rounded",
        N_("rounded"),
        "≈",
        N_("the same once the measurement is rounded to the digits the claim was printed with"),
    ),
    Standing(
        "consistent",
        N_("consistent"),
        "≅",
        N_(
            "an accuracy: the claim holds within its tolerance, by the interval measured on a"
            " random sample"
        ),
    ),
    Standing(
        "explained",
        N_("explained"),
        "∵",
        N_("different, and one named cause reproduces the claim"),
    ),
    Standing(
        "mistake",
        N_("explained: mistake on the page"),
        "✎",
        N_(
            "different, and the cause that reproduces the claim makes the page wrong: something to"
            " fix"
        ),
    ),
    Standing(
        "mismatch",
        N_("mismatch"),
        "≠",
        N_("different without a cause that reproduces it, or impossible as printed"),
    ),
    Standing("unchecked", N_("unchecked"), "?", N_("could not be measured here")),
    Standing("error", N_("error"), "!", N_("measuring failed")),
)
BY_KEY = {standing.key: standing for standing in STANDINGS}


def standing(finding: Finding) -> Standing:
    """Return the standing of a finding: its verdict, or `mistake` for a fault of the page."""
    wrong = finding.mistake and finding.verdict is Verdict.EXPLAINED
    return BY_KEY["mistake" if wrong else str(finding.verdict)]
