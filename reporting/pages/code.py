"""Make the HTML of code that a reader copies."""

from markupsafe import Markup

from zoo.reporting.snippets.highlight import highlight_code
from zoo.reporting.text.escape import safe


def code_block(code: str, label: str, language: str = "", name: str = "") -> Markup:
    """Return a block of code, in the colours of its language where that is stated.

    `label` says what the code does, `name` is a literal in it that differs between models. A script
    adds the button that copies it.
    """
    shown = highlight_code(code, language, name) if language else safe(code)
    opening = f'<pre tabindex="0" aria-label="{safe(label)}">'
    return Markup(f'<div class="code">{opening}<code>{shown}</code></pre></div>')
