"""Say in one plain line why a claim is right, wrong or unknown, in the language of the page."""

import re
from collections.abc import Callable
from decimal import Decimal

from zoo.model_index.findings import ANOTHER_MODEL, Finding, Hypothesis, Standing, Verdict
from zoo.model_index.gaps import MODELS
from zoo.model_index.quantities.show import show_count, show_size
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.gettext import N_, _, n_
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.cause_words import cause_text
from zoo.reporting.views.finding_text import reason_text
from zoo.reporting.views.hypotheses import explaining_hypothesis, nearest_hypothesis

CUT_OFF = "cut off"
EQUAL = N_("Equal to the last digit")
FACTOR = Decimal("1.1")  # from which on the input alone does not say why a count differs
# Of what is right to the last digit, by the check of the quantity.
EXACT = {
    "depth": N_("As in the name"),
    "configuration": N_("As configured"),
    "identity": N_("The name builds this model"),
    "builder": N_("The name builds this model"),
    "checkpoint": N_("The file holds this model's tensors"),
    "accuracy": N_("Evaluated here: equal to the last digit"),
}
# Of causes that are no way to count.
RIGHT = {
    "renamed": N_("An older name of this model"),
    "another pretrained tag": N_("As the weights of this entry are configured"),
    "test-time setting": N_("As configured for testing"),
    CUT_OFF: N_("Right, with its digits cut off instead of rounded"),
    "other names": N_("The file holds this model's tensors under other names"),
    ANOTHER_MODEL: N_("Right for the model of this name; another one is built"),
}
# What would tell, by the check of a claim that nobody examined; values: subject, model.
UNKNOWN = {
    "accuracy": N_(
        "No evaluation on %(subject)s was made; zoo eval %(model)s --data PATH makes one"
    ),
    "benchmark": N_("Not measured on %(subject)s; zoo bench %(model)s measures on your machine"),
    "file size": N_("The weights were not inspected; zoo verify %(model)s --weights does it"),
    "weight width": N_("The weights were not inspected; zoo verify %(model)s --weights does it"),
    "checkpoint": N_("The weights were not inspected; zoo verify %(model)s --weights does it"),
    "unmeasured": N_("Nothing here measures it"),
}
SUBJECTS = {
    "accuracy": N_("its data set"),
    "benchmark": N_("the publisher's hardware"),
}
CONDITIONS = {"batch size": N_("batch size %(value)s"), "input size": N_("input %(value)s")}
HIDDEN = ("corrected", "mode")  # conditions that are a remark of ours, or go without saying
PLAIN = re.compile(r"[\w.-]+")
WORD = re.compile(r"[a-z]+(?=\s|$)")


def claim_words(model: Model, finding: Finding) -> str:
    """Return the line: `Counted at 224×285; the page says 224×224`."""
    return one_line(BY_STANDING[finding.standing](model, finding))


def short_conditions(claim: Claim) -> list[str]:
    """Return the conditions that a number was published with: `V100`, `batch size 1`."""
    return [
        _(CONDITIONS[key], value=value) if key in CONDITIONS else value
        for key, value in claim.conditions
        if key not in HIDDEN
    ]


def _right_words(model: Model, finding: Finding) -> str:
    claim, measured = finding.claim, finding.measured
    if finding.verdict is Verdict.EXACT:
        return _(EXACT.get(claim.row.check, EQUAL))
    if finding.verdict is Verdict.ROUNDED and isinstance(measured, Decimal):
        number = show_count(measured) if claim.row.counted else claim.row.show(measured)
        return n_(
            "Rounded to %(count)s digit from %(number)s",
            "Rounded to %(count)s digits from %(number)s",
            claim.parsed.digits or 0,
            number=number,
        )
    if finding.verdict is Verdict.CONSISTENT:
        return _consistent_words(finding)
    for cause, words in RIGHT.items():
        if cause in (*finding.causes, finding.cause):
            return _(words)
    if cause := _cause(finding):
        return _("Another way to count it: %(cause)s", cause=cause)
    return _reason(finding)


def _consistent_words(finding: Finding) -> str:
    if finding.is_estimate:
        return _("As large as its tensors, which is an estimate")
    return _("Within what a random sample of the images allows")


def _wrong_words(model: Model, finding: Finding) -> str:
    check = finding.claim.row.check
    if check in ("identity", "builder") and ANOTHER_MODEL in finding.causes:
        built = str(finding.measured or "").partition(".")[0]
        return _(
            "%(builder)s builds %(built)s for this name",
            builder=model.entry.builder.kind,
            built=built,
        )
    if (words := WRONG_CHECKS.get(check)) and (text := words(finding)):
        return text
    if finding.verdict is Verdict.MISMATCH:
        return _unexplained_words(finding)
    hypothesis = explaining_hypothesis(finding)
    if hypothesis and hypothesis.size:
        return _size_words(model, finding, hypothesis)
    return _capital(_cause(finding)) or _reason(finding)


def _size_words(model: Model, finding: Finding, hypothesis: Hypothesis) -> str:
    """Say at which input a number was counted, and which one the page states."""
    claim = finding.claim
    stated = claim.size or model.entry.image_size
    size = _show_size(hypothesis.size or (0, 0))
    if stated is None or stated == hypothesis.size:
        return _("Counted at %(size)s", size=size)
    values = {"size": size, "stated": _show_size(stated)}
    if _is_another_sum(finding, hypothesis, stated):
        rule = cause_text(hypothesis.label.partition(" at ")[0])
        message = N_("Counted at %(size)s by %(rule)s; the page says %(stated)s")
        return _(message, rule=rule, **values)
    return _("Counted at %(size)s; the page says %(stated)s", **values)


def _is_another_sum(finding: Finding, hypothesis: Hypothesis, stated: tuple[int, int]) -> bool:
    """Tell whether the larger input alone is far from giving the number."""
    if not isinstance(finding.measured, Decimal) or not finding.measured or not hypothesis.size:
        return False
    if ANOTHER_MODEL in finding.causes:  # what was measured is of that one
        return False
    (height, width), (own_height, own_width) = hypothesis.size, stated
    expected = finding.measured * height * width / (own_height * own_width)
    ratio = hypothesis.prediction / expected
    return not 1 / FACTOR < ratio < FACTOR


def _unexplained_words(finding: Finding) -> str:
    """Say what comes nearest: the first that the table of hypotheses shows."""
    nearest = nearest_hypothesis(finding)
    if nearest is None:
        return _("No known cause")
    return _("No known cause; %(cause)s comes nearest", cause=cause_text(nearest.label))


def _depth_words(finding: Finding) -> str:
    layers = finding.measured if isinstance(finding.measured, Decimal) else Decimal(0)
    return n_("The name says %(count)s layer", "The name says %(count)s layers", int(layers))


def _setting_words(finding: Finding) -> str:
    if finding.measured is None:
        return ""
    value = _notation(finding.claim.row.show(finding.measured))
    return _("Configured for %(value)s", value=value)


def _accuracy_words(finding: Finding) -> str:
    if "swapped" in finding.causes:
        return _("Error rates, printed as accuracies in each other's cell")
    if finding.measured is None or not isinstance(finding.measured, Decimal):
        return _cause_sentence(finding)
    return _("Evaluated here: %(value)s %%", value=finding.measured)


def _cause_sentence(finding: Finding) -> str:
    return _("Impossible as printed; %(reason)s", reason=_lower(reason_text(finding)))


WRONG_CHECKS: dict[str, Callable[[Finding], str]] = {
    "depth": _depth_words,
    "configuration": _setting_words,
    "accuracy": _accuracy_words,
}


def _unknown_words(model: Model, finding: Finding) -> str:
    claim, check = finding.claim, finding.claim.row.check
    if finding.gap is not None:
        reason = _(MODELS[finding.gap.kind].reason).format(finding.gap.subject)
        return _capital(reason)
    if check in UNKNOWN and not finding.evidence and not claim.unclear:
        values = {"subject": _subject(claim), "model": shell_word(model.entry.name)}
        return _(UNKNOWN[check], **values)
    return _reason(finding)


def _subject(claim: Claim) -> str:
    hardware = dict(reversed(claim.conditions)).get("hardware")
    own = claim.dataset if claim.row.check == "accuracy" else hardware
    return own or _(SUBJECTS.get(claim.row.check, ""))


def shell_word(name: str) -> str:
    """Return a name as a shell takes it for one word."""
    return name if PLAIN.fullmatch(name) else "'" + name.replace("'", "'\"'\"'") + "'"


def _cause(finding: Finding) -> str:
    """Return the cause of a finding in words; empty where it has none."""
    hypothesis = explaining_hypothesis(finding)
    return cause_text(hypothesis.label if hypothesis else finding.cause or "")


def _reason(finding: Finding) -> str:
    return _capital(_(reason_text(finding)))


def _capital(text: str) -> str:
    """Begin a sentence with a capital; a name at its start stays as it is."""
    return text[:1].upper() + text[1:] if WORD.match(text) else text


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _show_size(size: tuple[int, int]) -> str:
    return _notation(show_size(size))


def _notation(text: str) -> str:
    return re.sub(r"(?<=\d)x(?=\d)", "×", text)


BY_STANDING: dict[Standing, Callable[[Model, Finding], str]] = {
    Standing.RIGHT: _right_words,
    Standing.WRONG: _wrong_words,
    Standing.UNKNOWN: _unknown_words,
}
