"""What was found before, for building a site anew after a small change.

Judging a thousand models on evidence that is all there takes a quarter of a minute, and one changed
claim changes the findings of its own collection and of hardly any other. So the findings of a
collection are remembered under a digest of everything they came from: what its entries say, which
documents the ledger has of them, and our own code. What a collection's unexplained numbers asked of
all other models is remembered too and asked again. What is remembered is a convenience: where it is
missing, torn or of another version, everything is judged.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec

from zoo.counting.counts import Counts
from zoo.counting.measurer import Measurer
from zoo.explanation.causes import RULES
from zoo.explanation.judgement import Assessment
from zoo.explanation.other_models import Others, Value
from zoo.explanation.siblings import counted, settle
from zoo.model_index.checks.accuracy_pairs import pairs
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.store import Summary, slug
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim, Entry
from zoo.models.cells import Variant
from zoo.verification.findings_cache import Asked, Group, Memory, Model, kept_as, restored, sources
from zoo.verification.verify import Watch, builder_claim, judge_entry

KINDS = ("count", "weights", "eval")
Document = tuple[str, str, int, int]  # kind, name, time of change and size of a file


def findings(
    entries: Sequence[Entry], measurer: Measurer, memory: Memory, watch: Watch = lambda entry: None
) -> list[Finding]:
    """A finding for every claim of an index, as `zoo.verification.verify.verify` gives them for all
    of its entries."""
    found = _Run(entries, measurer, memory, watch).groups()
    memory.keep({name: group for name, (group, _) in found.items() if group})
    for group, each in found.values():
        if group:
            digest = hashlib.sha256(msgspec.json.encode((group.digest, group.asked))).hexdigest()[
                :16
            ]
            memory.digests.update((entry.place, digest) for entry, _ in each)
    by_place = {entry.place: each for _, judged in found.values() for entry, each in judged}
    return [finding for entry in entries for finding in by_place[entry.place]]


Found = list[tuple[Entry, list[Finding]]]


class _Run:
    """One pass over an index: which collections are as they were, and what has to be judged."""

    def __init__(self, entries: Sequence[Entry], measurer: Measurer, memory: Memory, watch: Watch):
        self.entries = list({entry.place: entry for entry in entries}.values())
        self.measurer, self.watch = measurer, watch
        self.names = _groups(self.entries)
        self.documents = {
            entry.place: _documents(measurer.ledger.folder, entry.name) for entry in self.entries
        }
        code, accuracies = _code(measurer), _accuracies(self.entries)
        self.digests = {
            name: self._digest(each, code, accuracies) for name, each in self.names.items()
        }
        self.kept = {
            name: group for name, group in memory.groups.items() if self.digests.get(name) == group.digest
        } if not measurer.fresh else {}  # fmt: skip
        self.judged: dict[str, list[tuple[Entry, list[Assessment]]]] = {}

    def groups(self) -> dict[str, tuple[Group | None, Found]]:
        """Every collection with what to remember of it and its findings."""
        self._judge(name for name in self.names if name not in self.kept)
        others = self._others()
        doubted = [
            name
            for name, group in self.kept.items()
            if any(a != a.of(others(a.quantity)) for a in group.asked)
        ]
        for name in doubted:
            del self.kept[name]
        self._judge(doubted)
        if doubted:
            others = self._others()
        found = [pair for each in self.judged.values() for pair in each]
        settled = settle(found, self.entries, self._counts, self._unexplained())
        after = {entry.place: [one.finding for one in each] for entry, each in settled}
        return {name: self._group(name, after, others) for name in self.names}

    def _judge(self, names: Iterable[str]) -> None:
        for name in names:
            self.judged[name] = []
            for entry in self.names[name]:
                self.watch(entry)
                self.judged[name].append((entry, judge_entry(entry, self.measurer)))

    def _group(
        self, name: str, after: Mapping[Place, list[Finding]], others: Callable[[str], Others]
    ) -> tuple[Group | None, Found]:
        entries = self.names[name]
        if group := self.kept.get(name):
            for entry, model in zip(entries, group.models, strict=True):
                self.measurer.recall(entry, model.documents, model.key, model.summary)
            return group, [
                (e, restored(e, model)) for e, model in zip(entries, group.models, strict=True)
            ]
        found = [(entry, after[entry.place]) for entry in entries]
        models = [
            self._model(entry, judged, after[entry.place]) for entry, judged in self.judged[name]
        ]
        if None in models:
            return None, found
        asked = [
            _asked(entry, one.finding)
            for entry, each in self.judged[name]
            for one in each
            if _asks(one.finding)
        ]
        for entry in entries:  # what was measured just now is among them
            now = _documents(self.measurer.ledger.folder, entry.name)
            changed = {Path(name).stem for _, name, _, _ in {*now} ^ {*self.documents[entry.place]}}
            if changed - self.measurer.written:  # somebody else's, which nobody has looked at
                return None, found
            self.documents[entry.place] = now
        digest = self._digest(entries, _code(self.measurer), _accuracies(self.entries))
        return Group(
            digest, [model for model in models if model], [a.of(others(a.quantity)) for a in asked]
        ), found

    def _model(
        self, entry: Entry, judged: Sequence[Assessment], after: Sequence[Finding]
    ) -> Model | None:
        """None for what must not be remembered: an entry that could not be measured, one that was
        evaluated."""
        evidence = self.measurer.look_up(entry, Variant(entry.image_size))
        documents = _documents(self.measurer.ledger.folder, entry.name)
        if (
            evidence is None
            or evidence.outcome == "failed"
            or any(kind == "eval" for kind, *_ in documents)
        ):
            return None
        if any(
            cell.model == entry.name for cell, _ in self.measurer.unkept
        ):  # the next run has to measure it
            return None
        claims = {
            id(claim): number for number, claim in enumerate((*entry.all_claims(), *entry.links))
        }
        kept = [kept_as(finding, claims.get(id(finding.claim), -1)) for finding in after]
        unknown = [
            f
            for f in after
            if id(f.claim) not in claims and f.claim != builder_claim(entry, entry.builder.name)
        ]
        if unknown or evidence.trace is None:
            return None
        counts = Counts(evidence.trace, evidence.parts)
        values = {quantity: Decimal(rule(counts, 0)[0].total) for quantity, rule in RULES.items()}
        unexplained = [claims[id(one.finding.claim)] for one in judged
                       if one.finding.verdict is Verdict.MISMATCH and id(one.finding.claim) in claims]  # fmt: skip
        keys = [(kind, name.removesuffix(".json")) for kind, name, _, _ in documents]
        summary = Summary.of(evidence)
        return (
            Model(kept, values, unexplained, keys, evidence.cell.key, summary) if summary else None
        )

    def _others(self) -> Callable[[str], Others]:
        """By quantity, the numbers of all models that an unexplained claim is compared with, as
        `settle` has them."""
        unexplained = self._unexplained() | {
            one.finding.claim for each in self.judged.values() for _, found in each for one in found
            if one.finding.verdict is Verdict.MISMATCH
        }  # fmt: skip
        published: dict[str, list[Value]] = {}
        for entry in self.entries:
            for claim in entry.all_claims():
                if claim.row.check in ("flops", "parameters") and claim not in unexplained:
                    published.setdefault(claim.quantity, []).append(
                        (f"published for {entry.name}", claim.number)
                    )
        return cache(
            lambda quantity: Others.of((*self._counts(quantity), *published.get(quantity, ())))
        )

    def _counts(self, quantity: str) -> tuple[Value, ...]:
        """A quantity of every model that was counted, remembered or read, in the order of the
        index."""
        known = {
            entry.place: model.values.get(quantity)
            for name, group in self.kept.items()
            for entry, model in zip(self.names[name], group.models, strict=True)
        }
        values = []
        for entry in self.entries:
            value = known[entry.place] if entry.place in known else self._counted(entry, quantity)
            if value is not None:
                values.append((f"of {entry.name}", value))
        return tuple(values)

    def _counted(self, entry: Entry, quantity: str) -> Decimal | None:
        evidence = self.measurer.look_up(entry, Variant(entry.image_size))
        if evidence is None or evidence.trace is None:
            return None
        return Decimal(RULES[quantity](Counts(evidence.trace, evidence.parts), 0)[0].total)

    def _unexplained(self) -> frozenset[Claim]:
        """The claims of remembered collections that nothing explained before siblings were
        asked."""
        found = []
        for name, group in self.kept.items():
            for entry, model in zip(self.names[name], group.models, strict=True):
                claims = (*entry.all_claims(), *entry.links)
                found += [claims[number] for number in model.unexplained]
        return frozenset(found)

    def _digest(self, entries: Sequence[Entry], code: str, accuracies: bytes) -> str:
        said = msgspec.json.encode(
            [
                (_content(e), self.measurer.version(e.builder), self.documents[e.place])
                for e in entries
            ]
        )
        low = any(one.number < 50 for entry in entries for one, _ in pairs(entry.all_claims()))
        return hashlib.sha256(code.encode() + said + (accuracies if low else b"")).hexdigest()[:32]


def _groups(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """The entries by collection; one of none is alone, for it has no siblings."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        name = entry.collection or f"{entry.place.file}:{entry.name}"
        groups.setdefault(name, []).append(entry)
    return groups


def _content(entry: Entry) -> tuple[object, ...]:
    """All that an entry says, but for where it says it."""
    claims = [
        (
            c.quantity,
            c.label,
            c.raw,
            c.publisher,
            c.source,
            c.dataset,
            c.task,
            c.size,
            c.conditions,
            c.unit,
        )
        for c in (*entry.all_claims(), *entry.links)
    ]
    return (
        entry.name, entry.collection, entry.publisher, entry.source, str(entry.builder), entry.builder.arguments,
        claims, entry.metadata, entry.fields, entry.inherited, entry.named_size, entry.gathered,
        [r.fields for r in entry.reported],
    )  # fmt: skip


def _documents(ledger: Path, model: str) -> list[Document]:
    """The files that the ledger has of a model, without a look into them."""
    found: list[Document] = []
    for kind in KINDS:
        try:
            with os.scandir(ledger / kind / slug(model)) as files:
                seen = ((file.name, file.stat()) for file in files if file.name.endswith(".json"))
                found += sorted((kind, name, stat.st_mtime_ns, stat.st_size) for name, stat in seen)
        except OSError:
            continue
    return found


def _accuracies(entries: Iterable[Entry]) -> bytes:
    """All top-1 and top-5 of an index, which an accuracy that is an error is told by."""
    told = (pair for entry in entries for pair in pairs(entry.all_claims()))
    return msgspec.json.encode(
        [[(c.quantity, c.label, str(c.number), c.dataset) for c in pair] for pair in told]
    )


def _code(measurer: Measurer) -> str:
    return f"{sources()} {measurer.live} {sorted(measurer.trusted)}"


def _asks(finding: Finding) -> bool:
    """Whether other models' numbers may say something about a finding, before they were asked."""
    return (
        counted(finding)
        and finding.verdict is Verdict.MISMATCH
        and isinstance(finding.measured, Decimal)
    )


def _asked(entry: Entry, finding: Finding) -> Asked:
    assert isinstance(finding.measured, Decimal)
    claim = finding.claim
    half = (claim.parsed.step or Decimal(0)) / 2
    return Asked(claim.quantity, entry.name, claim.number, half, finding.measured)
