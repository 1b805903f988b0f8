"""Read texts of an index in the language of the page: a field may have a translation such as
`Description (zh)`."""

import re
from functools import lru_cache

from markupsafe import Markup

from zoo.model_index.records.fields import fold_key
from zoo.model_index.records.records import Collection, Entry
from zoo.reporting.i18n.gettext import current
from zoo.reporting.text.escape import paragraphs, safe

# A line break between two Chinese characters is no blank.
BETWEEN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])")


def text_of(record: Entry | Collection | None, key: str) -> str:
    """Return the field in the current language, else in the index's own; empty without both."""
    if record is None:
        return ""
    for name in (f"{key} ({current()})", key):
        if text := record.text(fold_key(name)):
            return text if text.isascii() else BETWEEN.sub("", text)
    return ""


def paragraphs_of(
    entry: Entry | None, collection: Collection | None, key: str
) -> tuple[Markup, ...]:
    """Return the paragraphs of an entry's text, else of its collection's, as HTML."""
    return _split(text_of(entry, key) or text_of(collection, key))


@lru_cache(maxsize=512)  # the models of a family have one text
def _split(text: str) -> tuple[Markup, ...]:
    return tuple(map(safe, paragraphs(text)))
