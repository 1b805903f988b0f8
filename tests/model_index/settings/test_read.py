"""What settings say, and the line of whatever they cannot."""

import tomllib
from pathlib import Path

import jsonschema
import pytest

from zoo.model_index.errors import IndexFaults, UsageError
from zoo.model_index.settings.read import read_settings
from zoo.model_index.settings.record import KEYS, Settings
from zoo.model_index.settings.schema import settings_schema

ROOT = Path(__file__).parents[3]


def read(folder: Path, text: str, name: str = "zoo.toml") -> Settings | None:
    (folder / name).write_text(text, encoding="utf-8")
    return read_settings(folder / name)


def test_values_are_read_and_paths_belong_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    settings = read(
        tmp_path,
        'index = ["models", "timm", "demo"]\ntrust = "mine"\npath = ["src"]\nledger = "evidence"\n'
        'baseline = "known.json"\nlint-baseline = "lint.json"\nignore = ["models/x", "siblings"]\n',
    )
    assert settings is not None
    monkeypatch.chdir(tmp_path / "sub")
    assert settings.resolve("index") == ("../models", "timm", "demo", "!../models/x")
    assert settings.resolve("trust") == ("mine",)
    assert settings.resolve("path") == ("../src",)
    assert settings.resolve("ledger") == ("../evidence",)
    assert settings.resolve("baseline") == ("../known.json",)
    assert settings.resolve("lint-baseline") == ("../lint.json",)
    assert settings.resolve("ignore") == ("siblings",)
    (tmp_path / "timm").mkdir()
    assert settings.resolve("index")[1] == "../timm"


def test_the_ledger_lies_beside_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read(tmp_path, "")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert settings is not None and settings.resolve("ledger") == ("../ledger",)
    assert settings.resolve("index") == ()


def test_a_project_has_a_table(tmp_path: Path) -> None:
    text = '[project]\nname = "zoo"\n[tool.zoo]\nindex = "models"\n[tool.ruff]\nindex = 3\n'
    settings = read(tmp_path, text, "pyproject.toml")
    assert settings is not None and settings.values == {"index": ("models",)}
    for other in ("", '[project]\nname = "zoo"\n', "[tool]\nx = 1 # zoo\n", "not TOML\n"):
        assert read(tmp_path, other, "pyproject.toml") is None


FAULTS = [
    ('indx = "a"\n', 1, "indx: did you mean index? expected one of index, ", "'indx'"),
    ("a = 1\n", 1, "a: expected one of index, ", "got 'a'"),
    ("\n# index\nindex = 3\n", 3, "index: expected a list of texts", "got 3"),
    ('index = [\n"a",\n3]\n', 1, "index: expected a list of texts", "got 3"),
    ('ledger = ["a"]\n', 1, "ledger: expected a text", "got ['a']"),
    ('ledger = ""\n', 1, "ledger: expected a text of printable characters", "got ''"),
    ('index = "a\\u0000"\n', 1, "index: expected a text of printable characters", "'a\\x00'"),
    ('index = "a"\ntrust = "a b"\n', 2, "trust: expected the name of a package", "got 'a b'"),
    ('trust = "-x"\n', 1, "trust: expected the name of a package", "got '-x'"),
    ('ignore = ["sibling"]\n', 1, "ignore: did you mean siblings?", "a check of `zoo lint`"),
    ('index = "a"\nindex = "b"\n', 2, "expected TOML", "overwrite"),
    ("index = \n", 1, "expected TOML", "invalid value"),
    ('index = "a"\n\npath = ["a"', 3, "expected TOML", "unclosed"),
    ("index = " + "[" * 5000 + "\n", 1, "expected TOML", ""),
    ("index = " + "9" * 5000 + "\n", 1, "expected ", ""),
    ('"in\\u0064x" = 1\n', 1, "indx: did you mean index? expected one of", "indx"),
]


@pytest.mark.parametrize(("text", "line", "expected", "got"), FAULTS)
def test_a_fault_has_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, line: int, expected: str, got: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(IndexFaults) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"zoo.toml:{line}: {expected}") and got in message


def test_a_fault_of_a_project_names_its_table(tmp_path: Path) -> None:
    text = '[project]\nindx = 1\nname = """\nindx = 2\n"""\n[tool.zoo]\nledger = "a"\nindx = 3\n'
    with pytest.raises(
        IndexFaults, match=r"pyproject\.toml:8: tool\.zoo\.indx: did you mean index"
    ):
        read(tmp_path, text, "pyproject.toml")
    with pytest.raises(IndexFaults, match=r"pyproject\.toml:2: tool\.zoo: expected a table"):
        read(tmp_path, "[tool]\nzoo = 3\n", "pyproject.toml")
    with pytest.raises(
        IndexFaults, match=r"pyproject\.toml:1: tool\.zoo\.indx: did you mean index"
    ):
        read(tmp_path, "tool.zoo.indx = 3\n", "pyproject.toml")


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(IndexFaults) as caught:
        read(tmp_path, "a = 1\nb = 2\nindex = 3\n")
    assert [fault.line for fault in caught.value.faults] == [1, 2, 3]


def test_what_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "zoo.toml").write_bytes(b'index = "a"\n# \xff\n')
    with pytest.raises(IndexFaults, match=r"zoo\.toml:2: expected UTF-8 text, got byte 0xff"):
        read_settings(tmp_path / "zoo.toml")
    (tmp_path / "zoo.toml").unlink()
    (tmp_path / "zoo.toml").mkdir()
    with pytest.raises(UsageError, match=r"zoo\.toml: cannot be read: a folder"):
        read_settings(tmp_path / "zoo.toml")
    (tmp_path / "pyproject.toml").write_bytes(b"#" * (2 << 20))
    with pytest.raises(UsageError, match="expected at most 1,048,576 bytes"):
        read_settings(tmp_path / "pyproject.toml")


def test_what_leads_out_has_to_be_allowed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    settings = read(
        tmp_path / "in",
        'index = ["models", "../models", "timm"]\nledger = "link/ledger"\nbaseline = "sub/../k"\n'
        'path = ["src"]\n',
    )
    assert settings is not None and settings.list_restricted() == {
        "index": (str(tmp_path / "models"),),
        "ledger": (str(tmp_path / "ledger"),),
        "path": ("src",),
    }
    assert settings.without(["path", "ledger"]).list_restricted().keys() == {"index"}


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ('index = "a"\n', True),
        ('index = ["a", "b"]\nledger = "x"\n', True),
        ("", True),
        ("index = 3\n", False),
        ("index = [3]\n", False),
        ('ledger = ["a"]\n', False),
        ('indx = "a"\n', False),
        ('trust = ""\n', False),
    ],
)
def test_the_schema_agrees(tmp_path: Path, text: str, valid: bool) -> None:
    document = tomllib.loads(text)
    assert jsonschema.Draft7Validator(settings_schema()).is_valid(document) == valid
    if valid:
        assert read(tmp_path, text) is not None
    else:
        with pytest.raises(IndexFaults):
            read(tmp_path, text)


def test_every_key_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for key, meaning in KEYS.items():
        assert f"| `{key}` | {meaning} |\n" in text
