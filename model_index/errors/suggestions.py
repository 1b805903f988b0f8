"""Say what a misspelt name was meant to be, in one way for every kind of name."""

from collections.abc import Iterable, Sequence

LONGEST = 100  # letters of a name that is compared: a comparison takes the product of the lengths
MOST = 3  # names that are suggested
LETTERS_AN_EDIT = 3  # a name may differ in one letter of three


def find_close(name: str, names: Iterable[str], most: int = MOST) -> list[str]:
    """Return the names that the fewest edits make of this one: letters changed, added, left out or
    swapped. A name that is a beginning of the other is close as well. The nearest comes first.
    """
    if not 0 < len(name) <= LONGEST:
        return []
    from jellyfish import jaro_winkler_similarity as rate

    text = name.casefold()
    ranks = []
    for candidate in dict.fromkeys(names):
        other = candidate.casefold()
        if len(other) > LONGEST:
            continue
        limit = max(1, min(len(text), len(other)) // LETTERS_AN_EDIT)
        close = abs(len(text) - len(other)) <= limit
        edits = count_edits(text, other) if close else limit + 1
        if edits <= limit or _is_beginning(text, other):
            ranks.append((edits, -rate(text, other), candidate))
    ranks.sort()
    if ranks and ranks[0][0] <= 1:  # what one letter makes right is no matter of choice
        ranks = [rank for rank in ranks if rank[0] == ranks[0][0]]
    return [candidate for _, _, candidate in ranks[:most]]


def count_edits(text: str, other: str) -> int:
    """Return how many letters to change, add, leave out or swap to make one text of the other."""
    from jellyfish import damerau_levenshtein_distance

    return int(damerau_levenshtein_distance(text, other))


def _is_beginning(text: str, other: str) -> bool:
    shorter, longer = sorted((text, other), key=len)
    return len(shorter) >= LETTERS_AN_EDIT and longer.startswith(shorter)


def describe_unknown(
    subject: str, name: str, names: Iterable[str], hint: str = "", *, most: int = MOST
) -> str:
    """Describe a name that does not exist: `no model 'dpn89': did you mean dpn98? (hint)`.

    Without a hint, and where no name is close, all names are listed if they are few.
    """
    names = list(names)
    close = find_close(name, names, most)
    shown = name if len(name) <= LONGEST else f"{name[:LONGEST]}..."
    text = f"{subject} {shown!r}".lstrip()
    if close:
        text += f": did you mean {join_alternatives(close)}?"
    note = hint or join_names(names)
    return f"{text} ({note})" if note else text


def join_alternatives(names: Sequence[str]) -> str:
    """Join names as `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def join_names(names: Sequence[str], most: int = 12) -> str:
    """Join names by commas, the first of many only."""
    rest = f", {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
