"""The texts of the script of the page of models, in the current language."""

from zoo.reporting.i18n.gettext import _
from zoo.reporting.pages.standing import WORDS


def words() -> dict[str, str]:
    """Return the texts of the script."""
    return {
        "all": _("%(count)s models"),
        "oneall": _("%(count)s model"),
        "some": _("%(shown)s of %(count)s models fit."),
        "others": _("None of these has a metric of this leaderboard."),
        "highest": _("Highest %(metric)s: %(model)s, %(value)s."),
        "lowest": _("Lowest %(metric)s: %(model)s, %(value)s."),
        "lacking": _("%(missing)s."),
        "reveal": _("Show them"),
        "conceal": _("Leave them out"),
        "none": _("No model fits."),
        "nothing": _("Nothing is called “%(text)s”."),
        "misses": _("misses by %(amounts)s"),
        "and": _(" and "),
        "unmeasured": _("Of %(all)s models %(missing)s, so they cannot answer."),
        "highestof": _("The highest of these within the other limits: %(model)s, %(value)s."),
        "lowestof": _("The lowest of these within the other limits: %(model)s, %(value)s."),
        "clear": _("Clear all"),
        "remove": _("Remove: %(filter)s"),
        "elsewhere": _("%(count)s more without a metric of this leaderboard"),
        "choose": _("Compare %(model)s"),
        "drop": _("Take %(model)s away"),
        "compare": _("Compare %(count)s"),
        "choose2": _("Choose one more"),
        "failed": _("The numbers could not be loaded: %(reason)s"),
        "unsaved": _("The file could not be made: %(reason)s"),
        **{kind: _(word) for kind, word in WORDS.items()},
    }
