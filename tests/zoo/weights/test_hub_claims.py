"""The Hub's metadata of a model, judged by its files, which are read by range."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from weights_server import Server, ranged

from zoo.api.measuring import add_inspected
from zoo.counting.measurer import Measurer
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import load
from zoo.verification.verify import verify
from zoo.weights.describe import InspectOptions
from zoo.weights.inspect import Inspector


def test_the_numbers_of_the_hub(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parameters, elements by type, the size of a file and its digest, read by range."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("zoo.weights.references.HUB", f"http://{server.host}")
    tensors = {
        "l.qweight": np.zeros((32, 64), dtype=np.int32),
        "l.qzeros": np.zeros((2, 8), dtype=np.int32),
        "l.scales": np.zeros((2, 64), dtype=np.float16),
    }
    save_file(tensors, "net.safetensors")
    data = Path("net.safetensors").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    server.on("/acme/net/resolve/main/net.safetensors", ranged(data, etag=digest))
    sibling = {"rfilename": "net.safetensors", "size": len(data), "lfs": {"sha256": digest}}
    counts = {"I32": 2064, "F16": 128}
    document = {
        "id": "acme/net",
        "siblings": [sibling],
        "safetensors": {"parameters": counts, "total": 2192},
    }
    Path("net.json").write_text(json.dumps(document))
    index, ledger = load(["net.json"]), Ledger("ledger")
    inspector = Inspector(ledger, InspectOptions(allow_hosts=(server.host,), patience=0.0))
    inspector.inspect(index.entries)
    measurer = Measurer(ledger)
    add_inspected(measurer, inspector)
    ((_, findings),) = verify(index.entries, measurer)
    total, *types, size, link = findings
    assert (total.verdict, total.cause, total.standing) == ("explained", "as stored", "wrong")
    assert total.use == 256 * 64  # the weights in the packed integers
    assert [finding.verdict for finding in (*types, size)] == ["exact"] * 3
    assert "its SHA-256" in link.reason or "served over http" in link.reason
