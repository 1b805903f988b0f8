"""Make the rows of a model's claims, and of what was tried to explain them.

Functions, as in `zoo.reporting.pages.html`: a page has dozens of rows with seven cells each.
"""

from collections.abc import Container, Iterable, Iterator, Sequence

from markupsafe import Markup

from zoo.model_index.findings import Standing
from zoo.reporting.i18n.gettext import in_template as _
from zoo.reporting.pages.standing import standing, where_link
from zoo.reporting.text.escape import backticks_to_code, line, one_line
from zoo.reporting.views.claim_lines import ClaimLine
from zoo.reporting.views.model_page.evidence import Trial
from zoo.reporting.views.model_page.numbers import SpeedRow

LONG = 20  # characters of a value, from which on it may break


def claim_rows(lines: Iterable[ClaimLine], whys: Container[str]) -> Markup:
    """Return a row for each claim: standing, quantity, published, use, off by, words, place. `whys`
    are the anchors of explanations on the page."""
    return Markup("".join(part for claim in lines for part in _claim(claim, whys)))


def _claim(claim: ClaimLine, whys: Container[str]) -> Iterator[str]:
    published, use, use_label = line(claim.published), line(claim.use), _("use")
    if is_wrong := claim.standing is Standing.WRONG:
        published = f"<del>{published}</del>"
    if claim.printed:
        published += f'<span class="printed">{line(claim.printed)}</span>'
    yield (
        f'<tr id="{line(claim.anchor)}"><td>{standing(claim.standing)}</td>'
        f"{_heading(claim.quantity, claim.publisher)}"
        f'<td class="num wide{_long(claim.published)}">{published}</td>'
        f'<td class="num use{_long(claim.use)}"'
    )
    if use:
        yield f' data-label="{use_label}"'
    yield f">{f'<ins>{use}</ins>' if is_wrong and use else use}</td>"
    why = ""
    if claim.why_anchor in whys:
        label = _("Why")
        why = f' <a href="#{line(claim.why_anchor)}">{label}</a>'
    yield (
        f'<td class="num off">{line(claim.off_by)}</td>'
        f'<td class="soft wide">{_words(claim.words)}{why}</td>'
        f'<td class="wide">{where_link(claim.where, claim.where_url)}</td></tr>'
    )


def _heading(quantity: str, publisher: str) -> str:
    return f'<th scope="row">{line(quantity)} <span class="quiet">{line(publisher)}</span></th>'


def _long(value: str) -> str:
    return " long" if len(value) > LONG else ""


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
        f'<td class="num wide">{line(speed.published)}</td><td></td><td></td>'
        f'<td class="soft wide">{said} <a href="#benchmarks">{others}</a></td>'
        f'<td class="wide">{where_link(speed.where, speed.where_url)}</td></tr>\n'
    )


def trial_rows(trials: Iterable[Trial]) -> Markup:
    """Return a row for each cause that was tried: what it gives, and how far off that is."""
    return Markup("".join(map(_trial, trials)))


def _trial(trial: Trial) -> str:
    off = standing("right", trial.off) if trial.fits else line(trial.off)
    return (
        f'<tr><td>{line(trial.label)}</td><td class="num">{line(trial.gives)}</td>'
        f'<td class="num">{off}</td></tr>'
    )


TABLE = {
    "claim_rows": claim_rows,
    "speed_rows": speed_rows,
    "trial_rows": trial_rows,
}
