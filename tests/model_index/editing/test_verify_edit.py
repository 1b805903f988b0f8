"""The second reading: what a change would change besides the claim is found out before anything is
written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.model_index.editing.verify_edit import check_changes
from zoo.model_index.errors import EditError
from zoo.model_index.load import DATA, load
from zoo.model_index.records.records import Claim, Index

Files = Callable[..., Index]
MERGED = "other claims would change with it, or the file has changed since it was read"
ELSE = "something else is read from the same characters, or the file has changed since it was read"


def claim(index: Index, path: str) -> Claim:
    (found,) = [c for entry in index.entries for c in entry.all_claims() if c.path == path]
    return found


def flops(index: Index, number: int = 0) -> Claim:
    return claim(index, f"Models[{number}].Metadata.FLOPs")


def outcome(index: Index, *claims: Claim, path: str = "index.yml") -> tuple[list[str], list[str]]:
    """The texts that would be written and the reasons of what would not."""
    changes, edits, refused = check_changes(index, [path], {one: "99" for one in claims})
    assert {edit.place.file for edit in edits.values()} == {change.file for change in changes}
    return [change.after for change in changes], [why for _, why in refused]


def test_a_claim_of_its_own_is_changed_and_nothing_is_written(files: Files) -> None:
    text = "Models:\n- Name: a\n  Metadata: {FLOPs: 12, Parameters: 12}\n"
    index = files({"index.yml": text})
    assert outcome(index, flops(index)) == ([text.replace("FLOPs: 12", "FLOPs: 99")], [])
    assert Path("index.yml").read_text() == text


SHARED = "2 claims are read from these characters"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "Models:\n- {Name: a, Metadata: {FLOPs: &x 12}}\n- {Name: b, Metadata: {FLOPs: *x}}\n",
            SHARED,
        ),
        ("Models:\n- {Name: a, Metadata: &m {FLOPs: 12}}\n- {Name: b, Metadata: *m}\n", SHARED),
        (
            "Models:\n- {Name: a, Metadata: &m {FLOPs: 12}}\n"
            "- {Name: b, Metadata: {<<: *m, LR: 1}}\n",
            SHARED,
        ),
        ("Models:\n- &a {Name: a, Metadata: {FLOPs: 12}}\n- {<<: *a, Name: b}\n", SHARED),
        ("Models:\n- &a {Name: a, Metadata: {FLOPs: 12}}\n- *a\n", SHARED),
        ("Models:\n- {Name: a, Metadata: {LR: &x 12, FLOPs: *x}}\n", ELSE),
        ("Models:\n- {Name: a, Metadata: {FLOPs: &x 12}}\n- {Name: b, Note: [*x]}\n", ELSE),
        ("Library: {Name: z, Version: &x 12}\nModels:\n- {Name: a, Metadata: {FLOPs: *x}}\n", ELSE),
        (
            "Models:\n- Name: a\n  Metadata:\n    FLOPs: |\n      12\n",
            "a block of text, which is not changed",
        ),
        (
            "Models:\n- Name: a\n  Metadata:\n    FLOPs: 12\n      G\n",
            "a value with escapes or over several lines, which is not changed",
        ),
    ],
)
def test_a_value_that_others_share_is_left(files: Files, text: str, why: str) -> None:
    index = files({"index.yml": text})
    assert outcome(index, next(index.entries[0].all_claims())) == ([], [why])


def test_an_alias_of_one_claim_only_is_changed_where_it_is_defined(files: Files) -> None:
    text = "x-values: [&x '12']\nModels:\n- {Name: a, Metadata: {FLOPs: *x}}\n"
    index = files({"index.yml": text})
    assert outcome(index, flops(index)) == ([text.replace("'12'", "'99'")], [])


def test_what_can_be_written_is_written_beside_what_cannot(files: Files) -> None:
    text = (
        "Models:\n- {Name: a, Metadata: {LR: &x 12, FLOPs: *x}}\n"
        "- {Name: b, Metadata: {FLOPs: 13}}\n"
    )
    index = files({"index.yml": text})
    assert outcome(index, flops(index), flops(index, 1)) == ([text.replace("13", "99")], [ELSE])


def test_a_value_that_would_end_a_comment_of_a_page_is_refused(files: Files) -> None:
    index = files(
        {"a.md": "<!--\nType: model-index\nModels:\n- {Name: a, Metadata: {ID: 'abc'}}\n-->\n"}
    )
    (found,) = index.entries[0].all_claims()
    _, _, refused = check_changes(index, ["a.md"], {found: "x-->"})
    assert refused == [(found, "'x-->' would be read otherwise there")]


def test_a_file_that_changed_since_is_refused(files: Files) -> None:
    text = "Models:\n- {Name: a, Metadata: {FLOPs: 12}}\n- {Name: b, Metadata: {FLOPs: 12}}\n"
    index = files({"index.yml": text})
    Path("index.yml").write_text(text.replace("b", "c"))
    assert outcome(index, flops(index)) == ([], [MERGED])
    Path("index.yml").write_text(text.replace("12", "21"))
    assert outcome(index, flops(index)) == ([], ["the file has changed since it was read"])
    Path("index.yml").write_text(text.replace("}}", "}} ]"))
    assert outcome(index, flops(index)) == ([], ["the index could not be read with this change"])
    Path("index.yml").unlink()
    assert outcome(index, flops(index)) == (
        [],
        ["index.yml: cannot be read: No such file or directory"],
    )


def test_imports_folders_and_globs_are_read_again_as_they_were(
    files: Files, tmp_path: Path
) -> None:
    part = "Models:\n- {Name: NAME, Metadata: {FLOPs: 12}}\n"
    contents = {
        "zoo/model-index.yml": "Import: [models/*.yml]\n",
        "zoo/models/a.yml": part.replace("NAME", "a"),
        "zoo/models/b.yml": "Import: ../c.yml\n" + part.replace("NAME", "b"),
        "zoo/c.yml": part.replace("NAME", "c"),
        "other/d.yml": part.replace("NAME", "d"),
    }
    for paths in (
        ["zoo"],
        ["zoo/model-index.yml"],
        [str(tmp_path / "zoo"), "other/*.yml"],
        ["zoo", "other/d.yml"],
    ):
        index = files(contents, *paths)
        found = [next(entry.all_claims()) for entry in index.entries]
        changes, _, refused = check_changes(index, paths, dict.fromkeys(found, "99"))
        assert refused == []
        assert sorted(change.after for change in changes) == sorted(
            text.replace("12", "99")
            for name, text in contents.items()
            if "12" in text and (paths[1:] or "zoo" in name)
        )


def test_the_embedded_index_is_read_without_a_path() -> None:
    index = load()
    found = index.entries[0].claims[0]
    changes, _, refused = check_changes(index, [], {found: "99"})
    assert refused == []
    assert [Path(change.file).resolve().parent for change in changes] == [DATA.resolve()]


def test_nothing_to_change_changes_nothing(files: Files) -> None:
    index = files({"index.yml": "Models:\n- {Name: a, Metadata: {FLOPs: 12}}\n"})
    assert check_changes(index, ["index.yml"], {}) == ([], {}, [])


def test_changes_that_do_not_go_together_are_an_error(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each alone would do; a last look at all of them finds what nobody thought of."""
    from zoo.model_index.editing import verify_edit

    index = files({"index.yml": "Models:\n- {Name: a, Metadata: {FLOPs: 12, Layers: 12}}\n"})
    compared = verify_edit._compared
    monkeypatch.setattr(
        verify_edit,
        "_compared",
        lambda old, new, edits: "no" if len(edits) > 1 else compared(old, new, edits),
    )
    with pytest.raises(EditError) as raised:
        check_changes(index, ["index.yml"], dict.fromkeys(index.entries[0].claims, "99"))
    assert str(raised.value) == "no"
