"""Read short formulas of a table as plain text: `$\\pm$`, `$\\sim$`, `AP$_{50}$`."""

import re

SIGNS = {
    "approx": "~",
    "dagger": "†",
    "ddagger": "‡",
    "downarrow": "↓",
    "pm": "±",
    "sim": "~",
    "star": "*",
    "ast": "*",
    "times": "×",
    "cdot": "·",
    "uparrow": "↑",
}
COMMAND = re.compile(r"\\(?:([a-zA-Z]+)\s*|(.))")
POWER_OF_TEN = re.compile(r"(?<!\d)10\^")
SCRIPT = re.compile(r"[_^]")


def read_math(formula: str) -> str:
    """Return what a formula without its dollars says as text; an unknown command says nothing."""
    text = COMMAND.sub(lambda match: SIGNS.get(match[1], match[2] or ""), formula)
    text = text.replace("{", "").replace("}", "").replace("$", "")
    return SCRIPT.sub("", POWER_OF_TEN.sub("10\0", text)).replace("\0", "^").strip()
