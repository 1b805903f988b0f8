"""A cause has to reproduce a claim by its digits; nearness explains nothing."""

from decimal import Decimal

import pytest

from model_index.quantities import parse_count
from model_index.records import Claim
from model_index.text import Place
from model_index.trace import Row, Trace
from zoo.explain import NON_SQUARE, SCAN_DIGITS, SQUARES, explain_count, inputs, reproduces

CONV = "torch.nn.modules.conv.Conv2d"
NORM = "torch.nn.modules.batchnorm.BatchNorm2d"


def claim(raw: str) -> Claim:
    return Claim("toy", "someone", None, "flops", "FLOPs", raw, parse_count(raw), "Models[0]", Place("index.yml", 1))


def trace(size: tuple[int, int]) -> Trace:
    """A network of 1001 multiply-adds and 7 normalised elements a pixel."""
    pixels = size[0] * size[1]
    rows = (
        Row("conv2d", "convolution", "a", CONV, macs=1001 * pixels, outputs=pixels),
        Row("batch_norm", "normalisation", "b", NORM, inputs=7 * pixels, parameters=14),
    )
    return Trace((1, 3, *size), rows)


BASE = 1001 * 224 * 224
WIDE = 1001 * 224 * 285 + 14 * 224 * 285


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (str(2 * BASE), "2x"),
        (str(BASE + 14 * 224 * 224), "fvcore"),
        (str(WIDE), "fvcore at 224x285"),
        (str(1001 * 256 * 256), "macs at 256x256"),
        ("100.5 M", "2x"),  # 100,452,352 in four digits
        (str(2 * BASE + 1), None),
        (str(WIDE + 1), None),
        ("63.9 M", None),  # 224x285 in multiply-adds, but three digits are no proof of a size nobody stated
    ],
)
def test_causes(raw: str, cause: str | None) -> None:
    found = explain_count(claim(raw), (224, 224), {}, trace)
    assert (found and found.cause) == cause


def test_stated_sizes_count_for_claims_of_few_digits() -> None:
    raw = "83.0 M"  # 83,026,944 at 288x288
    assert explain_count(claim(raw), (224, 224), {}, trace) is None
    found = explain_count(claim(raw), (224, 224), {"test_input_size": (3, 288, 288)}, trace)
    assert found is not None
    assert found.cause == "macs at 288x288"
    assert "on the test-time 288x288 input" in found.reason


def test_equal_ranks_are_named_as_alternatives() -> None:
    # thop counts this network's norm as fvcore does, and adds nothing: the same number is one explanation.
    found = explain_count(claim(str(BASE + 14 * 224 * 224)), (224, 224), {}, trace)
    assert found is not None
    assert found.alternatives == ()
    assert found.prediction == BASE + 14 * 224 * 224


def test_a_size_the_model_cannot_take_is_passed_over() -> None:
    def only_base(size: tuple[int, int]) -> Trace | None:
        return trace(size) if size == (224, 224) else None

    assert explain_count(claim(str(WIDE)), (224, 224), {}, only_base) is None


def test_few_sizes_are_traced() -> None:
    asked = []

    def counted(size: tuple[int, int]) -> Trace:
        asked.append(size)
        return trace(size)

    explain_count(claim(str(WIDE)), (224, 224), {}, counted)
    assert asked == [(224, 224), (224, 285)]


def test_an_incomplete_trace_explains_nothing() -> None:
    def incomplete(size: tuple[int, int]) -> Trace:
        return Trace((1, 3, *size), trace(size).rows, ("zoo::op in a",))

    assert explain_count(claim(str(2 * BASE)), (224, 224), {}, incomplete) is None


def test_inputs_are_tried_once_each_stated_ones_first() -> None:
    tried = list(inputs((224, 224), {"input_size": (3, 224, 224), "test_input_size": (3, 288, 288)}))
    assert [t.size for t in tried[:3]] == [(224, 224), (288, 288), *NON_SQUARE]
    sizes = [t.size for t in tried]
    assert len(sizes) == len(set(sizes)) == 1 + len(NON_SQUARE) + len(SQUARES) - 1
    assert [t.stated for t in tried[:3]] == [True, True, False]
    assert SCAN_DIGITS == 5


@pytest.mark.parametrize(
    ("raw", "measured", "same"),
    [
        ("61570000", 61570728, True),
        ("61570000", 61575001, False),
        ("22.220 G", 22_224_999_999, True),
        ("22.220 G", 22_225_000_001, False),
        ("15003675112", 15003675113, False),
        ("8 M", 8_499_999, True),
        ("8.0 M", 8_499_999, False),
    ],
)
def test_reproduces_to_the_printed_digits(raw: str, measured: int, same: bool) -> None:
    assert reproduces(claim(raw), Decimal(measured)) is same
