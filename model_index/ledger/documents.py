"""Documents of a ledger by key, each read when it is first asked for."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from zoo.model_index.ledger.evidence import Evidence, Summary, slug
from zoo.model_index.ledger.store import Ledger


class Documents(Mapping[str, Evidence]):
    """Documents by the key of their cell.

    `add` puts documents in. `add_stored` names documents that lie in a ledger; these are read when
    they are first asked for. A stored document that cannot be read any more is no longer in here.
    """

    def __init__(self, documents: Mapping[str, Evidence] | None = None) -> None:
        self._loaded = dict(documents or {})
        self._stored: dict[str, tuple[Ledger, Path]] = {}
        self._summaries: dict[str, Summary | None] = {}

    def add(self, *documents: Evidence) -> None:
        """Put documents in; one of the same cell is replaced."""
        self._loaded.update({evidence.cell.key: evidence for evidence in documents})

    def add_stored(self, ledger: Ledger, model: str, documents: Iterable[tuple[str, str]]) -> None:
        """Name documents of a model, each by kind and key, that lie in a ledger."""
        folder = slug(model)
        self._stored |= {
            key: (ledger, ledger.folder / kind / folder / f"{key}.json") for kind, key in documents
        }

    def add_summary(self, key: str, summary: Summary | None) -> None:
        """Give the summary of a stored count, so that its document need not be read."""
        self._summaries[key] = summary

    def summary(self, key: str) -> Summary | None:
        """Return the summary of a count; the document is read only where no summary was given."""
        if key in self._summaries:
            return self._summaries[key]
        evidence = self.get(key)
        return Summary.of(evidence) if evidence else None

    def list_keys(self, kind: str) -> list[str]:
        """List the keys of a kind; nothing is read."""
        loaded = (key for key, evidence in self._loaded.items() if evidence.cell.kind == kind)
        stored = (key for key, (_, path) in self._stored.items() if path.parts[-3] == kind)
        return list(dict.fromkeys((*loaded, *stored)))

    def in_memory(self) -> list[Evidence]:
        """Return the documents that are in memory; nothing is read."""
        return list(self._loaded.values())

    def clear(self) -> None:
        """Remove everything."""
        self._loaded.clear()
        self._stored.clear()
        self._summaries.clear()

    def __getitem__(self, key: str) -> Evidence:
        if key not in self._loaded:
            ledger, path = self._stored[key]
            evidence = ledger.read(path)
            if evidence is None:
                del self._stored[key]
                raise KeyError(key)
            self._loaded[key] = evidence
        return self._loaded[key]

    def __contains__(self, key: object) -> bool:
        return key in self._loaded or key in self._stored

    def __iter__(self) -> Iterator[str]:
        for key in [*self._loaded, *(key for key in self._stored if key not in self._loaded)]:
            if self.get(key) is not None:
                yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)
