"""Everything that an entry says, but for where it says it: to tell whether an entry changed."""

import msgspec

from zoo.model_index.records.records import Claim, Entry

PLACES = frozenset({"place", "path"})


def list_claims(entry: Entry) -> tuple[Claim, ...]:
    """List the claims of an entry and its links to weights."""
    return (*entry.all_claims(), *entry.links)


def entry_content(entry: Entry) -> tuple[object, ...]:
    """Return what an entry says, with what it has from its collection and its library."""
    claims = [
        [value for name, value in msgspec.structs.asdict(claim).items() if name not in PLACES]
        for claim in list_claims(entry)
    ]
    builder = entry.builder.kind, entry.builder.name, entry.builder.arguments, entry.builder.named
    names = entry.name, entry.collection, entry.publisher, entry.source, entry.gathered
    fields = entry.metadata, entry.fields, entry.inherited, [r.fields for r in entry.reported]
    return names, builder, entry.named_size, entry.library, entry.unclear, claims, fields
