"""The page of findings: every one that is not plain agreement, in Markdown that nothing in an index
can bend."""

from collections.abc import Callable
from dataclasses import replace

from tests.reporting.hypotheses import NONE, SLIP, THOP
from zoo.model_index.findings import Finding, Hypothesis
from zoo.reporting.gates.report import report
from zoo.reporting.views.catalogue import Zoo

Found = Callable[..., Finding]
MODELS = "Models:\n" + "".join(
    f"- {{Name: {name}, In Collection: Net, Metadata: {{FLOPs: 10}}}}\n" for name in "abc"
)


def written(zoo_of: Callable[[str], Zoo], found: Found, text: str, tried: list[Hypothesis]) -> str:
    zoo = zoo_of(text)
    pairs = zip(zoo.index.entries, tried, strict=True)
    return report(
        replace(zoo, findings=tuple(found(e.claims[0], h) for e, h in pairs)),
        "zoo verify --index x",
    )


def test_the_page(zoo_of: Callable[[str], Zoo], found: Found) -> None:
    page = written(zoo_of, found, MODELS, [THOP, THOP, SLIP])
    lines = page.splitlines()
    assert lines[0] == "# Findings"
    assert "Written by `zoo verify --index x` with" in page
    assert "| FLOPs | 3 | 0 | 0 | 0 | 3 | 0 | 0 | 0 | 1 |" in lines
    assert (
        "- FLOPs: 2 of 3 rows are explained: thop's convention at 2x3; the odd one out: c" in lines
    )
    assert "- FLOPs: 1 of 3 rows is wrong (explained): with a slipped point" in lines
    assert lines.index(
        "- FLOPs: 1 of 3 rows is wrong (explained): with a slipped point"
    ) < lines.index(
        "- FLOPs: 2 of 3 rows are explained: thop's convention at 2x3; the odd one out: c"
    )
    (row,) = [line for line in lines if line.startswith("| a ")]
    assert row.split(" | ")[1:8] == ["FLOPs", "10", "7", "explained", "thop at 2x3", "10", "0"]
    assert sum(line.startswith("| c | FLOPs | 10 | 7 | wrong (explained)") for line in lines) == 1


def test_a_mismatch_has_no_prediction(zoo_of: Callable[[str], Zoo], found: Found) -> None:
    page = written(zoo_of, found, MODELS.replace("- {Name: b", "- {Name: b2"), [THOP, NONE, THOP])
    (row,) = [line for line in page.splitlines() if line.startswith("| b2 ")]
    assert row.split(" | ")[4:8] == ["mismatch", "", "", ""]


def test_names_cannot_break_the_table(zoo_of: Callable[[str], Zoo], found: Found) -> None:
    hostile = "a | b <script>alert(1)</script> [x](javascript:y) `c` &amp; *d*"
    page = written(
        zoo_of, found, MODELS.replace("Name: a", f"Name: '{hostile}'"), [THOP, THOP, THOP]
    )
    (row,) = [line for line in page.splitlines() if "script" in line and line.startswith("| ")]
    assert row.startswith(
        r"| a \| b \<script\>alert(1)\</script\> \[x\](javascript:y) \`c\` \&amp; \*d\* | FLOPs |"
    )
