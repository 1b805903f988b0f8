"""Write JSON for a `<script>` element of a page."""

import json

from zoo.model_index.reading.reader import STEERING


def script_json(data: object) -> str:
    """Return compact JSON in which no character can end the `<script>` element or is invisible."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return (
        text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("`", "\\u0060")
    )
