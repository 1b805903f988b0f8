"""Tell an error of memory that ran out from other errors, whatever library raised it."""

WORDS = ("can't allocate memory", "not enough memory", "out of memory", "OutOfMemory", "bad_alloc")
NAMES = {"MemoryError", "OutOfMemoryError"}


def is_memory_error(error: BaseException) -> bool:
    """Return whether an error, or the one that it was raised from, says that memory ran out."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & NAMES or any(words in str(error) for words in WORDS):
        return True
    return error.__cause__ is not None and is_memory_error(error.__cause__)
