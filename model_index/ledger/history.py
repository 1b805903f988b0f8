"""The history of claims and verdicts: a folder of small documents beside the evidence.

A document says what changed since the one before; the first says all there was. Folding them in the
order of their names gives the state that holds now. Documents are named by their time and their
content and are never changed, so two runs at once, a merge or a killed run cannot spoil them: the
same change told twice is one.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from zoo.model_index.findings import Finding
from zoo.model_index.io.atomic import NotPlain, read_whole, write_atomically
from zoo.model_index.ledger.evidence import moment
from zoo.model_index.ledger.store import write_error
from zoo.model_index.records.records import Claim

FOLDER = "history"
SCHEMA = 2
STAMP = "%Y%m%dT%H%M%SZ"  # what a name begins with
LAST = datetime(9999, 1, 1, tzinfo=UTC)
Key = tuple[str, str, str, str, str]  # model, publisher, quantity, data set, conditions


class ClaimState(msgspec.Struct, frozen=True, array_like=True):
    """A claim as printed, its verdict, and its cause."""

    claimed: str
    verdict: str
    cause: str = ""


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changed. `claims` has the new state of each changed claim, None for one that is gone;
    `renamed` are models by their former names; `coverage` counts verdicts by quantity and by
    family, of all claims there are."""

    schema: int = SCHEMA
    at: str
    claims: list[tuple[Key, ClaimState | None]]
    renamed: dict[str, str] = {}
    coverage: dict[str, dict[str, dict[str, int]]] = {}


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """One claim that changed; `before` is None for a new one, `after` for one that is gone."""

    key: Key
    before: ClaimState | None
    after: ClaimState | None

    @property
    def kind(self) -> str:
        """Return `added`, `removed`, `claim` where it is printed otherwise, else `verdict`."""
        if self.before is None or self.after is None:
            return "added" if self.before is None else "removed"
        return "claim" if self.before.claimed != self.after.claimed else "verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A document of the history: its name, time and changes, models that were renamed, and the
    coverage.

    `first` is the one that says all there was; it has no changes.
    """

    name: str
    at: str
    changes: tuple[ClaimChange, ...]
    renamed: Mapping[str, str]
    coverage: Mapping[str, Mapping[str, Mapping[str, int]]]
    claims: int
    models: int
    first: bool = False


@dataclass(frozen=True)
class History:
    """All moments in their order, the state after the last, and files that could not be read, with
    the reason."""

    moments: tuple[Moment, ...] = ()
    state: Mapping[Key, ClaimState] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


NOTHING = History()


def key(claim: Claim) -> Key:
    """Return what identifies a claim when its value or its line changes."""
    conditions = "; ".join(f"{name} {value}" for name, value in sorted(claim.conditions))
    return claim.model, claim.publisher, claim.quantity, claim.dataset or "", conditions


def state(findings: Iterable[Finding]) -> dict[Key, ClaimState]:
    """Return the state of all claims; of claims that differ in their value only, the later ones
    get a number."""
    claims: dict[Key, ClaimState] = {}
    for finding in findings:
        *most, conditions = key(finding.claim)
        name, number = conditions, 2
        while (*most, name) in claims:
            name, number = f"{conditions} #{number}".strip(), number + 1
        claim_key: Key = (most[0], most[1], most[2], most[3], name)
        claims[claim_key] = ClaimState(
            finding.claim.printed, verdict_key(finding), finding.cause or ""
        )
    return claims


def list_changed(findings: Sequence[Finding], before: History) -> list[Finding]:
    """Return the findings about claims that are new or changed since a history."""
    pairs = zip(state(findings).items(), findings, strict=True)
    return [finding for (name, claim), finding in pairs if before.state.get(name) != claim]


def verdict_key(finding: Finding) -> str:
    """Return the verdict; `explained-wrong` where the cause makes the claim wrong."""
    return (
        "explained-wrong"
        if finding.wrong and str(finding.verdict) == "explained"
        else str(finding.verdict)
    )


def coverage(
    findings: Iterable[Finding], families: Mapping[str, str]
) -> dict[str, dict[str, dict[str, int]]]:
    """Count claims by verdict, for each quantity and each family."""
    counts: dict[str, dict[str, Counter[str]]] = {"quantity": {}, "family": {}}
    for finding in findings:
        names = {
            "quantity": finding.claim.quantity,
            "family": families.get(finding.claim.model, ""),
        }
        for by, name in names.items():
            counts[by].setdefault(name, Counter())[verdict_key(finding)] += 1
    return {
        by: {name: dict(count) for name, count in by_name.items()} for by, by_name in counts.items()
    }


def read(ledger: Path) -> History:
    """Read the history beside a ledger, empty where there is none; files that cannot be read are
    named."""
    moments: list[Moment] = []
    current: dict[Key, ClaimState] = {}
    faults = []
    for path in sorted((ledger / FOLDER).glob("*.json")):
        try:
            document = _decoded(path)
        # msgspec's errors are ValueErrors
        except (OSError, NotPlain, ValueError, RecursionError) as error:
            faults.append(f"{path}: skipped: {error}")
            continue
        moments.append(_fold(path.stem, document, current, first=not moments))
    return History(tuple(moments), current, tuple(faults))


def _decoded(path: Path) -> Document:
    """Decode the document of a file; raise ValueError, with the reason, for one whose place in
    the order is unknown."""
    document = msgspec.json.decode(read_whole(path), type=Document)
    if document.schema > SCHEMA:
        raise ValueError(f"its format {document.schema} is newer than {SCHEMA}, the one known here")
    at = moment(document.at)
    if at is None or at > LAST:
        raise ValueError(f"{document.at!r} is no time of a document")
    if not path.name.startswith(f"{at:{STAMP}}-"):
        raise ValueError(
            f"it is of {document.at}, and its name says another time: it was edited or renamed"
        )
    return document


def _fold(name: str, document: Document, current: dict[Key, ClaimState], *, first: bool) -> Moment:
    """Apply a document to the state, and return what it changed."""
    if document.renamed:
        moved = _moved(current, document.renamed)
        current.clear()
        current.update(moved)
    changes = []
    for key, after in document.claims:
        before = current.get(key)
        if before != after and not first:
            changes.append(ClaimChange(key, before, after))
        if after is None:
            current.pop(key, None)
        else:
            current[key] = after
    models = len({key[0] for key in current})
    return Moment(
        name=name,
        at=document.at,
        changes=tuple(changes),
        renamed=document.renamed,
        coverage=document.coverage,
        claims=len(current),
        models=models,
        first=first,
    )


def _moved(claims: Mapping[Key, ClaimState], renamed: Mapping[str, str]) -> dict[Key, ClaimState]:
    """Return the state under the models' names of today; of two with one name, the one that had
    it first."""
    kept_claims = {key: claim for key, claim in claims.items() if key[0] not in renamed}
    for key, claim in claims.items():
        if key[0] in renamed:
            kept_claims.setdefault((renamed[key[0]], *key[1:]), claim)
    return kept_claims


def record(
    ledger: Path,
    findings: Iterable[Finding],
    families: Mapping[str, str],
    at: datetime,
    renamed: Mapping[str, str] | None = None,
) -> Path | None:
    """Write what changed since the last document; None where nothing changed.

    `families` are the families of models by name, `renamed` models by former names. A clock that
    was set back does not bring documents out of their order: the time is later than the last one's.

    Raises:
        LedgerError: where the folder cannot be written.
    """
    listed = list(findings)
    before, after = read(ledger), state(listed)
    keys = {key[0] for key in after}
    moved = {old: new for old, new in (renamed or {}).items() if new in keys and old not in keys}
    moved = {old: new for old, new in moved.items() if any(key[0] == old for key in before.state)}
    old = _moved(before.state, moved)
    claims: list[tuple[Key, ClaimState | None]] = [
        (key, after.get(key)) for key in _changed(old, after)
    ]
    if not claims and not moved:
        return None
    when = at.astimezone(UTC).replace(microsecond=0)
    if before.moments:
        last = moment(before.moments[-1].at)
        assert last is not None
        when = max(when, last + timedelta(seconds=1))
    document = Document(
        at=when.isoformat(), claims=claims, renamed=moved, coverage=coverage(listed, families)
    )
    text = msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"
    name = f"{when:{STAMP}}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    path = ledger / FOLDER / f"{name}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    except OSError as error:
        raise write_error(path, error, "the history") from error
    return path


def _changed(old: Mapping[Key, ClaimState], new: Mapping[Key, ClaimState]) -> Iterator[Key]:
    """Yield claims that are new or changed in the order of the index, then those that are gone."""
    yield from (key for key, claim in new.items() if old.get(key) != claim)
    yield from (key for key in old if key not in new)
