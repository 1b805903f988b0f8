"""Arrange a zoo for rendering: `Zoo` is what the caller passes; `Catalogue` gives models their
slug, findings and measurements.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

import msgspec

from zoo.model_index.findings import ANOTHER_MODEL, Finding, Standing, Verdict
from zoo.model_index.ledger.documents import Documents
from zoo.model_index.ledger.evidence import CountValues
from zoo.model_index.ledger.history import NOTHING, History
from zoo.model_index.ledger.store import Evidence, Summary
from zoo.model_index.ledger.trace import Part, Trace
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim, Collection, Entry, Index
from zoo.reporting.i18n.gettext import current
from zoo.reporting.views.names import distinct_names, slugs, zoo_slugs
from zoo.reporting.views.places import PublicPlaces
from zoo.reporting.views.verdicts import VerdictBadge, verdict_badge

T = TypeVar("T")
NOT_MEASURED = "not measured yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoo:
    """The data that pages are rendered from.

    `findings` holds one finding a claim, `evidence` ledger documents by cell key, and `primary`, by
    the place of an entry (two may share a name), the key of the document that counts it at its own
    input size; absent where that was not measured. `history` holds earlier changes; `digests`
    cover, by place, everything that an entry's findings depend on, where that is known.
    """

    index: Index
    findings: tuple[Finding, ...]
    evidence: Mapping[str, Evidence]
    primary: dict[Place, str]
    ledger: str = "ledger"
    history: History = NOTHING
    digests: Mapping[Place, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One finding and its anchor on the model's page; `file` and `address` show where its claim
    stands."""

    finding: Finding
    anchor: str
    file: str = ""
    address: str | None = None

    @property
    def claim(self) -> Claim:
        return self.finding.claim

    @property
    def verdict(self) -> Verdict:
        return self.finding.verdict

    @property
    def verdict_badge(self) -> VerdictBadge:
        return verdict_badge(self.finding)

    @property
    def usable(self) -> Value | None:
        """Return the claimed value, which plots, winners and sentences may use; None of a claim
        that is wrong."""
        return None if self.finding.standing is Standing.WRONG else self.claim.value


@dataclass(frozen=True, kw_only=True)
class Model:
    """An entry with its page, checks and measurements.

    `name` is what pages call it: its name, and its zoo where another zoo has a model of that name.
    `evaluated` and `benchmarked` are the documents about what its builder builds. Documents of
    `ledger` are read on demand; `key` is the key of the document that counts the model.
    """

    entry: Entry
    name: str
    slug: str
    family: str
    checks: tuple[Check, ...]
    ledger: Documents
    key: str
    evaluated: tuple[Evidence, ...] = ()
    benchmarked: tuple[Evidence, ...] = ()

    @property
    def evaluations(self) -> tuple[Evidence, ...]:
        """Return the documents of its evaluations, of all data sets."""
        return () if self.evaluated and self.another else self.evaluated

    @property
    def benchmarks(self) -> tuple[Evidence, ...]:
        """Return the documents of its benchmarks, of all machines."""
        return () if self.benchmarked and self.another else self.benchmarked

    @cached_property
    def evidence(self) -> Evidence | None:
        """Return the document that counts the model at its own input size."""
        return self.ledger.get(self.key)

    @cached_property
    def documents(self) -> tuple[Evidence, ...]:
        """Return `evidence` and all other documents that a finding rests on."""
        keys = dict.fromkeys(
            (self.key, *(key for check in self.checks for key in check.finding.evidence))
        )
        return tuple(document for key in keys if (document := self.ledger.get(key)))

    @cached_property
    def summary(self) -> Summary | None:
        """Return the summary of the count that most pages show."""
        return self.ledger.summary(self.key)

    @property
    def page(self) -> str:
        return f"models/{self.slug}.md"

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """Return its tasks; of an entry that states none, none."""
        return self.entry.tasks

    @cached_property
    def count(self) -> CountValues | None:
        """Return the values of the count; None where counting failed, or the document has none."""
        if self.evidence is None or self.evidence.outcome == "failed":
            return None
        try:
            return msgspec.convert(self.evidence.values, CountValues)
        except msgspec.ValidationError:
            return None

    @property
    def resolved(self) -> str | None:
        """Return the name of the model that the builder built, with its pretrained tag; it may be
        `another`."""
        return self.count.resolved if self.count else None

    @property
    def uncounted(self) -> list[str]:
        """Return the operators without a counting rule; with any of them, the sum of multiply-adds
        is no measurement."""
        return self.count.trace.uncounted if self.count and self.count.trace else []

    @cached_property
    def another(self) -> str:
        """Return the model that is built in place of the named one; "" where the named one is.

        What was measured of it is no measurement of this model: then `macs`, `parameters`, `trace`,
        `parts`, `configuration`, `evaluations` and `benchmarks` hold nothing.
        """
        if self.summary and self.summary.another:
            return self.summary.another
        is_judged = any(ANOTHER_MODEL in check.finding.causes for check in self.checks)
        return (self.resolved or ANOTHER_MODEL).partition(".")[0] if is_judged else ""

    @property
    def unbuilt_guess(self) -> bool:
        """Return whether nothing but its name says what builds it: the index names no builder, and
        no model of that name was built."""
        builder = self.entry.builder
        return builder.makes_models and not builder.named and self.count is None

    @property
    def built_by_name(self) -> bool:
        """Return whether code with its builder gives this model: its name is not known to build
        another one, and not a mere guess."""
        return not self.another and not self.unbuilt_guess

    @property
    def own_summary(self) -> Summary | None:
        """Return the summary of the count; None where another model was built and counted."""
        return None if self.another else self.summary

    @property
    def macs(self) -> int | None:
        return self.own_summary.macs if self.own_summary else None

    @property
    def trace(self) -> Trace | None:
        is_own = self.count and not self.another
        return self.evidence.trace if self.evidence and is_own else None

    @property
    def parts(self) -> tuple[Part, ...]:
        is_own = self.count and not self.another
        return self.evidence.parts if self.evidence and is_own else ()

    @property
    def parameters(self) -> int | None:
        return self.own_summary.parameters if self.own_summary else None

    @property
    def configuration(self) -> dict[str, Any]:
        if self.another:
            return {}
        if self.summary:
            return self.summary.configuration
        return self.count.configuration if self.count else {}

    @cached_property
    def input(self) -> InputSpec | None:
        """Return what the model was given to be counted."""
        try:
            return parse_input(self.summary.input) if self.summary else None
        except ValueError:  # of another version
            return None

    @cached_property
    def remembered(self) -> dict[object, Any]:
        """Return what `once` remembers about it."""
        return {}

    @cached_property
    def datasets(self) -> dict[str, set[str | None]]:
        """Return the data sets of its claims by quantity."""
        datasets: dict[str, set[str | None]] = {}
        for claim in self.entry.all_claims():
            datasets.setdefault(claim.quantity, set()).add(claim.dataset)
        return datasets

    @cached_property
    def wrong_claims(self) -> frozenset[Claim]:
        """Return the claims that are wrong: their numbers decide nothing."""
        return frozenset(check.claim for check in self.checks if check.usable is None)

    def claim(self, quantity: str, publisher: str | None = None) -> Claim | None:
        """Return the first claim of a quantity that is not wrong, by a publisher, or with the
        entry's own first."""
        claims = (c for c in self.entry.all_claims() if c.quantity == quantity)
        usable = (c for c in claims if c not in self.wrong_claims)
        return next((c for c in usable if publisher is None or c.publisher == publisher), None)


def once(view: Callable[[Model], T]) -> Callable[[Model], T]:
    """Remember what a view says of a model, in each language: several parts of a page ask for
    it."""

    @wraps(view)
    def remembering(model: Model) -> T:
        key = view, current()
        if key not in model.remembered:
            model.remembered[key] = view(model)
        return cast(T, model.remembered[key])

    return remembering


@dataclass(frozen=True, slots=True)
class Family:
    """A collection with its models; `collection` is None for entries that name none that exists.

    `name` is as of a `Model`; `zoo` is the zoo that most of its models are of.
    """

    name: str
    zoo: str
    slug: str
    collection: Collection | None
    models: tuple[Model, ...]

    @property
    def key(self) -> str:
        """Name the family among owners of files; no slug of a model has a stroke."""
        return f"families/{self.slug}"

    @property
    def page(self) -> str:
        return f"{self.key}.md"

    @property
    def task(self) -> str:
        """Return the task of most of its models, by the first task of each; "" for none."""
        return _most_common(model.tasks[0] for model in self.models if model.tasks)

    @property
    def checks(self) -> Iterator[Check]:
        for model in self.models:
            yield from model.checks


@dataclass(frozen=True)
class Catalogue:
    """All models and families, ready for rendering."""

    zoo: Zoo
    families: tuple[Family, ...]
    models: tuple[Model, ...] = field(default=())

    @classmethod
    def of(cls, zoo: Zoo, source: str = "") -> "Catalogue":
        """Arrange a zoo; every claim gets a check, `unchecked` where it has no finding.

        `source` is the web address that the path of an index file is put behind.
        """
        places = PublicPlaces(zoo.index.files, source)
        groups = zoo.index.families()
        zoos = [_most_common(entry.zoo for entry in entries) for _, entries in groups]
        names = [(name, own) for (name, _), own in zip(groups, zoos, strict=True)]
        model_names = [(entry.name, entry.zoo) for _, entries in groups for entry in entries]
        named = iter(zip(distinct_names(model_names), zoo_slugs(model_names), strict=True))
        ledger = zoo.evidence if isinstance(zoo.evidence, Documents) else Documents(zoo.evidence)
        by_claim = {finding.claim: finding for finding in zoo.findings}
        claimed = {claim for entry in zoo.index.entries for claim in entry.all_claims()}
        others: dict[tuple[str, str], list[Finding]] = {}
        for finding in zoo.findings:
            if finding.claim not in claimed:
                whose = finding.claim.model, finding.claim.publisher
                others.setdefault(whose, []).append(finding)
        documents: dict[tuple[str, str, str], list[Evidence]] = {}
        for evidence in ledger.in_memory():
            cell = evidence.cell
            if cell.kind in ("eval", "bench"):
                documents.setdefault((cell.kind, cell.model, cell.builder), []).append(evidence)
        families = []
        for (_, entries), own, name, family_slug in zip(
            groups, zoos, distinct_names(names), zoo_slugs(names), strict=True
        ):
            models = tuple(
                Model(
                    entry=entry,
                    name=model_name,
                    slug=model_slug,
                    family=name,
                    checks=_checks(
                        entry, by_claim, others.pop((entry.name, entry.publisher), ()), places
                    ),
                    ledger=ledger,
                    key=zoo.primary.get(entry.place, ""),
                    evaluated=_documents_of(entry, "eval", documents),
                    benchmarked=_documents_of(entry, "bench", documents),
                )
                for entry, (model_name, model_slug) in zip(entries, named, strict=False)
            )
            collection = zoo.index.collection_of(entries[0])
            families.append(Family(name, own, family_slug, collection, models))
        return cls(
            zoo, tuple(families), tuple(model for family in families for model in family.models)
        )

    @property
    def checks(self) -> Iterator[tuple[Model, Check]]:
        for model in self.models:
            for check in model.checks:
                yield model, check

    @cached_property
    def tasks(self) -> Mapping[str, tuple[Model, ...]]:
        """Return the models by task, tasks in reading order; "" has those that state none."""
        tasks: dict[str, list[Model]] = {}
        for model in self.models:
            for task in model.tasks or ("",):
                tasks.setdefault(task, []).append(model)
        return {task: tuple(tasks[task]) for task in sorted(tasks, key=lambda task: not task)}

    @property
    def many_tasks(self) -> bool:
        """Return whether its models state more than one task."""
        return len(self.tasks.keys() - {""}) > 1

    @property
    def many_zoos(self) -> bool:
        """Return whether its families are of more than one zoo."""
        return len({family.zoo for family in self.families}) > 1

    def families_of(self, task: str) -> list[Family]:
        """Return the families whose models are mostly for a task."""
        return [family for family in self.families if family.task == task]

    def publishers(self) -> list[str]:
        """Return all publishers of claims, in reading order."""
        return list(dict.fromkeys(check.claim.publisher for _, check in self.checks))


def _documents_of(
    entry: Entry, kind: str, documents: Mapping[tuple[str, str, str], list[Evidence]]
) -> tuple[Evidence, ...]:
    """Return an entry's documents of a kind, by its name and builder."""
    return tuple(documents.get((kind, entry.name, str(entry.builder)), ()))


def _checks(
    entry: Entry,
    by_claim: dict[Claim, Finding],
    others: Iterable[Finding],
    places: PublicPlaces,
) -> tuple[Check, ...]:
    findings = [
        by_claim.get(c) or Finding(claim=c, verdict=Verdict.UNCHECKED, reason=NOT_MEASURED)
        for c in entry.all_claims()
    ]
    findings += others
    anchors = slugs((f"{f.claim.publisher}-{f.claim.quantity}" for f in findings), prefix="claim-")
    return tuple(
        Check(finding, anchor, *places.show(finding.claim.place))
        for finding, anchor in zip(findings, anchors, strict=True)
    )


def _most_common(names: Iterable[str]) -> str:
    """Return the name that occurs most, the first of several such; "" for none."""
    return next((name for name, _ in Counter(names).most_common(1)), "")
