"""The live model of an entry: its own counts, and a way to count variants of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zoo.counting.counts import Counts
from zoo.counting.measurer import Measurer
from zoo.explanation.case import configured_size
from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.store import Evidence, Registry
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.input_spec import InputSpec, image_input
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Builder, Entry
from zoo.models.builders import BuilderMissing
from zoo.models.cells import Variant
from zoo.models.inputs import ASSUMPTION


def find_linked_tags(links: Iterable[str], tags: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the pretrained tags whose weights are linked: files of the same name."""
    linked = {url.rpartition("/")[2] for url in links}
    return [
        tag
        for tag, settings in tags.items()
        if (url := settings.get("url")) and url.rpartition("/")[2] in linked
    ]


@dataclass(frozen=True, slots=True)
class LiveModel:
    """One entry as measured: its evidence at its own input size, and a way to more evidence.

    `builder` is another one than the entry's where the model that its name asks for is examined.
    """

    entry: Entry
    evidence: Evidence
    measurer: Measurer
    builder: Builder | None = None

    @property
    def key(self) -> str:
        return self.evidence.cell.key

    @property
    def name(self) -> str:
        """The name of the model that was built."""
        return str(self.evidence.values["resolved"])

    @property
    def configuration(self) -> dict[str, Any]:
        configuration: dict[str, Any] = self.evidence.values["configuration"]
        return configuration

    @property
    def registry(self) -> Registry:
        return self.evidence.registry

    @property
    def counts(self) -> Counts:
        """The counts at the model's own input size."""
        counts = Counts.of(self.evidence)
        assert counts is not None  # of a model that was built
        return counts

    @property
    def input(self) -> InputSpec:
        """What the model was given."""
        return parse_input(str(self.evidence.values["input"]))

    @property
    def input_is_assumed(self) -> bool:
        """Whether neither the entry nor the builder says what the model takes."""
        return str(self.evidence.values["input_from"]) == ASSUMPTION

    @property
    def linked_input(self) -> InputSpec | None:
        """The input of the pretrained tag whose weights the entry links."""
        tags = self.registry.tags
        sizes = (configured_size(tags[tag]) for tag in find_linked_tags(self.entry.weights, tags))
        size = next(filter(None, sizes), None)
        return image_input(size) if size else None

    @property
    def published_sizes(self) -> tuple[Size, ...]:
        """The inputs of all pretrained weights of the architecture, each once."""
        sizes = (
            configured_size(settings, key)
            for key in ("input_size", "test_input_size")
            for settings in self.registry.tags.values()
        )
        return tuple(dict.fromkeys(size for size in sizes if size))

    def variant(self, variant: Variant) -> Variant:
        """Return the same variant of the model examined; its own input is asked for as it was
        counted, another one at the sizes that the variant states."""
        own = self.entry.stated_input
        if variant.input is None or (adapted := self.input.adapt(variant.input)) == self.input:
            return Variant(own, variant.form, self.builder)
        return Variant(adapted, variant.form, self.builder)

    def count(self, variant: Variant) -> Counts | None:
        """Count a variant; None where the model cannot be counted so, or not here."""
        evidence = self._find_evidence(self.variant(variant))
        return Counts.of(evidence) if evidence else None

    def keys_at(self, spec: InputSpec) -> tuple[str, ...]:
        """Return the evidence that a count at this input rests on: the model's own count, and the
        one at the input."""
        cell = self.measurer.cell(self.entry, self.variant(Variant(spec)))
        return tuple(dict.fromkeys((self.key, cell.key)))

    def with_heads(self) -> Evidence | None:
        """Return the evidence of the same model with the heads of training that it is built
        without; None where it has none, or cannot be counted."""
        if not (heads := self.registry.heads):
            return None
        own = self.builder or self.entry.builder
        builder = Builder(own.kind, own.name, own.arguments | heads, own.place)
        evidence = self._find_evidence(Variant(self.entry.stated_input, builder=builder))
        return evidence if evidence and evidence.outcome != "failed" else None

    @property
    def builds_another(self) -> bool:
        """Whether the library silently built another model than the name asks for."""
        return self.builder is None and self.registry.named is not None

    def model_of_name(self) -> "LiveModel | None":
        """Return the model that the builder's name asks for, where the library silently built
        another one."""
        if self.builder or not (named := self.registry.named):
            return None
        builder = Builder("timm", named.name, dict(named.arguments))
        evidence = self._find_evidence(Variant(self.entry.stated_input, builder=builder))
        if evidence is None or Counts.of(evidence) is None:
            return None
        return LiveModel(self.entry, evidence, self.measurer, builder)

    def _find_evidence(self, variant: Variant) -> Evidence | None:
        try:
            return self.measurer.count(self.entry, variant)
        except BuilderMissing:
            # It was there when the model itself was counted, perhaps on another machine.
            return None
        except LedgerError as error:
            ledger = self.measurer.ledger
            ledger.skip(ledger.path(self.measurer.cell(self.entry, variant)), error)
            return None
