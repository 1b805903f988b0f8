"""Numbers of parameters in files that the formats' own libraries write, against theirs."""

import io
from collections import OrderedDict
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
import torchvision
from safetensors.torch import save_model
from torch import nn

from zoo.weights.contents.summary import Summary, summarise
from zoo.weights.formats import read


def summary_of(data: bytes) -> Summary:
    return summarise(read(io.BytesIO(data), len(data), "net"))


class Tied(nn.Module):
    """A language model whose embedding is its classifier too, with a batch norm and a table."""

    def __init__(self) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(100, 8)
        self.norm = nn.BatchNorm1d(8)
        self.lm_head = nn.Linear(8, 100, bias=False)
        self.lm_head.weight = self.embed_tokens.weight
        self.register_buffer("inv_freq", torch.ones(4))


@pytest.mark.parametrize("legacy", [False, True])
def test_a_torch_file_of_a_model_with_shared_weights(legacy: bool) -> None:
    model = Tied()
    file = io.BytesIO()
    state = {"state_dict": OrderedDict(model.state_dict()), "epoch": 3}
    torch.save(state, file, _use_new_zipfile_serialization=not legacy)
    summary = summary_of(file.getvalue())
    parameters = sum(parameter.numel() for parameter in model.parameters())
    buffers = sum(buffer.numel() for buffer in model.buffers())
    assert (summary.parameters, summary.readings["with buffers"]) == (
        parameters,
        parameters + buffers,
    )
    assert summary.readings["tied twice"] == parameters + 800
    assert summary.elements == parameters + buffers + 800


def test_a_safetensors_file_of_a_model_with_shared_weights(tmp_path: Path) -> None:
    model = Tied()
    save_model(model, str(tmp_path / "net.safetensors"))
    summary = summary_of((tmp_path / "net.safetensors").read_bytes())
    assert summary.parameters == sum(parameter.numel() for parameter in model.parameters())
    assert summary.readings["tied twice"] == summary.parameters + 800


KINDS = ("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q5_1", "TQ1_0")


@pytest.mark.parametrize("kind", KINDS)
def test_gguf(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "net.gguf"
    quantisation = gguf.GGMLQuantizationType[kind]
    writer = gguf.GGUFWriter(str(path), "llama")
    rows = np.random.default_rng(0).standard_normal((16, 512)).astype(np.float32)
    packed = gguf.quants.quantize(rows, quantisation)
    writer.add_tensor("blk.0.attn_q.weight", packed, raw_dtype=quantisation)
    writer.add_tensor("norm.weight", np.ones(512, dtype=np.float32))
    writer.add_tensor("rope_freqs.weight", np.ones(64, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    tensors = gguf.GGUFReader(str(path)).tensors
    summary = summary_of(path.read_bytes())
    assert summary.parameters == sum(int(t.n_elements) for t in tensors[:2])
    assert summary.bytes == sum(int(t.n_bytes) for t in tensors)
    block, size = gguf.GGML_QUANT_SIZES[quantisation]
    assert summary.widths[f"{8 * size / block:g}"] >= 16 * 512


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_a_quantised_model_of_torch() -> None:
    """Its convolutions are tensors; its linear layers hide their weights in other objects."""
    weight = torch.quantize_per_tensor(torch.ones(4, 3, 3, 3), 0.1, 0, torch.qint8)
    layer = {"0.weight": weight, "0.scale": torch.tensor(0.1), "0.zero_point": torch.tensor(0)}
    file = io.BytesIO()
    torch.save(layer, file)
    assert summary_of(file.getvalue()).parameters == 4 * 27
    file = io.BytesIO()
    torch.save(layer | {"1._packed_params._packed_params": (weight, None)}, file)
    summary = summary_of(file.getvalue())
    assert (summary.parameters, summary.problem) == (
        None,
        "1._packed_params._packed_params hold packed weights and are no tensors",
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_an_exported_model_whose_norms_are_folded(tmp_path: Path) -> None:
    """PyTorch's exporter merges batch norms into convolutions, and gives these biases."""
    model = torchvision.models.resnet18(weights=None).eval()
    for norm in model.modules():
        if isinstance(norm, nn.BatchNorm2d):
            for value in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
                value.data.uniform_(0.5, 1.5)
    path = tmp_path / "net.onnx"
    torch.onnx.export(model, (torch.zeros(1, 3, 224, 224),), path, dynamo=True, verbose=False)
    summary = summary_of(path.read_bytes())
    parameters = sum(parameter.numel() for parameter in model.parameters())
    norms = sum(norm.num_features for norm in model.modules() if isinstance(norm, nn.BatchNorm2d))
    assert summary.parameters == parameters - norms
    assert summary.readings["norms not folded"] == parameters
