"""Cache the findings of each entry on disk, so that an unchanged entry is not judged again.

The findings of an entry on its own merits are kept in the user's cache folder, a file for each
ledger, under one digest of everything they come from: what the entry says, which documents the
ledger has of it, and the code that judges. They are never read from the ledger, which a repository
may bring along. Siblings are settled in every run. The cache is a convenience: where it is missing,
torn or of another version, everything is judged.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import msgspec

from zoo.counting.measurer import Measurer
from zoo.explanation.case import Case
from zoo.explanation.judgement import Assessment, no_case
from zoo.explanation.search import Inquiry
from zoo.explanation.siblings import settle
from zoo.model_index.findings import ANOTHER_MODEL, Finding, Gap, Hypothesis, Verdict
from zoo.model_index.io.user_cache import cache_file, read_own, write_own
from zoo.model_index.ledger.store import Summary, slug
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Entry
from zoo.models.cells import Variant
from zoo.verification.counts import case_of
from zoo.verification.entry_content import entry_content, list_claims
from zoo.verification.guesses import doubt_guesses
from zoo.verification.live_model import LiveModel
from zoo.verification.verify import (
    Watch,
    builder_claim,
    count_totals,
    ignore,
    judge_entry,
    list_values,
)

KIND = "findings"  # of file in the user's cache
KINDS = ("count", "weights", "eval")
CHAPTERS = (
    "counting",
    "evaluation",
    "explanation",
    "model_index",
    "models",
    "verification",
    "weights",
)
BUILDER = -1  # the number of the claim that every entry makes of its builder
Document = tuple[str, str, int, int]  # kind, name, time of change and size of a file


class CachedAssessment(msgspec.Struct, array_like=True, kw_only=True):
    """An assessment without its claim, which is the entry's claim of this number.

    `measured` is split by its type. `fits` is None where no cause was searched.
    """

    claim: int
    number: Decimal | None
    text: str | tuple[int, int] | None
    verdict: Verdict
    reason: str
    cause: str | None
    prediction: Decimal | None
    residual: Decimal | None
    alternatives: tuple[str, ...]
    evidence: tuple[str, ...]
    causes: tuple[str, ...]
    wrong: bool
    tried: tuple[Hypothesis, ...]
    gap: Gap | None
    is_estimate: bool
    fits: tuple[Hypothesis, ...] | None


# The fields of a finding that are cached as they are.
FIELDS = [item.name for item in fields(Finding) if item.name not in ("claim", "measured")]


class CachedEntry(msgspec.Struct, array_like=True, kw_only=True):
    """The assessments of an entry, its counts by quantity, its documents, and the key and summary
    of the one that counts it."""

    assessments: list[CachedAssessment]
    totals: dict[str, Decimal]
    documents: list[tuple[str, str]]
    key: str
    summary: Summary


@dataclass
class FindingsCache:
    """The cached entries by digest, and the file they are kept in.

    After a run `digests` has, by place of an entry, a digest of all that its findings come from.
    """

    path: Path
    entries: Mapping[str, CachedEntry] = field(default_factory=dict)
    digests: dict[Place, str] = field(default_factory=dict)

    @classmethod
    def open(cls, ledger: Path) -> "FindingsCache":
        """Read the cached findings of a ledger; where they cannot be used the cache is empty."""
        path = cache_file(KIND, ledger)
        checksum, _, data = (read_own(path) or b"").partition(b"\n")
        if checksum != _checksum(data):
            return cls(path)
        try:
            return cls(path, msgspec.json.decode(data, type=dict[str, CachedEntry]))
        except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
            return cls(path)

    def save(self, entries: Mapping[str, CachedEntry]) -> None:
        """Write the entries for the next run; a folder that may not be written is no fault."""
        if entries != self.entries:
            data = msgspec.json.encode(entries)
            write_own(self.path, (_checksum(data) + b"\n" + data).decode())


def verify_index(
    entries: Sequence[Entry],
    measurer: Measurer,
    findings_cache: FindingsCache,
    watch: Watch = ignore,
) -> list[Finding]:
    """Verify a whole index as `zoo.verification.verify.verify` does, and judge again only the
    entries that the cache does not have."""
    run = _Run(list({entry.place: entry for entry in entries}.values()), measurer, findings_cache)
    judged = [(entry, run.assess(entry, watch)) for entry in run.entries]
    settled = doubt_guesses(settle(judged, run.entries, list_values(run.entries, run.totals)))
    findings = {
        entry.place: [assessment.finding for assessment in assessments]
        for entry, assessments in settled
    }
    findings_cache.save({digest: entry for digest, entry in run.cached.values()})
    findings_cache.digests.update(run.digests(findings))
    return [finding for entry in entries for finding in findings[entry.place]]


class _Run:
    """One pass over an index: takes entries from the cache, or judges and caches them."""

    def __init__(self, entries: Sequence[Entry], measurer: Measurer, findings_cache: FindingsCache):
        self.entries, self.measurer = entries, measurer
        self.earlier = {} if measurer.fresh else findings_cache.entries
        self.code = f"{digest_code()} {measurer.live} {sorted(measurer.trusted)}"
        self.cached: dict[Place, tuple[str, CachedEntry]] = {}
        self._totals: dict[Place, dict[str, Decimal]] = {}

    def assess(self, entry: Entry, watch: Watch) -> list[Assessment]:
        """Return the assessments of an entry on its own merits."""
        documents = _list_documents(self.measurer.ledger.folder, entry.name)
        digest = self._digest(entry, documents)
        earlier = {} if entry.name in self.measurer.transient else self.earlier
        if (cached := earlier.get(digest)) and _is_about(entry, cached):
            self.cached[entry.place] = digest, cached
            self._promise(entry, cached)
            return _restore(entry, cached, self.measurer)
        watch(entry)
        assessments = judge_entry(entry, self.measurer)
        after = _list_documents(self.measurer.ledger.folder, entry.name)
        if cached := self._cache(entry, assessments, documents, after):
            self.cached[entry.place] = self._digest(entry, after), cached
        return assessments

    def totals(self, place: Place) -> dict[str, Decimal]:
        """Return the counted quantities of the entry at this place."""
        if place in self.cached:
            return self.cached[place][1].totals
        if not self._totals:
            missing = [entry for entry in self.entries if entry.place not in self.cached]
            self._totals = {entry.place: count_totals(entry, self.measurer) for entry in missing}
        return self._totals[place]

    def digests(self, findings: Mapping[Place, Sequence[Finding]]) -> dict[Place, str]:
        """Digest what the findings of an entry and of its collection come from, where all of that
        was cached."""
        collections: dict[str, list[Entry]] = {}
        for entry in self.entries:
            name = entry.collection or f"{entry.place.file}:{entry.name}"
            collections.setdefault(name, []).append(entry)
        digests: dict[Place, str] = {}
        for members in collections.values():
            if all(entry.place in self.cached for entry in members):
                facts = [
                    (self.cached[entry.place][0], finding.verdict, finding.reason, finding.cause)
                    for entry in members
                    for finding in findings[entry.place]
                ]
                digest = _short_digest(msgspec.json.encode(facts), 16)
                digests.update((entry.place, digest) for entry in members)
        return digests

    def _digest(self, entry: Entry, documents: Sequence[Document]) -> str:
        version = self.measurer.version(entry.builder, entry.name)
        facts = msgspec.json.encode((entry_content(entry), version, documents))
        return _short_digest(self.code.encode() + facts, 32)

    def _promise(self, entry: Entry, cached: CachedEntry) -> None:
        """Let the documents of a cached entry be read only when somebody needs them."""
        self.measurer.recall(entry, cached.documents, cached.key, cached.summary)

    def _cache(
        self,
        entry: Entry,
        assessments: Sequence[Assessment],
        before: Sequence[Document],
        documents: Sequence[Document],
    ) -> CachedEntry | None:
        """Encode what was judged of an entry; `before` are its documents before that.

        None for what must not be cached: an entry of which something could not be measured, or that
        was evaluated, evidence that the ledger could not take, documents that another process wrote
        meanwhile.
        """
        evidence = self.measurer.look_up(entry, Variant(entry.stated_input))
        changed = {Path(name).stem for _, name, _, _ in {*before} ^ {*documents}}
        if (
            evidence is None
            or (summary := Summary.of(evidence)) is None
            or any(kind == "eval" for kind, *_ in documents)
            or any(cell.model == entry.name for cell, _ in self.measurer.unkept)
            or entry.name in self.measurer.transient
            or changed - self.measurer.written
        ):
            return None
        numbers = {id(claim): number for number, claim in enumerate(list_claims(entry))}
        of_builder = builder_claim(entry, entry.builder.name)
        rows = []
        for assessment in assessments:
            claim = assessment.finding.claim
            if id(claim) not in numbers and claim != of_builder:
                return None
            rows.append(_encode(assessment, numbers.get(id(claim), BUILDER)))
        return CachedEntry(
            assessments=rows,
            totals=count_totals(entry, self.measurer),
            documents=[(kind, name.removesuffix(".json")) for kind, name, _, _ in documents],
            key=evidence.cell.key,
            summary=summary,
        )


def _encode(assessment: Assessment, number: int) -> CachedAssessment:
    measured, inquiry = assessment.finding.measured, assessment.inquiry
    return CachedAssessment(
        claim=number,
        number=measured if isinstance(measured, Decimal) else None,
        text=None if isinstance(measured, Decimal) else measured,
        fits=inquiry.fits if inquiry else None,
        **{name: getattr(assessment.finding, name) for name in FIELDS},
    )


def _is_about(entry: Entry, cached: CachedEntry) -> bool:
    """Tell whether the entry makes every claim that is cached."""
    numbers = range(BUILDER, len(list_claims(entry)))
    return all(row.claim in numbers for row in cached.assessments)


def _restore(entry: Entry, cached: CachedEntry, measurer: Measurer) -> list[Assessment]:
    """Decode the assessments of an entry; their cases are made from the ledger when needed."""
    claims = {
        BUILDER: builder_claim(entry, entry.builder.name),
        **dict(enumerate(list_claims(entry))),
    }
    assessments = []
    for row in cached.assessments:
        claim, fits = claims[row.claim], row.fits
        measured = row.text if row.number is None else row.number
        values = {name: getattr(row, name) for name in FIELDS}
        finding = Finding(claim=claim, measured=measured, **values)
        chosen = fits[0] if fits and row.verdict is Verdict.EXPLAINED else None
        inquiry = None if fits is None else Inquiry(row.tried, fits, chosen=chosen)
        find_case = _case_finder(finding, entry, measurer) if claim.row.counted else no_case
        assessments.append(Assessment(finding, inquiry, find_case))
    return assessments


def _case_finder(finding: Finding, entry: Entry, measurer: Measurer) -> Callable[[], Case | None]:
    def find_case() -> Case | None:
        evidence = measurer.count(entry, Variant(entry.stated_input))
        live = LiveModel(entry, evidence, measurer) if evidence else None
        if live and ANOTHER_MODEL in finding.causes:
            live = live.model_of_name()
        return case_of(finding.claim, live) if live else None

    return find_case


def _list_documents(ledger: Path, model: str) -> list[Document]:
    """List the files that the ledger has of a model, without reading them."""
    documents: list[Document] = []
    for kind in KINDS:
        try:
            with os.scandir(ledger / kind / slug(model)) as files:
                stats = [(file.name, file.stat()) for file in files if file.name.endswith(".json")]
        except OSError:
            continue
        documents += sorted((kind, name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
    return documents


@cache
def digest_code() -> str:
    """Digest the code that judges."""
    specs = (find_spec(f"zoo.{chapter}") for chapter in CHAPTERS)
    folders = chain.from_iterable(spec.submodule_search_locations or () for spec in specs if spec)
    files = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    return _short_digest(b"".join(path.read_bytes() for path in files), 16)


def _checksum(data: bytes) -> bytes:
    """Return the mark of a whole file of this version."""
    return hashlib.sha256(digest_code().encode() + data).hexdigest().encode()


def _short_digest(data: bytes, length: int) -> str:
    return hashlib.sha256(data).hexdigest()[:length]
