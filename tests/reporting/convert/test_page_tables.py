"""Rows of a page's tables, converted to an index, state the same."""

from collections import Counter
from pathlib import Path

from typer.testing import CliRunner

from zoo.cli import app
from zoo.model_index.load import load

PAGE = """\
# ImageNet

## One
| model | Acc@1 | time (ms) bs=1 | time (ms) bs=4 | Params(M) | gain |
|---|---|---|---|---|---|
| A | 0.797 | 2.0 | 3.5 | 21.84 | 0.1 |

## Two
| model | resolution | Acc@1 | #params |
|---|---|---|---|
| B | 224x224 | 77.04 | 5.3M |
"""


def test_an_index_of_rows_states_what_the_page_does(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(PAGE)
    arguments = ["convert", "--index", str(tmp_path / "README.md"), "--to", "pwc"]
    done = CliRunner().invoke(app, [*arguments, "-o", str(tmp_path / "i.yml")])
    assert done.exit_code == 0, done.output
    stated = [
        Counter(
            (claim.model, claim.quantity, claim.value, claim.dataset, claim.conditions)
            for entry in load([tmp_path / name]).entries
            for claim in entry.claims
        )
        for name in ("README.md", "i.yml")
    ]
    assert stated[0] == stated[1]
    assert "Acc@1: 79.7%" in (tmp_path / "i.yml").read_text()
