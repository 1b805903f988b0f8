"""Edits of tables: the number of a cell changes and not a byte more."""

import codecs
import os
from pathlib import Path

import pytest

from zoo.model_index.editing.splice import write
from zoo.model_index.editing.verify_edit import check_changes
from zoo.model_index.load import load
from zoo.model_index.records.records import Claim, Index

MARKDOWN = (
    "# Nets\r\n\r\nFLOPs are 45.0G.\r\n\r\n"
    "|model|FLOPs<br>(G) | #params | \r\n| :- |---|-|\r\n"
    "| [net](a/45.0G)|  **45.0**<sup>1</sup>|<!-- 45.0 --> 89M\r\n"
    "| other |~1.5 ± 0.2 | `12M` |\r\n"
)
HTML = (
    "<table>\n<tr><th>model<th>FLOPs (G)<th>#params</tr>\n"
    "<tr><td title='45.0'>net</td>\n<td\nalign=right> <b>45.0</b>&nbsp;</td><td>89M</td></tr>\n"
    "<tr><td>other<td>1.5<td>12M</table>\n"
)
CSV = 'model;"FLOPs (G)";#params\r\nnet;"45.0";89M\r\n"other";1.5;"12M"\r\n'
RST = (
    "======  =========  =======\nmodel   FLOPs (G)  #params\n======  =========  =======\n"
    "net     **45.0**   89M\nother   1.5        12M\n======  =========  =======\n"
)


def claims_of(index: Index, raw: str) -> list[Claim]:
    return [claim for entry in index.entries for claim in entry.claims if claim.raw == raw]


def edit(file: str, data: bytes, **texts: str) -> bytes:
    """The bytes of a file after the claims of these raw texts got other texts."""
    Path(file).write_bytes(data)
    index = load([file])
    wanted = {claims_of(index, raw)[0]: text for raw, text in texts.items()}
    changes, edits, refused = check_changes(index, [file], wanted)
    assert not refused and edits.keys() == wanted.keys()
    write(changes)
    return Path(file).read_bytes()


@pytest.mark.parametrize(
    ("file", "text", "number"),
    [
        ("README.md", MARKDOWN, "**45.0**"),
        ("t.html", HTML, "<b>45.0"),
        ("t.csv", CSV, '"45.0"'),
        ("t.rst", RST, "**45.0**"),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_number_of_a_table(
    file: str, text: str, number: str, mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    after = edit(file, (mark + text).encode(), **{"45.0": "45.1", "89M": "88.6M"})
    changed = text.replace(number, number.replace("45.0", "45.1")).replace("89M", "88.6M")
    assert after.decode() == mark + changed


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "latin-1"])
def test_an_edit_keeps_the_encoding(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    text = CSV.replace("other", "övrig")
    mark = marks.get(encoding, b"")
    after = edit("t.csv", mark + text.encode(encoding), **{"45.0": "45.1"})
    assert after == mark + text.replace("45.0", "45.1").encode(encoding)


@pytest.mark.parametrize(
    ("cell", "text", "why"),
    [
        ("4&#53;.0", "45.1", "written with markup or entities"),
        ("4<b>5</b>.0", "45.1", "written with markup or entities"),
        ("45.0", "45|1", "would be read otherwise there"),
    ],
)
def test_a_number_that_cannot_be_changed_safely(
    cell: str, text: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("README.md").write_text(f"| model | FLOPs (G) |\n|---|---|\n| net | {cell} |\n")
    index = load(["README.md"])
    (claim,) = claims_of(index, "45.0")
    changes, edits, ((refused, reason),) = check_changes(index, ["README.md"], {claim: text})
    assert (changes, edits, refused) == ([], {}, claim) and why in reason


def test_a_cell_of_several_rows_is_not_changed_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.html").write_text(
        "<table><tr><th>model<th>FLOPs (G)<tr><td>a<td rowspan=2>45.0<tr><td>b</table>"
    )
    index = load(["t.html"])
    claims = claims_of(index, "45.0")
    assert len(claims) == 2
    _, edits, refused = check_changes(index, ["t.html"], {claims[0]: "45.1"})
    assert not edits and refused == [(claims[0], "2 claims are read from these characters")]


def test_a_table_in_a_folder_that_settings_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir("docs")
    Path("zoo.toml").write_text('[tables]\npages = ["docs/*.md"]\ncolumns = {"Netz" = "name"}\n')
    page = "| Netz | FLOPs |\n|---|---|\n| a | 45.0G |\n"
    for name in ("docs/a.md", "b.md"):
        Path(name).write_text(page)
    index = load([".", "@zoo.toml"])
    assert index.files == ("docs/a.md",)
    wanted = {claims_of(index, "45.0G")[0]: "45.1G"}
    (change,), _, refused = check_changes(index, [".", "@zoo.toml"], wanted)
    assert not refused and change.after == page.replace("45.0G", "45.1G")
