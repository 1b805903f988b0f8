"""Audits on the command line: a sample of reused evidence, or all counts of a ledger, measured
again."""

import secrets
from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from zoo.cli.output.console import plural, say
from zoo.cli.output.progress import show_entries
from zoo.cli.process_options import Processes, counting
from zoo.cli.session import measurer_for
from zoo.models.extras import require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.counting.measurer import Measurer
    from zoo.model_index.findings import Finding
    from zoo.model_index.records.records import Entry
    from zoo.verification.audit import AuditResult, CountRequest

SEEDS = 1 << 32
NOT_COVERED = "evaluations, benchmarks and weights at addresses are not measured again"

Amount = Annotated[
    str | None,
    typer.Option(
        "--audit",
        metavar="SHARE",
        help="Measure reused counts again: 5% of them. Or a number of them.",
    ),
]
AuditSeed = Annotated[
    int | None,
    typer.Option(
        "--audit-seed", min=0, metavar="N", help="Draw the counts of an earlier audit again."
    ),
]


class AuditOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the reused evidence is measured again, and the seed of the draw."""

    audit: str | None = None
    audit_seed: int | None = None


AUDIT_OPTIONS = {"audit": Amount, "audit_seed": AuditSeed}


def parse_amount(text: str, total: int) -> int:
    """Return how many of `total` documents `5%` or `20` stand for, at least one.

    Raises:
        UsageError: it is neither a share up to 100% nor a number above zero.
    """
    from zoo.model_index.errors import UsageError

    number, percent, rest = text.strip().partition("%")
    try:
        value = Decimal(number)
    except InvalidOperation:
        value = Decimal(0)
    whole = value == value.to_integral_value() if value.is_finite() else False
    if not value.is_finite() or value <= 0 or rest or (value > 100 if percent else not whole):
        raise UsageError(f"--audit: expected a share such as 5% or a number, got {text!r}")
    share = value * total / 100 if percent else value
    return max(1, int(share.to_integral_value(ROUND_CEILING)))


class Auditor:
    """The audit of a run of `zoo verify`; it does nothing without `--audit`."""

    def __init__(self, options: AuditOptions):
        self.options, self.summary = options, ""
        if options.audit is not None:
            parse_amount(options.audit, 1)

    def audit(
        self,
        entries: "Sequence[Entry]",
        measurer: "Measurer",
        index: Sequence[str],
        processes: Processes,
    ) -> "list[Finding]":
        """Measure a sample of the counts that the run reused again; return what differs."""
        if self.options.audit is None:
            return []
        from zoo.verification.audit import draw, list_requests, list_reused

        given = self.options.audit_seed
        seed = secrets.randbelow(SEEDS) if given is None else given
        requests = list_requests(list_reused(entries, measurer), entries, measurer)
        sample = draw(requests, parse_amount(self.options.audit, len(requests)), seed)
        result = measure_again(sample.requests, measurer, index, processes)
        self.summary = (
            f"audit: {result.compared} of {plural(sample.total, 'reused count')} measured again "
            f"(--audit-seed {seed} repeats it), {describe(result)}"
        )
        return list(result.findings)

    def tell(self) -> None:
        """Print what the audit came to, where there was one."""
        if self.summary:
            say(self.summary, error=True)


def measure_again(
    requests: "Mapping[str, CountRequest]",
    measurer: "Measurer",
    index: Sequence[str],
    processes: Processes,
) -> "AuditResult":
    """Measure counts of a measurer's ledger again, in a ledger of their own; show progress."""
    from zoo.verification.audit import audit

    if requests:
        require("live")
    own_size = [
        entry
        for entry, variant in requests.values()
        if variant.input == entry.stated_input and not variant.form and variant.builder is None
    ]
    with TemporaryDirectory(prefix="zoo-audit-") as folder:
        again = measurer_for(folder, index, sorted(measurer.trusted))
        with counting(own_size, again, processes), show_entries("audit", len(requests)) as watch:
            return audit(requests, measurer.ledger, again, watch)


def describe(result: "AuditResult") -> str:
    """Say how many documents differ, how many could not be measured again, and what is not
    covered."""
    failed = sum(finding.verdict == "error" for finding in result.findings)
    differing = len(result.findings) - failed
    differ = plural(differing, "document differs", "documents differ")
    parts = [differ if differing else "all equal" if result.compared else "nothing compared"]
    if failed:
        parts.append(f"{failed} could not be measured again")
    return "; ".join((", ".join(parts), NOT_COVERED))
