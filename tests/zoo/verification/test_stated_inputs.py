"""An Input of the index is what FLOPs are judged at; one that does not fit is named with its
place."""

from collections.abc import Callable

from zoo.counting.measurer import Measurer
from zoo.verification.verify import verify

INDEX = """
Models:
- Name: right
  Builder: torchvision:r3d_18
  Metadata: {GFLOPs: 40.697}
- Name: wrong
  Builder: torchvision:r3d_18
  Input: 512 tokens
  Metadata: {GFLOPs: 40.697, Parameters: 33371472}
"""


def test_an_input_that_does_not_fit_has_its_place(read: Callable, measurer: Measurer) -> None:
    pairs = verify(read(INDEX), measurer)
    right, wrong, parameters = [
        f for _, findings in pairs for f in findings if f.claim.quantity != "builder"
    ]
    assert right.verdict == "rounded"
    assert wrong.verdict == "error" and "raised RuntimeError" in wrong.reason
    assert "; it was given 512 tokens, which " in wrong.reason and ":8 states" in wrong.reason
    assert parameters.verdict == "exact"
