"""What `zoo build` and `zoo serve` say of the findings: what is new, and how many there are."""

from pathlib import Path

import pytest

from zoo.cli.deferred_errors import DeferredErrors
from zoo.cli.pages import write_pages

INDEX = """\
Models:
- Name: net
  Builder: none
  Metadata: {Parameters: 5 M}
  Results:
  - {Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1: TOP1, Top 5: 60%}}
"""


def test_a_finding_is_listed_by_the_first_build_that_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, ledger = tmp_path / "m.yml", str(tmp_path / "ledger")

    def build(top1: str) -> tuple[list[str], str]:
        file.write_text(INDEX.replace("TOP1", top1))
        write_pages([], [str(file)], ledger, None, DeferredErrors(), fresh=False, live=True)
        out, err = capsys.readouterr()
        return out.splitlines(), err

    assert build("50%")[0] == []
    listed, summary = build("70%")
    assert len(listed) == 2 and all("m.yml:6" in line for line in listed)
    assert "1 model, 3 claims: 2 wrong, 1 unknown; 2 findings, 2 new; zoo verify lists" in summary
    listed, summary = build("70%")
    assert (listed, "2 findings, 0 new" in summary) == ([], True)
