"""What is kept of findings between runs: a file beside the ledger, of this version's code and
whole, or nothing.

A finding is kept without its claim, and its hypotheses are decoded when somebody asks: there may be
hundreds.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import overload

import msgspec

from zoo.explanation.other_models import Others
from zoo.explanation.search import NEAR
from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.model_index.ledger.store import CACHE, Summary, write_atomically
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Entry
from zoo.verification.verify import builder_claim

FOLDER, FILE = CACHE, "findings.json"
# A hypothesis as it is written, its fields in their order.
Row = tuple[
    tuple[str, ...],
    str,
    int,
    Decimal,
    Decimal,
    bool,
    str,
    tuple[int, int] | None,
    bool,
    tuple[tuple[str, ...], ...],
]


class Kept(msgspec.Struct, array_like=True):
    """A finding without its claim, which is the entry's claim of this number; -1 is its builder."""

    claim: int
    verdict: Verdict
    reason: str
    measured: Decimal | None
    text: str | tuple[int, int] | None
    cause: str | None
    prediction: Decimal | None
    residual: Decimal | None
    alternatives: tuple[str, ...]
    evidence: tuple[str, ...]
    causes: tuple[str, ...]
    mistake: bool
    tried: msgspec.Raw


class Tried(Sequence[Hypothesis]):
    """The hypotheses of a finding as they were remembered, each made when somebody asks; there may
    be hundreds."""

    def __init__(self, raw: msgspec.Raw):
        self.raw = raw

    @cached_property
    def rows(self) -> list[Row]:
        return msgspec.json.decode(self.raw, type=list[Row])

    def __iter__(self) -> Iterator[Hypothesis]:
        return map(_hypothesis, self.rows)

    @overload
    def __getitem__(self, at: int) -> Hypothesis: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Hypothesis, ...]: ...
    def __getitem__(self, at: int | slice) -> Hypothesis | tuple[Hypothesis, ...]:
        return (
            tuple(map(_hypothesis, self.rows[at]))
            if isinstance(at, slice)
            else _hypothesis(self.rows[at])
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == (tuple(other) if isinstance(other, Tried) else other)

    def __hash__(self) -> int:
        return hash(tuple(self))


FIELDS = tuple(field.name for field in fields(Hypothesis))


def _hypothesis(row: Row) -> Hypothesis:
    """Return the hypothesis of a row, which has its fields in their order."""
    return Hypothesis(**dict(zip(FIELDS, row, strict=True)))


NOTHING = msgspec.Raw(b"[]")


class Asked(msgspec.Struct, array_like=True, frozen=True):
    """What an unexplained number asked of all other models, and the answer: who has it, and how
    many are near.

    `found` has each with its own digits, of which the claim shows some.
    """

    quantity: str
    entry: str
    number: Decimal
    half: Decimal
    measured: Decimal
    found: tuple[tuple[str, Decimal], ...] = ()
    near: int = 0

    def of(self, others: Others) -> "Asked":
        """The same question, answered now."""
        rest = others.without(f"of {self.entry}", f"published for {self.entry}")
        found = tuple(rest.between(self.number - self.half, self.number + self.half))
        near = rest.count(self.measured / NEAR, self.measured * NEAR)
        far = not self.measured / NEAR <= abs(self.number) <= self.measured * NEAR
        return msgspec.structs.replace(self, found=found, near=near - len(rest) if far else near)


class Model(msgspec.Struct, array_like=True):
    """One entry: its findings, its own counts by quantity, its claims that nothing explained, its
    documents, and the key and summary of the one that counts it."""

    findings: list[Kept]
    values: dict[str, Decimal]
    unexplained: list[int]
    documents: list[tuple[str, str]]
    key: str
    summary: Summary


class Group(msgspec.Struct, array_like=True):
    """The entries of a collection under the digest of all they were judged from."""

    digest: str
    models: list[Model]
    asked: list[Asked]


@dataclass(frozen=True)
class Memory:
    """The groups that were remembered, by name, and where they are kept; after a run, by place of
    an entry, a digest of all that its findings come from."""

    path: Path
    groups: Mapping[str, Group] = field(default_factory=dict)
    digests: dict[Place, str] = field(default_factory=dict)

    @classmethod
    def of(cls, ledger: Path) -> "Memory":
        """What the last run left beside its ledger; nothing where it cannot be read."""
        path = ledger / FOLDER / FILE
        try:
            checksum, _, data = path.read_bytes().partition(b"\n")
        except OSError:
            return cls(path)
        if checksum != _checksum(data):
            return cls(path)
        return cls(path, msgspec.json.decode(data, type=dict[str, Group]))

    def keep(self, groups: Mapping[str, Group]) -> None:
        """Leave these for the next run, out of git's sight; a folder that may not be written is no
        fault."""
        if groups == self.groups:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path.parent / ".gitignore", "*\n")
            data = msgspec.json.encode(groups)
            write_atomically(self.path, (_checksum(data) + b"\n" + data).decode())
        except OSError:
            pass


def _checksum(data: bytes) -> bytes:
    """Tells a file of this version that is whole from any other."""
    return hashlib.sha256(sources().encode() + data).hexdigest().encode()


@cache
def sources() -> str:
    """A digest of the code that judges."""
    root = Path(__file__).parents[2]
    files = sorted(
        path for folder in ("zoo", "model_index") for path in (root / folder).rglob("*.py")
    )
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def kept_as(finding: Finding, number: int) -> Kept:
    """A finding as it is kept, of the claim of this number."""
    measured = finding.measured
    amount, text = (measured, None) if isinstance(measured, Decimal) else (None, measured)
    return Kept(
        number, finding.verdict, finding.reason, amount, text, finding.cause, finding.prediction, finding.residual,
        finding.alternatives, finding.evidence, finding.causes, finding.mistake, _written(finding.tried),
    )  # fmt: skip


def _written(tried: Sequence[Hypothesis]) -> msgspec.Raw:
    if not tried:
        return NOTHING
    rows = [(h.causes, h.label, h.rank, h.prediction, h.residual, h.fits, h.terms, h.size, h.mistake, h.also)
            for h in tried]  # fmt: skip
    return msgspec.Raw(msgspec.json.encode(rows))


def restored(entry: Entry, model: Model) -> list[Finding]:
    """The findings that are kept of an entry, with its claims."""
    claims = (*entry.all_claims(), *entry.links)
    return [
        Finding(
            claim=claims[k.claim] if k.claim >= 0 else builder_claim(entry, entry.builder.name),
            verdict=k.verdict,
            reason=k.reason,
            measured=k.text if k.measured is None else k.measured,
            cause=k.cause,
            prediction=k.prediction,
            residual=k.residual,
            alternatives=k.alternatives,
            evidence=k.evidence,
            causes=k.causes,
            mistake=k.mistake,
            tried=Tried(k.tried) if bytes(k.tried) != b"[]" else (),
        )
        for k in model.findings
    ]
