"""Match the names of a file's tensors with those of the live model.

Names are tried as they are first. Then the wrappers of torch are taken off the names of both sides,
and then a prefix that only one side has: a training framework keeps the network as its `model`.
Order plays no part, since safetensors sorts its tensors.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

# The names that torch.compile and DistributedDataParallel give to the module that they wrap.
WRAPPERS = frozenset(("_orig_mod", "module"))
AVERAGES = "n_averaged"  # torch's AveragedModel counts beside the module that it wraps
MAX_PREFIXES = 3  # of each side that are tried


class Naming(NamedTuple):
    """One way to read a file's names: `names` maps them to the model's; a name that is left out
    belongs to a wrapper.

    `how` is `names` or `prefix`, and `prefix` is what only one side has: `-model.` is taken off the
    file's names, `+model.` is put before them.
    """

    how: str
    names: Mapping[str, str]
    prefix: str = ""


def find_namings(stored: Collection[str], live: Collection[str]) -> Iterator[Naming]:
    """Yield ways to match the names of a file with those of a model, the plainest first."""
    yield Naming("names", {name: name for name in stored})
    if unwrapped := _unwrap_both(stored, live):
        yield Naming("names", unwrapped)
    for prefix in _prefixes(stored, live):
        yield _naming(f"-{prefix}", {name: name.removeprefix(prefix) for name in stored}, stored)
    for prefix in _prefixes(live, stored):
        longer = {name: prefix + name for name in stored}
        yield _naming(
            f"+{prefix}",
            {name: longer[name] if longer[name] in live else name for name in stored},
            stored,
        )


def remove_wrappers(name: str) -> str:
    """Remove the wrappers of torch from the beginning of a name, as timm's loader does."""
    while (parts := name.partition("."))[0] in WRAPPERS and parts[2]:
        name = parts[2]
    return name


def _unwrap_both(stored: Collection[str], live: Collection[str]) -> dict[str, str] | None:
    """Return the model's names by the file's, equal without wrappers; None where nothing is
    wrapped, or where two names become one."""
    file_names = {name: _plain(name) for name in stored}
    model_names = {_plain(name): name for name in live}
    unique = len(set(file_names.values())) == len(file_names) and len(model_names) == len(live)
    if not unique or (all(n == p for n, p in file_names.items()) and model_names.keys() == {*live}):
        return None
    if AVERAGES not in live and all(
        name.startswith("module.") for name in stored if name != AVERAGES
    ):
        file_names.pop(AVERAGES, None)
    return {name: model_names.get(plain, plain) for name, plain in file_names.items()}


def _plain(name: str) -> str:
    return ".".join(part for part in name.split(".") if part not in WRAPPERS)


def _prefixes(longer: Collection[str], shorter: Collection[str]) -> list[str]:
    """Return the prefixes without which names of the first side are names of the second, those of
    the most names first."""
    names, counts = set(shorter), Counter[str]()
    for name in longer:
        start = name.find(".") + 1
        while start:
            if name[start:] in names:
                counts[name[:start]] += 1
            start = name.find(".", start) + 1
    return [prefix for prefix, _ in counts.most_common(MAX_PREFIXES)]


def _naming(prefix: str, names: Mapping[str, str], stored: Collection[str]) -> Naming:
    """Return a naming; a name that would become another of the file's names stays as it is."""
    names = {name: name if new != name and new in stored else new for name, new in names.items()}
    wrappers = all(part in WRAPPERS for part in prefix[1:-1].split("."))
    return Naming("names", names) if wrappers else Naming("prefix", names, prefix)
