"""Verify that an edit changes what it should and nothing else, by reading the edited index again.

One scalar can be the value of several models: by an alias, an anchor, a merge key, a collection
that its models inherit from. Instead of knowing all these ways, the files are copied with the new
texts, read by the same reader, and everything both readings hold is compared.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from zoo.model_index.dialects.page_tables.settings_file import list_files
from zoo.model_index.editing.splice import Change, Edit, apply_edits
from zoo.model_index.errors import EditError, Fault, ZooError
from zoo.model_index.load import SETTINGS, load, settings_file, split_paths
from zoo.model_index.records.fields import Plain
from zoo.model_index.records.records import Claim, Index

Refused = list[tuple[Claim, str]]
Leaves = Counter[tuple[object, ...]]


def check_changes(
    index: Index, paths: Sequence[str | Path], texts: Mapping[Claim, str]
) -> tuple[list[Change], dict[Claim, Edit], Refused]:
    """Return the changes that give these claims these texts, the edit of each claim, and the claims
    that cannot be changed.

    `paths` are what the index was loaded from. Nothing is written.
    """
    edits, refused = _single(index, texts)
    edits, unsafe = _safe(index, paths, edits)
    changes, why = _tried(index, paths, edits)
    if why is not None:
        raise EditError(why)
    return changes, edits, refused + unsafe


def _single(index: Index, texts: Mapping[Claim, str]) -> tuple[dict[Claim, Edit], Refused]:
    """Return the edits of claims whose characters no other claim is read from."""
    users = Counter(
        (claim.place.file, claim.place.start)
        for entry in index.entries
        for claim in entry.all_claims()
    )
    edits, refused = {}, []
    for claim, text in texts.items():
        if (count := users[claim.place.file, claim.place.start]) > 1:
            refused.append((claim, f"{count} claims are read from these characters"))
        else:
            edits[claim] = Edit(claim.place, claim.raw, text)
    return edits, refused


def _safe(
    index: Index, paths: Sequence[str | Path], edits: Mapping[Claim, Edit]
) -> tuple[dict[Claim, Edit], Refused]:
    """Split edits into safe and unsafe ones, trying halves, since most are safe."""
    why = _tried(index, paths, edits)[1]
    if why is None:
        return dict(edits), []
    if len(edits) == 1:
        return {}, [(claim, why) for claim in edits]
    items, half = list(edits.items()), len(edits) // 2
    first, second = (_safe(index, paths, dict(part)) for part in (items[:half], items[half:]))
    return first[0] | second[0], first[1] + second[1]


def _tried(
    index: Index, paths: Sequence[str | Path], edits: Mapping[Claim, Edit]
) -> tuple[list[Change], str | None]:
    """Return the changes of these edits, and why they are not safe or None."""
    if not edits:
        return [], None
    try:
        changes = apply_edits(edits.values())
        again = _reread(index, paths, changes)
    except EditError as error:
        return [], str(error).removeprefix(f"{next(iter(edits)).place}: ") if len(
            edits
        ) == 1 else str(error)
    except ZooError:
        return [], "the index could not be read with this change"
    if _told(again.faults) - _told(index.faults):
        return [], "the index could not be read with this change"
    return changes, _compared(index, again, edits)


def _compared(old: Index, new: Index, edits: Mapping[Claim, Edit]) -> str | None:
    """Return another difference between two readings than the edits, or None."""
    wanted = {claim: edit.text for claim, edit in edits.items()}
    expected = [
        _identity(claim, wanted.get(claim, claim.raw))
        for e in old.entries
        for claim in e.all_claims()
    ]
    if expected != [_identity(claim, claim.raw) for e in new.entries for claim in e.all_claims()]:
        return "other claims would change with it, or the file has changed since it was read"
    gone, come = _leaves(old), _leaves(new)
    lost, gained = gone - come, come - gone
    changed = [(claim.raw, text) for claim, text in wanted.items() if claim.raw != text]
    before: Counter[object] = Counter(raw for raw, _ in changed)
    after: Counter[object] = Counter(text for _, text in changed)
    # Fewer than wanted may change: what a model says in a file of its own is in its claims only.
    if (
        Counter(leaf[-1] for leaf in lost.elements()) - before
        or Counter(leaf[-1] for leaf in gained.elements()) - after
    ):
        return (
            "something else is read from the same characters, "
            "or the file has changed since it was read"
        )
    return None


def _told(faults: Iterable[Fault]) -> Counter[tuple[object, ...]]:
    """Count faults by what they say; the copies of files have other names."""
    return Counter((fault.line, fault.path, fault.expected, fault.got) for fault in faults)


def _identity(claim: Claim, raw: str) -> tuple[object, ...]:
    return (
        claim.model,
        claim.path,
        claim.label,
        claim.dataset,
        claim.task,
        claim.place.line,
        claim.unit,
        claim.unclear,
        raw,
    )


def _leaves(index: Index) -> Leaves:
    """Count every value of every field of the records, with its path."""
    leaves: Leaves = Counter()
    for number, entry in enumerate(index.entries):
        for part in (entry.fields, entry.library):
            leaves.update((number, *leaf) for leaf in _below(part))
    for collection in index.collections:
        leaves.update((collection.name, *leaf) for leaf in _below(collection.fields))
    return leaves


def _below(
    value: Plain | Mapping[str, Plain], path: tuple[object, ...] = ()
) -> Iterator[tuple[object, ...]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _below(below, (*path, key))
    elif isinstance(value, list):
        for place, below in enumerate(value):
            yield from _below(below, (*path, place))
    else:
        yield (*path, value)


def _reread(index: Index, paths: Sequence[str | Path], changes: Sequence[Change]) -> Index:
    """Read the index as it would be: in a copy of its files with the changes."""
    settings = settings_file(paths)
    files = [*index.files, *(list_files(settings) if settings else ())]
    real = {file: os.path.abspath(file) for file in files}
    named = [os.path.abspath(path) for path in split_paths(paths)[0]]
    root = os.path.commonpath(
        [os.path.dirname(file) for file in real.values()] + [_folder(path) for path in named]
    )
    texts = {change.file: change.data for change in changes}
    with TemporaryDirectory(prefix="zoo-") as folder:
        # Under its own name: a page without a title is named after its folder.
        top = Path(folder, os.path.basename(root))

        def copy_of(path: str) -> Path:
            return top / os.path.relpath(path, root)

        for file, path in real.items():
            copy = copy_of(path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(texts[file] if file in texts else Path(path).read_bytes())
        added = [f"{SETTINGS}{copy_of(os.path.abspath(settings))}"] if settings else []
        return load([*map(copy_of, named), *added])


def _folder(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path)
