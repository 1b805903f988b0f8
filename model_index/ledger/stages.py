"""Cut a model's module tree into stages that show what the model consists of and where the work is.

The tree is the one that the traced pass walked. What dominates it is opened, blocks that repeat are
one stage, and layers that do no multiply-adds stand with the layer before them, so that a thousand
modules are a dozen boxes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field, replace
from functools import lru_cache
from itertools import chain, groupby
from typing import Any

from zoo.model_index.ledger.trace import PROJECTIONS, Part, Trace

MOST = 16  # stages a reader takes in
FEW = 5
# share of the work from which on a part is opened: always, and while the stages are few
DOMINANT, HALF = (
    0.85,
    0.5,
)
NAMED = 5  # parts of a stage that are named
NUMBERED = re.compile(r"(.*?)(\d+)$")
STAGED = re.compile(r".*\d[_.-]$")  # names the stage of a numbered block: `conv3_` of `conv3_1`


@dataclass(slots=True, eq=False)
class Node:
    """A module with the sums of all modules below it.

    `layers` counts calls of convolutions and linear layers, `outputs` the elements of the last
    output. `ran` is the position of that output in the pass, -1 where the module did not run.
    `above` is the module that it is in.
    """

    path: str
    name: str
    above: "Node | None" = field(default=None, repr=False)
    _: KW_ONLY
    kind: str = ""
    macs: int = 0
    parameters: int = 0
    layers: int = 0
    outputs: int = 0
    ran: int = -1
    parts: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A box of the diagram: a module, repeated blocks, or layers in a row.

    `features.conv4_1–20` names repeated blocks, `repeats` counts them. `contents` names the parts
    of the last block, or the types of its layers. Shares are percentages of the whole model.
    """

    name: str
    repeats: int
    contents: str
    layers: int
    macs: int
    share: float
    parameters: int
    parameter_share: float

    def to_dict(self) -> dict[str, Any]:
        """Return the row of a table."""
        return asdict(self)


def stages(trace: Trace, parts: Sequence[Part]) -> list[Stage]:
    """Return at most `MOST` stages in the order of their first run; parameters that never run come
    last."""
    root = tree(trace, parts)
    return [_stage(group, root) for group in _join_silent(_cut(root))]


def tree(trace: Trace, parts: Sequence[Part]) -> Node:
    """Build the module tree and return its root."""
    root = Node("", "")
    nodes = {"": root}
    path, node = "", root
    # a pass has hundreds of rows: names of their own cost less than attributes
    for place, (_, kind, module, module_type, macs, _, outputs, _, _) in enumerate(trace.rows):
        if module != path:  # operators of a module come one after another
            path = module
            node = nodes.get(module) or _add_node(nodes, module)
        node.kind, node.outputs, node.ran = module_type, outputs, place
        node.macs += macs
        node.layers += kind in PROJECTIONS
    for part in parts:
        node = nodes.get(part.module) or _add_node(nodes, part.module)
        node.kind = node.kind or part.module_type
        node.parameters += part.parameters
    # what the model's own code does is a part like others
    if root.parts and (root.macs or root.parameters):
        root.parts.append(replace(root, parts=[]))
    for node in reversed(nodes.values()):  # a module comes after the one it is in
        if above := node.above:
            above.macs += node.macs
            above.parameters += node.parameters
            above.layers += node.layers
            if node.ran > above.ran:
                above.ran, above.outputs = node.ran, node.outputs
    return root


def _add_node(nodes: dict[str, Node], path: str) -> Node:
    """Add a node, and those above it where they are missing."""
    above, _, name = path.rpartition(".")
    parent = nodes.get(above) or _add_node(nodes, above)
    node = nodes[path] = Node(path, name, parent)
    parent.parts.append(node)
    return node


Group = list[Node]  # what is one stage


def _cut(root: Node) -> list[Group]:
    """Open the largest part of the tree again and again, while that adds detail and the stages stay
    few."""
    groups = [[root]]
    while True:
        at = max(range(len(groups)), key=lambda n: sum(node.macs for node in groups[n]))
        largest, few = groups[at], len(groups) < FEW
        worth = largest[0].macs >= (HALF if few else DOMINANT) * root.macs
        if len(largest) > 1 or not largest[0].parts or not worth:
            return groups
        opened = [*groups[:at], *_fold_repeats(largest[0].parts), *groups[at + 1 :]]
        if len(opened) > MOST:
            return _join_neighbours(opened) if few else groups
        groups = opened


def _fold_repeats(nodes: Iterable[Node]) -> list[Group]:
    """Group siblings that form one stage."""
    groups: list[Group] = []
    repeats = True  # all blocks of the last group are alike
    for node in nodes:
        alike = bool(groups) and _alike(groups[-1][-1], node)
        if groups and (repeats and alike if node.macs else _joins(groups[-1], node)):
            groups[-1].append(node)
            repeats = repeats and alike
        else:
            groups.append([node])
            repeats = True
    return groups


def _joins(group: Group, node: Node) -> bool:
    """Return whether a module without work joins those before it, as a norm does its
    convolution."""
    return (node.ran < 0) == (group[-1].ran < 0) and sum(node_.layers for node_ in group) <= 1


def _alike(last: Node, node: Node) -> bool:
    """Return whether siblings are blocks of one stage: by their names, or since only their numbers
    differ."""
    stem = _stem(last.name)
    if stem is None or not last.macs or stem != _stem(node.name):
        return False
    same = (last.macs, last.parameters, last.outputs) == (node.macs, node.parameters, node.outputs)
    return same or bool(STAGED.match(stem))


@lru_cache(maxsize=4096)  # models name their modules alike
def _stem(name: str) -> str | None:
    """Return a name without the number at its end; None where it has none."""
    numbered = NUMBERED.match(name)
    return numbered[1] if numbered else None


@lru_cache(maxsize=4096)
def _without_number(name: str) -> str:
    return NUMBERED.sub(r"\1#", name)


def _repeats(group: Group) -> int:
    """Count the blocks of a stage; one where it is layers in a row."""
    return len(group) if all(map(_alike, group, group[1:])) else 1


def _join_neighbours(groups: Sequence[Group]) -> list[Group]:
    """Join neighbours until few stages are left, each with about the same work."""
    work = [sum(node.macs for node in group) or 1 for group in groups]
    most, filled = 2 * sum(work) / MOST, 0.0
    bins: list[Group] = []
    for group, amount in zip(groups, work, strict=True):
        if bins and filled + amount <= most:
            bins[-1] += group
            filled += amount
        else:
            bins.append([*group])
            filled = amount
    return bins


def _join_silent(groups: Iterable[Group]) -> list[Group]:
    """Join neighbouring stages without multiply-adds that all ran, or all did not run."""
    joined: list[Group] = []
    for (silent, _), run in groupby(
        groups, lambda group: (not any(n.macs for n in group), group[0].ran < 0)
    ):
        members = list(run)
        joined += [[*chain.from_iterable(members)]] if silent else members
    return joined


def _stage(group: Group, root: Node) -> Stage:
    macs, parameters = sum(node.macs for node in group), sum(node.parameters for node in group)
    repeats = _repeats(group)
    return Stage(
        name=_group_name(group),
        repeats=repeats,
        contents=_contents(group[-1:] if repeats > 1 else group),
        layers=sum(node.layers for node in group),
        macs=macs,
        share=100 * macs / (root.macs or 1),
        parameters=parameters,
        parameter_share=100 * parameters / (root.parameters or 1),
    )


def _group_name(group: Group) -> str:
    """Name a group: a path, a range of numbered paths, or the first path and the last."""
    first, last = group[0], group[-1]
    first_number, last_number = NUMBERED.match(first.path), NUMBERED.match(last.path)
    if len(group) == 1:
        return first.path
    return (
        f"{first.path}–{last_number[2]}"
        if first_number and last_number and first_number[1] == last_number[1]
        else f"{first.path} … {last.path}"
    )


def _contents(group: Group) -> str:
    """List the parts of a module by name, numbered ones as one, or the types of layers."""
    while len(group) == 1 and len(group[0].parts) == 1:
        group = group[0].parts
    inner = group[0].parts if len(group) == 1 else group
    if len(group) == 1 and any(node.parts for node in inner):
        runs = groupby(inner, lambda node: _without_number(node.name))
        names = [_run(list(run)) for _, run in runs]
        if len(names) == 1:
            return f"{names[0]}: {_contents(inner[-1:])}"
    else:
        names = _types(inner or group)
    return ", ".join([*names[:NAMED], *(["…"] if len(names) > NAMED else [])])


def _run(nodes: Sequence[Node]) -> str:
    return (
        f"{_group_name([Node(node.name, node.name) for node in nodes])} ×{len(nodes)}"
        if nodes[1:]
        else nodes[0].name
    )


def _types(nodes: Iterable[Node]) -> list[str]:
    """List types in the order in which they first ran, with the count of each."""
    counts = Counter(node.kind.rpartition(".")[2] for node in _within(nodes) if node.kind)
    return [f"{kind} ×{count}" if count > 1 else kind for kind, count in counts.items()]


def _within(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _within(node.parts)
