"""The table of formats; a format is one function from an outcome to a text."""

from collections.abc import Callable

from zoo.reporting.gates import github, junit, markdown, sarif
from zoo.reporting.gates.rows import Outcome

RENDERERS: dict[str, Callable[[Outcome], str]] = {
    "junit": junit.render,
    "sarif": sarif.render,
    "github": github.render,
    "markdown": markdown.render,
}
