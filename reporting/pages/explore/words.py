"""The texts of the plot, which the page and its script share."""

from zoo.reporting.i18n.gettext import N_, _

WORDS = {
    "best": N_("Best %(goal)s within %(limits)s: %(models)s, %(value)s (%(how)s)"),
    "bestall": N_("Best %(goal)s: %(models)s, %(value)s (%(how)s)"),
    "high": N_("Highest %(goal)s within %(limits)s: %(models)s, %(value)s (%(how)s)"),
    "highall": N_("Highest %(goal)s: %(models)s, %(value)s (%(how)s)"),
    "alike": N_("%(images)s images cannot tell it from: %(others)s."),
    "near": N_("Too near to tell, as the number of images is not known: %(others)s."),
    "cheapest": N_("Least %(goal)s for %(limits)s: %(models)s, %(value)s (%(how)s)"),
    "none": N_("No model is within %(limits)s"),
    "empty": N_("No model has both numbers"),
    "against": N_("%(y)s against %(x)s"),
    "least": N_("at least %(limit)s"),
    "and": N_("%(names)s and %(last)s"),
    "more": N_("%(names)s and %(count)s more"),
    "published": N_("published"),
    "measured": N_("measured"),
    "over": N_("+%(points)s points for %(cost)s over the limit"),
    "half": N_("%(points)s points less for at most half the %(cost)s"),
    "without": N_("best if %(limit)s did not matter"),
    "log": N_("log scale"),
    "error": N_("log scale of the error"),
    "frontier": N_("frontier: no cheaper model is better"),
    "onit": N_("on the frontier"),
    "others": N_("others"),
    "unstated": N_("not stated"),
    "wrong": N_("with wrong numbers"),
    "area": N_("area: %(quantity)s"),
    "found": N_("%(text)s: %(count)s of %(all)s drawn"),
    "interval": N_("%(what)s %(low)s to %(high)s (95%% interval)"),
    "checked": N_(
        "Checked here: %(count)s of %(all)s numbers for %(goal)s; the others are as published."
    ),
    "by": N_("Published by %(names)s."),
    "equal": N_("all alike"),
    "any": N_("any"),
    "atmost": N_("at most, %(what)s"),
    "atleast": N_("at least, %(what)s"),
    "remove": N_("Remove the limit: %(limit)s"),
    "keys": N_(
        "Arrow keys go from model to model along the frontier, with Shift over all models. Enter "
        "opens a model, plus and minus zoom, 0 shows all, Escape closes."
    ),
    "failed": N_("The numbers could not be loaded: %(reason)s"),
}
# Of one, and of several.
COUNTS = {
    "front": (
        N_("%(count)s of %(all)s models is on the frontier."),
        N_("%(count)s of %(all)s models are on the frontier."),
    ),
    "plain": (
        N_("%(y)s against %(x)s of %(count)s model"),
        N_("%(y)s against %(x)s of %(count)s models"),
    ),
    "fitting": (
        N_("%(count)s of %(all)s models is within %(limits)s"),
        N_("%(count)s of %(all)s models are within %(limits)s"),
    ),
    "inside": (
        N_("%(count)s of %(all)s models is within the limits."),
        N_("%(count)s of %(all)s models are within the limits."),
    ),
    "lost": (
        N_("%(count)s of %(all)s models has no %(what)s and is not drawn."),
        N_("%(count)s of %(all)s models have no %(what)s and are not drawn."),
    ),
    "unmeasured": (
        N_("%(count)s of %(all)s models has no %(what)s and cannot answer."),
        N_("%(count)s of %(all)s models have no %(what)s and cannot answer."),
    ),
    "leftout": (
        N_("%(count)s model is left out, since its number is wrong: %(models)s."),
        N_("%(count)s models are left out, since their numbers are wrong: %(models)s."),
    ),
    "below": (
        N_("%(count)s model lies below the axis; zoom out shows it."),
        N_("%(count)s models lie below the axis; zoom out shows them."),
    ),
    "above": (
        N_("%(count)s model lies above the axis; zoom out shows it."),
        N_("%(count)s models lie above the axis; zoom out shows them."),
    ),
    "beside": (
        N_("%(count)s model lies beside the plot; zoom out shows it."),
        N_("%(count)s models lie beside the plot; zoom out shows them."),
    ),
    "zero": (
        N_("%(count)s model has a zero, which a log scale does not show."),
        N_("%(count)s models have a zero, which a log scale does not show."),
    ),
    "bad": (N_("%(count)s of its numbers is wrong"), N_("%(count)s of its numbers are wrong")),
}


def word(key: str, **values: object) -> str:
    """Return a text in the current language."""
    message = WORDS[key]
    return _(message, **values)


def count_word(key: str, count: int, **values: object) -> str:
    """Return a text about a number of models in the current language."""
    message = COUNTS[key][count != 1]
    return _(message, count=f"{count:,}", **values)


def script_words() -> dict[str, str | list[str]]:
    """Return the texts of the script: those of `COUNTS` for one and for several."""
    return {key: _(text) for key, text in WORDS.items()} | {
        key: [_(one), _(several)] for key, (one, several) in COUNTS.items()
    }
