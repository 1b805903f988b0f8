"""Export by the function."""

from pathlib import Path

import pytest

import zoo


def test_a_model_is_exported(tmp_path: Path) -> None:
    written = zoo.export(
        "digits_cnn", format="torch_export", output=tmp_path / "digits.pt2", ledger=tmp_path / "led"
    )
    assert written.path == tmp_path / "digits.pt2"
    assert written.path.stat().st_size == written.evidence.values["bytes"]


def test_an_unknown_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(zoo.UsageError, match="digits_cmm"):
        zoo.export("digits_cmm", ledger=tmp_path)
