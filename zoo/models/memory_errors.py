"""Describe the exceptions of foreign code, and tell an error of memory that ran out from others,
whatever library raised it."""

import re

WHERE = re.compile(r"\[enforce fail at [^\]]*\] [^.]*\. ")  # in torch's own code
LONGEST = 300  # characters of an exception in a message

WORDS = (
    "MemoryError",
    "OutOfMemory",
    "bad_alloc",
    "can't allocate memory",
    "not enough memory",
    "out of memory",
)


def is_memory_error(error: BaseException) -> bool:
    """Return whether an error, or the one that it was raised from, says that memory ran out."""
    names = " ".join(kind.__name__ for kind in type(error).__mro__)
    cause = error.__cause__
    return says_memory(f"{names} {error}") or (cause is not None and is_memory_error(cause))


def says_memory(text: str) -> bool:
    """Return whether the text of an error says that memory ran out."""
    return any(words in text for words in WORDS)


def describe_exception(error: BaseException) -> str:
    """Return type and message of an exception on one line of at most `LONGEST` characters."""
    message = WHERE.sub("", str(error))
    text = " ".join(": ".join(filter(None, (type(error).__name__, message))).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
