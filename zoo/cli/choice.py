"""An option that takes one of a few values."""

from collections.abc import Iterable
from typing import Any

import typer


def choice(option: str, values: Iterable[str], help: str) -> Any:
    """Return an option that takes one of these values, of an enumeration or a table; the first one
    is the default."""
    values = tuple(values)
    names = tuple(map(str, values))

    def parse(text: str) -> str:
        if text not in names:
            from zoo.model_index.errors.suggestions import describe_unknown

            raise typer.BadParameter(describe_unknown("no", text, names))
        return values[names.index(text)]

    return typer.Option(option, metavar="|".join(names), parser=parse, help=help)
