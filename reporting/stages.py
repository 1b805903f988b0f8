"""The stages of a model, from its trace: the module tree cut where the work is, repeated blocks as one.

A model of a thousand modules is a dozen boxes to a reader. The tree is cut open from the top: whatever part does most
of the work is replaced by its own parts until there are enough. Neighbours of one name and another number that look
alike inside are one stage that is repeated.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from model_index.trace import Part, Trace

MOST = 14  # stages a reader takes in
LARGE = 0.3  # share of the work from which on a part is cut open
NUMBER = re.compile(r"\d+$")
TYPES = 3  # types named in a stage


@dataclass(eq=False)
class Node:
    """A module with all below it: its parts by name in the order they ran, and the sums of what they do and hold."""

    path: str
    parts: "dict[str, Node]" = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)
    macs: int = 0
    parameters: int = 0

    def inside(self) -> frozenset[str]:
        """The paths below this module, as seen from here: what it looks like."""
        found = set()
        for name, node in self.parts.items():
            found |= {f"{name}.{rest}" for rest in node.inside()} or {name}
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Stage:
    """One box: the module or modules (`features.conv4_*`), how many there are, and what all of them do and hold.

    Shares are percentages of the whole model.
    """

    name: str
    repeats: int
    types: str
    macs: int
    share: float
    parameters: int
    parameter_share: float


def stages(trace: Trace, parts: Sequence[Part]) -> list[Stage]:
    """The stages in the order they run; what holds parameters and does not run comes last."""
    root = _tree(trace, parts)
    groups = _folded(_cut(root))
    if len(groups) > MOST:
        groups = [*groups[: MOST - 1], [node for group in groups[MOST - 1 :] for node in group]]
    return [_stage(group, root) for group in groups]


def _tree(trace: Trace, parts: Sequence[Part]) -> Node:
    root = Node("")
    for row in trace.rows:
        short = row.module_type.rpartition(".")[2]
        for node in _along(root, row.module):
            node.macs += row.macs
            node.types[short] = node.types.get(short, 0) + row.macs
    for part in parts:
        for node in _along(root, part.module):
            node.parameters += part.parameters
    return root


def _along(root: Node, path: str) -> Iterator[Node]:
    """The nodes from the root to a path; they are made where they are missing."""
    yield root
    node = root
    for name in path.split(".") if path else ():
        node = node.parts.setdefault(name, Node(f"{node.path}.{name}".lstrip(".")))
        yield node


def _cut(root: Node) -> list[Node]:
    """The tree cut open at its largest parts, as long as the stages stay few."""
    nodes = list(root.parts.values()) or [root]
    while True:
        large = [n for n in nodes if len(n.parts) > 1 and n.macs >= LARGE * (root.macs or 1)]
        wider = (_opened(nodes, node) for node in sorted(large, key=lambda n: -n.macs))
        made = next((made for made in wider if len(_folded(made)) <= MOST), None)
        if made is None:
            return nodes
        nodes = made


def _opened(nodes: Sequence[Node], node: Node) -> list[Node]:
    at = nodes.index(node)
    return [*nodes[:at], *node.parts.values(), *nodes[at + 1 :]]


def _folded(nodes: Sequence[Node]) -> list[list[Node]]:
    """Neighbours that are one block again and again stand together."""
    groups: list[list[Node]] = []
    for node in nodes:
        if groups and _alike(groups[-1][-1], node):
            groups[-1].append(node)
        else:
            groups.append([node])
    return groups


def _alike(a: Node, b: Node) -> bool:
    if NUMBER.sub("", a.path) != NUMBER.sub("", b.path) or not NUMBER.search(a.path):
        return False
    one, other = a.inside(), b.inside()
    return len(one & other) * 2 >= len(one | other) if one or other else a.types.keys() == b.types.keys()


def _stage(group: Sequence[Node], root: Node) -> Stage:
    types: dict[str, int] = {}
    for node in group:
        for name, work in node.types.items():
            types[name] = types.get(name, 0) + work
    named = sorted(types, key=lambda name: -types[name])
    more = f" +{len(named) - TYPES}" if len(named) > TYPES else ""
    macs, parameters = sum(n.macs for n in group), sum(n.parameters for n in group)
    first, last = group[0].path, group[-1].path
    same = NUMBER.sub("", first) == NUMBER.sub("", last)
    name = first if len(group) == 1 else NUMBER.sub("*", first) if same else f"{first} … {last}"
    return Stage(
        name, len(group) if same else 1, ", ".join(named[:TYPES]) + more, macs, 100 * macs / (root.macs or 1),
        parameters, 100 * parameters / (root.parameters or 1),
    )  # fmt: skip
