"""Texts of an index in the language of the page: a field may have a translation beside it,
`Description (zh)`."""

import re

from zoo.model_index.records.fields import fold_key
from zoo.model_index.records.records import Collection, Entry
from zoo.reporting.i18n.gettext import current
from zoo.reporting.text.escape import paragraphs

# A line that ends between two characters of Chinese has no blank there.
BETWEEN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])")


def text_of(record: Entry | Collection | None, key: str) -> str:
    """The field in the current language, in the index's own where it has none; empty where there is
    neither."""
    if record is None:
        return ""
    for name in (f"{key} ({current()})", key):
        if text := record.text(fold_key(name)):
            return BETWEEN.sub("", text)
    return ""


def paragraphs_of(entry: Entry | None, collection: Collection | None, key: str) -> list[str]:
    """The paragraphs of an entry's own text, or of its collection's."""
    return paragraphs(text_of(entry, key) or text_of(collection, key))
