"""Tensors of live models, listed without a forward pass: each once, by kind and type of number."""

import io

import pytest
import torch
from torch import nn

from zoo.model_index.ledger.tensors import TensorTable
from zoo.models.builders.tensors import list_tensors


def table(model: nn.Module) -> dict[tuple[str, str], tuple[int, int]]:
    return {(row.kind, row.dtype): (row.elements, row.bytes) for row in list_tensors(model)}


class Mixed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.small = nn.Linear(4, 2, bias=False, dtype=torch.float16)
        self.tied = nn.Linear(4, 2, bias=False)
        self.tied.weight = self.small.weight
        self.norm = nn.BatchNorm1d(3)
        self.register_buffer("mask", torch.ones(5, dtype=torch.bool), persistent=False)
        self.register_buffer("saved", self.norm.get_buffer("running_mean"))


def test_rows_have_each_tensor_once():
    assert table(Mixed()) == {
        ("parameters", "float16"): (8, 16),
        ("parameters", "float32"): (6, 24),
        ("buffers", "float32"): (6, 24),
        ("buffers", "int64"): (1, 8),
        ("unsaved buffers", "bool"): (5, 5),
    }


def test_lazy_parameter_has_no_size_yet():
    assert table(nn.Sequential(nn.LazyLinear(3), nn.Linear(3, 2))) == {
        ("parameters", "float32"): (8, 32)
    }


def test_state_bytes_are_those_that_a_file_of_weights_holds():
    file = io.BytesIO()
    model = Mixed()
    torch.save(model.state_dict(), file)
    tensors = {id(v): v.nbytes for v in model.state_dict(keep_vars=True).values()}
    assert TensorTable(tuple(list_tensors(model))).state_bytes == sum(tensors.values())
    assert sum(tensors.values()) < len(file.getvalue())


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_weights_of_quantized_layers_are_no_parameters():
    model = torch.ao.nn.quantized.Linear(8, 4)
    assert table(model)["packed weights", "qint8"] == (32, 32)
    assert not any(kind == "parameters" for kind, _ in table(model))
