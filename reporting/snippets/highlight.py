"""Highlight code for the theme, once for all models whose code differs in the name alone."""

import re
from functools import lru_cache

from markupsafe import Markup

from zoo.reporting.text.escape import replace_invisible, safe

STAND_IN = Markup('"zoo_model_name"')  # a literal too, so that it has the colour of one
# names, numbers, operators and blanks, which need no colour: a page has a thousand of them
PLAIN = re.compile(r'<span class="(?:n|nn|nb|nc|nf|mi|mf|o|p|w|sa|si|ow|kc)">([^<]*)</span>')


def highlight_code(code: str, language: str, name: str = "") -> Markup:
    """Return a block of highlighted code; `name` is a literal in it that differs between models."""
    if not name or STAND_IN in code:
        return _block(code, language)
    return Markup(_block(code.replace(name, STAND_IN), language).replace(STAND_IN, safe(name)))


@lru_cache(maxsize=4096)
def _block(code: str, language: str) -> Markup:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    formatter = HtmlFormatter(cssclass="highlight", wrapcode=True)  # `<code>` scrolls and is copied
    html = highlight(replace_invisible(code), get_lexer_by_name(language), formatter)
    html = html.replace("<span></span>", "")
    html = PLAIN.sub(r"\1", html)
    return Markup(html.replace("`", "&#96;").replace("~", "&#126;").strip())
