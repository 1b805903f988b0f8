"""Names of models, files and ledgers that a path, a shell or a system takes amiss; references that
would show what is on this machine."""

import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zoo.cli import app

MODEL = "Models:\n- {Name: one, Builder: 'toyzoo:Toy', Metadata: {Parameters: 1}}\n"
NAMES = (
    "../../up ..  . a/b a\\b /etc/passwd ~ CON nul.json aux. COM1 a:b a?b a*b a|b -rf --help"
    " ::error::x ##[x =1+1 @SUM +1 %00 %2e%2e .hidden a. é e\u0301 A a ß ss $HOME `id` {{7*7}}"
).split()
NAMES += ["a\nb", "a\tb", "a\u202eb", "a" * 5000, "a" * 5001, "\u0130", "i\u0307", "  "]
LEDGERS = ("led ger", "quo'te\"", "100%", "line\nbreak", os.fsdecode(b"\xff"), "$(id)", "--ledger")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, [*arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize("ledger", LEDGERS, ids=ascii)
def test_a_ledger_has_any_name(toy: Path, monkeypatch: pytest.MonkeyPatch, ledger: str) -> None:
    monkeypatch.chdir(toy)
    Path("i.yml").write_text(MODEL)
    options = ["--index", "i.yml", "--trust", "toyzoo", f"--ledger={ledger}"]
    first = run("verify", *options, "--format", "json")
    assert first.exit_code == 1
    assert len(list(Path(ledger).glob("count/one/*.json"))) == 1
    assert run("verify", *options, "--format", "json").stdout == first.stdout
    assert run("ledger", "check", f"--ledger={ledger}").exit_code == 0


def test_names_lead_nowhere_and_stay_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    names = [name for name in NAMES if name.strip()]
    models = [{"Name": name, "Metadata": {"Parameters": "1"}} for name in NAMES]
    Path("i.json").write_text(json.dumps({"Models": models}))
    assert run("lint", "i.json").exit_code == 1  # a name of spaces is none
    models = [{"Name": name, "Metadata": {"Parameters": "1"}} for name in names]
    Path("i.json").write_text(json.dumps({"Models": models}))
    assert run("card", "--index", "i.json", "--output", "cards/").exit_code == 0
    cards = list(Path("cards").rglob("README.md"))
    assert len(cards) == len(names)
    assert {len(card.parts) for card in cards} == {3}
    assert run("convert", "i.json", "--to", "csv", "--output", "table.csv").exit_code == 0
    for format in ("junit", "sarif", "github", "markdown"):
        output = run("verify", "--index", "i.json", "--format", format).stdout
        if format == "junit":
            ET.fromstring(output)
        elif format == "sarif":
            json.loads(output)
    assert {path.name for path in folder.parent.iterdir()} == {"work"}
    assert {path.name for path in folder.iterdir()} <= {"i.json", "cards", "table.csv", "ledger"}


def test_nothing_of_the_machine_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "work"
    (folder / "in").mkdir(parents=True)
    (tmp_path / "secret.md").write_text("secret-in-file")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HF_TOKEN", "secret-in-variable")
    (folder / "in" / "link.md").symlink_to(tmp_path / "secret.md")
    references = (
        "${HF_TOKEN}",
        "$HF_TOKEN",
        str(tmp_path / "secret.md"),
        "../secret.md",
        "link.md",
    )
    models = [
        {"Name": f"m{number}", "README": text, "Weights": text, "Code": {"URL": text}}
        for number, text in enumerate(references)
    ]
    Path("in/i.json").write_text(json.dumps({"Models": models}))
    for arguments in (("show", "*"), ("verify", "--weights", "--offline"), ("card",), ("list",)):
        more = ("--output", "cards/") if arguments == ("card",) else ()
        result = run(*arguments, "--index", "in", *more)
        texts = [path.read_text() for path in Path("cards").rglob("README.md")]
        for text in (result.stdout, result.stderr, *texts):
            assert "secret-in" not in text


@pytest.mark.parametrize(
    "builder",
    [
        "{Name: 'timm:swin_tiny_patch4_window7_224', Arguments: {window_size: -3}}",
        "{Name: 'timm:vit_tiny_patch16_224', Arguments: {img_size: -224}}",
        "{Name: 'timm:vit_tiny_patch16_224', Arguments: {patch_size: 0}}",
    ],
)
def test_sizes_that_are_none_are_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, builder: str
) -> None:
    monkeypatch.chdir(tmp_path)
    text = f"Models:\n- {{Name: one, Builder: {builder}, Metadata: {{FLOPs: 1 G}}}}\n"
    Path("i.yml").write_text(text)
    result = run("verify", "--index", "i.yml", "--format", "json")
    assert result.exit_code == 1
    assert {finding["verdict"] for finding in json.loads(result.stdout)} == {"error"}
