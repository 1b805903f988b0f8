"""The environment of our templates: where they lie, and the functions and filters that they may
use."""

import os
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

from zoo.model_index.quantities.table import BY_KEY
from zoo.model_index.records.records import Claim
from zoo.reporting.downloads import bibtex
from zoo.reporting.i18n import fields, gettext, vocabulary
from zoo.reporting.i18n.gettext import _, n_
from zoo.reporting.pages import changes, compare, html
from zoo.reporting.pages.settings import Settings
from zoo.reporting.plots import stage_diagram, svg
from zoo.reporting.plots.scatter import layout
from zoo.reporting.snippets import highlight
from zoo.reporting.text import escape
from zoo.reporting.text.format import (
    difference,
    flat,
    format_amount,
    format_measured,
    format_residual,
    format_residual_share,
    format_with_unit,
    human,
    plain,
)
from zoo.reporting.views import tolerance
from zoo.reporting.views.catalogue import Family
from zoo.reporting.views.provenance import evidence_path, measured_on
from zoo.reporting.views.verdicts import STANDINGS

PACKAGES = Path(__file__).parents[2]  # where the embedded index lies
TEMPLATES = Path(__file__).parents[1] / "templates"


class Generator(CodeGenerator):
    """Jinja's own, but for values that `text.safe` made harmless already: they are not escaped a
    second time."""

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        self.write("environment.finalize(")

    def _output_child_post(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        self.write(")")


class Templates(Environment):
    """What all templates here are read by."""

    code_generator_class = Generator


def environment(templates: Path | None, spoken: str) -> Environment:
    """Our templates, each of them after the one of its name in a folder of the site's owner.

    They are read while this language is spoken, and hold its messages.
    """
    return _environment(
        templates, spoken, tuple(sorted(map(str, templates.rglob("*")))) if templates else ()
    )


@cache
def _environment(templates: Path | None, spoken: str, names: tuple[str, ...]) -> Environment:
    """Another one where the owner's folder has other `names`: a template's loader is chosen
    once."""
    loaders = [FileSystemLoader(path) for path in (templates, TEMPLATES) if path]
    templates_ = Templates(
        loader=ChoiceLoader([*loaders, PrefixLoader({"zoo": FileSystemLoader(TEMPLATES)})]),
        autoescape=True, undefined=StrictUndefined, finalize=escape.safe, trim_blocks=True, lstrip_blocks=True,
        auto_reload=templates is not None,
        extensions=[gettext.InlineMessages],
    )  # fmt: skip
    templates_.filters |= {
        "heading": escape.title, "line": escape.one_line, "paragraphs": escape.paragraphs, "human": human,
        "web": escape.web_address, "coded": escape.backticks_to_code, "flat": flat, "plain": plain,
    }  # fmt: skip
    templates_.globals |= {
        "_": gettext.in_template, "n_": gettext.plural_in_template, "language": gettext.current,
        "quantity": BY_KEY, "standings": STANDINGS,
        "shown": format_measured, "amount": format_amount, "left": format_residual, "off": format_residual_share,
        "full": format_with_unit, "difference": difference, "claimed": claimed, "value": value,
        "evidence_path": evidence_path, "draw": svg.draw, "layout": layout, "facts": facts, "measured_on": measured_on,
        "together": compare.together, "change_anchor": changes.anchor, "change_title": changes.title,
        "quantity_label": quantity_label, "claim_label": claim_label,
        "translated": vocabulary.join_labels, "tasks_of": vocabulary.tasks_of, "tolerance": tolerance.shown, "placed": placed,
        **html.TABLE,
        "diagram": stage_diagram.diagram, "highlighted": highlight.highlight_code, "paragraphs_of": fields.paragraphs_of,
        "citation_file": bibtex.path,
    }  # fmt: skip
    return templates_


def claimed(claim: Claim) -> str:
    """A claim as printed, with the unit that its label says; of an address the file's name."""
    return escape.one_line(
        claim.row.show(claim.value) if claim.quantity == "weights" else claim.printed
    )


def value(claim: Claim) -> str:
    """A claim in its quantity's unit, percentages in two decimals, where several publishers stand
    together."""
    percent = claim.row.unit == "%" and isinstance(claim.value, Decimal)
    return f"{claim.value:.2f}%" if percent else claim.row.show(claim.value)


def claim_label(claim: Claim) -> str:
    """A claim's label: the quantity's in the current language where the index spells it so, else as
    it is spelled."""
    return _(claim.row.label) if claim.label == claim.row.label else escape.one_line(claim.label)


def quantity_label(key: str) -> str:
    """The label of a quantity by its key, in the current language."""
    return _(BY_KEY[key].label) if key in BY_KEY else key


def place(claim: Claim) -> str:
    """File and line of a claim, the file as seen from here, or in the package that ships it."""
    return f"{_file(claim.place.file, os.getcwd())}:{claim.place.line}"


@cache
def _file(name: str, folder: str) -> str:
    file = Path(name)
    for root in (folder, PACKAGES):
        if file.is_absolute() and file.is_relative_to(root):
            return file.relative_to(root).as_posix()
    return name


def placed(claim: Claim, settings: Settings) -> Markup:
    """File and line of a claim, a link to them where the settings say where the files are shown."""
    shown, source = escape.safe(escape.one_line(place(claim))), escape.web_address(settings.source)
    if not source:
        return shown
    address = escape.safe(f"{source}{_file(claim.place.file, os.getcwd())}")
    return Markup(f'<a href="{address}#L{claim.place.line}">{shown}</a>')


def facts(family: Family) -> list[str]:
    """A family in a few words: size, range of cost and accuracy, and whether its claims hold."""
    words = [n_("%(count)s model", "%(count)s models", len(family.models))]
    if macs := [model.macs for model in family.models if model.macs]:
        low, high = human(min(macs)), human(max(macs))
        words.append(_("%(low)s to %(high)s multiply-adds", low=low, high=high))
    claims = [
        c for model in family.models if (c := model.claim("top1")) and isinstance(c.value, Decimal)
    ]
    if claims:
        ((usual, _count),) = Counter(c.dataset for c in claims).most_common(
            1
        )  # no range goes over two data sets
        claims = [c for c in claims if c.dataset == usual]
        worst, best = (f"{end(c.value for c in claims):.2f}" for end in (min, max))
        words.append(_("claimed top-1 %(low)s to %(high)s%%", low=worst, high=best))
    failing = sum(check.finding.fails() for check in family.checks)
    words.append(
        _(
            "%(failing)s of %(all)s claims fail",
            failing=failing,
            all=sum(1 for _check in family.checks),
        )
    )
    return words
