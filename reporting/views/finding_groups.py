"""Group findings by cause for `zoo verify --report`: a cause, and the rows of a publisher that it
explains."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zoo.model_index.findings import Finding, Verdict
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.cause_words import cause_text
from zoo.reporting.views.hypotheses import explaining_hypothesis

ModelCheck = tuple[Model, Check]
# with which a cause ends that is a convention at another input
SIZE = re.compile(r" at (\d+x\d+)$")
UNNAMED = "unnamed cause"
SILENT = (Verdict.UNCHECKED, Verdict.ERROR)  # these say nothing about how a family was counted


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRows:
    """The rows of a family in a group, out of `total` of this publisher and quantity.

    Rows that could not be compared do not count. `odd` are the others where they are few; `sizes`
    the inputs counted, as text.
    """

    family: str
    count: int
    total: int
    sizes: str
    links: list[ModelCheck]
    odd: list[ModelCheck]

    @property
    def rows(self) -> str:
        """Format the share of rows: `all 6 rows are`, `5 of 6 rows are`, `the only row is`."""
        if self.total == 1:
            return "the only row is"
        if self.count == self.total:
            return f"all {self.total} rows are"
        return f"{self.count} of {self.total} rows {'is' if self.count == 1 else 'are'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseGroup:
    """A publisher's rows of one quantity that have the same causes."""

    publisher: str
    quantity: str
    cause: str
    sizes: str
    wrong: bool
    count: int
    families: list[FamilyRows]
    example: ModelCheck


def cause_groups(checks: Sequence[ModelCheck]) -> list[CauseGroup]:
    """Group findings with a cause by publisher, quantity and cause: wrong ones first, then the
    largest groups."""
    everything: dict[tuple[str, str, str], list[ModelCheck]] = {}
    groups: dict[tuple[str, str, tuple[str, ...], bool], list[ModelCheck]] = {}
    for model, check in checks:
        claim, finding = check.claim, check.finding
        if check.verdict not in SILENT:
            everything.setdefault((claim.publisher, claim.quantity, model.family), []).append(
                (model, check)
            )
        if has_cause(finding):
            key = (claim.publisher, claim.quantity, _causes(finding), finding.wrong)
            groups.setdefault(key, []).append((model, check))
    unsorted = [_checks_with_cause(members, everything) for members in groups.values()]
    return sorted(unsorted, key=lambda group: (not group.wrong, -group.count))


def has_cause(finding: Finding) -> bool:
    """Return whether a finding belongs to a group: it is explained, or a mismatch with a named
    cause."""
    named = finding.verdict is Verdict.MISMATCH and bool(finding.causes)
    return named or finding.verdict is Verdict.EXPLAINED


def _causes(finding: Finding) -> tuple[str, ...]:
    return finding.causes or (_without_size(finding.cause or UNNAMED),)


def _checks_with_cause(
    members: list[ModelCheck], everything: dict[tuple[str, str, str], list[ModelCheck]]
) -> CauseGroup:
    claim, finding = members[0][1].claim, members[0][1].finding
    families: dict[str, list[ModelCheck]] = {}
    for model, check in members:
        families.setdefault(model.family, []).append((model, check))
    rows = [
        _family(name, family_members, everything[claim.publisher, claim.quantity, name])
        for name, family_members in families.items()
    ]
    return CauseGroup(
        publisher=claim.publisher,
        quantity=claim.row.label,
        cause=_words(members),
        sizes=_sizes(members),
        wrong=finding.wrong,
        count=len(members),
        families=rows,
        example=members[0],
    )


def _family(name: str, members: list[ModelCheck], siblings: list[ModelCheck]) -> FamilyRows:
    inside = {id(check) for _, check in members}
    odd = [(model, check) for model, check in siblings if id(check) not in inside]
    few = odd if len(odd) < len(members) else []
    return FamilyRows(
        family=name,
        count=len(members),
        total=len(siblings),
        sizes=_sizes(members),
        links=_once(members),
        odd=few,
    )


def _words(members: Iterable[ModelCheck]) -> str:
    """Return the label of the cause where all findings share it; else the cause's name."""
    words = {_without_size(_label(check.finding)) for _, check in members}
    if len(words) == 1:
        return cause_text(words.pop())
    return ", ".join(_causes(next(iter(members))[1].finding))


def _label(finding: Finding) -> str:
    """Return the label of the hypothesis, or the cause's name where it covers other causes."""
    best = explaining_hypothesis(finding)
    return best.label if best and best.causes == finding.causes else finding.cause or UNNAMED


def _without_size(text: str) -> str:
    return SIZE.sub("", text)


def _sizes(members: Iterable[ModelCheck]) -> str:
    """Format input sizes: `224x285`, or `224x285 (4), 256x326 (2)`; empty for none."""
    matches = (SIZE.search(check.finding.cause or "") for _, check in members)
    sizes = Counter(match[1] for match in matches if match)
    return (
        next(iter(sizes))
        if len(sizes) == 1
        else ", ".join(f"{size} ({n})" for size, n in sizes.most_common())
    )


def _once(members: Iterable[ModelCheck]) -> list[ModelCheck]:
    """Return the first check of each model."""
    first: dict[str, ModelCheck] = {}
    for model, check in members:
        first.setdefault(model.slug, (model, check))
    return list(first.values())
