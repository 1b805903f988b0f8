"""Evaluating: counts that are known beforehand, faults by name, runs that stop and go on, and
several processes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from zoo.model_index.errors import LedgerError, ZooError
from zoo.model_index.ledger.store import Ledger

COUNTS = ("images", "seen", "top1", "top5", "mean_per_class", "unread")


def counts(found: dict) -> dict:
    return {key: found["evaluation"][key] for key in COUNTS}


def table(folder: Path) -> list[dict]:
    [path] = folder.glob("ledger/eval/shade/*.parquet")
    return pq.read_table(path, partitioning=None).to_pylist()


WHOLE = {
    "images": 400, "seen": 400, "top1": {"right": 320, "low": 320, "high": 320},
    "top5": {"right": 392, "low": 392, "high": 392}, "mean_per_class": 80.0, "unread": 0,
}  # fmt: skip


def test_counts_and_predictions(shades, evaluated) -> None:
    """A fifth of the images show the next shade: wrong at first, right among five but for the last
    shade's."""
    found = evaluated()
    assert counts(found) == WHOLE
    assert [(f["quantity"], f["verdict"]) for f in found["findings"]] == [
        ("Top 1 Accuracy", "exact"), ("Top 5 Accuracy", "mismatch"),
    ]  # fmt: skip
    rows = table(shades.folder)
    assert [row["position"] for row in rows] == list(range(400))
    assert sorted(row["image"] for row in rows) == list(range(400))
    assert [row["image"] for row in rows] != list(range(400))
    row = next(row for row in rows if row["name"] == "3/000.png")
    assert (row["label"], row["top"][0], len(row["top"]), row["fault"]) == ([3], 4, 5, None)
    assert row["score"] == sorted(row["score"], reverse=True) and row["own"] < row["score"][0]
    assert sum(row["top"][0] in row["label"] for row in rows) == 320


def test_evidence_of_all_images_is_used_again(evaluated) -> None:
    first, again, fresh = evaluated(), evaluated(), evaluated("--fresh")
    assert again == first
    assert counts(fresh) == counts(first)


def test_a_limited_run_goes_on_and_comes_to_the_same(shades, evaluated) -> None:
    part = evaluated("--limit", "100", "--batch-size", "32")
    assert (part["evaluation"]["seen"], part["evaluation"]["stopped"]) == (128, "limit")
    low, high = part["evaluation"]["top1"]["low"], part["evaluation"]["top1"]["high"]
    assert low < 320 < high
    seen = table(shades.folder)
    whole = evaluated("--batch-size", "32")
    assert counts(whole) == WHOLE
    assert table(shades.folder)[:128] == seen
    assert whole["evidence"] == part["evidence"]


def test_another_seed_is_another_order(shades, evaluated) -> None:
    one, other = evaluated("--seed", "1"), evaluated("--seed", "2")
    assert counts(one) == counts(other) == WHOLE
    orders = [
        pq.read_table(path, partitioning=None)["image"].to_pylist()
        for path in shades.folder.glob("ledger/eval/shade/*.parquet")
    ]
    assert len(orders) == 2 and orders[0] != orders[1]


@pytest.mark.parametrize(("claim", "verdict"), [("80%", "consistent"), ("50%", "mismatch")])
def test_a_check_stops_as_soon_as_it_is_decided(
    shades, evaluated, claim: str, verdict: str
) -> None:
    text = shades.index(claim).read_text()
    (shades.folder / "index.yml").write_text(text.replace(", Top 5 Accuracy: 99.9%", ""))
    found = evaluated("--check", "--tolerance", "8", "--batch-size", "8")
    evaluation = found["evaluation"]
    assert evaluation["stopped"] == "decided"
    assert evaluation["seen"] < (100 if verdict == "mismatch" else 390)
    [finding] = found["findings"]
    assert finding["verdict"] == verdict
    assert f"by {evaluation['seen']:,} of 400 images of shades in random order" in finding["reason"]


def test_nothing_that_is_amiss_leaves_the_denominator(shades, evaluated) -> None:
    images = shades.folder / "images"
    (images / "3" / "039.png").write_bytes(b"\x89PNG\r\n\x1a\nno image")
    (images / "5" / "038.png").write_bytes((images / "5" / "037.png").read_bytes()[:40])
    (images / "5" / "039.png").write_bytes(b"")
    (images / "12").mkdir()
    Image.new("L", (8, 8)).save(images / "12" / "beyond.png")
    for file in (images / "7").iterdir():
        file.unlink()
    found = evaluated()
    evaluation = found["evaluation"]
    assert (evaluation["images"], evaluation["seen"], evaluation["unread"]) == (361, 361, 3)
    assert evaluation["top1"]["right"] == 320 - 32 - 3
    faults = {(kind, name): detail for kind, name, detail in evaluation["faults"]}
    assert {name for kind, name in faults if kind == "unread"} == {
        "3/039.png",
        "5/038.png",
        "5/039.png",
    }
    assert faults["unread", "5/039.png"].startswith(
        "UnidentifiedImageError: cannot identify image file"
    )
    assert faults["label out of range", "12"] == "1 image; the model has 10 outputs"
    assert ("missing class", "7") in faults
    rows = {row["name"]: row for row in table(shades.folder)}
    assert (rows["3/039.png"]["top"], rows["3/039.png"]["label"]) == ([], [3])
    assert (rows["12/beyond.png"]["label"], rows["12/beyond.png"]["own"]) == ([], None)
    assert "3 that could not be read count as wrong" in found["findings"][0]["reason"]


def test_outputs_that_are_not_finite_are_named_and_wrong(shades, evaluated) -> None:
    path = shades.folder / "index.yml"
    path.write_text(path.read_text().replace("shades:Shade", "shades:Silent"))
    evaluation = evaluated("--limit", "64")["evaluation"]
    assert (evaluation["top1"]["right"], evaluation["unread"], evaluation["broken"]) == (0, 0, 64)
    assert evaluation["faults"][0][2] == "the model's outputs are not finite"


def test_a_killed_run_loses_seconds_and_comes_to_the_same(shades, evaluated) -> None:
    """Killed with SIGKILL once a part is on disk; what the next run does not evaluate again is at
    least that part."""
    command = shades.command(
        "eval", "shade", "--data", "images", "--dataset", "shades", "--batch-size", "4"
    )
    process = subprocess.Popen(
        command, env=shades.environment(SHADE_SLEEPS="0.25"), stderr=subprocess.DEVNULL
    )
    parts = shades.folder / "ledger" / "eval" / "shade"
    deadline = time.monotonic() + 60
    while not list(parts.glob("*.parts/*.parquet")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    [part] = parts.glob("*.parts/*.parquet")
    kept = pq.read_table(part, partitioning=None).num_rows
    assert 0 < kept < 400 and not list(parts.glob("*.json"))
    (part.parent / "000000399.parquet").write_bytes(b"PAR1 torn")
    found = evaluated("--batch-size", "4")
    assert counts(found) == WHOLE
    assert not list(parts.glob("*.parts"))
    [document] = Ledger(shades.folder / "ledger").of("eval", "shade")
    assert found["evidence"] == document.cell.key
    assert len(table(shades.folder)) == 400


@pytest.mark.slow
def test_an_interrupted_run_keeps_what_it_has_and_says_so(shades, evaluated) -> None:
    command = shades.command(
        "eval", "shade", "--data", "images", "--dataset", "shades", "--batch-size", "4"
    )
    environment = shades.environment(SHADE_SLEEPS="0.2")
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    parts = shades.folder / "ledger" / "eval" / "shade"
    while not list(parts.glob("*.parts/*.parquet")):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "zoo: interrupted; what was measured is kept"
    [document] = Ledger(shades.folder / "ledger").of("eval", "shade")
    assert document.evaluation is not None and document.evaluation.stopped == "interrupted"
    assert 0 < document.evaluation.seen < 400 == document.evaluation.images
    assert counts(evaluated("--batch-size", "4")) == WHOLE


def test_two_processes_count_what_one_does(shades, evaluated) -> None:
    one = evaluated("--batch-size", "16", "--ledger", "one")
    launcher = (
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node",
        "2",
        "--master-port",
        "0",
        "-m",
        "zoo",
    )
    launcher = (*launcher[:3], "--standalone", "--nproc-per-node", "2", "-m", "zoo")
    done = shades.run(
        "eval", "shade", "--data", "images", "--dataset", "shades", "--batch-size", "16", "--ledger", "two",
        "--format", "json", launcher=launcher, OMP_NUM_THREADS="1",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    [two] = json.loads(done.stdout)
    assert counts(two) == counts(one) == WHOLE
    assert two["evidence"] == one["evidence"]
    tables = [
        pq.read_table(next((shades.folder / name).rglob("*.parquet")), partitioning=None)
        for name in ("one", "two")
    ]
    assert tables[0].drop_columns(["score", "own"]).equals(tables[1].drop_columns(["score", "own"]))


def test_other_pipelines_are_evaluated_and_one_that_cannot_be_says_why(evaluated) -> None:
    found = evaluated("--sensitivity")
    variants = {each["pipeline"]: each for each in found["variants"]}
    assert list(variants) == [
        "bicubic", "bilinear on antialiased tensors", "bicubic on antialiased tensors", "crop 0.875", "crop 0.9",
        "size 40", "squash",
    ]  # fmt: skip
    assert variants["size 40"]["error"] == "RuntimeError: only 8 pixels"
    assert counts(variants["crop 0.9"]) == WHOLE


def test_what_is_said_for_people(shades) -> None:
    done = shades.call("eval", "shade", "--data", "images", "--dataset", "shades")
    said = done.stdout.splitlines()
    assert said[0] == "shade on shades: all 400 images"
    assert re.fullmatch(r"  weights        shade.pth, SHA-256 [0-9a-f]{8}, by name", said[1])
    assert said[2] == "  preprocessing  1x8x8, crop 1 center, bilinear, mean 0, std 1"
    assert said[3] == "  labels         folder names are class indexes"
    assert re.fullmatch(
        r"Top 1 Accuracy +index +80% +80% +counted +exact +320 of 400 images of shades are right: .*",
        said[7],
    )
    assert said[-1] == "index.yml:10: Models[0].Results[0].Metrics.Top 5 Accuracy: mismatch"
    assert re.fullmatch(
        r"evidence [0-9a-f]{16}: 400 of 400 images, .* s, .* images/s\n", done.stderr
    )


def test_images_that_changed_are_evaluated_again(shades, evaluated) -> None:
    """Same names, same sizes: only the time of the change tells."""
    evaluated("--limit", "64")
    folder = shades.folder / "images" / "5"
    sizes = [path.stat().st_size for path in sorted(folder.iterdir())]
    for path in folder.iterdir():
        Image.new("L", (8, 8), round(255 * 4 / 9)).save(path)
    assert [path.stat().st_size for path in sorted(folder.iterdir())] == sizes
    found = evaluated()
    assert (found["evaluation"]["seen"], found["evaluation"]["top1"]["right"]) == (400, 320 - 32)
    assert len(table(shades.folder)) == 400


def test_a_smaller_run_takes_nothing_away(shades, evaluated) -> None:
    whole = evaluated()
    assert evaluated("--limit", "64") == whole
    part = evaluated("--fresh", "--limit", "64")
    assert part["evaluation"]["seen"] == 64
    assert evaluated() == whole
    assert len(table(shades.folder)) == 400
    (shades.folder / "ledger" / "eval" / "shade" / f"{whole['evidence']}.parquet").unlink()
    assert counts(evaluated()) == WHOLE
    assert len(table(shades.folder)) == 400


def test_a_check_that_cannot_be_takes_nothing_away(shades, evaluated) -> None:
    evaluated()
    path = shades.folder / "index.yml"
    path.write_text(path.read_text().replace("80%", "800%").replace(", Top 5 Accuracy: 99.9%", ""))
    done = shades.call(
        "eval", "shade", "--data", "images", "--dataset", "shades", "--fresh", "--check"
    )
    assert str(done.exception) == "--check: 800% is no accuracy; evaluate without --check"
    assert len(table(shades.folder)) == 400


def test_a_model_that_raised_is_tried_again(shades, evaluated) -> None:
    path = shades.folder / "shades.py"
    path.write_text(
        path.read_text()
        + """
class Flaky(Shade):
    def forward(self, x):
        if len(x) > 1 and os.path.exists("boom"):
            raise RuntimeError("disk flaky")
        return super().forward(x)
"""
    )
    sys.modules.pop("shades", None)
    index = shades.folder / "index.yml"
    index.write_text(index.read_text().replace("shades:Shade", "shades:Flaky"))
    (shades.folder / "boom").touch()
    assert evaluated()["error"] == "RuntimeError: disk flaky"
    assert why(shades, "Top 1 Accuracy") == ("error", "RuntimeError: disk flaky")
    (shades.folder / "boom").unlink()
    assert counts(evaluated()) == WHOLE
    assert verdicts(shades)["Top 1 Accuracy"] == ("exact", 80)


def test_labels_of_a_person_do_not_leave_images_out_unseen(shades, evaluated) -> None:
    right = {
        path.relative_to(shades.folder / "images").as_posix(): []
        if int(path.stem) < 8
        else int(path.parent.name)
        for path in (shades.folder / "images").glob("*/*.png")
    }
    (shades.folder / "mine.json").write_text(json.dumps(right))
    found = evaluated("--labels", "mine.json")
    assert (found["evaluation"]["images"], found["evaluation"]["top1"]["right"]) == (320, 320)
    assert {f["reason"] for f in found["findings"]} == {
        "80 images are left out by labels of mine.json"
    }
    assert {f["verdict"] for f in found["findings"]} == {"unchecked"}


def test_a_folder_is_not_known_by_its_name(shades) -> None:
    (shades.folder / "images").rename(shades.folder / "shades_")
    done = shades.call("eval", "shade", "--data", "shades_", "--format", "json")
    assert done.exit_code == 0
    (shades.folder / "shades_").rename(shades.folder / "shades")
    found = json.loads(shades.call("eval", "shade", "--data", "shades", "--format", "json").stdout)[
        0
    ]
    assert {f["reason"] for f in found["findings"]} == {
        "shades is not known to be shades; --dataset states it"
    }


def test_a_training_split_proves_nothing(shades, evaluated) -> None:
    (shades.folder / "both").mkdir()
    (shades.folder / "images").rename(shades.folder / "both" / "train")
    (shades.folder / "both" / "val").symlink_to(shades.folder / "both" / "train")
    done = shades.call(
        "eval",
        "shade",
        "--data",
        "both",
        "--split",
        "train",
        "--dataset",
        "shades",
        "--format",
        "json",
    )
    [found] = json.loads(done.stdout)
    assert {f["reason"] for f in found["findings"]} == {
        "evaluated on the split train of shades; the claim does not name that split"
    }


def test_other_images_explain_nothing(shades, evaluated) -> None:
    shades.index("50.0%")
    evaluated()
    shutil.copytree("images", "others")
    for path in (shades.folder / "others").glob("*/*.png"):
        if 8 <= int(path.stem) < 20:
            Image.new("L", (8, 8), round(255 * ((int(path.parent.name) + 1) % 10) / 9)).save(path)
    done = shades.call(
        "eval",
        "shade",
        "--data",
        "others",
        "--dataset",
        "shades",
        "--precision",
        "bf16",
        "--format",
        "json",
    )
    [found] = json.loads(done.stdout)
    assert found["evaluation"]["top1"]["right"] == 200
    assert evaluated()["findings"][0]["verdict"] == "mismatch"


def verdicts(shades) -> dict[str, tuple[str, object]]:
    done = shades.call("verify", "shade", "--format", "json")
    return {
        found["quantity"]: (found["verdict"], found["measured"])
        for found in json.loads(done.stdout)
    }


def why(shades, quantity: str) -> tuple[str, str]:
    done = shades.call("verify", "shade", "--format", "json")
    return next(
        (f["verdict"], f["reason"]) for f in json.loads(done.stdout) if f["quantity"] == quantity
    )


def test_verify_and_explain_use_what_was_evaluated(shades, evaluated) -> None:
    evaluated()
    found = verdicts(shades)
    assert (found["Top 1 Accuracy"], found["Top 5 Accuracy"]) == (("exact", 80), ("mismatch", 98))
    told = shades.call("explain", "shade", "top5").stdout
    assert "verdict    mismatch" in told and "as the error, not the accuracy" in told
    path = shades.folder / "index.yml"
    path.write_text(path.read_text().replace("Crop Pct: 1.0", "Crop Pct: 0.9"))
    assert why(shades, "Top 1 Accuracy") == (
        "unchecked",
        "evaluated with another crop fraction than the index states",
    )
    path.write_text(path.read_text().replace("Crop Pct: 0.9", "Crop Pct: 1.00, Crop Mode: center"))
    assert verdicts(shades)["Top 1 Accuracy"] == ("exact", 80)
    module = shades.folder / "shades.py"
    module.write_text(module.read_text().replace("-100", "-101"))
    verdict, reason = why(shades, "Top 1 Accuracy")
    assert verdict == "unchecked" and re.fullmatch(
        "evaluated with shades source [0-9a-f]{12}, which is shades source [0-9a-f]{12} now", reason
    )


def test_what_was_counted_on_all_images_can_be_written(shades, evaluated) -> None:
    shades.index("70.0%")
    evaluated()
    shades.call("verify", "shade", "--write", "--yes", "--only", "top1")
    assert "Top 1 Accuracy: 80.0%" in (shades.folder / "index.yml").read_text()


def test_weights_of_another_digest_are_no_evidence(shades, evaluated) -> None:
    evaluated()
    torch.save({"centres": torch.linspace(0, 1, 10) + 0.01}, "shade.pth")
    assert why(shades, "Top 1 Accuracy") == (
        "unchecked", "shade.pth is another file than the one evaluated, by its SHA-256",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "nowhere"], "nowhere: no such folder or file, and no name: torchvision:..., synthetic:..., "
         "digits, photographs"),
        ([], "shade: give the images with --data; the index claims its accuracy on shades"),
        (["--data", "images", "--precision", "fp8"], "--precision: expected fp32, tf32, amp, bf16, fp16, got 'fp8'"),
        (["--data", "images", "--device", "abacus"], "--device abacus: "),
        (["--data", "images", "--tolerance", "much"], "--tolerance: expected points between 0 and 100 such as "
         "0.5, got 'much'"),
        (["--data", "images", "--confidence", "99"], "--confidence: expected a number between 0 and 1 such as "
         "0.99, got 99.0"),
        (["--data", "images", "--check"], "--check: the index claims no accuracy on these images; "
         "evaluate without --check"),
        (["--data", "images", "--weights", "other.pth"], "other.pth: no such file"),
        (["--data", "images", "--weights", "hf:a/b"], "hf:a/b is an address: add --download"),
        (["--data", "images", "--weights", "index.yml"], "'index.yml': unknown format"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told(shades, arguments: list[str], said: str) -> None:
    done = shades.call("eval", "shade", *arguments)
    assert isinstance(done.exception, ZooError)
    assert str(done.exception).startswith(said)
    assert not list(shades.folder.rglob("*.parquet"))


def test_predictions_that_cannot_be_kept_are_an_error(shades) -> None:
    (shades.folder / "ledger").mkdir()
    (shades.folder / "ledger" / "eval").write_text("a file where a folder has to be")
    done = shades.call("eval", "shade", "--data", "images", "--dataset", "shades")
    assert isinstance(done.exception, LedgerError)
    assert re.match(
        r"ledger/eval/shade/[0-9a-f]{16}.json: cannot read evidence: Not a directory",
        str(done.exception),
    )


def test_what_is_said_of_the_same_images_later_is_kept_without_evaluating_them_again(
    shades,
) -> None:
    """That the folder is the data set, or that the weights are the index's, changes the document
    and no prediction."""
    (shades.folder / "images").rename(shades.folder / "shades")
    call = ("eval", "shade", "--data", "shades", "--format", "json")
    [before] = json.loads(shades.call(*call).stdout)
    [after] = json.loads(shades.call(*call, "--dataset", "shades").stdout)
    assert after["evidence"] == before["evidence"]
    assert [f["verdict"] for f in after["findings"]] == ["exact", "mismatch"]
    assert after["evaluation"]["rate"] == before["evaluation"]["rate"]  # the same measurement
    assert verdicts(shades)["Top 1 Accuracy"] == ("exact", 80)
