"""What an index may cost: small texts that ask for much end with a message, in bounded time and
memory."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.model_index.baseline import Baseline
from zoo.model_index.dialects import timm_results
from zoo.model_index.errors import IndexFaults, UsageError
from zoo.model_index.load import load, read_text
from zoo.model_index.reading.limits import MAX_BYTES

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)


# What is small to write and large to read, or long to think about: the texts, and how what is said
# begins.
MODEL = "{Name: a, Metadata: {FLOPs: x}}"
ALIKE, UNLIKE = f"- {{Name: {'ab' * 28}#}};", f"- {{Name: a#, In Collection: {'ba' * 28}#}};"
HEIRS = "- {Name: a, In Collection: c}\n" * 5_000
INHERITED = "In Collection: expected models that inherit at most 2,000,000 values in all, got more"


def several(text: str, number: int, between: str = "") -> str:
    """The text with each number in the place of `#`, and a line's end in that of `;`."""
    return between.join(text.replace("#", str(each)) for each in range(number)).replace(";", "\n")


BIG: dict[str, tuple[Callable[[], str], str]] = {
    "100 MB of models": (
        lambda: "Models:\n" + "- Name: a\n" * 10_000_000,
        "a.yml:1: expected a file of at most 32 MiB, got one of 95 MiB",
    ),
    "values": (
        lambda: f"Models: [{'a,' * 16_000_000}]",
        "a.yml:1: expected at most 2000000 values, got more",
    ),
    "levels": (
        lambda: "[" * MAX_BYTES,
        "a.yml:1: expected at most 100 levels of nesting, got more",
    ),
    "one name": (lambda: f"Models:\n- Name: {'a' * (31 << 20)}\n", "1 models"),
    "aliases": (
        lambda: f"X: &x [{'a,' * 1_000}]\nModels: [{{Name: a, M: [{'*x,' * 1_990}]}}]\n",
        "1 models",
    ),
    "aliases of faults": (
        lambda: f"X: &x {MODEL}\nModels: [{'*x,' * 250_000}]\n",
        "a.yml:1: Models[0].Metadata.FLOPs: expected a count, got 'x'",
    ),
    "faults": (
        lambda: "Models:\n" + f"- {MODEL}\n" * 25_000,
        "a.yml:2: Models[0].Metadata.FLOPs: expected a count, got 'x'",
    ),
    "merge keys": (
        lambda: f"Models:\n- {{Name: a, Metadata: {{<<: [{several('{k#: 1},', 50_000)}]}}}}\n",
        "1 models",
    ),
    "arguments": (
        lambda: (
            "Models:\n- Name: a\n  Builder: {Name: 'timm:a', Arguments: {<<: ["
            f"{several('{k#: 1},', 50_000)}]}}}}\n"
        ),
        "1 models",
    ),
    "fields that are inherited": (
        lambda: f"Collections:\n- Name: c\n{several(f'  k#: 1{chr(10)}', 5_000)}Models:\n{HEIRS}",
        f"a.yml:5403: Models[399].{INHERITED}",
    ),
    "claims that are inherited": (
        lambda: (
            "Collections:\n- Name: c\n  Metadata: {FLOPs: ["
            + "{value: 1}, " * 6_000
            + f"]}}\nModels:\n{HEIRS}"
        ),
        f"a.yml:60: Models[55].{INHERITED}",
    ),
    "collections of collections": (
        lambda: (
            f"Collections:\n{several('- {Name: c#};', 1_000)}X: &x [{several('c#', 1_000, ',')}]\n"
            "Models:\n" + "- {Name: a, In Collection: *x}\n" * 1_900
        ),
        f"a.yml:1002: Models[1000].{INHERITED}",
    ),
    "names that are alike": (
        lambda: f"Collections:\n{several(ALIKE, 3_000)}Models:\n{several(UNLIKE, 3_000)}",
        "3000 models, 6000 findings",
    ),
    "accuracies": (
        lambda: (
            "Models:\n- Name: a\n  Results:\n"
            + "  - {Task: t, Dataset: d, Metrics: {Top 1 Accuracy: 50%, Top 5 Accuracy: 40%}}\n"
            * 20_000
        ),
        "1 models, 20000 findings",
    ),
}
# Of a process. What costs most of these is 2,000,000 values, 820 MiB and two seconds; the most that
# any file can take is 1.7 GB. A limit that is not kept takes all memory there is, or hours.
SECONDS, MEMORY = 60, 2 << 30
CHILD = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]),) * 2)
from zoo.model_index.errors import ZooError
from zoo.model_index.checks.lint import lint
from zoo.model_index.load import load
try:
    index = load(["a.yml"])
    print(len(index.entries), "models,", len(lint(index)), "findings")
except ZooError as error:
    print(str(error)[:1000])
"""


@pytest.mark.parametrize("what", BIG)
def test_what_is_read_takes_bounded_time_and_memory(what: str) -> None:
    text, said = BIG[what]
    Path("a.yml").write_text(text())
    command = [sys.executable, "-c", CHILD, str(MEMORY), str(SECONDS)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.startswith(said), done.stdout[:500]


def test_faults_end_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.model_index.reading.reader.MAX_FAULTS", 50)
    _, faults = read_text("a.yml", f"Models:\n{f'- {MODEL}{chr(10)}' * 200}")
    assert len(faults) == 101
    assert str(faults[-1]) == (
        "a.yml:101: Models[99].Metadata.FLOPs: expected at most 50 faults, got more; what follows "
        "was not read"
    )


def test_one_fault_that_every_model_inherits_is_one_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.model_index.reading.reader.MAX_FAULTS", 50)
    _, faults = read_text(
        "a.yml", f"Collections:\n- {{Name: c, Metadata: {{FLOPs: x}}}}\nModels:\n{HEIRS}"
    )
    assert list(map(str, faults)) == [
        "a.yml:2: Collections[0].Metadata.FLOPs: expected a count, got 'x'"
    ]


def test_files_that_are_named_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.model_index.reading.files.MAX_NAMED", 20)
    Path("z").mkdir()
    for number in range(8):
        Path(f"z/{number}.yml").write_text("FLOPs: 1\n")
    Path("a.yml").write_text("Models:\n" + "- {Name: a, Metadata: [z/*.yml]}\n" * 3)
    with pytest.raises(IndexFaults) as error:
        load(["a.yml"])
    assert str(error.value) == (
        "a.yml:4: Models[2].Metadata[0]: expected an index that names at most 20 files, got more; "
        "what follows was not read"
    )


def test_patterns_share_what_they_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.model_index.reading.globs.MOST", 20)
    for number in range(8):
        Path(f"{number}.txt").touch()
    Path("a.yml").write_text("Models: ['*.x.yml', '*.y.yml', '*.z.yml']\n")
    with pytest.raises(IndexFaults) as error:
        load(["a.yml"])
    assert str(error.value).splitlines()[-1] == (
        "a.yml:1: Models[2]: expected a glob of fewer files, got '*.z.yml', too many to look at"
    )


@pytest.mark.usefixtures("cpu_limit")
def test_a_table_of_one_model_takes_no_more_than_one_of_many() -> None:
    rows = "".join(f"a,{number % 100}.{number},{number + 1},224\n" for number in range(20_000))
    Path("results-x.csv").write_text(f"model,top1,param_count,img_size\n{rows}")
    assert len(timm_results.read(["results-x.csv"])[0].entries[0].claims) == 40_000


@pytest.mark.parametrize(
    "read", [lambda: Baseline.read("a", "zoo lint"), lambda: timm_results.read(["a"])]
)
def test_other_files_of_100_megabytes(read: Callable[[], object]) -> None:
    Path("a").touch()
    os.truncate("a", 100_000_000)
    with pytest.raises(UsageError) as error:
        read()
    assert str(error.value) == "a: expected a file of at most 32 MiB, got one of 95 MiB"
