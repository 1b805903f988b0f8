"""A count is judged at the input that is stated, or the finding says that none is known."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.counting.measurer import Measurer
from zoo.model_index.findings import Finding
from zoo.verification.verify import verify

SWAG = "https://download.pytorch.org/models/vit_b_16_swag-9ac1b537.pth"


@pytest.fixture
def judge(read: Callable, measurer: Measurer) -> Callable[[str], list[Finding]]:
    """The findings on the entries of an index but for those of builders."""

    def findings(models: str) -> list[Finding]:
        pairs = verify(read(f"Models:\n{models}"), measurer)
        return [f for _, found in pairs for f in found if f.claim.quantity != "builder"]

    return findings


def test_torchvisions_models_are_counted_at_their_published_size(judge: Callable) -> None:
    """The claims are those of torchvision's own metadata; no size stands beside them."""
    found = judge("""
- {Name: a, Builder: torchvision:efficientnet_b1, Metadata: {GFLOPs: 0.687, Parameters: 7794184}}
- {Name: b, Builder: torchvision:inception_v3, Metadata: {GFLOPs: 5.713, Parameters: 27161264}}
- {Name: c, Builder: torchvision:lraspp_mobilenet_v3_large, Metadata: {GFLOPs: 2.086}}
""")
    assert [(f.verdict, f.measured) for f in found] == [
        ("rounded", 686_802_832),
        ("exact", 7_794_184),
        ("rounded", 5_713_216_096),
        ("exact", 27_161_264),
        ("rounded", 2_086_219_688),
    ]


def test_a_stated_size_goes_before_the_published_one(judge: Callable) -> None:
    (flops, size) = judge("""
- Name: a
  Builder: torchvision:efficientnet_b1
  Metadata: {FLOPs: 569651680, Image Size: 224}
""")
    assert (flops.verdict, flops.reason) == ("exact", "equal to the last digit")
    assert (size.verdict, size.measured) == ("mismatch", (240, 240))


def test_the_size_of_linked_weights_goes_before_that_of_the_default_ones(judge: Callable) -> None:
    (flops, parameters) = judge(f"""
- Name: a
  Builder: torchvision:vit_b_16
  Metadata: {{GFLOPs: 55.484, Parameters: 86859496}}
  Weights: {SWAG}
""")
    assert (flops.verdict, parameters.verdict) == ("rounded", "exact")


def test_the_size_of_other_weights_explains_a_claim_that_states_none(judge: Callable) -> None:
    (flops,) = judge("""
- {Name: a, Builder: torchvision:vit_b_16, Metadata: {GFLOPs: 55.484}}
""")
    assert (flops.verdict, flops.causes) == ("explained", ("configured size",))
    assert "at 384x384" in flops.reason


def test_no_mismatch_is_found_at_an_input_that_nobody_states(judge: Callable, toy: Path) -> None:
    macs = 8 * 224 * 224 * 27 + 80
    (right, wrong, parameters) = judge(f"""
- {{Name: a, Builder: "toyzoo:make", Metadata: {{FLOPs: {macs}}}}}
- {{Name: b, Builder: "toyzoo:make", Metadata: {{FLOPs: 123456789012, Parameters: 17}}}}
""")
    assumed = "counted at 224x224, which is assumed, because no input is known"
    assert (right.verdict, right.reason) == ("exact", f"equal to the last digit; {assumed}")
    assert (wrong.verdict, wrong.measured) == ("unchecked", macs)
    assert wrong.reason == f"{assumed}; the live model has {macs:,} there"
    assert parameters.verdict == "mismatch", "a number of parameters needs no input"


def test_no_mismatch_is_found_at_another_size_than_the_stated_one(
    judge: Callable, toy: Path
) -> None:
    """The size of another publisher's claim may be one that the model does not take."""
    (size, flops, other) = judge("""
- Name: a
  Builder: torchvision:vit_b_16
  Metadata: {Image Size: 224}
  Reported: [{Publisher: other, Metadata: {FLOPs: 55555555555, Image Size: 100}}]
""")
    assert (size.verdict, other.verdict) == ("exact", "mismatch")
    assert flops.verdict == "unchecked"
    assert flops.reason.startswith("counted at 224x224, because 100x100 cannot be; the live model")
