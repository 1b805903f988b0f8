"""Highlight code for the theme, once for all models whose code differs in the name alone."""

import re
from functools import lru_cache

from markupsafe import Markup

from zoo.reporting.text.escape import replace_invisible, safe

STAND_IN = '"zoo_model_name"'  # a literal too, so that it has the colour of one
TOKEN = re.compile(r'<span class="(\w+)">([^<]*)</span>')
# Elements for Pygments' classes; a page has a thousand tokens, and all others need no colour.
ELEMENTS = {
    **dict.fromkeys(("k", "kd", "kn", "kr"), "b"),
    **dict.fromkeys(("s", "s1", "s2", "se"), "i"),
    **dict.fromkeys(("c", "c1"), "em"),
}


def highlight_code(code: str, language: str, name: str = "") -> Markup:
    """Return highlighted code as HTML: keywords, texts and comments are elements `b`, `i` and `em`.

    `name` is a literal in it that differs between models.
    """
    if not name or STAND_IN in code:
        return Markup(_lines(code, language))
    literal = str(safe(name)).replace("&#34;", '"')
    return Markup(_lines(code.replace(name, STAND_IN), language).replace(STAND_IN, literal))


@lru_cache(maxsize=4096)
def _lines(code: str, language: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    formatter = HtmlFormatter(nowrap=True)
    html = highlight(replace_invisible(code), get_lexer_by_name(language), formatter)
    html = TOKEN.sub(_element, html)
    return html.replace("`", "&#96;").replace("~", "&#126;").strip() + "\n"


def _element(token: re.Match[str]) -> str:
    name, text = ELEMENTS.get(token[1]), token[2]
    return f"<{name}>{text}</{name}>" if name else text
