"""The commands as a person types them: output, formats, exit codes, messages."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zoo.cli import app, main
from zoo.cli.commands import COMMANDS

DLA34 = ("verify", "dla34", "--format", "json")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("ledger"))


@pytest.fixture
def zoo(ledger: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command in this process on one shared ledger."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str) -> Result:
        keeps = arguments[0] in ("verify", "show", "build", "explain")
        return CliRunner().invoke(app, [*arguments, *(["--ledger", ledger] if keeps else [])])

    return call


def run_main(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code through the error boundary."""
    monkeypatch.setattr(sys, "argv", ["zoo", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


def test_verify_prints_findings_and_exits_with_1(zoo: Callable[..., Result]) -> None:
    result = zoo("verify", "dla34")
    assert result.exit_code == 1
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    flops = next(row for row in rows if row[2] == "FLOPs")
    assert flops[:6] == ["right", "dla34", "FLOPs", "3.07 G", "3.06 GMACs", "timm"]
    assert rows[0][:6] == ["wrong", "dla34", "Layers", "32", "use 34", "timm"]
    assert re.search(r"dla\.yml:\d+$", rows[0][7])
    assert "1 wrong, 7 right, 4 unknown of 12 claims; not examined: " in result.stderr


def test_verify_exits_with_0_without_findings_and_with_1_when_strict(
    zoo: Callable[..., Result],
) -> None:
    assert zoo("verify", "dla46_c").exit_code == 0
    assert zoo("verify", "dla46_c", "--strict").exit_code == 1


def test_verify_says_that_evidence_was_reused(zoo: Callable[..., Result]) -> None:
    zoo("verify", "dla34")
    assert "counts: 0 measured, 1 reused from " in zoo("verify", "dla34").stderr
    assert "counts: 1 measured, 0 reused from " in zoo("verify", "dla34", "--fresh").stderr


KEYS = (
    "model publisher quantity key claimed measured unit verdict cause prediction residual "
    "standing use alternatives ambiguous estimate "
    "reason gap file line key dataset task conditions"
)


def test_verify_as_json(zoo: Callable[..., Result]) -> None:
    data = json.loads(zoo(*DLA34).stdout)
    assert [set(item) for item in data] == [set(KEYS.split())] * 12
    assert data[0]["claimed"] == 3070105576
    assert data[0]["cause"] == "thop"


def test_a_pipe_has_every_claim(zoo: Callable[..., Result]) -> None:
    names = ("dla34", "dla46_c", "dla46x_c", "dla60")
    lines = zoo("verify", *names).stdout.splitlines()
    assert len(lines) == 48 and lines == zoo("verify", *names, "--all").stdout.splitlines()


def test_explain(zoo: Callable[..., Result]) -> None:
    result = zoo("explain", "dla34")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "dla34: FLOPs; timm:dla34 at 224x224: 3,060,043,776 multiply-adds"
    (answer,) = (line.split("\t") for line in lines if "timm\t" in line)
    assert answer[:5] == ["right", "timm", "3,070,105,576", "", "+0.33%"]
    assert re.search(
        r"^thop's convention at 224x224 gives the claim to the last digit; model_index/data/dla.yml"
        r":\d+$",
        answer[5],
    )
    start = lines.index("How 3,070,105,576 comes about\tCount")
    terms = [line.split("\t") for line in lines[start + 1 : lines.index("", start)]]
    *parts, (name, total) = [(name, int(number.replace(",", ""))) for name, number in terms]
    assert (name, total) == ("sum", 3_070_105_576) and sum(count for _, count in parts) == total
    assert any(line.startswith("level5\t") for line in lines)
    assert any(line.startswith("by class: convolution 100.0%") for line in lines)
    assert any(
        line.endswith("hypotheses tried: this cause alone gives every digit") for line in lines
    )
    assert "evidence" not in result.stdout and "evidence" in zoo("explain", "dla34", "-v").stdout
    assert len(lines) == len(set(lines)) + lines.count("") - 1, "each line once but for empty ones"


def test_explain_a_mismatch_in_another_spelling(zoo: Callable[..., Result]) -> None:
    result = zoo("explain", "densenet264", "params")
    assert result.exit_code == 1
    assert "\nwrong\t" in result.stdout.lower()
    assert re.search(r"^\d+ hypotheses tried: none matches its \d digits$", result.stdout, re.M)
    everything = zoo("explain", "densenet264", "params", "--all").stdout
    assert "without the classifier" in everything and "Parameters used" in everything
    assert len(everything.splitlines()) > len(result.stdout.splitlines())
    rows = zoo("explain", "densenet264", "params", "--format", "csv").stdout.splitlines()
    assert rows[0].startswith("model,publisher,quantity,key,claimed,label,rank,prediction,")
    assert rows[1].startswith("densenet264,PaddleClas,Parameters,parameters,33370000,")


def test_explain_as_json(zoo: Callable[..., Result]) -> None:
    (data,) = json.loads(zoo("explain", "dla34", "FLOPs", "--format", "json").stdout)
    assert set(KEYS.split()) < set(data)
    assert data["input"] == "224x224 image"
    assert (
        sum(row["macs"] for row in data["by_class"])
        == sum(row["macs"] for row in data["by_module"])
        == 3060043776
    )
    best = data["hypotheses"][0]
    assert (best["causes"], best["prediction"], best["residual"], best["fits"]) == (
        ["thop"],
        3070105576,
        0,
        True,
    )
    assert not any(hypothesis["fits"] for hypothesis in data["hypotheses"][1:])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dla34", "beauty"), "zoo: no quantity 'beauty' (FLOPs, Parameters, "),
        (
            ("densenet264", "crop pct"),
            "zoo: densenet264 claims no Crop Pct; it claims Layers, Image Size, FLOPs, ",
        ),
        (("dla35", "FLOPs"), "zoo: no model 'dla35': did you mean dla34? "),
    ],
)
def test_explain_says_what_there_is(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ledger: str,
    arguments: tuple,
    message: str,
) -> None:
    assert run_main(["explain", *arguments, "--ledger", ledger], monkeypatch) == 2
    assert message in capsys.readouterr().err


def test_a_report_lists_what_is_no_agreement(zoo: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "new" / "findings.md"
    result = zoo("verify", "dla34", "dla46_c", "--report", str(file))
    assert f"report: {file}" in result.stderr
    page = file.read_text()
    assert "- FLOPs: all 2 rows are explained: thop's convention\n" in page
    assert re.search(r"^\| dla34 \| Layers \| 32 \| 34 \| mismatch \|", page, re.MULTILINE)
    assert re.search(
        r"^Besides: \d+ exact, \d+ rounded, \d+ consistent, \d+ unchecked.$", page, re.MULTILINE
    )


def test_verify_cross_checks_with_fvcore(zoo: Callable[..., Result]) -> None:
    result = zoo("verify", "dla46_c", "--counter", "fvcore")
    assert result.exit_code == 0
    assert re.search(r"dla46_c\s+583,276,032\s+583,276,032\s+none", result.stdout)


def test_list(zoo: Callable[..., Result]) -> None:
    result = zoo("list", "dpn*")
    head, *lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert [name.rstrip("*") for name in head] == [
        "Model", "Family", "GMACs", "Params (M)", "Top-1 (%)",
    ]  # fmt: skip
    names = ["dpn68", "dpn68b", "dpn92", "dpn98", "dpn107", "dpn131"]
    assert [line[0] for line in lines] == names
    assert result.stderr.splitlines()[-1] == "6 models"
    data = json.loads(zoo("list", "densenet264", "--format", "json").stdout)
    assert data[0]["builder"] == "torchvision.models.densenet:DenseNet"
    assert data[0]["top1"] == 78, "published as 0.780"
    assert len(json.loads(zoo("list", "--format", "json").stdout)) == 25


def test_show(zoo: Callable[..., Result]) -> None:
    zoo("verify", "dla34")
    text = zoo("show", "dla34").stdout
    assert re.search(r"^Measured\t3.06 GMACs, 15.74 M parameters at 224x224 \(timm ", text, re.M)
    assert re.search(r"^Layers\t32\ttimm\t34\tdla.yml:\d+$", text, re.M)
    text = zoo("show", "dla34", "--all").stdout
    assert "SGD with Momentum, Weight Decay" in text
    assert "http://dl.yf.io/dla/models/imagenet/dla34-ba72cf86.pth" in text
    assert "the model's name says 34 layers" in text
    assert re.search(r"evidence [0-9a-f]{16}: dla34: measured, 224x224 image, timm ", text)
    data = json.loads(zoo("show", "dla34", "--format", "json").stdout)
    assert data["metadata"][
        "Training Resources" if "Training Resources" in data["metadata"] else "Layers"
    ]
    assert sum(part[2] for part in data["evidence"][0]["values"]["parts"]) == 15742104
    assert "trace" not in data["evidence"][0]["values"]
    rows = zoo("show", "dla34", "--format", "csv").stdout.splitlines()
    assert rows[0].startswith("model,publisher,quantity,key,claimed,measured,unit,standing,use,")
    assert rows[1].startswith(
        "dla34,timm,FLOPs,flops,3070105576,3060043776,operations,right,3060043776,"
    )


def test_show_without_evidence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result = CliRunner().invoke(app, ["show", "dpn131", "--ledger", str(tmp_path)])
    assert "Measured\tnot yet: zoo verify dpn131\n" in result.stdout
    assert "Latency\tnot measured yet: zoo bench dpn131\n" in result.stdout
    result = CliRunner().invoke(app, ["show", "dpn131", "--ledger", str(tmp_path), "--all"])
    assert "no evidence in the ledger yet; `zoo verify dpn131` measures it" in result.stdout


def test_lint_of_a_faultless_and_a_faulty_index(zoo: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "index.yml"
    path.write_text("Models:\n- {Name: a, Metadata: {ID: a}}\n")
    good = zoo("lint", str(path))
    assert (good.exit_code, good.stdout) == (0, "")
    path.write_text("Models:\n- {Name: a, In Collection: B, Metadata: {ID: a}}\n")
    bad = zoo("lint", "--index", str(path))
    assert bad.exit_code == 1
    assert bad.stdout.startswith(f"{path}:2:10: unknown-collection: a: ")
    data = json.loads(zoo("lint", str(path), "--format", "json").stdout)
    assert [(item["model"], item["line"]) for item in data] == [("a", 2)]


def test_env(zoo: Callable[..., Result]) -> None:
    data = json.loads(zoo("env", "--format", "json").stdout)
    assert data["python"] == sys.version.split()[0]
    assert data["torch"] and data["timm"]
    assert "timm" in zoo("env").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["verify", "dpn99"],
            r"zoo: no model 'dpn99': did you mean dpn92 or dpn98\? \(25 models in the embedded",
        ),
        (["verify", "--index", "no/such.yml"], r"zoo: no/such\.yml: no such file or folder"),
        (["list", "--index", "no/*.yml"], r"zoo: no/\*\.yml: no file matches"),
        (["verify", "--counter", "thop"], r"zoo: --counter: no 'thop' \(zoo, fvcore\)"),
        (
            ["build", "--config", "no.yml"],
            r"zoo: no\.yml: no such file; run in a folder with an MkDocs configuration",
        ),
        (
            ["verify", "--no-such-option"],
            r"zoo: no option '--no-such-option' \(`zoo verify --help-all`\)",
        ),
        (
            ["verify", "--format", "xml"],
            r"--format: no 'xml' \(table, json, csv, junit, sarif, github, markdown\)",
        ),
        (["list", "--format", "junit"], r"--format: no 'junit' \(table, json, csv\)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_a_message_and_exit_2(
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run_main(arguments, monkeypatch) == 2
    assert re.search(message, capsys.readouterr().err)


def test_an_index_without_a_model_that_can_be_read_is_all_its_faults_and_nothing_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.yml").write_text("Models:\n- Name: []\n- {}\n")
    assert run_main(["verify", "--index", "bad.yml"], monkeypatch) == 2
    assert capsys.readouterr().err == (
        "zoo: bad.yml:2: Models[0].Name: expected text, got a list\n"
        "zoo: bad.yml:2: Models[0].Name: expected a name, got a list\n"
        "zoo: bad.yml:3: Models[1].Name: expected a name, got nothing\n"
        "zoo: 3 faults, nothing was examined\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yml"]


BAD_CELLS = {
    "a.yml": "Models:\n"
    "- Name: dla34\n"
    "  Metadata:\n"
    "    FLOPs: many\n"
    "    Parameters: 15_742_104\n"
    "- {}\n"
    "- Name: dla60\n"
    "  Metadata: {Parameters: 22.04 M, Image Size: 224x}\n",
    "b.yml": "Models: [",
    "c.yml": "Models:\n- Name: dla102\n  Metadata: {Parameters: '-', FLOPs: [1, 2]}\n",
}
FAULTS = [
    "a.yml:4: Models[0].Metadata.FLOPs: expected a count, got 'many'",
    "a.yml:6: Models[1].Name: expected a name, got nothing",
    "a.yml:8: Models[2].Metadata.Image Size: expected an image size such as 224 or 224x285, "
    "got '224x'",
    "b.yml:1: expected valid YAML, got while parsing a flow node did not find expected node "
    "content",
    "c.yml:3: Models[0].Metadata.FLOPs: expected a count, got a list",
]


def test_what_cannot_be_read_is_one_finding_each_and_the_rest_is_examined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in BAD_CELLS.items():
        Path(name).write_text(text)
    index = ["--index", "a.yml", "--index", "b.yml", "--index", "c.yml"]
    assert run_main(["verify", *index], monkeypatch) == 1
    out, err = capsys.readouterr()
    unreadable = [line.split("\t") for line in out.splitlines() if line.startswith("error")]
    texts = [f"{row[7]}: {row[6]}".replace(": the file: ", ": ") for row in unreadable]
    assert texts == FAULTS
    assert "5 values unreadable (zoo lint)" in err
    assert run_main(["verify", *index, "--format", "json"], monkeypatch) == 1
    rows = json.loads(capsys.readouterr().out)
    parameters = {row["model"]: row["verdict"] for row in rows if row["quantity"] == "Parameters"}
    assert parameters == {"dla34": "exact", "dla60": "rounded"}
    errors = [row for row in rows if row["verdict"] == "error"]
    assert [(row["file"], row["line"]) for row in errors] == [
        ("a.yml", 4), ("a.yml", 6), ("a.yml", 8), ("b.yml", 1), ("c.yml", 3),
    ]  # fmt: skip
    assert [(row["model"], row["quantity"]) for row in errors][:3] == [
        ("dla34", "FLOPs"), (None, "Name"), ("dla60", "Image Size"),
    ]  # fmt: skip
    assert errors[0]["reason"].endswith("Models[0].Metadata.FLOPs: expected a count, got 'many'")
    assert run_main(["lint", *index], monkeypatch) == 1
    linted = [line for line in capsys.readouterr().out.splitlines() if ": unreadable: " in line]
    assert linted[0] == (
        "a.yml:4:1: unreadable: dla34: Models[0].Metadata.FLOPs: expected a count, got 'many'"
    )
    assert len(linted) == 5
    assert run_main(["list", *index], monkeypatch) == 0
    out, err = capsys.readouterr()
    faults = [line for line in err.splitlines() if line.startswith("zoo: ")]
    assert "dla102" in out and faults == [f"zoo: {fault}; left out" for fault in FAULTS]


def test_only_faults_of_the_models_that_are_named_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yml").write_text(BAD_CELLS["a.yml"].replace("- {}\n", ""))
    assert run_main(["verify", "dla34", "--index", "a.yml"], monkeypatch) == 1
    place, _, message = FAULTS[0].partition(": ")
    assert f"{message}\t{place}\n" in capsys.readouterr().out
    Path("a.yml").write_text(Path("a.yml").read_text().replace("FLOPs: many", "FLOPs: n/a"))
    assert run_main(["verify", "dla34", "--index", "a.yml"], monkeypatch) == 0


def test_a_baseline_has_what_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in BAD_CELLS.items():
        Path(name).write_text(text)
    for command in ("verify", "lint"):
        index = ["--index", "a.yml", "--index", "b.yml", "--index", "c.yml"]
        assert run_main([command, *index, "--write-baseline", "known.json"], monkeypatch) == 0
        assert run_main([command, *index, "--baseline", "known.json"], monkeypatch) == 0
        Path("c.yml").write_text(BAD_CELLS["c.yml"].replace("[1, 2]", "~5.3"))
        assert run_main([command, *index, "--baseline", "known.json"], monkeypatch) == 1
        Path("c.yml").write_text(BAD_CELLS["c.yml"])
        Path("known.json").unlink()


def test_a_claim_beside_a_setting_that_cannot_be_read_is_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yml").write_text(
        "Models:\n- {Name: dla34, Metadata: {FLOPs: 1 G, Parameters: 15.74M, Image Size: wide}}\n"
        "- {Name: dla60, Builder: 5, Metadata: {Parameters: 1 M}}\n"
        "- {Name: dla46_c, Metadata: {ID: [a], Parameters: 1 M}}\n"
    )
    assert run_main(["verify", "--index", "a.yml", "--format", "json"], monkeypatch) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [(row["model"], row["verdict"], row["reason"]) for row in rows if row["claimed"]] == [
        ("dla34", "unchecked", "its Image Size cannot be read"),
        ("dla34", "rounded", rows[1]["reason"]),
        ("dla60", "unchecked", "its Builder cannot be read"),
        ("dla46_c", "unchecked", "its ID cannot be read"),
    ]


def test_an_unwritable_ledger_is_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert (
        run_main(["verify", "dla34", "--ledger", str(tmp_path / "file" / "ledger")], monkeypatch)
        == 2
    )
    assert "cannot" in capsys.readouterr().err


def test_an_interrupted_run_exits_with_130_and_keeps_its_evidence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "zoo", "verify", "--ledger", str(tmp_path / "ledger")]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(list(tmp_path.rglob("*.json"))) < 2:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stderr.endswith("zoo: interrupted; results so far are stored\n")
    kept = list(tmp_path.rglob("*.json"))
    assert 2 <= len(kept) < 35
    assert all(json.loads(path.read_text())["outcome"] for path in kept)


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A shell line in which `zoo` is this interpreter's."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    line = f'set -o pipefail; zoo() {{ {sys.executable} -m zoo "$@"; }}; {command}'
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done


def test_the_reader_of_a_pipe_may_go(tmp_path: Path) -> None:
    done = shell("zoo list --index demo --format json | true", tmp_path)
    assert done.stderr == ""
    assert done.returncode in (0, 128 + signal.SIGPIPE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_a_message(tmp_path: Path) -> None:
    done = shell("zoo list > /dev/full", tmp_path)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_without_claims_that_cannot_be_built_is_an_error(
    zoo: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "index.yml"
    path.write_text("Models:\n- Name: nosuchmodel\n- Name: second\n  Builder: timm:nope\n")
    result = zoo("verify", "--index", str(path))
    assert result.exit_code == 1
    first = result.stdout.splitlines()[0].split("\t")
    assert first[:3] == ["error", "second", "Builder"] and first[7] == f"{path}:4"
    assert "0 wrong, 0 right, 2 unknown (1 error) of 2 claims; 1 finding" in result.stderr
    data = json.loads(zoo("verify", "--index", str(path), "--format", "json").stdout)
    assert [(item["model"], item["quantity"], item["verdict"]) for item in data] == [
        ("nosuchmodel", "Builder", "unchecked"),
        ("second", "Builder", "error"),
    ]


def test_show_of_several_models_is_one_json_document(zoo: Callable[..., Result]) -> None:
    data = json.loads(zoo("show", "dpn68*", "--format", "json").stdout)
    assert [item["model"] for item in data] == ["dpn68", "dpn68b"]


def test_a_faulty_site_configuration_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mkdocs.yml").write_text("docs_dir: other\nnav: [\n")
    assert run_main(["build"], monkeypatch) == 2
    assert capsys.readouterr().err.startswith("zoo: mkdocs.yml:3: expected valid YAML")
    assert [path.name for path in tmp_path.iterdir()] == ["mkdocs.yml"]


def test_every_command_and_option_is_documented() -> None:
    from typer.main import get_command

    text = (Path(__file__).parents[3] / "docs" / "commands.md").read_text(encoding="utf-8")
    group = get_command(app)
    commands = {
        name if inner is command else f"{name} {inner.name}": inner
        for name in COMMANDS
        for command in [group.get_command(None, name)]
        for inner in getattr(command, "commands", {name: command}).values()
    }
    assert "ledger check" in commands and "verify" in commands
    for name, command in commands.items():
        assert f"`zoo {name}`" in text, name
        assert command.help, name
    options = {
        option
        for command in commands.values()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
    assert "--since" in options
    assert {option for option in options if option not in text} == set()


def test_control_characters_of_an_index_do_not_reach_the_terminal(
    zoo: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "index.yml"
    path.write_text('Models:\n- Name: "a\\e]0;owned\\a"\n  Metadata: {FLOPs: "1"}\n')
    result = zoo("list", "--index", str(path))
    assert "a\ufffd]0;owned\ufffd" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr
