"""`zoo schema`: the JSON Schema of an index, or of the settings."""

import json
from typing import Annotated

import typer

from zoo.cli.output.streams import write_document


def schema(
    settings: Annotated[
        bool, typer.Option("--settings", help="Print the schema of zoo.toml, not of an index.")
    ] = False,
) -> None:
    """Print the JSON Schema of an index, which editors complete and check from."""
    from zoo.model_index.schema.json_schema import text
    from zoo.model_index.settings.schema import settings_schema

    write_document(json.dumps(settings_schema(), indent=2) + "\n" if settings else text())
