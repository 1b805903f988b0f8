"""Decode the bytes of a file: UTF-8, and for tables UTF-16 with its mark, or Latin-1 as a last
resort.

Every decoding can be undone to the last byte, so that an edit changes nothing else. A byte order
mark stays the first character of the text.
"""

import codecs
from pathlib import Path
from typing import NamedTuple

from zoo.model_index.reading.discover import SUFFIXES, suffix
from zoo.model_index.reading.tables.read import TABLE_SUFFIXES

UTF8, LATIN1 = "utf-8", "latin-1"
MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class FileText(NamedTuple):
    """The text of a file, its encoding, and the offset of the first byte that is not UTF-8, or
    -1."""

    text: str
    encoding: str
    odd: int = -1

    def encode(self, text: str) -> bytes:
        """Return another text as this file has it."""
        return text.encode(self.encoding, "strict" if self.encoding == UTF8 else "surrogatepass")


def decode_file(path: str | Path, data: bytes) -> FileText:
    """Return the text of a file: of one that holds nothing but tables as its mark says, else UTF-8,
    else Latin-1; of any other UTF-8.

    Raises:
        UnicodeDecodeError: another file that is no UTF-8.
    """
    ending = suffix(Path(path))
    if ending in SUFFIXES or ending not in TABLE_SUFFIXES:
        return FileText(data.decode(UTF8), UTF8)
    for mark, encoding in MARKS:
        if data.startswith(mark) and len(data) % 2 == 0:
            text = data.decode(encoding, "surrogatepass")
            if text.encode(encoding, "surrogatepass") == data:
                return FileText(text, encoding)
    try:
        return FileText(data.decode(UTF8), UTF8)
    except UnicodeDecodeError as error:
        return FileText(data.decode(LATIN1), LATIN1, error.start)
