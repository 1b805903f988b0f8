"""Sizes of files by what an entry states of its weights."""

from pathlib import Path

import pytest

from zoo.model_index.checks.lint import lint
from zoo.model_index.load import load


def findings(folder: Path, entry: str) -> list[str]:
    path = folder / "i.yml"
    path.write_text(f"Models:\n- {entry}\n")
    return [found.message for found in lint(load([path])) if found.rule == "file-size"]


@pytest.mark.parametrize(
    "entry",
    [
        "{Name: tiny-7B-Q4_K_M, Metadata: {Parameters: 7.24B, File Size: 4.37 GB}}",
        "{Name: tiny-7B-Q2_K, Metadata: {Parameters: 7.24B, File Size: 2.72 GB}}",
        "{Name: tiny-7B-IQ1_S, Metadata: {Parameters: 7.24B, File Size: 1.56 GB}}",
        "{Name: gemma-270m-4bit, Metadata: {Parameters: 268M, File Size: 390 MB}}",
        "{Name: net, Metadata: {Parameters: 7.24B, File Size: 2.72 GB, Quantization: Q2_K}}",
        "{Name: net, Metadata: {Parameters: 100M, File Size: 27 MB, bits: 2}}",
        "{Name: net, Metadata: {Parameters: 100M, File Size: 38 MB}, Weights: a/net-3bit.pth}",
        "{Name: net-fp16, Metadata: {Parameters: 100M, File Size: 201 MB}}",
        "{Name: net, Metadata: {Parameters: 100M, File Size: 201 MB, dtype: torch.bfloat16}}",
        "{Name: net, Metadata: {Parameters: 100M, File Size: 438 MB}}",
    ],
)
def test_files_of_a_stated_width(tmp_path: Path, entry: str) -> None:
    assert findings(tmp_path, entry) == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "{Name: x-7B-Q4_K_M, Metadata: {Parameters: 7.24B, File Size: 14.5 GB}}",
            "File Size 14,500,000,000: 2.00 bytes for each of 7,240,000,000 parameters, "
            "expected 0.42 to 1.75 of Q4_K_M in its name",
        ),
        (
            "{Name: x, Metadata: {Parameters: 100M, File Size: 400 MB, dtype: float16}}",
            "File Size 400,000,000: 4.00 bytes for each of 100,000,000 parameters, "
            "expected 1.7 to 2.5 of float16 in its metadata",
        ),
        (
            "{Name: x, Metadata: {Parameters: 100M, File Size: 100 MB}, Weights: net-fp32.pth}",
            "File Size 100,000,000: 1.00 bytes for each of 100,000,000 parameters, "
            "expected 3.5 to 5 of fp32 in its weights",
        ),
        (
            "{Name: x, Metadata: {Parameters: 100M, File Size: 25 MB}}",
            "File Size 25,000,000: 0.25 bytes for each of 100,000,000 parameters, "
            "expected 0.5 to 5",
        ),
    ],
)
def test_files_of_another_width(tmp_path: Path, entry: str, message: str) -> None:
    assert findings(tmp_path, entry) == [message]
