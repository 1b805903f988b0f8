"""The result of counting one variant of a model."""

from typing import NamedTuple

from zoo.model_index.ledger.evidence import Evidence
from zoo.model_index.ledger.trace import Part, Trace

NO_TRACE = Trace((), ())


class Counts(NamedTuple):
    """The trace of one pass and the modules that hold parameters.

    `failure` says why there is no pass: the trace is empty then, and parameters are known all the
    same.
    """

    trace: Trace
    parts: tuple[Part, ...]
    failure: str = ""

    @classmethod
    def of(cls, evidence: Evidence) -> "Counts | None":
        """Return the counts of a document; None where the model could not be built."""
        if evidence.outcome == "failed":
            return None
        if evidence.trace is None:
            return cls(NO_TRACE, evidence.parts, evidence.error or "the model was not traced")
        return cls(evidence.trace, evidence.parts)

    @property
    def problem(self) -> str:
        """Why the work of the pass is not known; empty where it is."""
        why = self.trace.incomplete
        return f"the count is incomplete: {why}" if why else self.failure
