"""From paths to an index: files, folders, globs, imports, and what is refused."""

from pathlib import Path

import pytest

from zoo.model_index.errors import IndexFaults, UsageError
from zoo.model_index.load import load
from zoo.model_index.reading.files import display_path


def model(name: str) -> str:
    return f"Models:\n- Name: {name}\n"


def names(index) -> list[str]:
    return [entry.name for entry in index.entries]


def faults(error: pytest.ExceptionInfo[IndexFaults]) -> list[str]:
    assert [str(fault) for fault in error.value.faults] == str(error.value).splitlines()
    return str(error.value).splitlines()


SEVERAL = {
    "z/a.yml": model("a"),
    "z/b.yaml": model("b"),
    "z/c/d.yml": model("d"),
    "z/e.txt": "not read",
}


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["z"], ["a", "b", "d"]),
        (["z/b.yaml"], ["b"]),
        (["z/*.yml"], ["a"]),
        (["z/**/*.yml"], ["a", "d"]),
        (["z/c", "z/a.yml"], ["d", "a"]),
        (["z/a.yml", "z/a.yml", "z/../z/a.yml"], ["a"]),
    ],
)
def test_paths(files, paths: list[str], found: list[str]) -> None:
    assert names(files(SEVERAL, *paths)) == found


def test_the_root_of_a_folder_is_its_model_index(files) -> None:
    contents = {
        "z/model-index.yml": "Import: other/x.yml\n" + model("root"),
        "z/a.yml": model("a"),
        "z/other/x.yml": model("x"),
    }
    index = files(contents, "z")
    assert names(index) == ["root", "x"]
    assert index.files == ("z/model-index.yml", "z/other/x.yml")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.yml", "none.yml: no such file or folder"),
        ("z/*.json", "z/*.json: no file matches"),
        ("empty", "empty: no index file (.yml, .yaml, .json, .md, .markdown, .mdx) in this folder"),
    ],
)
def test_nothing_there(files, tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError) as error:
        files(SEVERAL, path)
    assert str(error.value) == message


def test_json_and_markdown(files) -> None:
    index = files(
        {
            "a.json": '{\n\t"Models": [\n\t\t{"Name": "a", "Metadata": {"FLOPs": 12}}\n\t]\n}',
            "b.md": "# Page\n<!--\nType: model-index\nModels:\n- Name: b\n  Metadata: {FLOPs: 34}\n"
            "-->\n",
            "c.mdx": "nothing here",
        },
        "a.json",
        "b.md",
        "c.mdx",
    )
    claims = [entry.claim("flops") for entry in index.entries]
    assert [(c.model, c.raw, str(c.place)) for c in claims] == [
        ("a", "12", "a.json:3"),
        ("b", "34", "b.md:6"),
    ]
    assert index.files == ("a.json", "b.md", "c.mdx")


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["", "BOM"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("suffix", ["yml", "md"])
def test_each_claim_is_found_again_in_its_file(
    files, suffix: str, newline: str, start: bytes
) -> None:
    text = "Type: model-index\nModels:\n- Name: 'ü'\n  Metadata:\n    FLOPs: \"4 G\" # é\n"
    text += "    Parameters: >-\n      5 M\n\n  Results:\n  - Metrics: {Top 1 Accuracy: 80%}\n"
    page = (f"# Tïtle\n\n<!--\n{text}-->\n" if suffix == "md" else text).replace("\n", newline)
    name = f"f.{suffix}"
    index = files({name: start + page.encode()})
    decoded = Path(name).read_bytes().decode()
    found = [(decoded[c.place.start : c.place.end], c.place.line) for c in index.entries[0].claims]
    first = 8 if suffix == "md" else 5
    assert found == [('"4 G"', first), (f">-{newline}      5 M", first + 1), ("80%", first + 5)]


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (
            {"a.yml": "Import: b.yml", "b.yml": "Models: []\nImport: [a.yml]"},
            "b.yml:2: Import[0]: expected files that do not import each other, got 'a.yml', a "
            "cycle back to a.yml",
        ),
        (
            {"a.yml": "Import: a.yml"},
            "a.yml:1: Import: expected files that do not import each other, got 'a.yml', a cycle "
            "back to a.yml",
        ),
        (
            {"a.yml": "Models: []\nImport:\n- no.yml"},
            "a.yml:3: Import[0]: expected an existing file, got 'no.yml', which matches nothing",
        ),
        ({"a.yml": "Models: []\nImport: {a: b}"}, "a.yml:2: Import: expected text, got a mapping"),
        (
            {"a.yml": "Import: b.md", "b.md": "# Words"},
            "a.yml:1: Import: expected a file with an index, got 'b.md', which has none",
        ),
        (
            {"a.yml": "Models:\n- b.txt", "b.txt": "Name: b"},
            "a.yml:2: Models[0]: expected a file of .yml, .yaml, .json, .md, .markdown, .mdx, got "
            "'b.txt'",
        ),
        (
            {"a.yml": "Import: https://example.org/x.yml"},
            "a.yml:1: Import: expected a path in this index, got the address "
            "'https://example.org/x.yml', which is not followed",
        ),
        ({"a.yml": b"Models: []\n# \xff"}, "a.yml:2: expected UTF-8 text, got byte 0xff"),
        (
            {"a.yml": "Models: [\n"},
            "a.yml:2: expected valid YAML, got while parsing a flow node did not find "
            "expected node content",
        ),
    ],
)
def test_faults_of_a_file(files, faults_of, contents: dict[str, str | bytes], message: str) -> None:
    assert faults_of(lambda: files(contents)) == [message]


def test_faults_of_all_files_at_once(files, faults_of) -> None:
    contents = {
        "a.yml": "Models: 5\nImport: c.yml",
        "b.yml": "x: [",
        "c.yml": "Collections: {}",
        "d.md": "\n<!--\nType: model-index\nModels:\n- Name: m\n  Metadata: {FLOPs: x}\n-->",
    }
    assert faults_of(lambda: files(contents, "a.yml", "b.yml", "d.md")) == [
        "a.yml:1: Models: expected an existing file, got '5', which matches nothing",
        "c.yml:1: Collections.Name: expected a name, got nothing",
        "b.yml:1: expected valid YAML, got while parsing a flow node did not find expected node "
        "content",
        "d.md:6: Models[0].Metadata.FLOPs: expected a count, got 'x'",
    ]


@pytest.mark.parametrize(
    "target",
    ["../../x", "../x.yml", "../*.yml", "../**/*.yml", "/etc/passwd", "/**", "b/../../x.yml",
     "link.yml", "link*", "out/x.yml", "out/*.yml", "**/*.yml", "b/*/../../../x.yml", "..",
     "../none.yml", "**/../../none", "b/**/../../**", "n*/../../z/a.yml"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["z", "z/a.yml", "z/*.yml", "z/[ab]*/../a.yml", "./y/../z/a.yml"])
def test_an_import_stays_in_the_index(files, tmp_path: Path, path: str, target: str) -> None:
    for folder in ("z/b/c", "y", "w"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "z" / "link.yml").symlink_to(tmp_path / "x.yml")
    (tmp_path / "z" / "out").symlink_to(tmp_path / "w")
    name = "model-index.yml" if path == "z" else "a.yml"
    with pytest.raises(IndexFaults) as error:
        files({"x.yml": model("x"), "w/x.yml": model("w"), f"z/{name}": f"Import: '{target}'"},
              path if path != "z/*.yml" else "z/a*.yml")  # fmt: skip
    assert [fault.partition(": ")[2] for fault in faults(error)] == [
        f"Import: expected a path in this index, got '{target}', which lies outside"
    ]


@pytest.mark.parametrize("path", ["z", "z/*/a.yml", "z/**/a.yml", "z/[b]/a.yml"])
def test_an_import_may_go_up_to_the_named_folder(files, tmp_path: Path, path: str) -> None:
    contents = {
        "z/b/a.yml": "Import: [../x.yml, '../[x]?.yml', '../../z/[b]/../c.yml']",
        "z/x.yml": model("x"),
        "z/x1.yml": model("x1"),
        "z/c.yml": model("c"),
    }
    assert sorted(names(files(contents, path))) == ["c", "x", "x1"]
    (tmp_path / "l").symlink_to(tmp_path / "z")
    assert sorted(names(load([path.replace("z", "l", 1)]))) == ["c", "x", "x1"]


@pytest.mark.parametrize("target", ["a\\0", "[a\\0]", "a" * 5000, "loop", "loop/*.yml"])
def test_an_import_of_an_impossible_name(files, tmp_path: Path, target: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(IndexFaults) as error:
        files({"a.yml": f'Import: "{target}"'})
    assert faults(error) == [
        f"a.yml:1: Import: expected an existing file, got {said(target)}, which matches nothing"
    ]


def said(target: str) -> str:
    text = target.replace("\\0", "\0")
    return repr(text if len(text) <= 60 else text[:57] + "...")


def test_imports_are_read_once_and_relative_to_the_file(files) -> None:
    index = files(
        {
            "a[1]/a.yml": "Import: [b.yml, 'c*.yml']",
            "a[1]/b.yml": "Import: c1.yml\n" + model("b"),
            "a[1]/c1.yml": model("c1"),
            "a[1]/c2.yml": model("c2"),
        },
        "a[1]/a.yml",
    )
    assert names(index) == ["b", "c1", "c2"]


@pytest.mark.parametrize("text", ["", "\ufeff", "# nothing\n", "~"])
def test_a_file_without_an_index_says_so(files, text: str) -> None:
    with pytest.raises(UsageError, match=r"^a\.yml: no index in here$"):
        files({"a.yml": text})


@pytest.mark.parametrize("text", ["Models:\n", "Models: []\n"])
def test_an_empty_index(files, text: str) -> None:
    index = files({"a.yml": text})
    assert (index.entries, index.collections, index.files) == ((), (), ("a.yml",))


def test_a_folder_in_the_place_of_a_file(files, tmp_path: Path) -> None:
    (tmp_path / "x.yml").mkdir()
    with pytest.raises(UsageError, match=r"^x\.yml: no index file"):
        files({"a.yml": model("a")}, "x.yml")


def test_shown_is_relative_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    assert display_path(tmp_path / "in" / "a.yml") == "a.yml"
    assert display_path(tmp_path / "b.yml") == str(tmp_path / "b.yml")


def test_no_path_is_the_embedded_index() -> None:
    assert names(load()) == names(load([])) != []


def test_a_folder_is_read_for_its_index_files_only(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nnav: !!python/name:os.system\n")
    (tmp_path / "page.md").write_text("# No index in here\n")
    (tmp_path / "data.json").write_text('{"Models": [{"Name": "a"}]}')
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "b.yml").write_text("Models: [{Name: b}]\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c.md").write_text(
        "text\n<!--\nType: model-index\nModels:\n- Name: c\n-->\n"
    )
    assert [entry.name for entry in load([tmp_path]).entries] == ["a", "c"]


def test_a_page_without_an_index_says_so(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# No index in here\n")
    with pytest.raises(UsageError, match=r"page\.md: no index in here"):
        load([tmp_path / "page.md"])


def test_files_that_are_left_out_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "drafts").mkdir()
    for name in ("a", "drafts/b", "drafts/c"):
        text = f"Models: [{{Name: {name[-1]}, Metadata: {{FLOPs: 1 G}}}}]\n"
        (tmp_path / f"{name}.yml").write_text(text)
    (tmp_path / "model-index.yml").write_text("Import: [a.yml, drafts/*.yml]\n")

    def names(*excluded: str) -> list[str]:
        index = load([tmp_path, *(f"!{tmp_path}/{text}" for text in excluded)])
        return [entry.name for entry in index.entries]

    assert names() == ["a", "b", "c"]
    assert names("drafts") == names("drafts/*") == names("**/drafts/*.yml") == ["a"]
    assert names("drafts/b.yml", "nothing/*") == ["a", "c"]
    assert len(load(["demo"]).entries) == len(load().entries) == 25
    with pytest.raises(UsageError, match="no index is named"):
        load(["!drafts"])
