"""Models of which there is a checkpoint and nothing else: judged by what it holds."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from zoo.api.measuring import add_inspected, inspect_local
from zoo.counting.measurer import Measurer
from zoo.model_index.findings import Finding
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import load
from zoo.verification.verify import verify

Judge = Callable[..., dict[str, Finding]]
EMBEDDING = {"embed_tokens.weight": (512, 256)}
LAYER = {"layers.0.q.weight": (256, 256)}
NUMBER = 512 * 256 + 256 * 256


def write(path: str, shapes: dict[str, tuple[int, ...]], dtype: type = np.float16) -> None:
    save_file({name: np.zeros(shape, dtype=dtype) for name, shape in shapes.items()}, path)


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """The findings, by the label of their quantity, on a model with these claims and weights."""
    monkeypatch.chdir(tmp_path)

    def run(
        metadata: str, weights: str = "net.safetensors", builder: str = "none", name: str = "net"
    ) -> dict[str, Finding]:
        Path("index.yml").write_text(
            f"Models:\n- Name: {name}\n  Builder: {builder}\n  Metadata: {{{metadata}}}\n"
            f"  Weights: {weights}\n"
        )
        index, ledger = load(["index.yml"]), Ledger("ledger")
        assert index.faults == ()
        measurer = Measurer(ledger)
        add_inspected(measurer, inspect_local(index.entries, ledger, ["index.yml"], ()))
        ((_, findings),) = verify(index.entries, measurer)
        return {finding.claim.row.label: finding for finding in findings}

    return run


@pytest.mark.parametrize(
    ("claim", "verdict", "standing", "cause"),
    [
        (str(NUMBER), "exact", "right", None),
        ("0.197M", "rounded", "right", "printed rounding"),
        ("0.196M", "explained", "right", "cut off"),
        (str(NUMBER + 512 * 256), "explained", "right", "tied twice"),
        ("65536", "explained", "right", "without embeddings"),
        ("0.25M", "mismatch", "wrong", None),
    ],
)
def test_parameters(
    judge: Judge, claim: str, verdict: str, standing: str, cause: str | None
) -> None:
    write("net.safetensors", EMBEDDING | LAYER)
    finding = judge(f"Parameters: {claim}")["Parameters"]
    assert (finding.verdict, finding.standing, finding.cause) == (verdict, standing, cause)
    assert finding.measured == NUMBER and finding.evidence
    assert finding.reason.endswith("196,608 float16, 16.01 bits a weight")


def test_a_fit_of_few_digits_proves_nothing(judge: Judge) -> None:
    write("net.safetensors", EMBEDDING | LAYER)
    finding = judge("Parameters: 0.07M")["Parameters"]  # without embeddings: 65,536
    assert (finding.verdict, finding.standing) == ("unchecked", "unknown")
    assert finding.reason.startswith("may be parameters without embeddings: too few digits tell")


@pytest.mark.parametrize("builder", ["none", "null", "None", ""])
def test_what_a_checkpoint_does_not_tell(judge: Judge, builder: str) -> None:
    write("net.safetensors", LAYER)
    findings = judge("FLOPs: 3 G, Parameters: 65536", builder=builder)
    assert findings.keys() == {"FLOPs", "Parameters", "Weights"}
    flops = findings["FLOPs"]
    assert (flops.verdict, flops.reason) == (
        "unchecked",
        "Builder: none; a checkpoint alone does not tell it",
    )
    assert flops.gap and flops.gap.kind == "stored" and not flops.fails()


def test_a_model_without_weights(judge: Judge) -> None:
    (finding,) = judge("Parameters: 65536", weights="[]").values()
    assert (finding.verdict, finding.reason) == ("unchecked", "Builder: none, and no weights")


@pytest.mark.parametrize(
    ("name", "verdict", "reason"),
    [
        ("tiny-0.2M-fp16", "exact", "0.2M of the name is 196,608 parameters"),
        ("tiny-0.13M", "mismatch", "the name says 0.13M, the file has 196,608 parameters"),
        ("tiny-bf16", "mismatch", "the name says bf16, 0% of the weights have bfloat16"),
        ("tiny-0.13M-1M", "unchecked", "no model to compare it with"),
        ("tiny", "unchecked", "no model to compare it with, and its names state no numbers"),
    ],
)
def test_names(judge: Judge, name: str, verdict: str, reason: str) -> None:
    write(f"{name}.safetensors", EMBEDDING | LAYER)
    by_file = judge("Parameters: 196608", f"{name}.safetensors")["Weights"]
    assert (by_file.verdict, by_file.reason.startswith(reason)) == (verdict, True), by_file.reason
    write("net.safetensors", EMBEDDING | LAYER)
    by_model = judge("Parameters: 196608", name=name)["Weights"]
    assert (by_model.verdict, by_model.reason.startswith(reason)) == (verdict, True)


def test_a_sharded_model(judge: Judge) -> None:
    write("a.safetensors", EMBEDDING)
    write("b.safetensors", LAYER)
    places = dict.fromkeys(EMBEDDING, "a.safetensors") | dict.fromkeys(LAYER, "b.safetensors")
    size = sum(Path(name).stat().st_size for name in set(places.values()))
    for total, verdict in ((NUMBER, "unchecked"), (999, "mismatch")):
        metadata = {"total_size": 2 * NUMBER, "total_parameters": total}
        index = {"metadata": metadata, "weight_map": places}
        Path("model.safetensors.index.json").write_text(json.dumps(index))
        claims = f"Parameters: {NUMBER}, File Size: {size}"
        findings = judge(claims, "model.safetensors.index.json")
        assert findings["Parameters"].verdict == findings["File Size"].verdict == "exact"
        assert findings["Weights"].verdict == verdict
    reason = "the index states 999 parameters in all, its shards hold 196,608"
    assert findings["Weights"].reason.startswith(reason)


def test_parts_that_the_index_names(judge: Judge) -> None:
    names = ["x-00001-of-00002.safetensors", "x-00002-of-00002.safetensors"]
    write(names[0], EMBEDDING)
    write(names[1], LAYER)
    size = sum(Path(name).stat().st_size for name in names)
    whole = judge(f"Parameters: {NUMBER}, File Size: {size}", f"[{', '.join(names)}]")
    assert whole["Parameters"].verdict == whole["File Size"].verdict == "exact"
    part = judge(f"Parameters: {NUMBER}", names[0])["Parameters"]
    assert part.verdict == "unchecked"
    assert part.reason.startswith("1 of its 2 parts were inspected; 131,072 float16")


def test_what_packed_integers_hold_is_not_guessed(judge: Judge) -> None:
    arrays = {"l.weight": np.zeros((64, 32), dtype=np.uint32), "l.scales": np.zeros((64, 4))}
    save_file(arrays, "net.safetensors")
    finding = judge("Parameters: 16384")["Parameters"]
    assert finding.verdict == "unchecked"
    assert finding.reason.startswith("the weights in l.weight are not known (MLX in uint32: its")


def test_a_model_that_may_not_be_built_is_judged_by_its_checkpoint(judge: Judge) -> None:
    write("net.safetensors", LAYER)
    findings = judge("Parameters: 65536, FLOPs: 1 G", builder="other.package:Net")
    assert findings["Parameters"].verdict == "exact"
    assert findings["Builder"].verdict == findings["FLOPs"].verdict == "error"


def test_a_name_contradicts_none_of_several_checkpoints(judge: Judge) -> None:
    write("whole.safetensors", EMBEDDING | LAYER)
    write("head.safetensors", LAYER)
    links = "[head.safetensors, whole.safetensors]"
    whole = judge("Parameters: 196608", links, name="tiny-0.2M")["Weights"]  # the last of them
    assert (whole.verdict, whole.reason.partition(" is ")[0]) == ("exact", "0.2M of the name")
    assert judge("Parameters: 196608", links, name="tiny-3B")["Weights"].verdict == "unchecked"


@pytest.mark.parametrize(
    ("claim", "verdict", "reason"),
    [
        ("16", "exact", "equal to the last digit; the bits of its tensors for each parameter"),
        ("16.01", "rounded", "the bits of the file for each parameter"),
        ("8", "mismatch", "16.0072 are the bits of the file for each parameter, the claim is"),
    ],
)
def test_the_bits_of_a_weight(judge: Judge, claim: str, verdict: str, reason: str) -> None:
    write("net.safetensors", EMBEDDING | LAYER)
    finding = judge(f"Bits per Weight: {claim}")["Bits per Weight"]
    assert finding.verdict == verdict and reason in finding.reason


def test_the_bits_of_a_weight_that_nobody_knows(judge: Judge) -> None:
    (unseen,) = judge("bpw: 4.5", weights="[]").values()
    assert (unseen.verdict, unseen.claim.row.key) == ("unchecked", "bits_per_weight")
    save_file({"l.weight": np.zeros((64, 32), dtype=np.int8)}, "net.safetensors")
    finding = judge("bpw: 4.5")["Bits per Weight"]
    assert finding.reason.startswith("the weights in l.weight are not known")


def test_a_part_of_a_model_has_another_count_than_its_name(judge: Judge) -> None:
    write("mmproj-tiny-7B.safetensors", LAYER)
    weights = judge("Parameters: 65536", "mmproj-tiny-7B.safetensors", name="tiny-7B")["Weights"]
    assert weights.verdict == "unchecked"
