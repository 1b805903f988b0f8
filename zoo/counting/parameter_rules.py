"""What can be meant by the number of parameters: a table of readings of one model."""

from collections.abc import Callable
from dataclasses import dataclass

from zoo.counting import hook_based_tools
from zoo.counting.conventions import ANY, Reading, distinct, reading
from zoo.counting.counts import Counts
from zoo.counting.hook_based_tools import Terms


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of `PARAMETER_RULES`: the terms to add to all parameters, None where there is nothing
    of the kind."""

    name: str
    label: str
    rank: int
    terms: Callable[[Counts], Terms | None]


def total(counts: Counts) -> int:
    """All parameters."""
    return sum(part.parameters for part in counts.parts)


def _less(name: str, number: int) -> Terms | None:
    return {name: -number} if number else None


def _frozen(counts: Counts) -> Terms | None:
    return _less("frozen", sum(part.parameters - part.trainable for part in counts.parts))


def _buffers(counts: Counts) -> Terms | None:
    return {"buffers": sum(part.buffers for part in counts.parts)}


def _unused(counts: Counts) -> Terms | None:
    return _less("unused modules", sum(part.parameters for part in counts.parts if not part.ran))


def _folded(counts: Counts) -> Terms | None:
    """A batch norm's scale goes into the convolution's weights and its shift becomes the bias."""
    bases = counts.trace.bases
    norms = (
        p
        for p in counts.parts
        if bases.get(p.module_type, p.module_type).startswith(hook_based_tools.BATCH_NORM)
    )
    return _less("folded norms", sum(part.parameters for part in norms) // 2)


def _convolution_biases(counts: Counts) -> Terms | None:
    rows = (
        row for row in counts.trace.rows if row.kind == "bias" and row.operator.startswith("conv")
    )
    return _less("convolution biases", sum({row.module: row.parameters for row in rows}.values()))


def _last_norm(counts: Counts) -> Terms | None:
    norms = [row.parameters for row in counts.trace.rows if row.kind == "normalisation"]
    return _less("last norm", norms[-1]) if norms else None


PARAMETER_RULES = (
    Rule("all parameters", "all parameters", 0, lambda counts: {}),
    Rule("trainable", "trainable parameters only", 1, _frozen),
    Rule("with buffers", "parameters and buffers", 1, _buffers),
    Rule(
        "without unused heads",
        "parameters without modules that evaluation does not run",
        2,
        _unused,
    ),
    Rule("norms folded", "parameters with batch norms folded into the convolutions", 3, _folded),
    Rule(
        "no convolution biases",
        "parameters without the convolutions' biases",
        3,
        _convolution_biases,
    ),
    Rule("last norm left out", "parameters without the last norm", 3, _last_norm),
)
THOP = (
    "thop parameters",
    "the parameters of the layers thop hooks",
    2,
)  # one for each few types it knew or not


def readings(counts: Counts, most: int = ANY) -> list[Reading]:
    """What can be meant, simplest first, as far as its rank is at most `most`; no number comes
    twice."""
    everything = {"parameters": total(counts)}
    found = [
        reading(rule.name, rule.label, rule.rank, everything, terms)
        for rule in PARAMETER_RULES
        if rule.rank <= most and (terms := rule.terms(counts)) is not None
    ]
    name, label, rank = THOP
    for what, number, count in (
        hook_based_tools.thop_parameters(counts.parts, counts.trace.bases) if rank <= most else ()
    ):
        found.append(
            reading(f"{name}{what}", f"{label}{what}", rank + number, {"parameters": count})
        )
    return distinct(sorted(found, key=lambda reading: reading.rank))
