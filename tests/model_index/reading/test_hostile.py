"""Indexes that mean harm: every reader refuses them with file, line and path, in bounded time and
memory."""

import os
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from zoo.model_index.baseline import Baseline
from zoo.model_index.checks.lint import lint
from zoo.model_index.dialects import timm_results
from zoo.model_index.errors import IndexFaults, UsageError
from zoo.model_index.load import load
from zoo.model_index.reading.limits import MAX_BYTES
from zoo.reporting.site.mkdocs_config import sites

ROOT = Path(__file__).parents[3]
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
)
VALID = "expected valid YAML, got"


@dataclass(frozen=True)
class Way:
    """One way by which a text gets to be read: files of which `FILE` holds it, what begins it, and
    the reader."""

    file: str
    read: Callable[[], object]
    head: str = ""
    tail: str = ""
    others: tuple[tuple[str, str], ...] = ()


CARD = "---\nlicense: mit\ntags: [timm]\n---\n"
WAYS = {
    "YAML": Way("a.yml", lambda: load(["a.yml"])),
    "JSON": Way("a.json", lambda: load(["a.json"])),
    "comment": Way("a.md", lambda: load(["a.md"]), "# Page\n<!--\nType: model-index\n", "\n-->\n"),
    "card": Way("README.md", lambda: load(["README.md"]), "---\nlicense: mit\n", "\n---\n"),
    "evaluations": Way(
        ".eval_results/a.yaml", lambda: load(["README.md"]), others=(("README.md", CARD),)
    ),
    "import": Way("b/a.yml", lambda: load(["z.yml"]), others=(("z.yml", "Import: b/*.yml\n"),)),
    "models": Way("b.yml", lambda: load(["z.yml"]), others=(("z.yml", "Models: [b.yml]\n"),)),
    "metadata": Way(
        "b.yml",
        lambda: load(["z.yml"]),
        others=(("z.yml", "Models:\n- {Name: a, Metadata: b.yml}\n"),),
    ),
    "results": Way(
        "b.yml",
        lambda: load(["z.yml"]),
        others=(("z.yml", "Models:\n- {Name: a, Results: b.yml}\n"),),
    ),
    "library": Way(
        "b.yml", lambda: load(["z.yml"]), others=(("z.yml", "Library: b.yml\nModels: []\n"),)
    ),
    "folder": Way("in/a.yml", lambda: load(["in"]), "Models:\n"),
    "OpenMMLab": Way(
        "model-index.yml", lambda: load(["."]), "Models:\n- {Name: a_in1k, Config: a.py}\n"
    ),
    "mkdocs.yml": Way("mkdocs.yml", lambda: sites(Path("mkdocs.yml"), {})),
    "inherited mkdocs.yml": Way(
        "b.yml", lambda: sites(Path("mkdocs.yml"), {}), others=(("mkdocs.yml", "INHERIT: b.yml\n"),)
    ),
}
TEXTS = {
    "aliases that claim billions": (
        BOMB,
        7,
        "expected at most 2000000 values, got aliases that expand to more",
    ),
    "an alias in itself": (
        "a: b\nc: &x [*x]\n",
        2,
        "expected a finite value, got an alias that contains itself",
    ),
    "nesting": ("a:\n " + "[" * 100_000, 2, "expected at most 100 levels of nesting, got more"),
    "NUL": (
        "a: b\nc: \0",
        2,
        f"{VALID} unacceptable character #x0000: control characters are not allowed",
    ),
    "no UTF-8": (b"a: b\n# \xff", 2, "expected UTF-8 text, got byte 0xff"),
    "half a character": (b"a: b\n# \xed\xa0\x80", 2, "expected UTF-8 text, got byte 0xed"),
    "no YAML": (
        "a: b\nc: [\n}",
        3,
        f"{VALID} while parsing a flow node did not find expected node content",
    ),
}


def put(way: Way, text: str | bytes) -> int:
    """Write the files of a way; the number of lines before the text."""
    data = text if isinstance(text, bytes) else text.encode()
    for name, content in (*way.others, (way.file, b"")):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    Path(way.file).write_bytes(way.head.encode() + data + way.tail.encode())
    return way.head.count("\n")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, two below one that holds what nobody may read."""
    (tmp_path / "secret.yml").write_text("Models: [{Name: secret}]\n")
    inner = tmp_path / "out" / "in"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    return inner


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("way", WAYS)
def test_each_way_refuses_with_file_and_line(faults_of, way: str, text: str) -> None:
    content, line, message = TEXTS[text]
    before = put(WAYS[way], content)
    first, *_ = faults_of(WAYS[way].read)
    assert first.startswith(f"{WAYS[way].file}:{line + before}: {message}")


@pytest.mark.parametrize("way", [name for name in WAYS if name != "folder"])
def test_each_way_refuses_100_megabytes_without_reading_all(faults_of, way: str) -> None:
    put(WAYS[way], "a: b\n")
    os.truncate(WAYS[way].file, 100_000_000)
    tracemalloc.start()
    try:
        first, *_ = faults_of(WAYS[way].read)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    message = f"{WAYS[way].file}:1: expected a file of at most 32 MiB, got one of 95 MiB"
    assert first == message
    assert peak < 40_000_000  # bytes: the 32 MiB that are allowed, and little more


def test_what_is_too_large_in_a_folder_is_passed_over() -> None:
    put(WAYS["folder"], "- {Name: a, Metadata: {FLOPs: 1}}\n")
    Path("in/large.json").write_text('{"models": [')
    os.truncate("in/large.json", MAX_BYTES + 1)
    index = load(["in"])
    assert ([entry.name for entry in index.entries], index.passed) == (["a"], ("in/large.json",))


KEYS = {
    "Import: {}": "Import",
    "Import: [{}]": "Import[0]",
    "Models: [{}]": "Models[0]",
    "Collections: {}": "Collections",
    "Library: {}\nModels: []": "Library",
    "Models: [{{Name: a, Metadata: {}}}]": "Models[0].Metadata",
    "Models: [{{Name: a, Metadata: [{}]}}]": "Models[0].Metadata[0]",
    "Models: [{{Name: a, Results: {}}}]": "Models[0].Results",
    "Collections: [{{Name: a, Results: [{}]}}]": "Collections[0].Results[0]",
}
OUTSIDE = ("../../secret.yml", "../../etc/passwd", "/etc/passwd", "/proc/self/environ", "../*.yml",
           "link.yml", "linked/secret.yml", "linked/*.yml", "x/../../../secret.yml",
           "**/../../../secret.yml", "//etc/passwd")  # fmt: skip


@pytest.mark.parametrize("target", OUTSIDE)
@pytest.mark.parametrize("text", KEYS)
def test_no_key_leads_out_of_the_folder(faults_of, text: str, target: str, here: Path) -> None:
    Path("link.yml").symlink_to(here.parents[1] / "secret.yml")
    Path("linked").symlink_to(here.parents[1])
    Path("a.yml").write_text(text.format(f"'{target}'") + "\n")
    assert faults_of(lambda: load(["a.yml"])) == [
        f"a.yml:1: {KEYS[text]}: expected a path in this index, got '{target}', which lies outside"
    ]


@pytest.mark.parametrize("path", [".", "*.yml", "model-*"])
def test_a_link_that_leads_out_is_not_read(path: str, here: Path) -> None:
    Path("model-index.yml").symlink_to(here.parents[1] / "secret.yml")
    with pytest.raises(UsageError) as error:
        load([path])
    assert str(error.value) == (
        "model-index.yml: no index in here, or it is a link that leads out of its folder"
    )


def test_a_name_that_no_report_can_hold() -> None:
    Path("in").mkdir()
    Path(os.fsdecode(b"in/\xff.yml")).write_text("Models:\n- {Name: a, Metadata: {FLOPs: 1}}\n")
    for path in ("in", "in/*.yml", os.fsdecode(b"in/\xff.yml")):
        with pytest.raises(IndexFaults) as error:
            load([path])
        assert str(error.value) == (
            "in/\\udcff.yml:1: expected a file whose name is UTF-8 text, got one that no report "
            "can hold"
        )
    with pytest.raises(
        UsageError, match=r"^in/\\udcff\.csv: expected a file whose name is UTF-8 text$"
    ):
        timm_results.read([os.fsdecode(b"in/\xff.csv")])


def test_evaluations_that_are_links_are_passed_over(here: Path) -> None:
    (here.parents[1] / "secret.yaml").write_text("- {dataset: {id: a, task_id: b}, value: 1}\n")
    Path("README.md").write_text(CARD)
    Path(".eval_results").mkdir()
    Path(".eval_results/a.yaml").symlink_to(here.parents[1] / "secret.yaml")
    assert "eval_results" not in load(["README.md"]).entries[0].fields


@pytest.mark.parametrize(
    "readme", ["../../{}.md", "/{}/x.md", "x/../../../{}.md", "linked/../{}.md"]
)
def test_nobody_learns_whether_a_readme_outside_exists(readme: str, here: Path) -> None:
    (here.parents[1] / "there.md").touch()
    for name in ("there", "nowhere"):
        Path("a.yml").write_text(f"Models: [{{Name: a, README: {readme.format(name)}}}]\n")
        rules = [finding.rule for finding in lint(load(["a.yml"]))]
        assert rules == ["no-claim"]


TWICE = {
    "YAML": ("Models: []\nMODELS: []\n", 2, "MODELS: expected each key once, got 'MODELS' again"),
    "JSON": ('{"Models": [{"Name": "a",\n"Name": "b"}]}', 2,
             "Models[0].Name: expected each key once, got 'Name' again"),
    "comment": ("Models:\n- {Name: a, Metadata: {A_b: 1, a b: 2}}", 2,
                "Models[0].Metadata.a b: expected each key once, got 'a b' again"),
    "card": ("tags: [a]\nlicense: x", 2, "license: expected each key once, got 'license' again"),
    "evaluations": ("- {dataset: {id: a, id: b, task_id: c}, value: 1}\n", 1,
                    "[0].dataset.id: expected each key once, got 'id' again"),
    "import": ("Models:\n- {Name: a, Builder: {Name: 'timm:a', Arguments: {b: 1, b: 2}}}\n", 2,
               "Models[0].Builder.Arguments.b: expected each key once, got 'b' again"),
    "metadata": ("FLOPs: 1\nFLOPs: 2\n", 2, "FLOPs: expected each key once, got 'FLOPs' again"),
    "results": ("- Metrics: {Top 1 Accuracy: 1, top_1_accuracy: 2}\n", 1,
                "[0].Metrics.top_1_accuracy: expected each key once, got 'top_1_accuracy' again"),
    "mkdocs.yml": ("site_name: a\nextra: {zoo: {columns: a, columns: b}}\n", 2,
                   "extra.zoo.columns: expected each key once, got 'columns' again"),
}  # fmt: skip


@pytest.mark.parametrize("way", TWICE)
def test_a_key_stands_once(faults_of, way: str) -> None:
    text, line, message = TWICE[way]
    before = put(WAYS[way], text)
    assert faults_of(WAYS[way].read) == [f"{WAYS[way].file}:{line + before}: {message}"]


def test_no_tag_of_a_text_is_acted_on(tmp_path: Path) -> None:
    call = f"!!python/object/apply:os.mkdir ['{tmp_path}/made']"
    Path("a.yml").write_text(
        f"X: {call}\nModels:\n- {{Name: a, Y: {call}}}\n- {{Name: !!python/name:os.system b}}\n"
    )
    assert [entry.name for entry in load(["a.yml"]).entries] == ["a", "b"]
    Path("mkdocs.yml").write_text(f"hooks: {call}\nsite_name: !ENV [{call}, a]\n")
    with pytest.raises(IndexFaults):
        sites(Path("mkdocs.yml"), {})
    assert not (tmp_path / "made").exists()


TABLES: dict[str, tuple[bytes, str]] = {
    "NUL in a number": (
        b"model,top1\na,1\0\n",
        "t.csv:2: top1: expected a percentage, got '1\\x00'",
    ),
    "no UTF-8": (b"model,top1\n\xff,1\n", "t.csv: expected a text in UTF-8"),
    "one long cell": (
        b"model,top1\n" + b"a" * 200_000,
        "t.csv:2: expected a row of a table, got field larger than",
    ),
    "a column twice": (
        b"model,top1,top1\na,1,2\n",
        "t.csv: expected each column once, got 'top1' again",
    ),
    "no table": (b"\0" * 1000, "t.csv: expected a table with the columns model and top1"),
}


@pytest.mark.parametrize("what", TABLES)
def test_a_table_is_refused_or_its_row_is_left_out(what: str) -> None:
    data, message = TABLES[what]
    Path("t.csv").write_bytes(data)
    try:
        said = "\n".join(map(str, timm_results.read(["t.csv"])[1]))
    except UsageError as error:
        said = str(error)
    assert said.startswith(message)


BASELINES: dict[str, tuple[bytes, str]] = {
    "levels": (b'{"findings": ' + b"[" * 1_000_000, "b.json: not a baseline: "),
    "no UTF-8": (b'{"command": "\xff"}', "b.json: not a baseline: "),
    "a key of its own": (
        b'{"command": "zoo lint", "findings": [], "x": {}}',
        "b.json: not a baseline: ",
    ),
    "NUL": (b"\0", "b.json: not a baseline: "),
}


@pytest.mark.parametrize("what", BASELINES)
def test_a_baseline_is_refused(what: str) -> None:
    data, message = BASELINES[what]
    Path("b.json").write_bytes(data)
    with pytest.raises(UsageError) as error:
        Baseline.read("b.json", "zoo lint")
    assert str(error.value).startswith(message)
