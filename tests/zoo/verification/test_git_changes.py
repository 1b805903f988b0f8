"""Which entries differ from a git revision: by what they say, whatever else moved."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.model_index.errors import UsageError
from zoo.model_index.load import load
from zoo.verification.git_changes import list_changed_entries

FIRST = """\
Library: {Name: Acme}
Collections:
- {Name: Net, Full Name: Networks}
- {Name: Other}
Models:
- Name: a
  In Collection: Net
  Metadata: {FLOPs: 1 G}
- Name: b
  In Collection: Other
  Builder: {Name: 'toyzoo:Toy', Arguments: {width: 8}}
"""
Changes = Callable[..., list[str]]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit of an index in `models/`, and the working folder at its top."""
    monkeypatch.chdir(tmp_path)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.name", "nobody")
    git(tmp_path, "config", "user.email", "nobody@localhost")
    write("models/i.yml", FIRST)
    commit()
    return tmp_path


def commit() -> None:
    git(Path.cwd(), "add", ".")
    git(Path.cwd(), "commit", "-q", "-m", "one more")


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text)


def names(*paths: str, revision: str = "HEAD") -> list[str]:
    given = list(paths or ("models",))
    return [entry.name for entry in list_changed_entries(load(given), given, revision)]


@pytest.mark.usefixtures("repository")
def test_nothing_changed_where_lines_comments_and_quotes_did() -> None:
    assert names() == []
    write(
        "models/i.yml",
        "# a comment\n\n" + FIRST.replace("1 G", "'1 G'").replace("Other", '"Other"'),
    )
    assert names() == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1 G", "1.0 G", ["a"]),
        ("width: 8", "width: '8'", ["b"]),
        ("Networks", "Nets", ["a"]),
        ("Name: Acme", "Name: Others", ["a", "b"]),
        ("- Name: a\n", "- Name: new\n- Name: a\n", ["new"]),
        ("- Name: a\n", "- Name: c\n", ["c"]),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_an_entry_its_collection_and_its_library_say_counts(
    old: str, new: str, expected: list[str]
) -> None:
    write("models/i.yml", FIRST.replace(old, new))
    assert names() == expected


@pytest.mark.usefixtures("repository")
def test_a_copy_of_an_entry_is_one_more() -> None:
    copy = FIRST.partition("Models:\n")[2].partition("- Name: b")[0]
    write("models/i.yml", FIRST + copy)
    given = load(["models"])
    assert [entry.place.line for entry in list_changed_entries(given, ["models"], "HEAD")] == [
        len(FIRST.splitlines()) + 1
    ]
    commit()
    assert names() == []
    write("models/i.yml", FIRST)
    assert names() == []


@pytest.mark.usefixtures("repository")
def test_a_revision_further_back() -> None:
    write("models/i.yml", FIRST.replace("1 G", "2 G"))
    commit()
    assert names() == []
    assert names(revision="HEAD~1") == ["a"]


@pytest.mark.parametrize(
    "path", ["models", "models/", "./models", "models/i.yml", "models/*.yml", "**/*.yml", "."]
)
@pytest.mark.usefixtures("repository")
def test_an_index_may_be_named_in_any_way(path: str) -> None:
    assert names(path) == []
    write("models/i.yml", FIRST.replace("1 G", "2 G"))
    assert names(path) == ["a"]
    assert names(os.path.abspath(path)) == ["a"]


def test_a_folder_of_the_repository_is_a_working_folder_too(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "models")
    assert names(".") == names("i.yml") == names("../models") == []


@pytest.mark.usefixtures("repository")
def test_what_an_index_imports_belongs_to_it() -> None:
    write("top.yml", "Import: models/*.yml\n")
    commit()
    assert names("top.yml") == []
    write("models/i.yml", FIRST.replace("1 G", "2 G"))
    assert names("top.yml") == ["a"]


@pytest.mark.usefixtures("repository")
def test_an_entry_that_moved_to_another_file_says_the_same() -> None:
    os.rename("models/i.yml", "models/j.yml")
    assert names() == []


@pytest.mark.usefixtures("repository")
def test_everything_is_new_where_there_was_nothing_to_read() -> None:
    write("other/i.yml", FIRST)
    assert names("other") == ["a", "b"]
    write("models/i.yml", "Models: {a: 1}\n")
    commit()
    write("models/i.yml", FIRST)
    assert names() == ["a", "b"]


def test_before_the_first_commit_everything_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "-q")
    write("models/i.yml", FIRST)
    assert names() == ["a", "b"]


def test_the_repository_of_a_hook_is_not_mistaken_for_that_of_the_index(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path_factory.mktemp("other")))
    monkeypatch.setenv("GIT_INDEX_FILE", "nowhere")
    assert names() == []


@pytest.mark.parametrize("target", ["../real.yml", "again.yml", "i.yml"])
@pytest.mark.usefixtures("repository")
def test_links_lead_where_they_led(target: str) -> None:
    """To a file beside the index, by another link, and to one that is read anyway."""
    write("real.yml", FIRST.replace("- Name: a", "- Name: linked"))
    os.symlink("../real.yml", "models/again.yml")
    os.symlink(target, "models/link.yml")
    commit()
    assert names("models/link.yml") == names("models/*.yml") == []
    name = "a" if target == "i.yml" else "linked"
    file = "models/i.yml" if target == "i.yml" else "real.yml"
    write(file, Path(file).read_text().replace("1 G", "2 G"))
    assert names("models/link.yml") == [name]
    assert names() == (
        [name] if target == "i.yml" else []
    )  # a folder passes over links that lead out of it
    commit()
    assert names("models/link.yml") == []


def test_links_that_lead_out_of_the_repository_or_nowhere_are_not_followed(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """git does not know what they led to, so what they lead to is new; nothing outside is read for
    that."""
    outside = tmp_path_factory.mktemp("outside") / "o.yml"
    outside.write_text("Models: [{Name: out}]")
    for number, target in enumerate(
        (str(outside), os.path.relpath(outside, repository / "models"))
    ):
        os.symlink(target, f"models/out{number}.yml")
    commit()
    assert names("models/out0.yml") == names("models/out1.yml") == ["out"]
    Path("models/out0.yml").unlink()
    Path("models/out1.yml").unlink()
    os.symlink("two.yml", "models/one.yml")
    os.symlink("one.yml", "models/two.yml")
    os.symlink("none.yml", "models/three.yml")
    commit()
    assert names() == []


@pytest.fixture
def forked(repository: Path) -> Path:
    """Two commits on a branch, `b` changed; then one on the main branch, `a` changed."""
    git(repository, "tag", "root")
    git(repository, "checkout", "-q", "-b", "work")
    write("models/i.yml", FIRST.replace("width: 8", "width: 9"))
    commit()
    git(repository, "checkout", "-q", "-b", "main-line", "root")
    write("models/i.yml", FIRST.replace("1 G", "2 G"))
    commit()
    git(repository, "checkout", "-q", "work")
    return repository


@pytest.mark.usefixtures("forked")
def test_a_range_begins_at_the_last_common_commit() -> None:
    assert names(revision="main-line") == ["a", "b"]
    for revision in ("main-line...work", "main-line...HEAD", "main-line...", "root...work"):
        assert names(revision=revision) == ["b"]


def test_a_range_whose_end_is_not_checked_out(forked: Path) -> None:
    message = r"^root...main-line: the index of main-line is not the one in .*/models; check out"
    with pytest.raises(UsageError, match=message):
        names(revision="root...main-line")
    git(forked, "checkout", "-q", "-b", "readme")
    write("README.txt", "no index")
    commit()
    git(forked, "checkout", "-q", "work")
    assert names(revision="root...readme") == ["b"]  # the index is the same there


def test_a_range_without_a_common_commit(repository: Path) -> None:
    git(repository, "tag", "root")
    git(repository, "checkout", "-q", "--orphan", "other")
    write("models/i.yml", FIRST.replace("1 G", "2 G"))
    commit()
    with pytest.raises(UsageError, match=r"no common commit of these revisions in /[^;]*$"):
        names(revision="root...HEAD")


def test_a_shallow_clone_says_what_to_type(
    forked: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As actions/checkout makes it: one commit, of the branch that is checked out."""
    clone = tmp_path_factory.mktemp("clone") / "c"
    git(forked, "clone", "-q", "--depth", "1", f"file://{forked}", str(clone))
    monkeypatch.chdir(clone)
    advice = r"; the clone is shallow: fetch its history .* `fetch-depth: 0` of actions/checkout$"
    for revision in ("HEAD~1", "origin/main-line", "root...HEAD"):
        with pytest.raises(UsageError, match=r"^--since: no revision .*" + advice):
            names(revision=revision)
    git(clone, "fetch", "-q", "--depth", "1", "origin", "main-line:main-line")
    with pytest.raises(UsageError, match=r"^main-line...HEAD: no common commit .*" + advice):
        names(revision="main-line...HEAD")


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ("nope", r"^--since: no revision 'nope' in /[^;]*$"),
        ("nope...HEAD", r"^--since: no revision 'nope' in "),
        ("HEAD...nope", r"^--since: no revision 'nope' in "),
        ("HEAD...--help", r"^--since: expected a git revision, got '--help'$"),
        ("HEAD:models", r"^--since: no revision 'HEAD:models' in "),
        ("--help", r"^--since: expected a git revision, got '--help'$"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_a_revision_that_is_none_is_told(revision: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        names(revision=revision)


def test_a_folder_that_is_in_no_repository_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    write("models/i.yml", FIRST)
    with pytest.raises(
        UsageError,
        match=r"^models: --changed and --since compare with git, which says: not a git repo",
    ):
        names()


@pytest.mark.usefixtures("repository")
def test_without_git_there_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    index = load(["models"])
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(
        UsageError, match=r"^--changed and --since need git, which is not installed$"
    ):
        list_changed_entries(index, ["models"], "HEAD")


EMBEDDED = """\
[core]
	repositoryformatversion = 1
	bare = false
	worktree = .
[extensions]
	partialClone = origin
[remote "origin"]
	url = .
	promisor = true
	uploadpack = "touch MARK #"
"""


@pytest.mark.usefixtures("repository")
def test_a_folder_that_is_a_repository_of_its_own_runs_nothing(tmp_path: Path) -> None:
    """`git clone` keeps its files; its configuration fetches a missing blob by a command."""
    mark, folder = tmp_path / "mark", tmp_path / "models"
    for name in ("refs/heads", "objects/info", "objects/pack"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    environment = os.environ | {"GIT_DIR": str(folder)}

    def stored(text: str, *arguments: str) -> str:
        command = ["git", "-c", "user.name=n", "-c", "user.email=n@localhost", *arguments]
        done = subprocess.run(
            command, env=environment, input=text, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    blob = stored("Models: []\n", "hash-object", "--stdin")
    tree = stored(f"100644 blob {blob}\ti.yml\n", "mktree", "--missing")
    (folder / "refs/heads/main").write_text(stored("", "commit-tree", tree, "-m", "x"))
    (folder / "config").write_text(EMBEDDED.replace("MARK", str(mark)))
    command = ["git", "-C", str(folder), "cat-file", "blob", blob]
    subprocess.run(command, capture_output=True, check=False)
    assert mark.exists()  # what plain git does
    mark.unlink()
    with pytest.raises(UsageError, match="git"):
        names("models")
    assert not mark.exists()
    (tmp_path / ".git" / "config").write_text(EMBEDDED.replace("MARK", str(mark)))
    with pytest.raises(UsageError, match="git"):
        names("models", revision=stored("", "commit-tree", tree, "-m", "x"))
    assert not mark.exists()


def test_a_clone_without_old_files_is_said(repository: Path, tmp_path: Path) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    write("models/i.yml", FIRST.replace("1 G", "2 G"))
    commit()
    clone = tmp_path / "clone"
    git(repository, "clone", "-q", "--filter=blob:none", repository.as_uri(), str(clone))
    os.chdir(clone)
    with pytest.raises(UsageError, match=r"fetch --refetch --no-filter` completes it"):
        names(revision="HEAD~")
    git(clone, "fetch", "-q", "--refetch", "--no-filter")
    assert names(revision="HEAD~") == ["a"]


def test_a_blob_that_is_gone_is_said(repository: Path) -> None:
    write("models/i.yml", FIRST.replace("1 G", "2 G"))
    command = ["git", "rev-parse", "HEAD:models/i.yml"]
    blob = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UsageError, match=blob):
        names()


@pytest.mark.usefixtures("repository")
def test_files_that_are_left_out_were_left_out_before() -> None:
    write("drafts/b.yml", "Models:\n- {Name: draft, Metadata: {FLOPs: 1 G}}\n")
    write("a.yml", "Models:\n- {Name: net, Metadata: {FLOPs: 1 G}}\n")
    commit()
    write("drafts/b.yml", "Models:\n- {Name: draft, Metadata: {FLOPs: 2 G}}\n")
    write("a.yml", "Models:\n- {Name: net, Metadata: {FLOPs: 2 G}}\n")
    assert names("a.yml", "drafts") == ["net", "draft"]
    assert names(".", "!drafts") == names(".", "!drafts/*.yml") == ["net"]


@pytest.mark.usefixtures("repository")
def test_a_repository_publishes_what_names_no_publisher() -> None:
    write("models/i.yml", "Models:\n- {Name: net, Metadata: {FLOPs: 1 G}}\n")
    commit()
    assert names() == []
    git(Path.cwd(), "remote", "add", "origin", "git@github.com:acme/nets.git")
    assert names() == []


TABLE = "| model | FLOPs |\n|---|---|\n| a | 1G |\n| b | 2G |\n"


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("name", ["README.md", "t.csv"])
def test_the_row_of_a_table_that_changed(name: str) -> None:
    table = TABLE if name.endswith("md") else "model,FLOPs\na,1G\nb,2G\n"
    write(name, table)
    commit()
    assert names(name) == []
    write(name, f"\n{table.replace('2G', '3G')}")
    assert names(name) == ["b"]


@pytest.mark.usefixtures("repository")
def test_settings_of_tables_are_those_of_now() -> None:
    settings = '[tables]\npages = ["*.md"]\nnames = "names.toml"\n'
    write("zoo.toml", f'{settings}columns = {{"Netz" = "name"}}\n')
    write("names.toml", "")
    write("README.md", TABLE.replace("model", "Netz"))
    commit()
    assert names(".", "@zoo.toml") == []
    write("names.toml", 'b = "timm:dla34"\n')
    assert names(".", "@zoo.toml") == []
    write("README.md", TABLE.replace("model", "Netz").replace("2G", "3G"))
    assert names(".", "@zoo.toml") == ["b"]
