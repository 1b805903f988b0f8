"""`zoo eval`: counts known in advance, faults by name, interrupted and resumed runs, and several
processes."""

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
from typer.testing import CliRunner

from zoo.cli import app
from zoo.model_index.errors import LedgerError, ZooError
from zoo.model_index.ledger.store import Ledger

COUNTS = ("images", "seen", "top1", "top5", "mean_per_class", "unread")


def counts(document: dict) -> dict:
    return {key: document["evaluation"][key] for key in COUNTS}


def table(folder: Path) -> list[dict]:
    [path] = folder.glob("ledger/eval/shade/*.parquet")
    return pq.read_table(path, partitioning=None).to_pylist()


WHOLE = {
    "images": 400,
    "seen": 400,
    "top1": {"right": 320, "low": 320, "high": 320},
    "top5": {"right": 392, "low": 392, "high": 392},
    "mean_per_class": 80.0,
    "unread": 0,
}


def test_counts_and_predictions(shades, evaluate) -> None:
    """A fifth of the images show the next shade: top-1 is wrong for them, top-5 is right except for
    the last shade."""
    document = evaluate()
    assert counts(document) == WHOLE
    assert [(f["quantity"], f["verdict"]) for f in document["findings"]] == [
        ("Top 1 Accuracy", "exact"),
        ("Top 5 Accuracy", "mismatch"),
    ]
    rows = table(shades.folder)
    assert [row["position"] for row in rows] == list(range(400))
    assert sorted(row["image"] for row in rows) == list(range(400))
    assert [row["image"] for row in rows] != list(range(400))
    row = next(row for row in rows if row["name"] == "3/000.png")
    assert (row["label"], row["top"][0], len(row["top"]), row["fault"]) == ([3], 4, 5, None)
    assert row["score"] == sorted(row["score"], reverse=True) and row["own"] < row["score"][0]
    assert sum(row["top"][0] in row["label"] for row in rows) == 320


def test_evidence_of_all_images_is_used_again(evaluate) -> None:
    first, again, fresh = evaluate(), evaluate(), evaluate("--fresh")
    assert again == first
    assert counts(fresh) == counts(first)


def test_a_limited_run_goes_on_and_comes_to_the_same(shades, evaluate) -> None:
    part = evaluate("--limit", "100", "--batch-size", "32")
    assert part["evaluation"]["resumed"] == 0
    assert (part["evaluation"]["seen"], part["evaluation"]["stopped"]) == (128, "limit")
    low, high = part["evaluation"]["top1"]["low"], part["evaluation"]["top1"]["high"]
    assert low < 320 < high
    seen = table(shades.folder)
    whole = evaluate("--batch-size", "32")
    assert counts(whole) == WHOLE and whole["evaluation"]["resumed"] == 128
    assert table(shades.folder)[:128] == seen
    assert whole["evidence"] == part["evidence"]


def test_another_seed_is_another_order(shades, evaluate) -> None:
    first, second = evaluate("--seed", "1"), evaluate("--seed", "2")
    assert counts(first) == counts(second) == WHOLE
    orders = [
        pq.read_table(path, partitioning=None)["image"].to_pylist()
        for path in shades.folder.glob("ledger/eval/shade/*.parquet")
    ]
    assert len(orders) == 2 and orders[0] != orders[1]


@pytest.mark.parametrize(("claim", "verdict"), [("80%", "consistent"), ("50%", "mismatch")])
def test_a_check_stops_as_soon_as_it_is_decided(shades, evaluate, claim: str, verdict: str) -> None:
    text = shades.index(claim).read_text()
    (shades.folder / "index.yml").write_text(text.replace(", Top 5 Accuracy: 99.9%", ""))
    document = evaluate("--check", "--tolerance", "8", "--batch-size", "8")
    evaluation = document["evaluation"]
    assert evaluation["stopped"] == "decided"
    assert evaluation["seen"] < (100 if verdict == "mismatch" else 390)
    [finding] = document["findings"]
    assert finding["verdict"] == verdict
    assert f"by {evaluation['seen']:,} of 400 images of shades in random order" in finding["reason"]


def test_unreadable_images_count_as_wrong(shades, evaluate) -> None:
    images = shades.folder / "images"
    (images / "3" / "039.png").write_bytes(b"\x89PNG\r\n\x1a\nno image")
    (images / "5" / "038.png").write_bytes((images / "5" / "037.png").read_bytes()[:40])
    (images / "5" / "039.png").write_bytes(b"")
    (images / "12").mkdir()
    Image.new("L", (8, 8)).save(images / "12" / "beyond.png")
    for file in (images / "7").iterdir():
        file.unlink()
    document = evaluate()
    evaluation = document["evaluation"]
    assert (evaluation["images"], evaluation["seen"], evaluation["unread"]) == (361, 361, 3)
    assert evaluation["top1"]["right"] == 320 - 32 - 3
    faults = {(kind, name): detail for kind, name, detail in evaluation["faults"]}
    assert {name for kind, name in faults if kind == "unread"} == {
        "3/039.png",
        "5/038.png",
        "5/039.png",
    }
    assert faults["unread", "5/039.png"].startswith("OSError: its bytes are no picture in BMP")
    assert faults["label out of range", "12"] == "1 image; the model has 10 outputs"
    assert ("missing class", "7") in faults
    rows = {row["name"]: row for row in table(shades.folder)}
    assert (rows["3/039.png"]["top"], rows["3/039.png"]["label"]) == ([], [3])
    assert (rows["12/beyond.png"]["label"], rows["12/beyond.png"]["own"]) == ([], None)
    assert "3 that could not be read count as wrong" in document["findings"][0]["reason"]


def test_outputs_that_are_not_finite_are_named_and_wrong(shades, evaluate) -> None:
    path = shades.folder / "index.yml"
    path.write_text(path.read_text().replace("shades:Shade", "shades:Silent"))
    evaluation = evaluate("--limit", "64")["evaluation"]
    assert (evaluation["top1"]["right"], evaluation["unread"], evaluation["broken"]) == (0, 0, 64)
    assert evaluation["faults"][0][2] == "the model's outputs are not finite"


def test_a_killed_run_loses_seconds_and_comes_to_the_same(shades, evaluate) -> None:
    """The run is killed with SIGKILL once a part is on disk; the next run does not evaluate that
    part again."""
    command = shades.command(*shades.eval_arguments("--batch-size", "4"))
    process = subprocess.Popen(
        command, env=shades.environment(SHADE_SLEEPS="0.25"), stderr=subprocess.DEVNULL
    )
    parts = shades.folder / "ledger" / "eval" / "shade"
    while not list(parts.glob("*.parts/*.parquet")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    [part] = parts.glob("*.parts/*.parquet")
    stored = pq.read_table(part, partitioning=None).num_rows
    assert 0 < stored < 400 and not list(parts.glob("*.json"))
    (part.parent / "000000399.parquet").write_bytes(b"PAR1 torn")
    document = evaluate("--batch-size", "4")
    assert counts(document) == WHOLE
    assert not list(parts.glob("*.parts"))
    [evidence] = Ledger(shades.folder / "ledger").of("eval", "shade")
    assert document["evidence"] == evidence.cell.key
    assert len(table(shades.folder)) == 400


@pytest.mark.slow
def test_an_interrupted_run_keeps_what_it_has_and_says_so(shades, evaluate) -> None:
    command = shades.command(*shades.eval_arguments("--batch-size", "4"))
    environment = shades.environment(SHADE_SLEEPS="0.2")
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    parts = shades.folder / "ledger" / "eval" / "shade"
    while not list(parts.glob("*.parts/*.parquet")):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "zoo: interrupted; results so far are stored"
    [document] = Ledger(shades.folder / "ledger").of("eval", "shade")
    assert document.evaluation is not None and document.evaluation.stopped == "interrupted"
    assert 0 < document.evaluation.seen < 400 == document.evaluation.images
    assert counts(evaluate("--batch-size", "4")) == WHOLE


TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "zoo")


@pytest.mark.slow
def test_two_processes_count_what_one_does(shades, evaluate) -> None:
    single = evaluate("--batch-size", "16", "--ledger", "single")
    done = shades.run(
        *shades.eval_arguments("--batch-size", "16", "--ledger", "double", "--format", "json"),
        launcher=(sys.executable, *TORCHRUN),
        OMP_NUM_THREADS="1",
    )
    assert done.returncode == 1, done.stderr
    [double] = json.loads(done.stdout)
    assert counts(double) == counts(single) == WHOLE
    assert double["evidence"] == single["evidence"]
    tables = [
        pq.read_table(next((shades.folder / name).rglob("*.parquet")), partitioning=None)
        for name in ("single", "double")
    ]
    assert tables[0].drop_columns(["score", "own"]).equals(tables[1].drop_columns(["score", "own"]))


def test_other_pipelines_are_evaluated_and_one_that_cannot_be_says_why(evaluate) -> None:
    document = evaluate("--sensitivity")
    variants = {variant["pipeline"]: variant for variant in document["variants"]}
    assert list(variants) == [
        "bicubic",
        "bilinear on antialiased tensors",
        "bicubic on antialiased tensors",
        "crop 0.875",
        "crop 0.9",
        "size 40",
        "squash",
    ]
    assert variants["size 40"]["error"] == "RuntimeError: only 8 pixels"
    assert counts(variants["crop 0.9"]) == WHOLE


def test_a_second_run_comes_to_the_same_causes(shades, evaluate) -> None:
    """Findings on fresh evidence are those on evidence that is read back, and those of verify."""
    for shade in range(10):
        for number in range(8, 16):  # their centre shows the class, the whole image does not
            image = Image.new("L", (16, 8), round(255 * ((shade + 4) % 10) / 9))
            image.paste(round(255 * shade / 9), (4, 0, 12, 8))
            image.save(shades.folder / "images" / str(shade) / f"{number:03d}.png")
    shades.index("60.0%")
    first = evaluate("--sensitivity")
    (finding,) = [row for row in first["findings"] if row["quantity"] == "Top 1 Accuracy"]
    assert (finding["verdict"], finding["cause"]) == ("explained", "other crop mode")
    assert evaluate("--sensitivity") == first
    verified = json.loads(shades.call("verify", "--format", "json").stdout)
    assert finding in verified


def test_weights_that_the_index_does_not_name_say_nothing_of_the_entry(shades, evaluate) -> None:
    path = shades.index("80%")
    path.write_text(path.read_text().replace("  Weights: shade.pth\n", ""))
    reasons = {
        "evaluated with shade.pth; the index names no weights; `Weights` in its entry names them"
    }
    told = evaluate("--weights", "shade.pth")["findings"]
    accuracies = [row for row in told if row["quantity"].endswith("Accuracy")]
    assert {row["verdict"] for row in accuracies} == {"unchecked"}
    assert {row["reason"] for row in accuracies} == reasons
    verified = json.loads(shades.call("verify", "--format", "json").stdout)
    assert [row for row in verified if row["quantity"].endswith("Accuracy")] == accuracies
    card = CliRunner().invoke(app, ["card", "shade", "--index", "index.yml"]).stdout
    assert "right" not in card and "verified" not in card and "| yes |" not in card
    shades.index("80%")  # names them
    assert evaluate("--weights", "shade.pth")["findings"][0]["verdict"] == "exact"


def test_the_card_uses_images_as_the_evaluation_did(shades, evaluate) -> None:
    path = shades.index("80%")
    path.write_text(path.read_text().replace(", Interpolation: bilinear", ""))
    arguments = ["card", "shade", "--index", "index.yml"]
    assert "as evaluated" not in CliRunner().invoke(app, arguments).stdout
    done = evaluate()
    assert done["evaluation"]["defaults"] == ["crop_mode", "interpolation"]
    card = CliRunner().invoke(app, arguments).stdout
    assert "transforms.Grayscale(),  # as evaluated" in card
    assert "transforms.Resize(8, transforms.InterpolationMode.BICUBIC)" in card
    assert "transforms.Normalize((0.0,), (1.0,))" in card


def test_the_table(shades) -> None:
    done = shades.evaluate()
    lines = done.stdout.splitlines()
    assert lines[0] == "shade on shades: all 400 images"
    columns, top1, top5 = (line.split("\t") for line in lines[1:4])
    header = ["Standing", "Quantity", "Claimed", "Measured", "All images", "Publisher", "Note"]
    assert columns == header
    assert top1[:-1] == ["right", "Top 1 Accuracy", "80%", "80%", "counted", shades.folder.name]
    assert top1[-1].startswith("320 of 400 images of shades are right: ")
    assert top5[0] == "wrong" and top5[-1].endswith(" (index.yml:10)")
    assert re.fullmatch(r"weights        shade.pth, SHA-256 [0-9a-f]{8}, by name", lines[-5])
    assert lines[-4] == "preprocessing  1x8x8, crop 1 center, bilinear, mean 0, std 1"
    assert lines[-3] == "defaults       crop mode center: timm's; the index states none"
    assert lines[-2] == "labels         folder names are class indexes"
    assert lines[-1].startswith("run            fp32 on cpu, ")
    csv = shades.evaluate("--format", "csv").stdout.splitlines()
    assert csv[0].startswith("model,quantity,measured,claimed,standing,verdict,images,dataset")
    assert csv[1].startswith("shade,Top 1 Accuracy,80.0,80,right,exact,400,shades,")
    judged = "1 model evaluated, 2 of 2 claimed accuracies judged"
    evidence, last = done.stderr.splitlines()[-2:]  # after lines of progress
    assert re.fullmatch(r"evidence [0-9a-f]{16}: 400 of 400 images, .* s, .* images/s", evidence)
    assert last == judged
    time.sleep(1)  # times of documents are in seconds
    evidence, last = shades.evaluate().stderr.splitlines()[-2:]
    assert re.fullmatch(
        r"evidence [0-9a-f]{16}: 400 of 400 images, reused from the ledger, 20\S+ \(--fresh "
        r"evaluates again\)",
        evidence,
    )
    assert last == judged


def test_images_that_changed_are_evaluated_again(shades, evaluate) -> None:
    """Names and sizes stay the same; only the modification time differs."""
    evaluate("--limit", "64")
    folder = shades.folder / "images" / "5"
    sizes = [path.stat().st_size for path in sorted(folder.iterdir())]
    for path in folder.iterdir():
        Image.new("L", (8, 8), round(255 * 4 / 9)).save(path)
    assert [path.stat().st_size for path in sorted(folder.iterdir())] == sizes
    document = evaluate()
    assert (document["evaluation"]["seen"], document["evaluation"]["top1"]["right"]) == (
        400,
        320 - 32,
    )
    assert len(table(shades.folder)) == 400


def test_a_smaller_run_takes_nothing_away(shades, evaluate) -> None:
    whole = evaluate()
    assert evaluate("--limit", "64") == whole
    part = evaluate("--fresh", "--limit", "64")
    assert part["evaluation"]["seen"] == 64
    assert evaluate() == whole
    assert len(table(shades.folder)) == 400
    (shades.folder / "ledger" / "eval" / "shade" / f"{whole['evidence']}.parquet").unlink()
    assert counts(evaluate()) == WHOLE
    assert len(table(shades.folder)) == 400


def test_a_check_that_cannot_be_takes_nothing_away(shades, evaluate) -> None:
    evaluate()
    path = shades.folder / "index.yml"
    path.write_text(path.read_text().replace("80%", "800%").replace(", Top 5 Accuracy: 99.9%", ""))
    done = shades.evaluate("--fresh", "--check")
    assert str(done.exception) == "--check: 800% is no accuracy; evaluate without --check"
    assert len(table(shades.folder)) == 400


def test_a_model_that_raised_is_tried_again(shades, evaluate) -> None:
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
    assert evaluate()["error"] == "RuntimeError: disk flaky"
    assert why(shades, "Top 1 Accuracy") == ("error", "RuntimeError: disk flaky")
    (shades.folder / "boom").unlink()
    assert counts(evaluate()) == WHOLE
    assert verdicts(shades)["Top 1 Accuracy"] == ("exact", 80)


def test_labels_of_the_user_that_leave_images_out_are_reported(shades, evaluate) -> None:
    right = {
        path.relative_to(shades.folder / "images").as_posix(): []
        if int(path.stem) < 8
        else int(path.parent.name)
        for path in (shades.folder / "images").glob("*/*.png")
    }
    (shades.folder / "mine.json").write_text(json.dumps(right))
    document = evaluate("--labels", "mine.json")
    assert (document["evaluation"]["images"], document["evaluation"]["top1"]["right"]) == (320, 320)
    assert {f["reason"] for f in document["findings"]} == {
        "80 images are left out by labels of mine.json"
    }
    assert {f["verdict"] for f in document["findings"]} == {"unchecked"}


def test_a_folder_is_not_known_by_its_name(shades) -> None:
    (shades.folder / "images").rename(shades.folder / "shades_")
    done = shades.evaluate("--format", "json", data="shades_", dataset=None)
    assert done.exit_code == 0
    (shades.folder / "shades_").rename(shades.folder / "shades")
    done = shades.evaluate("--format", "json", data="shades", dataset=None)
    [document] = json.loads(done.stdout)
    assert {f["reason"] for f in document["findings"]} == {
        "shades is not known to be shades; --dataset states it"
    }


def test_a_training_split_proves_nothing(shades, evaluate) -> None:
    (shades.folder / "both").mkdir()
    (shades.folder / "images").rename(shades.folder / "both" / "train")
    (shades.folder / "both" / "val").symlink_to(shades.folder / "both" / "train")
    done = shades.evaluate("--split", "train", "--format", "json", data="both")
    [document] = json.loads(done.stdout)
    assert {f["reason"] for f in document["findings"]} == {
        "evaluated on the split train of shades; the claim does not name that split"
    }


def test_other_images_explain_nothing(shades, evaluate) -> None:
    shades.index("50.0%")
    evaluate()
    shutil.copytree("images", "others")
    for path in (shades.folder / "others").glob("*/*.png"):
        if 8 <= int(path.stem) < 20:
            Image.new("L", (8, 8), round(255 * ((int(path.parent.name) + 1) % 10) / 9)).save(path)
    done = shades.evaluate("--precision", "bf16", "--format", "json", data="others")
    [document] = json.loads(done.stdout)
    assert document["evaluation"]["top1"]["right"] == 200
    assert evaluate()["findings"][0]["verdict"] == "mismatch"


def verdicts(shades) -> dict[str, tuple[str, object]]:
    done = shades.call("verify", "shade", "--format", "json")
    return {f["quantity"]: (f["verdict"], f["measured"]) for f in json.loads(done.stdout)}


def why(shades, quantity: str) -> tuple[str, str]:
    done = shades.call("verify", "shade", "--format", "json")
    return next(
        (f["verdict"], f["reason"]) for f in json.loads(done.stdout) if f["quantity"] == quantity
    )


def test_verify_and_explain_use_what_was_evaluated(shades, evaluate) -> None:
    evaluate()
    accuracies = verdicts(shades)
    assert accuracies["Top 1 Accuracy"] == ("exact", 80)
    assert accuracies["Top 5 Accuracy"] == ("mismatch", 98)
    output = shades.call("explain", "shade", "top5", "--all").stdout
    assert (
        f"WRONG\t{shades.folder.name}\t99.9%\t98%" in output
        and "as the error, not the accuracy" in output
    )
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


def test_an_accuracy_on_all_images_can_be_written(shades, evaluate) -> None:
    shades.index("70.0%")
    evaluate()
    shades.call("verify", "shade", "--write", "--yes", "--only", "top1")
    assert "Top 1 Accuracy: 80.0%" in (shades.folder / "index.yml").read_text()


def test_weights_of_another_digest_are_no_evidence(shades, evaluate) -> None:
    evaluate()
    torch.save({"centres": torch.linspace(0, 1, 10) + 0.01}, "shade.pth")
    assert why(shades, "Top 1 Accuracy") == (
        "unchecked",
        "shade.pth is another file than the one evaluated, by its SHA-256",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "--data nowhere",
            "no data 'nowhere' (a folder or file, or one of torchvision:..., synthetic:..., "
            "digits, photographs)",
        ),
        ("", "shade: give the images with --data; the index claims its accuracy on shades"),
        ("--data images --device abacus", "--device abacus: "),
        (
            "--data images --tolerance much",
            "--tolerance: expected points between 0 and 100 such as 0.5, got 'much'",
        ),
        (
            "--data images --confidence 99",
            "--confidence: expected a number between 0 and 1 such as 0.99, got 99.0",
        ),
        (
            "--data images --check",
            "--check: the index claims no accuracy on these images; evaluate without --check",
        ),
        ("--data images --weights other.pth", "other.pth: no such file"),
        ("--data images --weights hf:a/b", "hf:a/b is an address: add --download"),
        ("--data images --weights index.yml", "'index.yml': unknown format"),
    ],
)
def test_what_cannot_be_evaluated_is_an_error(shades, arguments: str, message: str) -> None:
    done = shades.call("eval", "shade", *arguments.split())
    assert isinstance(done.exception, ZooError)
    assert str(done.exception).startswith(message)
    assert not list(shades.folder.rglob("*.parquet"))


def test_predictions_that_cannot_be_kept_are_an_error(shades) -> None:
    (shades.folder / "ledger").mkdir()
    (shades.folder / "ledger" / "eval").write_text("a file where a folder has to be")
    done = shades.evaluate()
    assert isinstance(done.exception, LedgerError)
    assert re.search(
        r"/ledger/eval/shade/[0-9a-f]{16}.json: cannot read evidence: Not a directory",
        str(done.exception),
    )


def test_new_statements_about_the_same_images_need_no_new_evaluation(shades) -> None:
    """A stated data set, or weights of the index, change the document and no prediction."""
    (shades.folder / "images").rename(shades.folder / "shades")
    done = shades.evaluate("--format", "json", data="shades", dataset=None)
    [before] = json.loads(done.stdout)
    [after] = json.loads(shades.evaluate("--format", "json", data="shades").stdout)
    assert after["evidence"] == before["evidence"]
    assert [f["verdict"] for f in after["findings"]] == ["exact", "mismatch"]
    assert after["evaluation"]["rate"] == before["evaluation"]["rate"]  # the same measurement
    assert verdicts(shades)["Top 1 Accuracy"] == ("exact", 80)
