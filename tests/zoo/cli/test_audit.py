"""Evidence that somebody changed is found by measuring it again."""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.cli.audit import parse_amount
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.verification import audit

INDEX = """\
Models:
- Name: one
  Builder: toyzoo:Toy
  Metadata: {Parameters: 330, Image Size: 16}
- Name: two
  Builder: {Name: toyzoo:Toy, Arguments: {width: 4}}
  Metadata: {Parameters: 99 M, Image Size: 16}
"""
RIGHT, FORGED = 170, 99_000_000
NOT_COVERED = "evaluations, benchmarks and weights at addresses are not measured again"
Zoo = Callable[..., Result]


@pytest.fixture
def zoo(toy: Path, monkeypatch: pytest.MonkeyPatch) -> Zoo:
    monkeypatch.chdir(toy)
    Path("i.yml").write_text(INDEX)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--index", "i.yml", "--trust", "toyzoo"])

    return call


def forge(model: str = "two") -> Path:
    """Change the number of parameters in a document, so that the claim is right."""
    (path,) = Path("ledger/count", model).glob("*.json")
    document = json.loads(path.read_text())
    parts = document["values"]["parts"]
    assert sum(part[2] for part in parts) == RIGHT
    parts[0][2] += FORGED - RIGHT
    path.write_text(json.dumps(document))
    return path


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_forged_number_passes_until_it_is_measured_again(zoo: Zoo) -> None:
    assert zoo("verify").exit_code == 1
    path = forge()
    believed = zoo("verify")
    assert believed.exit_code == 0
    assert "2 reused from ledger (--fresh or --audit 5% measures again)" in believed.stderr
    done = zoo("verify", "--audit", "100%")
    assert done.exit_code == 1
    assert f"\t{path}:1\n" in done.stdout and done.stdout.startswith("wrong\t")
    assert (
        "not what is measured now: Parameters: 99,000,000 in the document, 170 now; "
        "1 of 3 modules (the first in row 1)" in done.stdout
    )
    last = done.stderr.splitlines()[-2]
    assert last.startswith("audit: 2 of 2 reused counts measured again (--audit-seed ")
    assert last.endswith(f" repeats it), 1 document differs; {NOT_COVERED}")


def test_an_audit_of_true_evidence_passes_and_writes_nothing(zoo: Zoo) -> None:
    zoo("verify", "one")
    before = {path: path.read_bytes() for path in Path("ledger").rglob("*.json")}
    done = zoo("verify", "one", "--audit", "5%")
    assert done.exit_code == 0
    assert "audit: 1 of 1 reused count measured again" in done.stderr and "equal" in done.stderr
    assert before == {path: path.read_bytes() for path in Path("ledger").rglob("*.json")}


@pytest.mark.parametrize("format", ["json", "junit", "sarif", "github", "markdown"])
def test_every_format_says_what_differs(zoo: Zoo, format: str) -> None:
    zoo("verify")
    path = forge()
    done = zoo("verify", "--audit", "100%", "--format", format)
    assert done.exit_code == 1
    assert path.name in done.stdout and "99,000,000 in the document, 170 now" in done.stdout
    if format == "sarif":
        (row,) = json.loads(done.stdout)["runs"][0]["results"]
        assert row["ruleId"] == "mismatch/audit"


def test_no_baseline_lets_forged_evidence_pass(zoo: Zoo) -> None:
    zoo("verify")
    forge()
    known = ("--baseline", "known.json")
    assert zoo("verify", "--audit", "100%", "--write-baseline", "known.json").exit_code == 1
    assert zoo("verify", *known).exit_code == 0
    assert zoo("verify", *known, "--audit", "100%").exit_code == 1


def test_a_seed_repeats_the_draw(zoo: Zoo) -> None:
    zoo("verify")
    forge()
    codes = {
        seed: [zoo("verify", "--audit", "1", "--audit-seed", str(seed)).exit_code for _ in range(2)]
        for seed in range(6)
    }
    assert {code for pair in codes.values() for code in pair} == {0, 1}
    assert all(first == second for first, second in codes.values())


def test_what_is_measured_now_is_not_audited(zoo: Zoo) -> None:
    done = zoo("verify", "--audit", "100%")
    assert "audit: 0 of 0 reused counts measured again" in done.stderr


def test_other_versions_are_named(zoo: Zoo) -> None:
    zoo("verify")
    path = forge()
    environment = json.loads(path.read_text())["environment"]
    change(path, environment=environment | {"torch": "1.0"})
    done = zoo("verify", "--audit", "100%")
    assert done.exit_code == 1
    assert "; it says that it comes of other versions: torch 1.0, now 2" in done.stdout


def test_a_forged_failure_is_found(zoo: Zoo) -> None:
    zoo("verify")
    (path,) = Path("ledger/count/one").glob("*.json")
    change(path, outcome="failed", error="too slow", values={})
    done = zoo("verify", "--audit", "100%")
    assert "failed (too slow) in the document, measured now" in done.stdout


def test_all_counts_of_a_ledger_are_measured_again(zoo: Zoo) -> None:
    zoo("verify")
    assert zoo("ledger", "check", "--recount").exit_code == 0
    path = forge()
    assert zoo("ledger", "check").exit_code == 0
    done = zoo("ledger", "check", "--recount")
    assert done.exit_code == 1
    assert f"{path}: not what is measured now: Parameters: 99,000,000 in the" in done.stdout
    last = done.stderr.splitlines()[-1]
    assert last == f"recount: 2 of 2 counts measured again, 1 document differs; {NOT_COVERED}"
    rows = json.loads(zoo("ledger", "check", "--recount", "--format", "json").stdout)
    assert [row["file"] for row in rows] == [str(path)]


def test_a_document_names_no_code(zoo: Zoo) -> None:
    zoo("verify", "one")
    cell = Cell(
        kind="count",
        model="one",
        builder="toyzoo:explode",
        builder_version="toyzoo",
        conditions={"image_size": [16, 16]},
        tool="zoo-count/4",
    )
    Ledger("ledger").put(Evidence(cell=cell, outcome="failed", error="x").as_stored())
    done = zoo("ledger", "check", "--recount")
    assert done.exit_code == 0 and "boom" not in done.output
    assert "1 of 2 counts measured again, 1 are of other models or versions" in done.stderr


def test_what_cannot_be_measured_again_fails(zoo: Zoo, toy: Path) -> None:
    (toy / "helper_of_toys.py").touch()
    (toy / "toyzoo.py").write_text("import helper_of_toys\n" + (toy / "toyzoo.py").read_text())
    zoo("verify", "one")
    (toy / "helper_of_toys.py").unlink()
    sys.modules.pop("toyzoo", None)
    sys.modules.pop("helper_of_toys", None)
    assert zoo("verify", "one").exit_code == 0
    done = zoo("verify", "one", "--audit", "1")
    assert done.exit_code == 1
    assert "could not be measured again: " in done.stdout and "helper_of_toys" in done.stdout
    assert "nothing compared, 1 could not be measured again" in done.stderr
    assert zoo("ledger", "check", "--recount").exit_code == 1


def test_a_recount_by_another_index_is_refused(zoo: Zoo) -> None:
    zoo("verify")
    Path("i.yml").write_text(INDEX.replace("one", "three").replace("two", "four"))
    done = zoo("ledger", "check", "--recount")
    assert isinstance(done.exception, UsageError)
    assert str(done.exception) == (
        "ledger: the index asks for none of its counts; --index names another"
    )


def test_an_interrupted_audit_leaves_nothing(
    zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo("verify")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(audit, "list_differences", stop)
    done = zoo("verify", "--audit", "100%")
    assert done.exit_code == 130
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4%", 1),
        ("5%", 2),
        ("5 %", 2),
        ("50%", 13),
        ("100%", 25),
        ("20", 20),
        ("0.1%", 1),
        ("40", 40),
    ],
)
def test_how_many_are_drawn(text: str, number: int) -> None:
    assert parse_amount(text, 25) == number


@pytest.mark.parametrize("text", ["", "0", "0%", "101%", "-1", "1.5", "x", "5%%", "nan", "inf%"])
def test_other_amounts_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--audit: expected a share such as 5% or a number, got"):
        parse_amount(text, 25)
