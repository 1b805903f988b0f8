"""`zoo schema`: the JSON Schema of an index."""

from zoo.cli.output.streams import write_document


def schema() -> None:
    """Print the JSON Schema of an index, which editors complete and check from."""
    from zoo.model_index.schema.json_schema import text

    write_document(text())
