"""What publishes the numbers of an index that names no publisher: the page, the repository, the
folder; git is not run."""

from pathlib import Path

import pytest

from zoo.model_index.load import load
from zoo.model_index.reading.repository import publisher_from_source, publisher_of

MODEL = "Models: [{Name: a, Metadata: {FLOPs: 4.1 G}}]\n"


def publisher(path: Path) -> str:
    (entry,) = load([path]).entries
    (claim,) = entry.claims
    assert claim.publisher == entry.publisher
    return claim.publisher


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/acme/nets.git", "acme/nets"),
        ("https://user:secret@github.com/acme/nets/", "acme/nets"),
        ("git@github.com:acme/nets.git", "acme/nets"),
        ("ssh://git@git.acme.org:22/group/part/nets", "group/part/nets"),
        ("https://huggingface.co/acme/nets", "acme/nets"),
        ("/srv/git/nets.git", "nets"),
        ("file:///srv/git/nets", "nets"),
        ("https://github.com/acme/\x1b[31mnets", "clone"),
        ("https://github.com/" + "x" * 200, "clone"),
    ],
)
def test_of_a_remote_owner_and_name(tmp_path: Path, url: str, expected: str) -> None:
    write(
        tmp_path / "clone/.git/config",
        f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n\tfetch = +refs\n',
    )
    assert publisher(write(tmp_path / "clone/zoo/m.yml", MODEL)) == expected


def test_the_remote_origin_is_first(tmp_path: Path) -> None:
    remotes = (
        '[remote "fork"]\nurl = https://a.b/me/nets\n[remote "origin"]\nurl = git@a.b:acme/x\n'
    )
    write(tmp_path / ".git/config", f'{remotes}[branch "main"]\nurl = https://a.b/no/thing\n')
    assert publisher(write(tmp_path / "m.yml", MODEL)) == "acme/x"


def test_a_worktree_and_a_submodule_have_a_file_that_names_the_configuration(
    tmp_path: Path,
) -> None:
    write(tmp_path / "a/.git/config", '[remote "origin"]\nurl = git@a.b:acme/nets\n')
    write(tmp_path / "a/.git/worktrees/w/commondir", "../..\n")
    write(tmp_path / "w/.git", f"gitdir: {tmp_path}/a/.git/worktrees/w\n")
    assert publisher(write(tmp_path / "w/m.yml", MODEL)) == "acme/nets"
    write(tmp_path / "a/.git/modules/s/config", '[remote "origin"]\nurl = git@a.b:acme/sub\n')
    write(tmp_path / "a/s/.git", "gitdir: ../.git/modules/s\n")
    assert publisher(write(tmp_path / "a/s/m.yml", MODEL)) == "acme/sub"
    assert publisher(write(tmp_path / "a/m.yml", MODEL)) == "acme/nets"


def test_without_a_remote_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "clone/.git/config", "[core]\n")
    assert publisher(write(tmp_path / "clone/zoo/m.yml", MODEL)) == "clone"
    write(tmp_path / "nets/.mim/a/m.yml", MODEL)
    assert publisher(tmp_path / "nets/.mim/a/m.yml") == "a"
    assert publisher(tmp_path / "nets/.mim") == "nets"


@pytest.mark.parametrize("content", [None, "\x00", '[remote "origin"', "gitdir: /nowhere"])
def test_what_is_no_repository_is_a_folder(tmp_path: Path, content: str | None) -> None:
    if content is None:
        (tmp_path / "clone/.git").mkdir(parents=True)
    else:
        write(tmp_path / "clone/.git", content)
    assert publisher(write(tmp_path / "clone/m.yml", MODEL)) == "clone"


def test_the_source_of_the_model_or_of_its_collection_goes_before_the_repository(
    tmp_path: Path,
) -> None:
    text = (
        "Collections:\n"
        "- {Name: A, Source: 'https://github.com/acme/nets/blob/main/README.md'}\n"
        "- {Name: B, Publisher: Beta, Source: 'https://beta.example/table'}\n"
        "Models:\n"
        "- {Name: a, In Collection: A, Metadata: {FLOPs: 4 G}}\n"
        "- {Name: b, In Collection: B}\n"
        "- {Name: c, In Collection: B, Source: 'https://www.acme.org/page?x=1'}\n"
        "- {Name: d, In Collection: B, Publisher: Delta}\n"
    )
    entries = load([write(tmp_path / "m.yml", text)]).entries
    assert [(entry.publisher, entry.source) for entry in entries] == [
        ("acme/nets", "https://github.com/acme/nets/blob/main/README.md"),
        ("Beta", "https://beta.example/table"),
        ("acme.org", "https://www.acme.org/page?x=1"),
        ("Delta", None),
    ]
    named = load([write(tmp_path / "n.yml", f"Library: {{Name: Zoo}}\n{text}")]).entries
    assert [entry.publisher for entry in named] == ["Zoo", "Zoo", "Zoo", "Delta"]


def test_a_source_that_is_no_address_is_a_name() -> None:
    assert publisher_from_source(" Table 3 of the paper ") == "Table 3 of the paper"
    assert publisher_from_source("a\nb") == publisher_from_source("") == ""
    assert publisher_from_source("https://github.com/acme/nets.git") == "acme/nets"
    assert publisher_from_source("https://github.com/") == "github.com"


def test_no_folder_has_no_name() -> None:
    assert publisher_of(Path("/"), Path("/")) == "local files"


def test_the_folder_of_an_index_names_nobody(tmp_path: Path) -> None:
    path = write(tmp_path / "acme/model_index/m.yml", MODEL)
    assert publisher_of(path.parent, path.parent) == "acme"
