"""`zoo schema`: the JSON Schema of an index."""

import sys


def schema() -> None:
    """Print the JSON Schema of an index, which editors complete and check from."""
    from zoo.model_index.schema.json_schema import text

    sys.stdout.write(text())
