import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import zoo
from zoo.bench.engines import onnx_graph
from zoo.bench.engines.errors import MissingPackage
from zoo.bench.engines.graph_capture import ExportFailure
from zoo.bench.engines.onnx_graph import export_onnx
from zoo.models.inputs import Inputs

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")


class Inverse(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.linalg.inv(x)


def test_a_graph_for_any_batch_size(toy_network: nn.Module, images: torch.Tensor) -> None:
    graph = export_onnx(toy_network, Inputs.of(images[:1]), dynamic=True)
    (given,), (found,) = graph.graph.input, graph.graph.output
    assert (given.name, found.name) == ("input", onnx_graph.OUTPUT)
    sizes = [
        [d.dim_param or d.dim_value for d in each.type.tensor_type.shape.dim]
        for each in (given, found)
    ]
    assert sizes == [["batch", 3, 8, 8], ["batch", 5]]
    assert [(row.domain, row.version) for row in graph.opset_import] == [("", 18)]
    assert "BatchNormalization" not in {node.op_type for node in graph.graph.node}


class Branches(nn.Module):
    """Computes something else from six images on."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.mean((2, 3))
        return y if len(x) < 6 else y - y.mean(0, keepdim=True)


def test_a_branch_on_the_batch_size_is_no_graph_for_any(images: torch.Tensor) -> None:
    """The exporter's own capture would write the branch of the example, in silence."""
    with pytest.raises(ExportFailure, match=r"suggests batch = Dim\('batch', max=5\); --static"):
        export_onnx(Branches().eval(), Inputs.of(images), dynamic=True)
    assert export_onnx(Branches().eval(), Inputs.of(images)).graph.output


def test_a_graph_for_one_batch_size(toy_network: nn.Module, images: torch.Tensor) -> None:
    graph = export_onnx(toy_network, Inputs.of(images), opset=17)
    assert [d.dim_value for d in graph.graph.input[0].type.tensor_type.shape.dim] == [4, 3, 8, 8]
    assert graph.opset_import[0].version == 17


def test_the_same_bytes_and_nothing_of_this_machine(
    make_network: Callable[[], nn.Module], images: torch.Tensor
) -> None:
    first, second = (
        export_onnx(make_network(), Inputs.of(images), dynamic=True).SerializeToString()
        for _ in range(2)
    )
    assert first == second
    for folder in (Path(zoo.__file__).parent, Path(torch.__file__).parent, Path(__file__).parent):
        assert str(folder).encode() not in first


def test_an_operator_without_a_form_is_named(images: torch.Tensor) -> None:
    message = (
        "^no ONNX graph in opset 18: DispatchError: "
        "No ONNX function found for <OpOverload.op='aten.linalg_inv_ex'"
    )
    with pytest.raises(ExportFailure, match=message):
        export_onnx(Inverse().eval(), Inputs.of(images))


def test_an_opset_that_cannot_be_had_is_refused(
    toy_network: nn.Module, images: torch.Tensor, capfd: pytest.CaptureFixture[str]
) -> None:
    """The exporter would keep another one, and say so in its log."""
    with pytest.raises(
        ExportFailure, match=r"^no ONNX graph in opset 5: it cannot be converted from opset 18$"
    ):
        export_onnx(toy_network, Inputs.of(images), opset=5)
    assert capfd.readouterr() == ("", "")


def test_what_is_too_large_is_refused(images: torch.Tensor) -> None:
    with torch.device("meta"):
        large = nn.Linear(2**15, 2**15)
    message = "its weights have 4.0 GiB; an ONNX graph in one piece holds 2 GiB"
    with pytest.raises(ExportFailure, match=f"^{re.escape(message)}$"):
        export_onnx(large.eval(), Inputs.of(images))


def test_packages_that_are_missing_are_named(
    toy_network: nn.Module, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    message = r"^onnxscript cannot be imported \(.*\): pip install 'model-zoo-ledger\[onnx\]'$"
    with pytest.raises(MissingPackage, match=message):
        export_onnx(toy_network, Inputs.of(images))
