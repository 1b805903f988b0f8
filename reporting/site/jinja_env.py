"""Set up the Jinja environment of the templates: their folders, functions and filters."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame

from zoo.model_index.quantities.show import human
from zoo.reporting.i18n import fields, gettext, vocabulary
from zoo.reporting.i18n.gettext import _
from zoo.reporting.pages import claim_table, compare, html, model_tables, standing
from zoo.reporting.pages.changes import page as changes
from zoo.reporting.plots import svg
from zoo.reporting.plots.scatter import list_few
from zoo.reporting.text import escape
from zoo.reporting.text.format import (
    flat,
    input_text,
    plain,
)
from zoo.reporting.views.benchmarks import last_part
from zoo.reporting.views.provenance import describe_setup, evidence_path, show_command

BUILDERS = (html, standing, claim_table, model_tables)  # whose functions templates call
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
    for table in (GLOBALS, changes.GLOBALS, *(module.TABLE for module in BUILDERS)):
        environment_.globals |= table
    return environment_


def word(text: str) -> str:
    """Return a word in the current language; one that is no message stands in an index, and is
    escaped like it."""
    return escape.one_line(_(text))


FILTERS: dict[str, Callable[..., Any]] = {
    "coded": escape.backticks_to_code,
    "flat": flat,
    "heading": escape.title,
    "human": human,
    "line": escape.one_line,
    "plain": plain,
}
GLOBALS: dict[str, Any] = {
    "_": gettext.in_template,
    "comparison_query": compare.comparison_query,
    "draw": svg.draw,
    "draw_panel": svg.draw_panel,
    "evidence_path": evidence_path,
    "input_text": input_text,
    "list_few": list_few,
    "last_part": last_part,
    "describe_setup": describe_setup,
    "n_": gettext.plural_in_template,
    "paragraphs_of": fields.paragraphs_of,
    "word": word,
    "show_command": show_command,
    "tasks_of": vocabulary.tasks_of,
}
