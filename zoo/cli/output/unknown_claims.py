"""What is right in one line, and what is unknown in a line for each reason, with what to type."""

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from zoo.cli.output.finding_lines import Line

if TYPE_CHECKING:
    from zoo.model_index.findings import Finding

# By the check of a quantity: the command that would tell.
COMMANDS = {
    "benchmark": "zoo bench {}",
    "accuracy": "zoo eval {} --data PATH",
    "file size": "zoo verify {} --weights",
    "weight width": "zoo verify {} --weights",
    "checkpoint": "zoo verify {} --weights",
}
NO_MODEL = "the model was not built or counted"


def list_quantities(lines: Iterable[Line]) -> str:
    """Return `Parameters (25), Layers (18), ID`: quantities, and of several claims how many."""
    labels = Counter(line.finding.claim.row.label if line.finding else "" for line in lines)
    return ", ".join(
        f"{label} ({count:,})" if count > 1 else label for label, count in labels.most_common()
    )


def list_unknown(lines: Sequence[Line]) -> list[tuple[int, str]]:
    """Return how many claims are unknown for each reason, and the reason with what to type; the
    largest group first."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.finding:
            groups.setdefault(_reason(line.finding), []).append(line)
    texts = [(len(group), _describe(*key, group)) for key, group in groups.items()]
    return sorted(texts, key=lambda row: -row[0])


def _reason(finding: "Finding") -> tuple[str, str]:
    """Return the check whose command would tell, or the reason itself."""
    check = finding.claim.row.check
    if finding.gap is not None:
        return "", NO_MODEL
    return (check, "") if check in COMMANDS and not finding.evidence else ("", finding.reason)


def _describe(check: str, reason: str, lines: Sequence[Line]) -> str:
    from zoo.model_index.gaps import CLAIMS

    if not check:
        return f"{list_quantities(lines)}: {reason}"
    row = CLAIMS[check]
    noun = row.noun if len(lines) == 1 else row.nouns
    models = list(dict.fromkeys(line.model for line in lines))
    command = COMMANDS[check].format(shlex.quote(models[0]) if len(models) == 1 else "MODEL")
    return f"{noun}{_describe_subjects(check, lines)} {row.reason}: {command}"


def _describe_subjects(check: str, lines: Sequence[Line]) -> str:
    """Return ` on V100 and T4`: the hardware or the data sets of claims."""
    claims = [line.finding.claim for line in lines if line.finding]
    if check == "accuracy":
        subjects = [claim.dataset for claim in claims]
    else:
        subjects = [dict(claim.conditions).get("hardware") for claim in claims]
    names = list(dict.fromkeys(filter(None, subjects)))
    return f" on {' and '.join(names)}" if names else ""
