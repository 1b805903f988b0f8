"""File sizes of models whose weights are not at hand are judged by the state dict."""

from pathlib import Path

import pytest

from zoo.counting.measurer import Measurer
from zoo.model_index.findings import Finding
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import read_text
from zoo.models.registry_entries import read_registry
from zoo.verification.verify import verify

STATE = 4_941_984  # bytes of the state dict of SqueezeNet 1.1: 1,235,496 parameters, no buffers
SLACK = int(STATE * 0.01)


def judge(text: str, folder: Path) -> list[Finding]:
    index, faults = read_text("i.yml", text)
    assert not faults
    return verify(index.entries, Measurer(Ledger(folder)))[0][1]


def size_of(claim: str, folder: Path) -> Finding:
    (finding,) = judge(
        "Models:\n- Name: a\n  Builder: torchvision:squeezenet1_1\n"
        f"  Metadata: {{File Size: {claim}}}\n",
        folder,
    )
    return finding


@pytest.mark.parametrize(
    ("claim", "verdict", "cause"),
    [
        (str(STATE), "consistent", None),
        (str(STATE + SLACK), "consistent", None),
        (str(STATE + SLACK + 2), "unchecked", None),
        (str(STATE - 1), "unchecked", None),
        ("4.9 MB", "consistent", None),
        ("4.73 MB", "consistent", "MiB as MB"),
        ("4.73 MiB", "consistent", None),
        ("2.48 MB", "explained", "half precision"),
        ("2.37 MB", "explained", "half precision, MiB as MB"),
        ("9.9 MB", "unchecked", None),
    ],
)
def test_a_file_holds_the_state_dict_and_little_more(
    claim: str, verdict: str, cause: str | None, tmp_path: Path
) -> None:
    finding = size_of(claim, tmp_path)
    assert (finding.verdict, finding.cause) == (verdict, cause)
    assert (finding.measured, finding.use, finding.wrong) == (None, None, False)
    assert finding.reason.startswith("an estimate: the state dict ") is (verdict != "unchecked")
    assert finding.to_dict()["estimate"] is (verdict != "unchecked")


def test_reasons_say_what_was_compared(tmp_path: Path) -> None:
    assert size_of("4.73 MB", tmp_path).reason == (
        "an estimate: the state dict has 4,941,984 bytes, a file little more; "
        "the claim counts MiB and says MB"
    )
    assert size_of("9.9 MB", tmp_path).reason == (
        "the weights were not inspected; --weights inspects them; "
        "the state dict has 4,941,984 bytes, the claim is 100.3% larger"
    )


def test_many_small_tensors_take_more_than_a_percent(tmp_path: Path) -> None:
    """What a file says of a tensor is up to 512 bytes; this model has 476."""
    text = "Models:\n- Name: a\n  Builder: torchvision:mobilenet_v3_small\n  Metadata: {File Size: "
    (finding,) = judge(f"{text}{10_187_000 + 120_000}}}\n", tmp_path)
    assert finding.verdict == "consistent"


def test_heads_of_training_explain_a_larger_file(tmp_path: Path) -> None:
    (entry,) = read_registry("torchvision", "googlenet.IMAGENET1K_V1").entries
    findings = verify([entry], Measurer(Ledger(tmp_path)))[0][1]
    (finding,) = [f for f in findings if f.claim.quantity == "file_size"]
    assert (finding.verdict, finding.cause) == ("explained", "auxiliary heads, MiB as MB")


def test_nothing_is_estimated_of_another_form(tmp_path: Path) -> None:
    name = "quantized_shufflenet_v2_x0_5.IMAGENET1K_FBGEMM_V1"
    (entry,) = read_registry("torchvision", name).entries
    findings = verify([entry], Measurer(Ledger(tmp_path)))[0][1]
    reasons = {finding.claim.quantity: finding.reason for finding in findings}
    note = "shufflenet_v2_x0_5 is its float form, whose counts torchvision publishes"
    assert reasons["parameters"] == f"equal to the last digit; {note}"
    assert reasons["file_size"] == (
        "the weights were not inspected; --weights inspects them; "
        f"they are of another form than was built: {note}"
    )
