"""Code in colour, as the theme expects it: made here, once for all models whose code differs in the
name alone."""

import re
from functools import lru_cache

from markupsafe import Markup

from zoo.reporting.text.escape import safe, visible

STAND_IN = Markup('"zoo_model_name"')  # a literal too, so that it has the colour of one
PLAIN = re.compile(
    r'<span class="(?:n|o|p|w)">([^<]*)</span>'
)  # names, operators and blanks, which need no colour


def highlighted(code: str, language: str, name: str = "") -> Markup:
    """A block of code; `name` is a literal in it that every model has otherwise."""
    if not name or STAND_IN in code:
        return _block(code, language)
    return Markup(_block(code.replace(name, STAND_IN), language).replace(STAND_IN, safe(name)))


@lru_cache(maxsize=4096)
def _block(code: str, language: str) -> Markup:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    formatter = HtmlFormatter(cssclass="highlight", wrapcode=True)  # `<code>` scrolls and is copied
    made = highlight(visible(code), get_lexer_by_name(language), formatter)
    made = PLAIN.sub(r"\1", made)
    return Markup(made.replace("`", "&#96;").replace("~", "&#126;").strip())
