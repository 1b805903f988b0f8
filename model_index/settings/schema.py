"""The JSON Schema of `zoo.toml`, for editors."""

from typing import Any

from zoo.model_index.dialects.page_tables.table_settings import KEYS as TABLE_KEYS
from zoo.model_index.dialects.page_tables.table_settings import MAPPINGS
from zoo.model_index.dialects.page_tables.table_settings import TEXTS as TABLE_TEXTS
from zoo.model_index.settings.record import KEYS, TABLES, TEXTS


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
        }
        | {TABLES: _tables_schema(text, texts)},
    }


def _tables_schema(text: dict[str, Any], texts: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the settings of tables."""
    patterns = {"type": "object", "additionalProperties": text}
    kinds = {**dict.fromkeys(TABLE_TEXTS, texts), **dict.fromkeys(MAPPINGS, patterns)}
    return {
        "description": "how the tables of pages are read",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            key: {"description": meaning} | kinds.get(key, text)
            for key, meaning in TABLE_KEYS.items()
        },
    }
