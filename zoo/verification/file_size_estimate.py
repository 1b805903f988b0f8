"""Judge a file size without the file: by what the live model's state dict holds.

A checkpoint holds the tensors of the state dict and little else, so its size can be told within a
percent. That is an estimate: it may make a claim right, it never makes one wrong, and it gives no
number to use.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.tensors import SAVED, TensorTable
from zoo.model_index.quantities.show import describe_difference, show_count
from zoo.model_index.records.records import Claim
from zoo.verification.live_model import LiveModel

# A size in units of 2^10 that is printed as one of 10^3, by the name of the unit.
BINARY = {
    "KiB": Decimal(2**10) / 10**3,
    "MiB": Decimal(2**20) / 10**6,
    "GiB": Decimal(2**30) / 10**9,
}
TOLERANCE = Decimal("0.01")
# What a file says of a tensor: its name, its place and shape. Files of PyTorch take up to 434.
BYTES_OF_A_TENSOR = 512


class Contents(NamedTuple):
    """What a checkpoint may hold: the cause that says so where it is not the state dict as it is
    built, in words, its bytes and the number of its tensors."""

    cause: str
    label: str
    bytes: Decimal
    tensors: int

    @property
    def most(self) -> Decimal:
        """The largest file that holds this and nothing else."""
        return self.bytes + max(self.bytes * TOLERANCE, Decimal(self.tensors * BYTES_OF_A_TENSOR))


def estimate_file_size(unseen: Finding, live: LiveModel) -> Finding:
    """Compare a file size with the state dict of the live model.

    Args:
        unseen: the finding on the claim where no file was inspected; returned with more in its
            reason where the state dict decides nothing.
        live: the model as counted.
    """
    if live.builds_another:
        named = live.model_of_name()
        return estimate_file_size(unseen, named) if named else unseen
    claim, table = unseen.claim, live.evidence.tensors
    if not table.state_bytes:
        return unseen
    for contents in _list_contents(table, live):
        for unit, factor in ({"": Decimal(1)} | BINARY).items():
            if (not unit or unit[0] in claim.printed.upper()) and _holds(claim, factor, contents):
                return _describe_fit(claim, unit, contents, live)
    return replace(unseen, reason=f"{unseen.reason}; {_describe_miss(claim, live)}")


def _list_contents(table: TensorTable, live: LiveModel) -> Iterator[Contents]:
    """Yield what the file may hold, the state dict as it is built first.

    Nothing is known of the file of another form than the one that is built.
    """
    if live.registry.note:
        return
    state, tensors = Decimal(table.state_bytes), table.count(*SAVED)
    yield Contents("", "the state dict", state, tensors)
    half = state - Decimal(table.bytes(*SAVED).get("float32", 0)) / 2
    yield Contents("half precision", "the state dict in half precision", half, tensors)
    if whole := live.with_heads():
        label = "the state dict with the auxiliary heads of training"
        size, number = Decimal(whole.tensors.state_bytes), whole.tensors.count(*SAVED)
        yield Contents("auxiliary heads", label, size, number)


def _holds(claim: Claim, factor: Decimal, contents: Contents) -> bool:
    """Tell whether a file of the claimed size holds the contents, and little else."""
    margin = (claim.parsed.step or Decimal(0)) / 2
    low, high = ((claim.number + sign * margin) * factor for sign in (-1, 1))
    return high >= contents.bytes and low <= contents.most


def _describe_fit(claim: Claim, unit: str, contents: Contents, live: LiveModel) -> Finding:
    units = f"; the claim counts {unit} and says {unit[0]}B" if unit else ""
    reason = f"{contents.label} has {show_count(contents.bytes)} bytes, a file little more{units}"
    causes = tuple(filter(None, (contents.cause, f"{unit} as {unit[0]}B" if unit else "")))
    return Finding(
        claim=claim,
        verdict=Verdict.EXPLAINED if contents.cause else Verdict.CONSISTENT,
        reason=f"an estimate: {reason}",
        cause=", ".join(causes) or None,
        evidence=(live.key,),
        causes=(contents.cause,) if contents.cause else (),
        is_estimate=True,
    )


def _describe_miss(claim: Claim, live: LiveModel) -> str:
    if note := live.registry.note:
        return f"they are of another form than was built: {note}"
    state = Decimal(live.evidence.tensors.state_bytes)
    off = describe_difference(claim.number, state)
    return f"the state dict has {show_count(state)} bytes, the claim is {off}"
