"""Find the SHA-256 that a file's name, a text or an entry states, and tell it from a date.

PyTorch's hub writes `net-5b90dec4.pth`, OpenMMLab `net_20200708-5b90dec4.pth` or
`net-5b90dec4_20200708.pth`: a hyphen and the first characters of the SHA-256, with a date beside
them. A date has hexadecimal digits too.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from zoo.model_index.records.fields import look_up
from zoo.model_index.records.records import Entry

FIELDS = ("sha256", "sha-256", "sha 256", "digest")
SUFFIXES = re.compile(r"(?:\.\w+)*$")
WORDS = re.compile(r"([-_]?)([^-_]+)")
HEXADECIMAL = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8,64}(?![0-9A-Za-z])")
FORMATS = {
    8: ("%Y%m%d", "%d%m%Y", "%m%d%Y"),
    10: ("%Y%m%d%H",),
    12: ("%Y%m%d%H%M",),
    14: ("%Y%m%d%H%M%S",),
}
YEARS = range(1990, 2100)
SECONDS = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")  # since 1970, or milliseconds: 2001 to 2033
TIME = re.compile(r"[0-2][0-9][0-5][0-9][0-5][0-9]")
# A number after one of these says how long a model was trained.
COUNTERS = frozenset("ckpt checkpoint epoch iter step steps".split())
OTHER_LENGTHS = frozenset((32, 40))  # of MD5 and SHA-1
OTHER_NAMES = re.compile(r"md5|sha-?1(?!\d)|sha-?512|crc|blake|xxh", re.IGNORECASE)


def digest_in_name(name: str, actual: str | None = None) -> str | None:
    """Return the beginning of the SHA-256 that a file's name states, in small letters; None where
    it states none.

    `actual` is the file's SHA-256, where it is known: a number that may be a date is a digest only
    where the file has it.
    """
    words = WORDS.findall(SUFFIXES.sub("", name))[1:]  # the first word is the name
    before = WORDS.findall(name)[0][1] if words else ""
    while words:
        separator, word = words.pop()
        previous = words[-1][1] if words else before
        if separator == "-" and _is_digest(word, previous, actual):
            return str(word).lower()
        if not _is_date(word) and not (TIME.fullmatch(word) and _is_date(previous)):
            return None
    return None


def digest_in_text(text: str) -> str | None:
    """Return the SHA-256, or its beginning, that the value of a field states; None where it is
    another function's."""
    if OTHER_NAMES.search(text):
        return None
    words = (match[0] for match in HEXADECIMAL.finditer(text))
    return next((word.lower() for word in words if _is_digest(word, "", None)), None)


def stated_digests(entry: Entry) -> Iterator[str]:
    """Yield every SHA-256, or its beginning, that an entry states beside its weights or in its
    metadata."""
    for fields in (entry.fields, entry.metadata, entry.inherited):
        for key in FIELDS:
            value = look_up(fields, key)
            if isinstance(value, str) and (digest := digest_in_text(value)):
                yield digest


def _is_digest(word: str, previous: str, actual: str | None) -> bool:
    if not HEXADECIMAL.fullmatch(word):
        return False
    if actual and actual.startswith(word.lower()):
        return True
    counts = word.isdecimal() and previous.lower() in COUNTERS
    return not (counts or _is_date(word) or len(word) in OTHER_LENGTHS)


def _is_date(word: str) -> bool:
    """Return whether digits are a date, with the time or without, or seconds since 1970."""
    if not word.isascii() or not word.isdecimal():
        return False
    return bool(SECONDS.fullmatch(word)) or any(
        _matches(word, format) for format in FORMATS.get(len(word), ())
    )


def _matches(word: str, format: str) -> bool:
    try:
        return datetime.strptime(word, format).year in YEARS
    except ValueError:
        return False
