"""Render findings, lint and unreadable files for CI services: one module and one row of
`RENDERERS` for each format.

Importing this package imports no renderer, so that the command line can list their names.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.reporting.gates.limits import Rendering
    from zoo.reporting.gates.rows import Outcome

RENDERERS = {
    "junit": "zoo.reporting.gates.junit",
    "sarif": "zoo.reporting.gates.sarif",
    "github": "zoo.reporting.gates.github",
    "markdown": "zoo.reporting.gates.markdown",
}
"""The module with `render(outcome)` of each format that `--format` and `--also` take."""


def render(format: str, outcome: "Outcome") -> "Rendering":
    """Render the outcome in a format of the table."""
    rendering: Rendering = import_module(RENDERERS[format]).render(outcome)
    return rendering
