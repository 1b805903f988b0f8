"""Write a model as an archive of torch.export, and run such an archive."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from zoo.bench.engines import graph_capture
from zoo.bench.engines.output_check import all_tensors
from zoo.exporting.formats import Call, ExportTarget
from zoo.models.inputs import Inputs

METADATA = "metadata.json"  # the extra file in the archive


def make(
    model: nn.Module, inputs: Inputs, target: ExportTarget, metadata: Mapping[str, str]
) -> bytes:
    """Return the bytes of the file."""
    program = graph_capture.capture(model, inputs, dynamic=target.dynamic)
    for module in program.graph_module.modules():
        for node in getattr(module, "graph", torch.fx.Graph()).nodes:
            # It names this machine's folders, and changes the bytes.
            node.meta.pop("stack_trace", None)
    file = io.BytesIO()
    extra = {METADATA: json.dumps(dict(metadata), sort_keys=True)}
    torch.export.save(program, file, extra_files=extra)
    return file.getvalue()


def load(path: Path) -> Call:
    """Read a file; return a function from inputs to all outputs."""
    with path.open("rb") as file:  # torch warns of a path without its own suffix
        module = torch.export.load(file).module()
    return lambda inputs: all_tensors(module(*inputs.args, **inputs.kwargs))
