"""Sum a checkpoint up: its parameters, its tensors by type, and other numbers that people publish
for the same tensors.

Parameters are the floating-point tensors without buffers, and the weights in quantised layers. A
tensor whose data another name shares counts once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from zoo.weights.contents.quantisation import (
    Layer,
    describe_problem,
    find_layers,
    is_whole_number,
)
from zoo.weights.contents.tensor_names import (
    is_adapter,
    is_buffer,
    is_input_embedding,
    is_output_embedding,
)
from zoo.weights.formats import Checkpoint, Tensor
from zoo.weights.formats.dtypes import DTYPES
from zoo.weights.formats.onnx_uses import BUFFER, CONSTANT, CONVOLUTION_BIAS, SCALE, WEIGHT

PARAMETER, INTEGER, SHARED, UNKNOWN = "parameters", "integers", "shared", "unknown"
BUFFERS, SCALES, CONSTANTS = "buffers", "scales", "constants"
ROLES = {BUFFER: BUFFERS, SCALE: SCALES, CONSTANT: CONSTANTS}


# What a file says of itself that is worth keeping.
STATED = frozenset(
    "total_size total_parameters general.architecture general.file_type general.size_label"
    " producer format".split()
)


class DtypeShare(msgspec.Struct, frozen=True):
    """What tensors of one type take: how many tensors, elements and bytes."""

    dtype: str
    tensors: int
    elements: int
    bytes: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint holds.

    `parameters` is None where the file does not tell it, for the reason `problem`. `roles` are
    elements by what they are: parameters, buffers, scales (and zero points), integers,
    constants, shared. `elements` and `bytes` are those of all tensors; `weight_bytes` those of the
    parameters with their scales. `widths` are weights by the bits that each takes, scales left out.
    `readings` are other numbers of parameters, by the key of their convention
    (`zoo.weights.contents.readings`). `adapter` says that it holds changes to another checkpoint.
    """

    parameters: int | None
    problem: str = ""
    elements: int
    bytes: int
    weight_bytes: int
    dtypes: tuple[DtypeShare, ...] = ()
    roles: dict[str, int] = {}
    widths: dict[str, int] = {}
    schemes: tuple[str, ...] = ()
    readings: dict[str, int] = {}
    adapter: bool = False


class Share(NamedTuple):
    """A tensor, what it is, the weights in it, and why they are not known."""

    tensor: Tensor
    role: str
    weights: int
    problem: str = ""
    scheme: str = ""


def summarise(checkpoint: Checkpoint) -> Summary:
    """Return what a checkpoint holds, told by its list of tensors alone."""
    shares = list(list_shares(checkpoint))
    roles, widths = Counter[str](), Counter[str]()
    for share in shares:
        roles[share.role] += share.weights
        if share.role == PARAMETER:
            widths[_width(share)] += share.weights
    problems = Counter(share.problem for share in shares if share.problem)
    problem = _describe_hidden(checkpoint) or _describe_problems(problems, shares)
    parameters = None if problem else roles[PARAMETER]
    return Summary(
        parameters=parameters,
        problem=problem,
        elements=sum(share.tensor.elements for share in shares),
        bytes=checkpoint.bytes,
        weight_bytes=sum(s.tensor.bytes for s in shares if s.role in (PARAMETER, SCALES)),
        dtypes=tuple(_list_dtypes(checkpoint.tensors)),
        roles={role: number for role, number in roles.most_common() if number},
        widths=dict(widths.most_common()),
        schemes=tuple(dict.fromkeys(share.scheme for share in shares if share.scheme)),
        adapter=any(map(is_adapter, checkpoint.tensors)),
        readings={} if parameters is None else _readings(parameters, shares, checkpoint),
    )


def convert_summary(values: Mapping[str, Any]) -> Summary | None:
    """Return the summary in the values of evidence; None where they have none that can be read."""
    try:
        return msgspec.convert(values["contents"], Summary)
    except (KeyError, msgspec.ValidationError):  # written by hand, or by another program
        return None


def find_wrong_totals(checkpoint: Checkpoint, summary: Summary) -> Iterator[str]:
    """Yield what the index of shards states of them in all and they do not hold, in any way of
    counting."""
    sizes = {summary.bytes, summary.bytes + _tied_bytes(checkpoint)}
    counts = {summary.elements, summary.parameters, *summary.readings.values()}
    rows = (
        ("total_size", "bytes", sizes, summary.bytes),
        ("total_parameters", "parameters", counts, summary.parameters),
    )
    for key, unit, numbers, held in rows:
        stated = checkpoint.metadata.get(key)
        if checkpoint.places and stated and held is not None and int(stated) not in numbers:
            yield f"the index states {int(stated):,} {unit} in all, its shards hold {held:,}"


def _tied_bytes(checkpoint: Checkpoint) -> int:
    """Return the bytes of the names that share the data of a tensor, as if they were stored."""
    sizes = {tensor.name: tensor.bytes for tensor in checkpoint.tensors}
    return sum(sizes.get(name, 0) for name in checkpoint.tied.values())


def list_shares(checkpoint: Checkpoint) -> Iterator[Share]:
    """Yield every tensor with what it is."""
    tensors = {tensor.name: tensor for tensor in checkpoint.tensors}
    layers = {layer.name: layer for layer in find_layers(tensors)}
    parts = {part for layer in layers.values() for part in layer.parts}
    places: dict[tuple[object, ...], str] = {}
    for name, tensor in tensors.items():
        extent = checkpoint.extents.get(name)
        first = places.setdefault((extent, tensor.shape, tensor.dtype), name) if extent else name
        if first != name and tensor.elements:
            yield Share(tensor, SHARED, tensor.elements)
        elif layer := layers.get(name):
            yield _share_of_layer(tensor, layer)
        elif name in parts:
            yield Share(tensor, SCALES, tensor.elements)
        else:
            yield _share_by_use(tensor, checkpoint)


def _share_of_layer(tensor: Tensor, layer: Layer) -> Share:
    if layer.weights is None:
        reason = f"{layer.scheme}: {layer.problem}"
        return Share(tensor, UNKNOWN, tensor.elements, reason, layer.scheme)
    return Share(tensor, PARAMETER, layer.weights, scheme=layer.scheme)


def _share_by_use(tensor: Tensor, checkpoint: Checkpoint) -> Share:
    """Return what a tensor of no layer is: by its use in a graph, else by its name and type."""
    use = checkpoint.uses.get(tensor.name, "")
    if use == WEIGHT and is_whole_number(tensor):
        weights = checkpoint.logical.get(tensor.name, tensor.elements)
        return Share(tensor, PARAMETER, weights, scheme=f"{tensor.dtype} with scales")
    if use in ROLES:
        return Share(tensor, ROLES[use], tensor.elements)
    if use == CONVOLUTION_BIAS:
        return Share(tensor, PARAMETER, tensor.elements)
    if is_whole_number(tensor):
        problem = "" if is_buffer(tensor) else describe_problem(tensor)
        return Share(tensor, UNKNOWN if problem else INTEGER, tensor.elements, problem)
    return Share(tensor, BUFFERS if is_buffer(tensor) else PARAMETER, tensor.elements)


def _width(share: Share) -> str:
    """Return the bits that a weight takes in its tensor, as text: `4`, `4.5`, `16`."""
    dtype = DTYPES[share.tensor.dtype]
    if share.weights == share.tensor.elements:
        return f"{8 * dtype.size / dtype.block:g}"
    return f"{round(16 * share.tensor.bytes / (share.weights or 1)) / 2:g}"


def _list_dtypes(tensors: Iterable[Tensor]) -> Iterator[DtypeShare]:
    """Yield the share of each type, the one of the most elements first."""
    sums: dict[str, list[int]] = {}
    for tensor in tensors:
        row = sums.setdefault(tensor.dtype, [0, 0, 0])
        row[0] += 1
        row[1] += tensor.elements
        row[2] += tensor.bytes
    for dtype, row in sorted(sums.items(), key=lambda item: (-item[1][1], item[0])):
        yield DtypeShare(dtype, *row)


def _describe_hidden(checkpoint: Checkpoint) -> str:
    """Say that entries hold weights and are no tensors."""
    if not (number := len(checkpoint.hidden)):
        return ""
    more = f" and {number - 1:,} more entries" if number > 1 else ""
    return f"{checkpoint.hidden[0]}{more} hold packed weights and are no tensors"


def _describe_problems(problems: Mapping[str, int], shares: Iterable[Share]) -> str:
    """Say what is not known of how many tensors, the first of them by name."""
    if not problems:
        return ""
    first = next(share for share in shares if share.problem)
    number = sum(problems.values())
    more = f" and of {number - 1:,} more tensors" if number > 1 else ""
    return f"the weights in {first.tensor.name}{more} are not known ({first.problem})"


def _elements(shares: Iterable[Share]) -> int:
    """Return the elements of a file of which some hold several weights; 0 where none do."""
    shares = list(shares)
    packs = any(s.role == PARAMETER and s.weights > s.tensor.elements for s in shares)
    return sum(share.tensor.elements for share in shares) if packs else 0


def _readings(parameters: int, shares: Iterable[Share], checkpoint: Checkpoint) -> dict[str, int]:
    """Return the numbers that other conventions give, where they differ."""
    shares = list(shares)
    roles = Counter[str]()
    inputs, outputs = Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()
    biases = 0
    for share in shares:
        name, shape = share.tensor.name, share.tensor.shape
        roles[share.role] += share.weights
        if share.role in (PARAMETER, SHARED) and len(shape) == 2:
            if is_input_embedding(name):
                inputs[shape] += share.weights
            elif is_output_embedding(name):
                outputs[shape] += share.weights
        if checkpoint.uses.get(name) == CONVOLUTION_BIAS:
            biases += share.weights
    normed = BUFFER in checkpoint.uses.values()
    tied = sum(inputs.values()) if not outputs else 0
    twin = sum(number for shape, number in outputs.items() if shape in inputs)
    embeddings = sum(inputs.values()) + (0 if roles[SHARED] else sum(outputs.values()))
    numbers = {
        "with buffers": parameters + roles[BUFFERS] + roles[INTEGER],
        "tied once": parameters - (0 if roles[SHARED] else twin),
        "tied twice": parameters + (roles[SHARED] or tied),
        "without embeddings": parameters - embeddings,
        "norms not folded": parameters + (0 if normed else biases),
        "with constants": parameters + roles[CONSTANTS],
        "with scales": parameters + roles[SCALES],
        "as stored": _elements(shares),
    }
    return {key: number for key, number in numbers.items() if number not in (parameters, 0)}
