"""timm's registry as an index: written once, read as any other, and counted as any other."""

import json
from pathlib import Path

import pytest
import timm
from typer.testing import CliRunner

from zoo.cli import app
from zoo.model_index.errors import UsageError
from zoo.model_index.load import load
from zoo.models import registries


@pytest.fixture(scope="module")
def written() -> str:
    return registries.render("timm", timm.__version__)


@pytest.fixture
def cached(tmp_path: Path, written: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that has the registry's file."""
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(registries, "_render_in_subprocess", lambda *_: written)
    monkeypatch.chdir(tmp_path)
    return registries.write_registry("timm")


def test_every_architecture_states_its_default_configuration(cached: Path) -> None:
    read = load([cached])
    assert [entry.name for entry in read.entries] == timm.list_models()
    dpn98 = next(entry for entry in read.entries if entry.name == "dpn98")
    assert (dpn98.collection, dpn98.publisher, str(dpn98.builder)) == ("dpn", "timm", "timm:dpn98")
    stated = {claim.quantity: claim.raw for claim in dpn98.claims}
    configured = timm.get_pretrained_cfg("dpn98")
    assert configured and stated == {
        "image_size": str(configured.input_size[-1]),
        "crop_pct": str(configured.crop_pct),
        "crop_mode": configured.crop_mode,
        "interpolation": configured.interpolation,
        "mean": ", ".join(map(str, configured.mean)),
        "std": ", ".join(map(str, configured.std)),
    }


def test_the_file_stays_until_another_version_comes(
    cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cached.stat().st_mtime_ns
    assert (
        registries.resolve_paths(["a.yml", "timm"]) == ["a.yml", str(cached)]
        and cached.stat().st_mtime_ns == before
    )
    monkeypatch.setattr("importlib.metadata.version", lambda name: "99.0")
    assert (
        registries.write_registry("timm").name
        == f"timm-99.0-{registries.REGISTRIES['timm'].format}.yml"
    )


def test_a_folder_of_that_name_comes_first(cached: Path) -> None:
    Path("timm").mkdir()
    assert registries.resolve_paths(["timm"]) == ["timm"]


def test_a_cache_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(registries, "_render_in_subprocess", lambda *_: "")
    with pytest.raises(UsageError, match="cannot write the registry: "):
        registries.write_registry("timm")


def test_some_of_it_is_verified_and_found_again(cached: Path) -> None:
    command = ["verify", "dla34", "dpn6*", "--index", "timm", "--jobs", "2"]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    assert (
        "0 wrong, 18 right of 18 claims; every claim was examined" in first.output
        and "3 measured, 0 reused" in first.output
    )
    again = CliRunner().invoke(app, command)
    assert "0 measured, 3 reused" in again.output


def test_it_is_written_by_a_process_of_its_own(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert registries._render_in_subprocess("timm", timm.__version__) == written
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "examples"))
    monkeypatch.setattr(registries.sys, "executable", "/bin/false")
    with pytest.raises(UsageError, match="timm does not import"):
        registries._render_in_subprocess("timm", timm.__version__)


def test_its_tables_of_results_are_read_beside_it(cached: Path) -> None:
    """A row about the default weights is about the architecture, another an entry; tables are read
    only."""
    Path("results-imagenet.csv").write_text(
        "model,img_size,top1,top5,param_count,crop_pct,interpolation\n"
        "dla34.in1k,224,74.64,92.076,15.74,0.875,bilinear\n"
        "dla34.other_in1k,224,74.64,92.076,15.74,0.875,bilinear\n"
    )
    Path("benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv").write_text(
        "model,infer_samples_per_sec,infer_step_time,infer_batch_size,infer_img_size,infer_gmacs,infer_macts,param_count\n"
        "dla34,6000.1,170.6,1024,224,3.06,5.02,15.74\n"
    )
    tables = [f"--index={path.name}" for path in sorted(Path.cwd().glob("*.csv"))]
    listed = CliRunner().invoke(
        app, ["list", "dla34*", "--index", "timm", *tables, "--format", "json"]
    )
    assert [row["model"] for row in json.loads(listed.stdout)] == ["dla34", "dla34.other_in1k"]
    found = CliRunner().invoke(
        app, ["verify", "dla34", "--index", "timm", *tables, "--all", "--format", "json"]
    )
    rows = [row for row in json.loads(found.stdout) if row["file"].endswith(".csv")]
    verdicts = {
        (row["key"], row["line"]): row["verdict"]
        for row in rows
        if row["file"].startswith("results")
    }
    assert verdicts["parameters", 2] == "rounded" and verdicts["top1", 2] == "unchecked"
    assert {row["verdict"] for row in rows if row["key"] == "flops"} == {"rounded"}
    refused = CliRunner().invoke(
        app, ["verify", "dla34", "--index", "timm", *tables, "--write", "--yes"]
    )
    assert isinstance(refused.exception, UsageError) and "is a table of results" in str(
        refused.exception
    )
    Path("results-imagenet.csv").write_text("model,top1\ndla34,many\ndla60,nan\n")
    bad = CliRunner().invoke(app, ["list", "--index", "timm", *tables])
    assert bad.exit_code == 0
    assert "results-imagenet.csv:2: top1: expected a percentage, got 'many'" in bad.stderr
