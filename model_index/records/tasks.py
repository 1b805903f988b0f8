"""The tasks that a model is for, in one spelling: `image-classification` of a model card and
`Image Classification` of a metafile are one task."""

import re
from collections.abc import Iterable, Iterator

from zoo.model_index.records.fields import Plain, look_up

IDENTIFIER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")  # as the Hub spells tasks
SEPARATORS = re.compile(r"[\s_-]+")


def list_tasks(metadata: dict[str, Plain], of_results: Iterable[str | None]) -> tuple[str, ...]:
    """Return the tasks under Tasks of the metadata, then those of results, each once."""
    tasks: dict[str, str] = {}
    for text in (*_texts(look_up(metadata, "tasks")), *of_results):
        if text and (key := SEPARATORS.sub(" ", text.casefold()).strip()):
            tasks.setdefault(key, label_task(text.strip()))
    return tuple(tasks.values())


def label_task(text: str) -> str:
    """Return `Image Classification` for `image-classification`; other spellings as they are."""
    return text.replace("-", " ").title() if IDENTIFIER.fullmatch(text) else text


def _texts(value: Plain) -> Iterator[str]:
    """Yield the texts of a field: a task, or a list of them."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item
