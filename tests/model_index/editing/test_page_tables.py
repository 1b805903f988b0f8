"""Correct a number in the table of a README: its characters change and nothing else."""

from pathlib import Path

from zoo.model_index.editing.verify_edit import check_changes
from zoo.model_index.load import load

PAGE = """\
# Zoo  <!-- a comment stays -->

| name | res | FLOPs (G) | acc |
|:---:|---|---:|---|
| **A** [1] | 224 | ~4.5 ± 0.1 | 0.797 |
| B | 224/384 | 4.5/13.1 | 77.04 |
"""
SETTINGS = '[tables]\npages = ["*.md"]\nnames = "names.toml"\n'


def test_one_number_changes(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(PAGE)
    (tmp_path / "zoo.toml").write_text(SETTINGS)
    (tmp_path / "names.toml").write_text('"A*" = "timm:convnext_tiny"\n')
    for paths in ([page], [tmp_path, f"@{tmp_path / 'zoo.toml'}"]):
        index = load(paths)
        claims = {claim.raw: claim for entry in index.entries for claim in entry.claims}
        changes, edits, refused = check_changes(index, paths, {claims["13.1"]: "14.2"})
        assert (refused, len(edits)) == ([], 1)
        assert changes[0].after == PAGE.replace("4.5/13.1", "4.5/14.2")
        assert page.read_text() == PAGE
