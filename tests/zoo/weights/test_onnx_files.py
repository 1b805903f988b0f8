"""Models of ONNX on this machine and on a server: with their files of values, and without reading
them."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from weights_server import Server, ranged

from zoo.weights.describe import InspectOptions, describe_reference
from zoo.weights.http.client import Client

ROWS = 40_000


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A model with its values inside, and one with its values in a file beside it."""
    weight = numpy_helper.from_array(np.ones((ROWS, 8), dtype=np.float32), "w")
    output = helper.make_tensor_value_info("w", onnx.TensorProto.FLOAT, [ROWS, 8])
    graph = helper.make_graph([], "toy", [], [output], [weight])
    model = helper.make_model(graph)
    onnx.save(model, tmp_path / "whole.onnx")
    options = {"save_as_external_data": True, "location": "net.data"}
    onnx.save(model, tmp_path / "net.onnx", **options)
    return tmp_path


def test_the_files_of_values_are_a_part_of_the_model(files: Path, client: Client) -> None:
    facts = describe_reference("net.onnx", files, client, InspectOptions())
    sizes = [(files / name).stat().st_size for name in ("net.onnx", "net.data")]
    assert facts.error is None and facts.values["size"] == sum(sizes)
    assert facts.values["contents"]["parameters"] == 8 * ROWS


@pytest.mark.parametrize("length", [None, 1000])
def test_a_file_of_values_that_is_gone_or_short(
    files: Path, client: Client, length: int | None
) -> None:
    data = (files / "net.data").read_bytes()
    (files / "net.data").unlink()
    if length:
        (files / "net.data").write_bytes(data[:length])
    facts = describe_reference("net.onnx", files, client, InspectOptions())
    reason = "it has 1000 bytes, its tensors need" if length else "no such file, though the model"
    assert facts.failure == "unreadable" and reason in str(facts.error)


def test_a_file_of_values_stays_in_the_folder(files: Path, client: Client) -> None:
    (files / "net.data").unlink()
    (files / "net.data").symlink_to("/etc/hostname")
    facts = describe_reference("net.onnx", files, client, InspectOptions())
    assert "leads outside the folder of its index" in str(facts.error)


def test_a_remote_model(files: Path, client: Client, server: Server) -> None:
    for name in ("whole.onnx", "net.onnx", "net.data"):
        data = (files / name).read_bytes()
        server.on(f"/{name}", ranged(data, etag=hashlib.md5(data).hexdigest()))
    for name in ("whole.onnx", "net.onnx"):
        facts = describe_reference(f"http://{server.host}/{name}", None, client, InspectOptions())
        assert facts.error is None
        assert facts.values["contents"]["parameters"] == 8 * ROWS
        assert facts.values["size"] > 32 * ROWS
        assert facts.values["transferred"] < 65_536
