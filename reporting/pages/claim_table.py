"""Make the rows of a model's claims, and of what was tried to explain them.

Functions, as in `zoo.reporting.pages.html`: a page has dozens of rows with seven cells each.
"""

from collections.abc import Container, Iterable, Sequence

from markupsafe import Markup

from zoo.model_index.findings import Standing
from zoo.reporting.i18n.gettext import in_template as _
from zoo.reporting.pages.standing import place_link, standing
from zoo.reporting.text.escape import backticks_to_code, line, one_line
from zoo.reporting.views.claim_lines import ClaimLine
from zoo.reporting.views.model_page.evidence import Trial
from zoo.reporting.views.model_page.numbers import SpeedRow

LONG = 20  # characters of a value, from which on it may break


def claim_rows(lines: Iterable[ClaimLine], whys: Container[str]) -> Markup:
    """Return a row for each claim: standing, quantity, published, use, off by, words, place. `whys`
    are the anchors of explanations on the page. The style knows the cells by their number."""
    return Markup("".join(_claim(claim, whys) for claim in lines))


def _claim(claim: ClaimLine, whys: Container[str]) -> str:
    published, use = line(claim.published), line(claim.use)
    if claim.standing is Standing.WRONG:
        published, use = f"<del>{published}</del>", f"<ins>{use}</ins>" if use else ""
    if claim.printed:
        published = f"{published}<small>{line(claim.printed)}</small>"
    words, label = _words(claim.words), _("Why")
    if claim.why_anchor in whys:
        words = f'{words} <a href="#{line(claim.why_anchor)}">{label}</a>'
    return (
        f'<tr id="{line(claim.anchor)}"><td>{standing(claim.standing)}</td>'
        f"{_heading(claim.quantity, claim.publisher)}"
        f"<td{_long(claim.published)}>{published}</td><td{_long(claim.use)}>{use}</td>"
        f"<td>{line(claim.off_by)}</td><td>{words}</td>"
        f"<td>{place_link(claim.where, claim.where_url)}</td></tr>"
    )


def _heading(quantity: str, publisher: str) -> str:
    return f'<th scope="row">{line(quantity)} <small>{line(publisher)}</small></th>'


def _long(value: str) -> str:
    return ' class="long"' if len(value) > LONG else ""


def _words(words: str) -> str:
    return backticks_to_code(one_line(words)) if "`" in words else line(words)


def speed_rows(kind: str, speeds: Sequence[SpeedRow]) -> Markup:
    """Return a row for the many speeds that a publisher reports of one quantity."""
    return Markup("".join(_speed(kind, speed) for speed in speeds))


def _speed(kind: str, speed: SpeedRow) -> str:
    said, others = _("Reported; not measured here"), _("All of them")
    if speed.hardware:
        said = _("Reported for %(hardware)s; not measured there", hardware=speed.hardware)
    return (
        f"<tr><td>{standing(kind)}</td>{_heading(speed.quantity, speed.publisher)}"
        f"<td>{line(speed.published)}</td><td></td><td></td>"
        f'<td>{said} <a href="#benchmarks">{others}</a></td>'
        f"<td>{place_link(speed.where, speed.where_url)}</td></tr>"
    )


def trial_rows(trials: Iterable[Trial]) -> Markup:
    """Return a row for each cause that was tried: what it gives, and how far off that is."""
    return Markup("".join(map(_trial, trials)))


def _trial(trial: Trial) -> str:
    off = standing("right", trial.off) if trial.fits else line(trial.off)
    return f"<tr><td>{line(trial.label)}</td><td>{line(trial.gives)}</td><td>{off}</td></tr>"


TABLE = {
    "claim_rows": claim_rows,
    "speed_rows": speed_rows,
    "trial_rows": trial_rows,
}
