"""Make the HTML of code that a reader copies: a block with a button."""

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _
from zoo.reporting.snippets.highlight import highlight_code
from zoo.reporting.text.escape import safe


def code_block(code: str, label: str, language: str = "", name: str = "") -> Markup:
    """Return a block of code, in the colours of its language where that is stated.

    `label` says what the code does, `name` is a literal in it that differs between models.
    """
    shown = safe(label)
    opening = f'<pre tabindex="0" aria-label="{shown}">'
    if language:
        block = str(highlight_code(code, language, name)).replace("<pre>", opening, 1)
    else:
        block = f"{opening}<code>{safe(code)}</code></pre>"
    words = safe(_("Copy: %(what)s", what=shown))
    button = f'<button class="button copy" type="button" aria-label="{words}">{safe(_("Copy"))}'
    return Markup(f'<div class="code">{block}{button}</button></div>')
