"""Name models and families on a site: what pages call them, and the slugs of their files."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import count

from zoo.model_index.ledger.store import slug

RESERVED = {"index", "readme"}  # MkDocs serves these names as the folder's own page
FILE = re.compile(r"\.(svg|json)$")
LONGEST_SLUG = 80  # file systems stop at 255 bytes


def slugs(names: Iterable[str], prefix: str = "") -> list[str]:
    """Return a unique file name for each name: safe, short and in lower case.

    A slug does not depend on the order of names: where several names have one slug, a name that
    equals it keeps it, and the others get a hash of the name. Only equal names get a number.
    """
    names = list(names)
    counts = Counter(_short(name) for name in dict.fromkeys(names))
    taken = set(RESERVED)
    result = []
    for name in names:
        base = _short(name)
        if counts[base] > 1 and name != base:
            base = f"{base}-{_hash(name)}"
        base = unique = prefix + base
        number = 2
        while unique in taken:
            unique, number = f"{base}-{number}", number + 1
        taken.add(unique)
        result.append(unique)
    return result


def zoo_slugs(named: Sequence[tuple[str, str]]) -> list[str]:
    """Return a unique slug for each pair of a name and a zoo.

    The names of the first zoo have theirs as in `slugs`, whatever other zoos there are. A later zoo
    whose slug is taken adds its own name: `densenet-torchvision`.
    """
    by_zoo: dict[str, list[int]] = {}
    for number, (_, zoo) in enumerate(named):
        by_zoo.setdefault(zoo, []).append(number)
    result, taken = [""] * len(named), set[str]()
    for zoo, numbers in by_zoo.items():
        for number, base in zip(numbers, slugs(named[n][0] for n in numbers), strict=True):
            free = count(2)
            unique = base if base not in taken else f"{base}-{_short(zoo)}"
            while unique in taken:
                unique = f"{base}-{_short(zoo)}-{next(free)}"
            taken.add(unique)
            result[number] = unique
    return result


def distinct_names(named: Sequence[tuple[str, str]]) -> list[str]:
    """Return each name, with its zoo where another zoo has the same name in any capitals:
    `DenseNet (timm)`."""
    zoos: dict[str, set[str]] = {}
    for name, zoo in named:
        zoos.setdefault(name.casefold(), set()).add(zoo)
    return [f"{name} ({zoo})" if len(zoos[name.casefold()]) > 1 else name for name, zoo in named]


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:6]


@lru_cache(maxsize=8192)  # the claims of all models have few names
def _short(name: str) -> str:
    safe = FILE.sub(r"-\1", slug(name.lower()))  # `a.svg` would be the badge of `a`
    if len(safe) <= LONGEST_SLUG:
        return safe
    return f"{safe[:LONGEST_SLUG]}-{_hash(name)}"
