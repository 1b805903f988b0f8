"""models.json as rows: its values by column, turned into values by model."""

import json
from typing import Any


def rows_of(text: str) -> list[dict[str, Any]]:
    """The values of each model by the key of their column, with its slug; what is null is left
    out."""
    data = json.loads(text)
    return [
        {"slug": slug}
        | {c["key"]: c["values"][n] for c in data["columns"] if c["values"][n] is not None}
        for n, slug in enumerate(data["slugs"])
    ]


def column_of(text: str, key: str) -> dict[str, Any]:
    """One column of models.json."""
    return next(column for column in json.loads(text)["columns"] if column["key"] == key)
