"""What a run of `zoo verify` examines: entries by name or by a git revision, and their weights."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from zoo.api.measuring import make_inspect_options
from zoo.cli.output.console import plural, say
from zoo.cli.output.weights import summarise
from zoo.cli.session import inspect, inspect_local
from zoo.models.extras import require
from zoo.verification.request import VerifyRequest

if TYPE_CHECKING:
    from zoo.model_index.baseline import Scope
    from zoo.model_index.errors import Fault
    from zoo.model_index.records.records import Entry, Index
    from zoo.weights.inspect import Inspector


def inspect_weights(request: VerifyRequest, entries: "Sequence[Entry]") -> "Inspector | None":
    """Inspect weights, without --weights only new local files; None where there was nothing."""
    from zoo.model_index.errors import UsageError

    if not request.weights:
        if request.download or request.allow_host:
            raise UsageError("--download and --allow-host require --weights")
        return inspect_local(entries, request.ledger, request.index, request.trust)
    require("weights" if request.offline else "live")
    limits = make_inspect_options(
        request.index,
        request.trust,
        offline=request.offline,
        download=request.download,
        fresh=request.fresh,
        allow_hosts=request.allow_host,
    )
    inspector = inspect(entries, request.ledger, limits)
    summarise(inspector)
    return inspector


def settle_revision(request: VerifyRequest) -> VerifyRequest:
    """Replace `--changed` by the revision that it stands for, by none where a hook examines all
    files."""
    if request.since or not request.changed:
        return request
    from zoo.verification.pre_commit import find_revision

    revision = find_revision(request.index)
    if revision is None:
        say("pre-commit examines all files, not a commit: every entry is verified", error=True)
    return msgspec.structs.replace(request, changed=False, since=revision)


def select(index: "Index", request: VerifyRequest) -> "list[Entry]":
    """Return the entries named, or those of them that differ from a git revision."""
    entries, revision = index.select(request.names), request.since
    if not revision:
        return entries
    from zoo.verification.git_changes import list_changed_entries

    places = {entry.place for entry in list_changed_entries(index, request.index, revision)}
    entries = [entry for entry in entries if entry.place in places]
    word = "in" if "..." in revision else "since"
    say(f"{plural(len(entries), 'entry', 'entries')} changed {word} {revision}", error=True)
    if not entries and revision == "HEAD" and os.environ.get("CI"):
        say("zoo: in CI nothing differs from the last commit; name another by --since", error=True)
    return entries


def scope(read: "Index", entries: "Sequence[Entry]", faults: "Sequence[Fault]" = ()) -> "Scope":
    """What a baseline has to know of a run on some entries: another entry may have the name of one
    of them."""
    from zoo.model_index.baseline import Scope, of_claim
    from zoo.verification.verify import builder_claim

    models, places = frozenset(entry.name for entry in entries), {entry.place for entry in entries}
    others = [entry for entry in read.entries if entry.name in models and entry.place not in places]
    claims = (claim for entry in others for claim in (builder_claim(entry), *entry.all_claims()))
    subjects = models | {fault.model or fault.file for fault in faults}
    return Scope(subjects, tuple(map(of_claim, claims)))
