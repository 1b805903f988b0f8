"""Say why claims are unknown, in groups, and what to type to know more."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from zoo.model_index.findings import Finding, Gap, Standing, Verdict
from zoo.model_index.gaps import MODELS
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.catalogue import NOT_MEASURED, Check, Model
from zoo.reporting.views.claim_lines import quantity_label


@dataclass(frozen=True, slots=True)
class ReasonKind:
    """A kind of reason: in words, with the hardware or data set it is about, and the command that
    would tell, if one would."""

    text: str
    text_about: str = ""
    command: str = ""


# By the check of a quantity, where nothing was looked at.
BY_CHECK = {
    "benchmark": ReasonKind(
        N_("No benchmark on such hardware here"),
        N_("No benchmark on %(about)s here"),
        "zoo bench MODEL",
    ),
    "accuracy": ReasonKind(
        N_("Not evaluated"), N_("Not evaluated on %(about)s"), "zoo eval MODEL --data PATH"
    ),
    "unmeasured": ReasonKind(N_("Nothing here measures it")),
    "file size": ReasonKind(N_("The weights are not inspected"), "", "zoo verify MODEL --weights"),
}
BY_CHECK |= dict.fromkeys(("weight width", "checkpoint"), BY_CHECK["file size"])
MEASURING_FAILED = ReasonKind(N_("Measuring failed"), "", "zoo verify MODEL --fresh")
# What a check says of one claim alone follows a semicolon, or a colon and its characters.
OWN = re.compile(r';|: "')
UNMEASURED = ReasonKind(N_("Not measured yet"), "", "zoo verify MODEL")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownReason:
    """Claims that are unknown for one reason: in words, with the command that would tell; their
    quantities with how many each, and their models."""

    text: str
    command: str
    count: int
    quantities: list[tuple[str, int]]
    models: list[Model]


def list_reasons(checks: Iterable[tuple[Model, Check]]) -> list[UnknownReason]:
    """Return why claims are unknown, the reason of most claims first."""
    groups: dict[tuple[str, str], list[tuple[Model, Check]]] = {}
    for model, check in checks:
        if check.finding.standing is Standing.UNKNOWN:
            groups.setdefault(_reason(check.finding), []).append((model, check))
    reasons = [_describe(text, command, members) for (text, command), members in groups.items()]
    return sorted(reasons, key=lambda reason: -reason.count)


def _describe(text: str, command: str, members: list[tuple[Model, Check]]) -> UnknownReason:
    quantities = Counter(quantity_label(check.claim.row) for _, check in members)
    models = {model.slug: model for model, _ in members}
    return UnknownReason(
        text=text,
        command=command,
        count=len(members),
        quantities=quantities.most_common(),
        models=list(models.values()),
    )


def _reason(finding: Finding) -> tuple[str, str]:
    """Return the reason of an unknown claim in words, and a command."""
    if finding.gap is not None:
        return _gap_reason(finding.gap)
    kind, about = _kind(finding)
    if kind is None:
        return _capital(one_line(OWN.split(finding.reason, maxsplit=1)[0])), ""
    if about and kind.text_about:
        return _(kind.text_about, about=one_line(about)), kind.command
    return _(kind.text), kind.command


def _gap_reason(gap: Gap) -> tuple[str, str]:
    row = MODELS[gap.kind]
    advice = gap.advice or row.advice.format(gap.subject)
    command = f"zoo verify {advice}" if advice.startswith("--") else advice
    return _capital(_(row.reason).format(gap.subject)), command


def _capital(text: str) -> str:
    """Begin a sentence with a capital; a dotted name at its start stays as it is."""
    word = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if word.replace(",", "").replace(":", "").isalpha() else text


def _kind(finding: Finding) -> tuple[ReasonKind | None, str]:
    """Return the kind of the reason, None for one that is a claim's own, and what it is about."""
    claim = finding.claim
    if finding.verdict is Verdict.ERROR:
        return MEASURING_FAILED, ""
    if finding.reason == NOT_MEASURED:
        return UNMEASURED, ""
    if claim.row.check not in BY_CHECK or finding.evidence:
        return None, ""
    hardware = dict(claim.conditions).get("hardware", "")
    about = claim.dataset or "" if claim.row.check == "accuracy" else hardware
    return BY_CHECK[claim.row.check], about
