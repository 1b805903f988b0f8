"""The JSON Schema of `zoo.toml`, for editors."""

from typing import Any

from zoo.model_index.settings.record import KEYS, TEXTS


def settings_schema() -> dict[str, Any]:
    """Return the schema, draft 7, of a settings file."""
    text = {"type": "string", "minLength": 1}
    texts = {"anyOf": [text, {"type": "array", "items": text}]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of zoo",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            key: {"description": meaning} | (texts if key in TEXTS else text)
            for key, meaning in KEYS.items()
        },
    }
