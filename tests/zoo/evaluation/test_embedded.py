"""The whole chain on shipped models: claim, evaluation, evidence, site; and real weights on real
photographs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.cli.session import measurer_for
from zoo.evaluation.checkpoint import load_model
from zoo.evaluation.checkpoint_files import find_weights
from zoo.model_index.load import load
from zoo.model_index.records.records import Index
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import render_pages, site_of
from zoo.reporting.views.catalogue import Zoo
from zoo.verification.verify import primary_keys, verify

Run = Callable[..., Result]


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, [*arguments])


def pages(index: Index, model: str) -> dict[str, str]:
    """Render the pages of a model from the ledger."""
    measurer = measurer_for("ledger", None, None, live=False)
    entries = index.select([model])
    findings = tuple(
        finding
        for _, findings_of_entry in verify(entries, measurer, index.entries)
        for finding in findings_of_entry
    )
    catalogue = Zoo(
        index=Index(collections=index.collections, entries=tuple(entries)),
        findings=findings,
        evidence=measurer.evidence,
        primary=primary_keys(entries, measurer),
    )
    return {page.path: text for page, text in render_pages(site_of(catalogue, Settings()))}


def test_digits_from_claim_to_page(zoo: Run) -> None:
    done = zoo("eval", "digits_cnn", "--format", "json")
    assert done.exit_code == 0, done.output
    [document] = json.loads(done.stdout)
    assert {f["quantity"]: f["verdict"] for f in document["findings"]} == {
        "Top 1 Accuracy": "rounded",
        "Top 5 Accuracy": "exact",
    }
    right = document["evaluation"]["top1"]["right"]
    page = pages(load(), "digits_cnn")["models/digits_cnn.md"]
    assert "<h3>Evaluation on digits test</h3>" in page
    assert f"{100 * right / 797:.2f}" in page and ">797</td>" in page
    assert f"<code>{document['evidence']}</code>" in page
    assert "zoo eval digits_cnn --device cpu" in page


def test_the_train_split_says_nothing_of_the_claim(zoo: Run) -> None:
    done = zoo(*"eval digits_cnn --data digits --split train --format json".split())
    assert done.exit_code == 0
    [document] = json.loads(done.stdout)
    assert {f["reason"] for f in document["findings"]} == {
        "evaluated on the split train of digits; claims are about test"
    }
    assert document["evaluation"]["images"] == 1000


def test_real_weights_know_real_photographs(zoo: Run) -> None:
    done = zoo("eval", "efficientnet_lite0", "--data", "photographs", "--format", "json")
    assert done.exit_code == 0, done.output
    [document] = json.loads(done.stdout)
    evaluation = document["evaluation"]
    assert evaluation["fit"] == "order"
    assert evaluation["images"] >= 6 and evaluation["unread"] == 0
    assert evaluation["top5"]["right"] == evaluation["images"]
    assert evaluation["top1"]["right"] >= evaluation["images"] - 2
    assert document["findings"] == []


def test_weights_in_another_order_know_nothing(zoo: Run) -> None:
    """The test above can fail: with exchanged statistics of its batch norms the model fails."""
    [entry] = load().select(["efficientnet_lite0"])
    built, _ = load_model(entry, find_weights(entry, {}, None, None))
    state = built.model.state_dict()
    for name in [name for name in state if name.endswith("running_mean")]:
        variance = name.replace("running_mean", "running_var")
        state[name], state[variance] = state[variance].clone(), state[name].abs() + 1e-3
    torch.save(state, "exchanged.pth")
    options = "--data photographs --weights exchanged.pth --format json"
    done = zoo("eval", "efficientnet_lite0", *options.split())
    [document] = json.loads(done.stdout)
    assert document["evaluation"]["top5"]["right"] <= 2


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_counts_what_the_cpu_does(zoo: Run) -> None:
    top1 = []
    for device in ("cpu", "cuda"):
        done = zoo("eval", "digits_cnn", "--device", device, "--format", "json")
        [document] = json.loads(done.stdout)
        top1.append(document["evaluation"]["top1"])
    assert top1[0] == top1[1]
