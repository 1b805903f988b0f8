"""Whatever a model does to its process costs that model alone: beside it, before it and after it
every other model has its right numbers."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import zoo_command
from zoo.counting.measurer import Measurer
from zoo.counting.process_counter import workers
from zoo.isolation.limits import GIB, Limits
from zoo.model_index.ledger.store import Evidence, Ledger
from zoo.model_index.load import load
from zoo.model_index.records.input_spec import image_input
from zoo.model_index.records.records import Entry
from zoo.models.cells import Variant

FOLDER = Path(__file__).parent
MODULE = "hostile_models"
# The models that are counted all the same, and are right.
HARMLESS = """Types Modes Folder Umask Prints Reads Closes Environment Signals Thread Fork Orphan
    """.split()
# Those whose own number is theirs to spoil.
SPOILT = ["Monkey", "Hooks"]
# The beginning of the error of each other one; those of the second table say nothing about the
# model, so they are not kept.
RAISED = {
    "Endless": "its forward pass raised RecursionError: maximum recursion depth exceeded",
    "Base": f"{MODULE}:Base raised Unknown: no exception",
    "Interrupt": "KeyboardInterrupt: ",
    "ForwardInterrupt": "KeyboardInterrupt: ",
    "Generator": "GeneratorExit",
    "Exit": f"{MODULE}:Exit raised SystemExit: 0",
    "Text": f"{MODULE}:Text raised ValueError: x",
}
ENDED = {
    "ClosesAll": "its process ended with exit code 1",
    "ExitNow": "its process ended with exit code 0",
    "ForwardExitNow": "its process ended with exit code 0",
    "ExitThree": "its process ended with exit code 3",
    "Abort": "its process was ended by SIGABRT",
    "Segfault": "its process was ended by SIGSEGV",
    "Killed": "its process was ended by SIGKILL; the system sends SIGKILL when memory runs out",
    "Group": "its process was ended by SIGTERM",
    "Swallow": f"{MODULE}:Swallow raised MemoryError; --memory-limit allows more than 0.25 GiB",
    "Disk": "its forward pass raised OSError: [Errno 28] No space left on device",
}
# Those whose forward pass raises an exception: their parameters are known.
BUILT = ("Endless", "Disk")
ALL = [*HARMLESS, *SPOILT, "Recursion", *RAISED, *ENDED]
LIBRARY = "timm:test_resnet"


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder in which the module can be imported, as long as this process does not."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("PYTHONPATH", str(FOLDER))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert MODULE not in sys.modules


def index(folder: Path, builders: dict[str, str]) -> list[Entry]:
    """An index of models by name, each with its builder."""
    rows = [
        f"- {{Name: {name}, Builder: {builder}, Metadata: {{Image Size: 64}}}}"
        for name, builder in builders.items()
    ]
    (folder / "models").mkdir(exist_ok=True)
    (folder / "models/index.yml").write_text("\n".join(["Models:", *rows]))
    return list(load([folder / "models/index.yml"]).entries)


def named(*names: str) -> dict[str, str]:
    return {name: f"'{MODULE}:{name}'" for name in names}


def measurer(**options: bool) -> Measurer:
    return Measurer(Ledger("ledger"), trusted=(MODULE,), **options)


def content(evidence: Evidence | None) -> tuple:
    assert evidence
    return evidence.outcome, evidence.error, evidence.values


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple]:
    """The evidence of the models that do nothing wrong, each counted in a process that has seen
    no other."""
    folder = tmp_path_factory.mktemp("right")
    counts = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        for name, builder in {"library": LIBRARY, **named("Plain")}.items():
            (entry,) = index(folder, {name: builder})
            alone = Measurer(Ledger(folder / "ledger"), trusted=(MODULE,))
            with workers(alone, Limits(workers=1)):
                counts[name] = content(alone.count(entry, Variant(entry.stated_input)))
    assert counts["library"][0] == counts["Plain"][0] == "measured"
    return counts


@pytest.mark.parametrize("name", ALL)
def test_each_costs_itself_alone(trusted: Path, right: dict[str, tuple], name: str) -> None:
    """In the order in which counting and explaining come to them."""
    entries = index(trusted, {"library": LIBRARY, **named("Plain", name)})
    library, plain, hostile = entries
    ours = measurer()
    with workers(ours, Limits(workers=1, memory=GIB // 4)):
        ours.count(hostile, Variant(image_input((32, 32))))
        ours.count_all([hostile])
        ours.count_all([plain, library])
        again = measurer(fresh=True)
        with workers(again, Limits(workers=2, memory=GIB // 4)):
            again.count_all([hostile, library, plain])
        for run in (ours, again):
            found = {entry.name: run.count(entry, Variant(entry.stated_input)) for entry in entries}
            assert content(found["library"]) == right["library"]
            assert content(found["Plain"]) == right["Plain"]
            judge(name, found[name], right)
    kept = sorted(path.name for path in Path("ledger/count").iterdir())
    assert kept == sorted({"library", "Plain"} | ({name} - ENDED.keys()))
    assert ours.transient == ({name} & ENDED.keys()) and not ours.unkept


def judge(name: str, evidence: Evidence | None, right: dict[str, tuple]) -> None:
    """A model that is counted all the same is right; another one has its error."""
    assert evidence
    error = {**RAISED, **ENDED}.get(name)
    if name in HARMLESS:
        outcome, _, values = content(evidence)
        assert outcome == "measured" and values["trace"] == right["Plain"][2]["trace"]
    if error is not None:
        assert (evidence.error or "")[: len(error)] == error
        assert evidence.outcome == ("incomplete" if name in BUILT else "failed")
        assert evidence.parameters == (right["Plain"][2]["parts"][0][2] if name in BUILT else 0)


@pytest.mark.parametrize("option", ["", pytest.param("--jobs 1", marks=pytest.mark.slow)])
def test_output_and_exit_code_are_ours(trusted: Path, option: str) -> None:
    """One run over all of them: the JSON is whole, and every model has its finding."""
    others = {f"library{number}": f"timm:test_{kind}" for number, kind in enumerate(KINDS)}
    entries = index(trusted, {**named(*ALL), **others})
    command = f"verify --index models --trust {MODULE} --memory-limit 0.25 --format json {option}"
    done = subprocess.run(zoo_command(command), capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    findings = json.loads(done.stdout)
    verdicts = {row["model"]: row["verdict"] for row in findings if row["verdict"] == "error"}
    assert {row["model"] for row in findings} >= {entry.name for entry in entries}
    assert verdicts.keys() - {"Recursion", *SPOILT} == {*RAISED, *ENDED} - {*BUILT}
    assert "Traceback" not in done.stderr
    ledger = Ledger("ledger")
    alone = Measurer(Ledger("alone"))
    for entry in entries:
        if entry.name in others:
            (evidence,) = ledger.of("count", entry.name)
            assert evidence.trace == alone.count(entry, Variant(entry.stated_input)).trace


KINDS = ("resnet", "vit", "byobnet")
