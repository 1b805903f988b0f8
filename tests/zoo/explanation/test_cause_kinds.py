"""The page of findings sorts every cause that makes a claim wrong into a kind."""

from zoo.explanation.causes import MODELS, SLIPS
from zoo.model_index.findings import SIZED
from zoo.reporting.views.cause_kinds import NAMED_KINDS

KINDS = {cause: kind.key for kind in NAMED_KINDS for cause in kind.causes}


def test_no_cause_is_of_two_kinds() -> None:
    assert len(KINDS) == sum(len(kind.causes) for kind in NAMED_KINDS)


def test_another_input_or_model_is_no_slip() -> None:
    always_right = {"fused"}
    assert {row.name for row in MODELS} - always_right <= KINDS.keys()
    assert {cause for cause, kind in KINDS.items() if kind == "input"} == SIZED


def test_a_slip_is_of_no_other_kind() -> None:
    assert not {row.name for row in SLIPS} & KINDS.keys()
