"""The table of readings of the number of parameters of one model."""

from collections.abc import Callable
from dataclasses import dataclass

from zoo.counting import hook_based_tools
from zoo.counting.conventions import ANY, Reading, merge_equal, reading
from zoo.counting.counts import Counts
from zoo.counting.hook_based_tools import Terms


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of `PARAMETER_RULES`: the terms to add to all parameters; None where the model has
    nothing of the kind."""

    name: str
    label: str
    rank: int
    terms: Callable[[Counts], Terms | None]


def total(counts: Counts) -> int:
    """Return the number of all parameters."""
    return sum(part.parameters for part in counts.parts)


def _less(name: str, number: int) -> Terms | None:
    return {name: -number} if number else None


def _frozen(counts: Counts) -> Terms | None:
    return _less("frozen", sum(part.parameters - part.trainable for part in counts.parts))


def _buffers(counts: Counts) -> Terms | None:
    return {"buffers": sum(part.buffers for part in counts.parts)}


def _unused(counts: Counts) -> Terms | None:
    return _less("unused modules", sum(part.parameters for part in counts.parts if not part.ran))


def _between_layers(counts: Counts) -> Terms | None:
    """Leave out what modules with layers inside hold themselves, as position embeddings and class
    tokens: `paddle.summary` and others go through the innermost modules alone."""
    blocks = {""}  # every module that a module with tensors is inside of
    for part in counts.parts:
        names = part.module.split(".")
        blocks.update(".".join(names[:depth]) for depth in range(1, len(names)))
    held = sum(part.parameters for part in counts.parts if part.module in blocks)
    return _less("between layers", held) if held < total(counts) else None


def _folded(counts: Counts) -> Terms | None:
    """Fold batch norms: the scale goes into the convolution's weights, the shift becomes its
    bias."""
    if counts.failure:
        return None  # the pass tells which layers are norms
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
    Rule("layers only", "parameters of the innermost modules only", 2, _between_layers),
    Rule("norms folded", "parameters with batch norms folded into the convolutions", 3, _folded),
    Rule(
        "no convolution biases",
        "parameters without the convolutions' biases",
        3,
        _convolution_biases,
    ),
    Rule("last norm left out", "parameters without the last norm", 3, _last_norm),
)
# One reading for every few types that thop knew or not.
THOP = ("thop parameters", "the parameters of the layers thop hooks", 2)


def readings(counts: Counts, most: int = ANY) -> list[Reading]:
    """Return the readings up to the rank `most`, simplest first; no number comes twice."""
    everything = {"parameters": total(counts)}
    numbers = [
        reading(rule.name, rule.label, rule.rank, everything, terms)
        for rule in PARAMETER_RULES
        if rule.rank <= most and (terms := rule.terms(counts)) is not None
    ]
    name, label, rank = THOP
    if rank <= most and not counts.failure:
        for change, number, count in hook_based_tools.thop_parameters(
            counts.parts, counts.trace.bases
        ):
            terms = {"parameters": count}
            numbers.append(reading(f"{name}{change}", f"{label}{change}", rank + number, terms))
    return merge_equal(sorted(numbers, key=lambda reading: reading.rank))
