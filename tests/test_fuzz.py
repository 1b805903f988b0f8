"""The corpus of the fuzzer, again: what it reached, and what it broke, is read and rendered as it
should be."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz import indexes, targets

ROOT = Path(__file__).parents[1]
LARGEST = 300_000  # bytes of the corpus
RENDERED = (
    4  # of so many texts that are read, one is rendered too, and every one that a person named
)


@pytest.fixture(scope="module", autouse=True)
def folder() -> Iterator[None]:
    yield
    targets.forget()


@pytest.mark.parametrize("name", targets.DIALECTS)
def test_the_corpus_holds(name: str) -> None:
    files = sorted((targets.CORPUS / name).iterdir())
    read = [
        targets.check(name, file.read_bytes(), whole=len(file.name) < 40 or number % RENDERED == 0)
        for number, file in enumerate(files)
    ]
    assert len(read) > 3
    assert name in ("config", "baseline") or any(read)


def test_the_corpus_is_small_and_of_known_dialects() -> None:
    assert {folder.name for folder in targets.CORPUS.iterdir()} == set(targets.DIALECTS)
    assert (
        sum(file.stat().st_size for file in targets.CORPUS.rglob("*") if file.is_file()) < LARGEST
    )


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(indexes.index, st.sampled_from(sorted(indexes.WRITTEN)))
def test_whole_indexes_hold(found: Any, dialect: str) -> None:
    indexes.holds(found, dialect)


@pytest.mark.parametrize(
    ("page", "what"),
    [
        ("<script>x</script>", "{}"),
        ("<a href='java\nscript:x'>", "'href'"),
        ("<b onclick=x>", "'onclick'"),
        ("a\u202eb", "nobody sees"),
        ("<iframe>", "iframe"),
        ("<img src=//evil.example/x>", "evil"),
    ],
)
def test_a_page_that_is_not_inert_is_found(page: str, what: str) -> None:
    with pytest.raises(AssertionError, match=what):
        targets.inert(targets.html(page))


def test_what_is_raised_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(path: Path) -> None:
        raise RecursionError("too deep")

    monkeypatch.setitem(targets.DIALECTS, "pwc", targets.Dialect("index.yml", read))
    with pytest.raises(RecursionError):
        targets.check("pwc", b"Models: []")


def test_the_command_runs() -> None:
    pytest.importorskip("atheris", reason="atheris is not installed: it is of the extra `fuzz`")
    command = [
        sys.executable,
        "fuzz/run.py",
        "--dialect",
        "json",
        "-runs=200",
        "-seed=1",
        "fuzz/corpus/json",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "DONE" in done.stderr and "Instrumenting model_index.load" in done.stderr
