"""The screen of `zoo verify`: what is wrong and why, what holds by convention, how much is right,
and what is unknown with the command that would tell."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from zoo.cli.output.console import say, style, width
from zoo.cli.output.finding_lines import ERROR, Line
from zoo.cli.output.layout import arrange_rows, hang, measure, wrap
from zoo.cli.output.places import show_place
from zoo.cli.output.unknown_claims import list_quantities, list_unknown

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.model_index.records.records import Entry

INDENT = 9  # of what stands below a standing
MOST_ROWS = 12  # of a group of findings with the same reason
BAD = ("wrong", ERROR)
LINE = re.compile(r":\d+(?= \(demo\)$|$)")  # of a place
UNNAMED = frozenset({""})  # publishes numbers that are typed


def print_screen(
    lines: Sequence[Line],
    entries: "Sequence[Entry]",
    measurer: "Measurer",
    *,
    grouped: bool,
    everything: bool,
) -> None:
    """Print the findings for a terminal; `grouped` by their reasons, else model by model."""
    if grouped and not everything:
        _print_groups(lines)
        _print_summary(*([x for x in lines if x.standing == key] for key in ("right", "unknown")))
    else:
        _print_models(lines, entries, measurer, everything)
    say("")


def _print_models(
    lines: Sequence[Line], entries: "Sequence[Entry]", measurer: "Measurer", everything: bool
) -> None:
    """Print the findings model by model, and at last those of no model."""
    by_model: dict[str, list[Line]] = {entry.name: [] for entry in entries}
    for line in lines:
        by_model.setdefault(line.model, []).append(line)
    for number, entry in enumerate(entries):
        if entry.name in by_model:
            if number:
                say("")
            own = by_model.pop(entry.name)
            _print_title(entry, measurer, own)
            _print_model(own, everything)
    for others in by_model.values():
        _print_rows(others, several=True)


def _print_title(entry: "Entry", measurer: "Measurer", lines: Sequence[Line]) -> None:
    """Print the model, what was built, its plain counts, and the publisher where it is one."""
    text = describe_model(entry, measurer)
    publishers = {line.publisher for line in lines}
    if len(publishers) == 1 and not publishers & UNNAMED:
        text += f"; claims of {publishers.pop()}"
    for part in hang(f"{style(entry.name, 'bold')}   ", text, width() or 0):
        say(part)


def describe_model(entry: "Entry", measurer: "Measurer") -> str:
    """Return what was built and its plain counts: `timm:dpn98.mx_in1k: 11.67 GMACs at 224x224,
    61.57 M parameters`."""
    from zoo.counting.counts import Counts
    from zoo.model_index.quantities.show import human
    from zoo.verification.live_model import LiveModel
    from zoo.verification.verify import primary_keys

    key = primary_keys([entry], measurer).get(entry.place)
    evidence = measurer.evidence[key] if key else None
    if evidence is None or Counts.of(evidence) is None:
        return str(entry.builder)
    live = LiveModel(entry, evidence, measurer)
    built = f"{entry.builder.kind}:{live.name}" if ":" not in live.name else live.name
    parameters = f"{human(evidence.parameters)} parameters"
    if evidence.trace is None:
        return f"{built}: {parameters}"
    flops = human(evidence.trace.macs)
    macs = f"{flops}{'' if flops[-1].isalpha() else ' '}MACs at {live.input.show()}"
    return f"{built}: {macs}, {parameters}"


def _print_model(lines: Sequence[Line], everything: bool) -> None:
    """Print what is wrong of a model, then the rest in few lines."""
    several = len({line.publisher for line in lines}) > 1
    _print_rows([line for line in lines if line.standing in BAD], several)
    right = [line for line in lines if line.standing == "right"]
    if everything:
        _print_rows(right, several)
        _print_rows([line for line in lines if line.standing == "unknown"], several)
    else:
        _print_rows([line for line in right if _is_explained(line)], several)
    _print_summary([] if everything else right, [x for x in lines if x.standing == "unknown"])


def _is_explained(line: Line) -> bool:
    """Tell whether a claim is right by another convention only."""
    finding = line.finding
    return finding is not None and line.standing == "right" and finding.verdict == "explained"


def _print_rows(lines: Sequence[Line], several: bool) -> None:
    """Print a row for each finding: standing, quantity, claimed, publisher where there are several,
    what to use; below it the reason and the place."""
    if not lines:
        return
    columns = width() or 0
    rows = [
        (
            f"{line.label:<{INDENT - 2}}",
            line.quantity,
            line.claimed,
            line.publisher if several else "",
            line.value,
        )
        for line in lines
    ]
    names = ("", "", "claimed", "", "")
    body = arrange_rows(names, rows, ("claimed",), width=columns, header=False)
    say("")
    for line, row in zip(lines, body, strict=True):
        _say_row(line, row)
        for text in _notes(line, columns):
            say(text)


def _say_row(line: Line, row: Sequence[str]) -> None:
    first, *more = row
    colored = style(line.label, line.standing)
    say(first.replace(line.label, colored, 1))
    for text in more:
        say(text)


def _notes(line: Line, columns: int) -> "Iterator[str]":
    """Yield the reason and the place of a finding that a reader has to look at; on one line where
    they fit."""
    if line.standing not in BAD and not _is_explained(line):
        return
    reason, place = line.reason, _place(line) if line.standing in BAD else ""
    both = f"{reason}  {place}" if place else reason
    if INDENT + measure(both) <= columns:
        yield " " * INDENT + both
        return
    yield from wrap(reason, columns, INDENT)
    if place:
        yield " " * INDENT + place


def _place(line: Line) -> str:
    """Return the file and the line, in short; empty for what stands in no file."""
    if line.finding is None or not line.place:
        return line.place
    return show_place(line.finding.claim.place)


def _print_summary(right: Sequence[Line], unknown: Sequence[Line]) -> None:
    """Print a line that counts what is right, and one for each reason of what is unknown."""
    columns = width() or 0
    plain = [line for line in right if not _is_explained(line)]
    rows = [("right", len(plain), list_quantities(plain))] if plain else []
    rows += [("unknown", number, text) for number, text in list_unknown(unknown)]
    if not rows:
        return
    say("")
    digits = max(len(f"{number:,}") for _, number, _ in rows)
    end = max(INDENT + 1, len("unknown ") + digits)
    previous = ""
    for standing, number, text in rows:
        label = style(standing, standing) if standing != previous else " " * len(standing)
        start = f"{label}{number:>{end - len(standing)},}  "
        for part in hang(start, text, columns):
            say(part)
        previous = standing


def _print_groups(lines: Sequence[Line]) -> None:
    """Print groups of findings: those with the same cause, quantity and publisher together."""
    columns = width() or 0
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        if line.standing in BAD or _is_explained(line):
            groups.setdefault(_key(line), []).append(line)
    bad = [group for group in groups.values() if group[0].standing in BAD]
    for group in bad:
        _print_group(group, columns)
    if bad:
        say("")
    for group in groups.values():
        if group not in bad:
            _print_convention(group, columns)


def _key(line: Line) -> tuple[object, ...]:
    finding = line.finding
    if finding is None:
        return (line.standing, line.reason)
    if finding.gap is not None:
        return (line.standing, finding.gap)
    claim = finding.claim
    return line.standing, claim.publisher, claim.quantity, finding.cause, claim.place.file


def _title(group: Sequence[Line]) -> str:
    """Return the quantity, the publisher and the reason of a group: what all of it says."""
    first = group[0]
    reasons = {line.reason for line in group}
    reason = first.reason if len(reasons) == 1 else _shared_reason(first)
    if first.finding is None or first.finding.gap is not None:
        return reason
    publisher = "" if first.publisher in UNNAMED else f" of {first.publisher}"
    return f"{first.finding.claim.row.label}{publisher}: {reason}"


def _shared_reason(line: Line) -> str:
    """Return the reason without what is said of one model only."""
    from zoo.reporting.views.hypotheses import explaining_hypothesis

    finding = line.finding
    if finding is not None and (hypothesis := explaining_hypothesis(finding)):
        return hypothesis.label
    return line.reason.partition(";")[0]


def _print_group(group: Sequence[Line], columns: int) -> None:
    """Print the shared reason, then a row for each model; many are counted."""
    first = group[0]
    start = style(f"{first.label:<{INDENT - 2}}", first.standing) + "  "
    file = LINE.sub("", _place(first))
    for text in hang(start, f"{_title(group)} ({file})", columns):
        say(text)
    cells = [
        (line.model, line.claimed, line.value, f"line {line.place.rpartition(':')[2]}")
        for line in group[:MOST_ROWS]
    ]
    names, room = ("", "claimed", "", ""), max(columns - INDENT, 1)
    body = arrange_rows(names, cells, ("claimed",), width=room, header=False)
    for row in body:
        for text in row:
            say(" " * INDENT + text)
    if len(group) > MOST_ROWS:
        say(f"{' ' * INDENT}and {len(group) - MOST_ROWS:,} more (--all)")


def _print_convention(group: Sequence[Line], columns: int) -> None:
    """Print the models whose claims are right by the same convention."""
    names = list(dict.fromkeys(line.model for line in group))
    shown = ", ".join(names[:MOST_ROWS])
    more = f" and {len(names) - MOST_ROWS:,} more (--all)" if len(names) > MOST_ROWS else ""
    start = f"{style('right', 'right')}{len(group):>{INDENT - 4},}  "
    for text in hang(start, f"{_title(group)}: {shown}{more}", columns):
        say(text)
