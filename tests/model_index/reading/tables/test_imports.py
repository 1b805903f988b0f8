"""What reads a format is imported for a file of it, and for no other."""

import subprocess
import sys
from pathlib import Path

import pytest

PROBE = """
import sys
from zoo.model_index.load import load
load([sys.argv[1]])
parts = ("markdown_it", "html_tables", "rst_pages", "csv_tables")
print([part for part in parts if any(name.split(".")[-1] == part for name in sys.modules)])
"""


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        ("i.yml", "Models:\n- {Name: a, Metadata: {FLOPs: 1G}}\n", []),
        ("t.csv", "model,FLOPs\na,1G\n", ["csv_tables"]),
        ("t.html", "<table><tr><th>model<th>FLOPs<tr><td>a<td>1G</table>", ["html_tables"]),
        ("t.md", "|model|FLOPs|\n|-|-|\n|a|1G|\n", ["markdown_it", "html_tables"]),
    ],
)
def test_a_reader_is_imported_for_its_format(
    name: str, text: str, parts: list[str], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", PROBE, name], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(parts), done.stderr
