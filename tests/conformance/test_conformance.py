"""What each reader makes of each feature is what the table says, and docs/conformance.md is that
table."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PACKAGES = {
    "zoo": "model_index",
    "model-index": "modelindex",
    "OpenMMLab": "mim",
    "huggingface_hub": "huggingface_hub",
}
# openmim pins packages that others need newer, so it has an environment of its own
OPENMIM = "OPENMIM_PYTHON"


def _module(name: str):
    spec = importlib.util.spec_from_file_location(f"conformance_{name}", HERE / f"{name}.py")
    assert spec and spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


features = _module("features")
FEATURES, READERS = features.FEATURES, features.READERS


@cache
def python(reader: str) -> str:
    """The interpreter that has a reader's package; skips where none has."""
    named = os.environ.get(OPENMIM) if reader == "OpenMMLab" else None
    if not named and importlib.util.find_spec(PACKAGES[reader]) is None:
        pytest.skip(
            f"{PACKAGES[reader]} is not installed; {OPENMIM} may name a Python that has openmim"
        )
    return named or sys.executable


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """By reader and feature, the facts that were found, or the exception."""
    folder = tmp_path_factory.mktemp("features")
    paths = []
    for number, feature in enumerate(FEATURES):
        for name, text in feature.files.items():
            file = folder / str(number) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        paths.append(str(folder / str(number) / next(iter(feature.files))))

    @cache
    def read(reader: str) -> list[object]:
        command = [python(reader), str(HERE / "readers.py"), reader, *paths]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        lines = [
            json.loads(line)
            for line in done.stdout.splitlines()
            if line.startswith(('[["', '"', "[]"))
        ]
        assert len(lines) == len(FEATURES), done.stderr
        return lines

    return read


def outcome(facts, got, reader: str) -> str:
    if isinstance(got, str):
        return features.FAILS
    have = {_same(fact, reader) for fact in got}
    hits = sum(_same(fact, reader) in have for fact in facts)
    return features.READS if hits == len(facts) else features.PART if hits else features.MISSES


def _same(fact, reader: str) -> tuple[str, ...]:
    """openmim's table has names in lower case with underscores, and whole numbers as floats."""
    if reader != "OpenMMLab":
        return tuple(fact)
    return tuple(re.sub(r"\.0$", "", re.sub(r"[ _]", "", part.lower())) for part in fact)


CELLS = [
    pytest.param(number, reader, expected, id=f"{feature.name}-{reader}")
    for number, feature in enumerate(FEATURES)
    for reader, expected in zip(READERS, feature.outcomes, strict=True)
    if expected != features.NONE
]


@pytest.mark.parametrize(("number", "reader", "expected"), CELLS)
def test_what_a_reader_makes_of_a_feature(found, number: int, reader: str, expected: str) -> None:
    got = found(reader)[number]
    assert outcome(FEATURES[number].facts, got, reader) == expected, got


def test_we_read_all_of_them() -> None:
    assert {feature.outcomes[0] for feature in FEATURES} == {features.READS}


def test_the_documentation_has_this_table() -> None:
    lines = []
    for group in dict.fromkeys(feature.group for feature in FEATURES):
        lines += [
            "",
            f"### {group}",
            "",
            f"| | {' | '.join(READERS)} |",
            "|---" * (len(READERS) + 1) + "|",
        ]
        lines += [f"| {f.name} | {' | '.join(f.outcomes)} |" for f in FEATURES if f.group == group]
    table = "\n".join(lines).strip()
    assert table in (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8"), table
