"""Rows of a page that contradict each other."""

from pathlib import Path

from zoo.model_index.checks.lint import lint
from zoo.model_index.load import load

HEADER = "| name | resolution | #params | FLOPs | download |\n|---|---|---|---|---|\n"


def messages(folder: Path, *tables: tuple[str, ...]) -> list[str]:
    """Return the findings of lint on a page with these tables, each a list of rows."""
    page = folder / "README.md"
    parts = [
        f"# Table {number}\n\n{HEADER}" + "".join(f"| {row} |\n" for row in rows)
        for number, rows in enumerate(tables)
    ]
    page.write_text("\n".join(parts))
    found = lint(load([page]))
    return [
        f"{item.place.line}: {item.rule}: {item.message}".replace(str(folder), "") for item in found
    ]


def test_two_counts_of_one_model_are_found(tmp_path: Path) -> None:
    found = messages(
        tmp_path, ("B | 384x384 | 89M | 45.0G | -",), ("B | 384x384 | 89M | 47.0G | -",)
    )
    assert found == [
        "11: contradiction: FLOPs 47,000,000,000 at 384x384: 45.0G at /README.md:5, of one name"
    ]


def test_models_of_one_name_that_differ_in_all_counts_are_two(tmp_path: Path) -> None:
    assert messages(tmp_path, ("S | 224 | 50M | 8.7G | -",), ("S | 224 | 22M | 4.3G | -",)) == []


def test_other_inputs_and_other_digits_are_no_contradiction(tmp_path: Path) -> None:
    assert messages(tmp_path, ("B | 224 | 89M | 15.4G | -", "B | 384 | 89M | 45.0G | -")) == []
    assert messages(tmp_path, ("T | 224 | 28M | 4.5G | -",), ("T | 224 | 29M | 4.5G | -",)) == []


def test_a_row_that_a_second_table_repeats_has_its_own_weights(tmp_path: Path) -> None:
    link = "[w](https://example.org/a.pth)"
    rows = (f"A | 224 | 5M | 1G | {link}",), (f"Baseline | 224 | 5M | 1G | {link}",)
    assert messages(tmp_path, *rows) == []
    rows = (f"A | 224 | 5M | 1G | {link}",), (f"B | 224 | 6M | 2G | {link}",)
    assert [message.split(": ")[1] for message in messages(tmp_path, *rows)] == [
        "duplicate-weights"
    ]
