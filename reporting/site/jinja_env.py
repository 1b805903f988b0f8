"""Set up the Jinja environment of the templates: their folders, functions and filters."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

from zoo.model_index.quantities.show import human
from zoo.model_index.quantities.table import BY_KEY, row_of
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n import fields, gettext, vocabulary
from zoo.reporting.i18n.gettext import _
from zoo.reporting.pages import compare, html, standing
from zoo.reporting.pages.changes import page as changes
from zoo.reporting.plots import svg
from zoo.reporting.plots.scatter import list_few
from zoo.reporting.snippets import highlight
from zoo.reporting.text import escape
from zoo.reporting.text.format import (
    difference,
    flat,
    format_amount,
    format_residual,
    input_text,
    plain,
)
from zoo.reporting.views.benchmarks import last_part
from zoo.reporting.views.catalogue import Check
from zoo.reporting.views.cause_words import cause_text
from zoo.reporting.views.provenance import describe_setup, evidence_path, show_command

TEMPLATES = Path(__file__).parents[1] / "templates"


class Generator(CodeGenerator):
    """Generate code that escapes each value once: `escape.safe` does it, so Jinja does not escape
    the result again."""

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        self.write("environment.finalize(")

    def _output_child_post(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        self.write(")")


class Templates(Environment):
    """A Jinja environment whose code comes from `Generator`."""

    code_generator_class = Generator


def environment(templates: Path | None, language: str) -> Environment:
    """Return the environment of a language; a template in the owner's folder comes before ours.

    Templates are compiled with the messages of the language.
    """
    names = tuple(sorted(map(str, templates.rglob("*")))) if templates else ()
    return _environment(templates, language, names)


@cache
def _environment(templates: Path | None, language: str, names: tuple[str, ...]) -> Environment:
    """Make an environment once for each language and list of file names in the owner's folder:
    Jinja remembers which loader has a template."""
    loaders = [FileSystemLoader(path) for path in (templates, TEMPLATES) if path]
    environment_ = Templates(
        loader=ChoiceLoader([*loaders, PrefixLoader({"zoo": FileSystemLoader(TEMPLATES)})]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=escape.safe,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=templates is not None,
        extensions=[gettext.InlineMessages],
    )
    environment_.filters |= FILTERS
    environment_.globals |= GLOBALS | html.TABLE | standing.TABLE | changes.GLOBALS
    return environment_


def format_claim(claim: Claim) -> str:
    """Format a claim as printed, with the unit of its label; an address as its file's name."""
    return escape.one_line(
        claim.row.show(claim.value) if claim.quantity == "weights" else claim.printed
    )


def value(claim: Claim) -> str:
    """Format a claim in its quantity's unit, percentages in two decimals, to compare publishers."""
    percent = claim.row.unit == "%" and isinstance(claim.value, Decimal)
    return f"{claim.value:.2f}%" if percent else claim.row.show(claim.value)


def claim_label(claim: Claim) -> str:
    """Return a claim's label: translated where it is the quantity's own, else as the index spells
    it."""
    return _(claim.row.label) if claim.label == claim.row.label else escape.one_line(claim.label)


def claim_conditions(claim: Claim) -> str:
    """Return the data set and the conditions of a metric, by commas."""
    conditions = (f"{name} {value}" for name, value in claim.conditions)
    return escape.one_line(", ".join(filter(None, [claim.dataset, *conditions])))


def word(text: str) -> str:
    """Return a word in the current language; one that is no message stands in an index, and is
    escaped like it."""
    return escape.one_line(_(text))


def quantity_label(key: str) -> str:
    """Return the label of a quantity by its key, in the current language."""
    return _(row_of(key).label)


def link_to_place(check: Check) -> Markup:
    """Return file and line of a claim, as a link where its repository is known."""
    shown = escape.safe(check.file)
    if check.address is None:
        return shown
    return Markup(f'<a href="{escape.safe(check.address)}">{shown}</a>')


FILTERS: dict[str, Callable[..., Any]] = {
    "coded": escape.backticks_to_code,
    "flat": flat,
    "heading": escape.title,
    "human": human,
    "line": escape.one_line,
    "paragraphs": escape.paragraphs,
    "plain": plain,
    "web": escape.web_address,
}
GLOBALS: dict[str, Any] = {
    "_": gettext.in_template,
    "amount": format_amount,
    "cause_text": cause_text,
    "claim_conditions": claim_conditions,
    "claim_label": claim_label,
    "comparison_query": compare.comparison_query,
    "difference": difference,
    "draw": svg.draw,
    "draw_panel": svg.draw_panel,
    "evidence_path": evidence_path,
    "format_claim": format_claim,
    "input_text": input_text,
    "highlighted": highlight.highlight_code,
    "language": gettext.current,
    "left": format_residual,
    "list_few": list_few,
    "last_part": last_part,
    "link_to_place": link_to_place,
    "describe_setup": describe_setup,
    "n_": gettext.plural_in_template,
    "paragraphs_of": fields.paragraphs_of,
    "quantity": BY_KEY,
    "quantity_label": quantity_label,
    "word": word,
    "show_command": show_command,
    "tasks_of": vocabulary.tasks_of,
    "translated": vocabulary.join_labels,
    "value": value,
}
