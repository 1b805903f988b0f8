"""Appending an entry to a file: the list gets one more item, and no other byte changes."""

import pytest

from zoo.model_index.editing.append import append_entry, read_for_append, write_addition
from zoo.model_index.editing.diff import diff
from zoo.model_index.errors import EditError

ENTRY = ["Name: b", "Metadata:", "  FLOPs: 5 # multiply-adds"]


def append(before: str, *, collection: tuple[str, ...] = ()) -> str:
    return append_entry("m.yml", before, ENTRY, collection).after


@pytest.mark.parametrize(
    "before, after",
    [
        ("", "Models:\n- Name: b\n  Metadata:\n    FLOPs: 5 # multiply-adds\n"),
        ("# mine\n", "# mine\nModels:\n- Name: b\n  Metadata:\n    FLOPs: 5 # multiply-adds\n"),
        ("Models:\n", "Models:\n- Name: b\n  Metadata:\n    FLOPs: 5 # multiply-adds\n"),
        (
            "Models:\n- Name: a # first\n  Builder: none",
            "Models:\n- Name: a # first\n  Builder: none\n"
            "- Name: b\n  Metadata:\n    FLOPs: 5 # multiply-adds\n",
        ),
        (
            "Models:\n  -   Name: a\n      Builder: none\n      # todo\n# the end\nType: x\n",
            "Models:\n  -   Name: a\n      Builder: none\n      # todo\n"
            "  -   Name: b\n      Metadata:\n        FLOPs: 5 # multiply-adds\n"
            "# the end\nType: x\n",
        ),
        (
            "- Name: a\n  Description: |\n    text\n\n\n",
            "- Name: a\n  Description: |\n    text\n\n\n"
            "- Name: b\n  Metadata:\n    FLOPs: 5 # multiply-adds\n",
        ),
        (
            "models:\r\n- {Name: é, Builder: none}\r\n",
            "models:\r\n- {Name: é, Builder: none}\r\n"
            "- Name: b\r\n  Metadata:\r\n    FLOPs: 5 # multiply-adds\r\n",
        ),
        (
            "\ufeffModels:\n- Name: é\n  Builder: none\n",
            "\ufeffModels:\n- Name: é\n  Builder: none\n"
            "- Name: b\n  Metadata:\n    FLOPs: 5 # multiply-adds\n",
        ),
    ],
)
def test_the_entry_goes_behind_the_last_one_in_its_style(before: str, after: str) -> None:
    assert append(before) == after


def test_a_new_family_goes_before_the_models() -> None:
    before = "Type: model-index\n# the models\nModels:\n- Name: a\n  Builder: none\n"
    after = append(before, collection=("Name: F",))
    assert after.startswith(
        "Type: model-index\n# the models\nCollections:\n- Name: F\nModels:\n- N"
    )
    again = append(after, collection=("Name: G",))
    assert "Collections:\n- Name: F\n- Name: G\nModels:" in again


@pytest.mark.parametrize(
    "text",
    [
        "Models: [{Name: a, Builder: none}]\n",
        "{Models: [{Name: a}]}\n",
        "Models: []\n",
        "Models: {Name: a}\n",
        "Models: other.yml\n",
        "Models:\n- a: [\n",
        "text\n",
        "Models: &all\n- Name: a\nCollections: *all\n",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(EditError):
        append(text)


@pytest.mark.parametrize("name", ["README.md", "m.json", "results.csv"])
def test_files_of_other_formats_are_refused(name: str) -> None:
    with pytest.raises(EditError, match="YAML files only"):
        read_for_append(name)


def test_a_new_file_is_made_and_one_that_changed_meanwhile_is_not_written(tmp_path) -> None:
    file = str(tmp_path / "sub" / "m.yml")
    change = append_entry(file, read_for_append(file), ENTRY)
    assert diff(change).startswith("--- /dev/null\n+++ b/")
    write_addition(change)
    assert read_for_append(file) == change.after
    again = append_entry(file, change.after, ["Name: c", "Builder: none"])
    (tmp_path / "sub" / "m.yml").write_text("Models:\n")
    with pytest.raises(EditError, match="changed since"):
        write_addition(again)
