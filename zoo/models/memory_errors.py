"""Tell an error of memory that ran out from other errors, whatever library raised it."""

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
