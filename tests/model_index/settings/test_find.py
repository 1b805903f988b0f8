"""Which settings and which index a folder has."""

from pathlib import Path

import pytest

from zoo.model_index.settings.find import find_index, find_settings

INDEX = "Models:\n- {Name: net, Metadata: {FLOPs: 1 G}}\n"


def put(path: Path, text: str = INDEX) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_nearest_settings_hold(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)

    def found() -> Path | None:
        settings = find_settings(deep)
        return settings and settings.file.relative_to(tmp_path)

    put(tmp_path / "zoo.toml", "")
    assert found() == Path("zoo.toml")
    put(tmp_path / "a" / "pyproject.toml", "[project]\nname = 'zoo'\n")
    assert found() == Path("zoo.toml")
    put(tmp_path / "a" / "pyproject.toml", "[tool.zoo]\n")
    assert found() == Path("a/pyproject.toml")
    put(tmp_path / "a" / "zoo.toml", "")
    assert found() == Path("a/zoo.toml")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / "sub" / "deep").mkdir(parents=True)
    monkeypatch.chdir(root / "sub" / "deep")
    return root


def test_the_nearest_index_of_the_repository_is_found(repository: Path) -> None:
    put(repository.parent / "models" / "a.yml")  # outside
    assert find_index(Path()) is None
    put(repository / "models" / "deep" / "a.yml")
    assert find_index(Path()) == "../../models"
    put(repository / "model_index" / "a.yml")
    assert find_index(Path()) == "../../model_index"
    put(repository / "model-index.yml")
    assert find_index(Path()) == "../../model-index.yml"
    put(repository / "sub" / "models" / "a.yml")
    assert find_index(Path()) == "../models"
    assert find_index(repository) == "../../model-index.yml"


def test_outside_of_a_repository_only_the_folder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    put(tmp_path / "models" / "a.yml")
    monkeypatch.chdir(tmp_path / "sub")
    assert find_index(Path()) is None
    monkeypatch.chdir(tmp_path)
    assert find_index(Path()) == "models"


OTHER = {
    "net.py": "Models: 1\n",
    "weights.bin": "Models:\n",
    "config.yml": "lr: 0.1\nmodels_of: 3\n",
    "README.md": "---\ntitle: Our models\n---\nModels: many\n",
    "package.json": '{"name": "x"}',
    ".hidden/a.yml": INDEX,
}


@pytest.mark.parametrize("name", OTHER)
def test_models_may_hold_other_things(repository: Path, name: str) -> None:
    put(repository / "models" / name, OTHER[name])
    assert find_index(Path()) is None
    put(repository / "models" / "z" / "index.yml")
    assert find_index(Path()) == "../../models"


def test_an_index_that_is_being_edited_is_no_other_index(repository: Path) -> None:
    put(repository / "models" / "a.yml", "Models:\n- Name: 'net\n")
    assert find_index(Path()) == "../../models"


def test_a_link_out_of_the_folder_is_no_index(repository: Path) -> None:
    put(repository.parent / "other" / "a.yml")
    (repository / "models").mkdir()
    (repository / "models" / "a.yml").symlink_to(repository.parent / "other" / "a.yml")
    assert find_index(Path()) is None
