"""Edits: one value of a file changes and not a byte more, whatever stands around it."""

import os
import stat
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zoo.model_index.editing.diff import diff
from zoo.model_index.editing.splice import Change, Edit, apply_edits, comment, scalar, splice, write
from zoo.model_index.editing.verify_edit import check_changes
from zoo.model_index.errors import EditError
from zoo.model_index.load import load
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim, Index

BREAKS = "\x85\u2028\u2029"  # line ends to YAML and to no editor
WORDS = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x10FFFF, exclude_categories=("Cs", "Cc", "Cn"),
                  exclude_characters=f"{BREAKS}\ufeff<>\ufffe\uffff"),
    max_size=12,
)  # fmt: skip
COMMENTS = st.one_of(
    WORDS,
    st.sampled_from(["\twith\ttabs", " 22.22 G", " naïve 数 😀🦁", " FLOPs: 1", " - Name: x"]),
).map(lambda text: f"#{text}".replace("--", "-"))
NUMBERS = st.sampled_from(
    ["15003675112", "22.22 G", "61.570 M", "1_234_567", "+4.1 GFLOPs", "2.5e9", "7978856"]
)
INDENT = "    "


def quoted(text: str) -> list[str]:
    """A text in single and in double quotes."""
    return [
        "'" + text.replace("'", "''") + "'",
        '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"',
    ]


@st.composite
def noises(draw: st.DrawFn, number: str) -> list[str]:
    """Lines of one field that is no claim: quoted, fold_key, literal, flow, anchored, or only a
    comment."""
    text = draw(WORDS).replace("--", "-")
    kind = draw(
        st.sampled_from(
            ["single", "double", "folded", "literal", "flow", "anchor", "comment", "empty"]
        )
    )
    key = f"{INDENT}Note {number}:"
    lines = {
        "single": [f"{key} {quoted(text)[0]}"],
        "double": [f"{key} {quoted(text)[1][:-1]}\\u00e9\\", f'{INDENT}  folded"'],
        "folded": [f"{key} >-", f"{INDENT}  x{text}", "", f"{INDENT}  FLOPs: 1"],
        "literal": [f"{key} |", f"{INDENT}  x{text}", f"{INDENT}    FLOPs: 15003675112"],
        "flow": [f"{key} {{a: [1, {quoted(text)[0]}], 'FLOPs': 22.22 G}}"],
        "anchor": [f"{key} &a{number} 22.22 G", f"{INDENT}Again {number}: *a{number}"],
        "comment": [f"{INDENT}{draw(COMMENTS)}"],
        "empty": [""],
    }
    return lines[kind]


@st.composite
def claims(draw: st.DrawFn, key: str, value: str, number: int) -> str:
    """A line with a claim: plain or quoted, anchored, with spaces and a comment behind it."""
    style = draw(st.sampled_from(["{}", "'{}'", '"{}"', "!!str {}", '&c_{key} "{}"'])).replace(
        "{key}", f"{key}_{number}"
    )
    behind = draw(st.one_of(st.just(""), st.just("  "), COMMENTS.map(lambda text: f" \t{text}")))
    return (
        f"{INDENT}{key}:{draw(st.sampled_from([' ', '   ']))}{style.replace('{}', value)}{behind}"
    )


@st.composite
def models(draw: st.DrawFn, number: int) -> list[str]:
    """An entry with claims between other things, in block or in flow style."""
    flops, parameters, size = (
        draw(NUMBERS),
        draw(NUMBERS),
        draw(st.sampled_from(["224", "3x224x224"])),
    )
    if draw(st.booleans()):
        quote = draw(st.sampled_from(["", "'", '"']))
        fields = f"FLOPs: {quote}{flops}{quote}, Parameters: {parameters}, 'Image Size': {size}"
        return [f"- {{Name: m{number}, Metadata: {{{fields}}}}} {draw(COMMENTS)}"]
    lines = [f"- Name: m{number}", draw(COMMENTS), "  Metadata:"]
    for key, value in (("FLOPs", flops), ("Parameters", parameters), ("Image Size", size)):
        lines += draw(noises(f"{number}-{len(lines)}"))
        lines.append(
            draw(claims(key, value, number)) if key != "Image Size" else f"{INDENT}{key}: {value}"
        )
    return lines


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file's name and its bytes: YAML, or a Markdown page with several comments; any line end,
    mark and ending."""
    page = draw(st.booleans())
    blocks, total = [], 0
    for _ in range(draw(st.integers(1, 3)) if page else 1):
        count = draw(st.integers(1, 3))
        lines = [draw(COMMENTS), "Type: model-index", "Models:"]
        for number in range(total, total + count):
            lines += draw(models(number))
        blocks.append(lines)
        total += count
    lines = _page(draw, blocks) if page else blocks[0]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(lines) + draw(st.sampled_from(["", end]))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return ("page.md" if page else "index.yml"), (mark + text).encode()


def _page(draw: st.DrawFn, blocks: list[list[str]]) -> list[str]:
    """A Markdown page with these blocks in comments, front matter, prose, a table and comments of
    other kinds."""
    lines = ["---", "title: FLOPs", "---", ""] if draw(st.booleans()) else []
    for block in blocks:
        prose = draw(WORDS).replace("`", "")
        lines += [
            f"# {prose}",
            "",
            "| FLOPs | 22.22 G |",
            "<!-- no index, FLOPs: 22.22 G -->",
            "",
            "<!--",
            *block,
        ]
        lines += ["-->", ""]
    return lines


@st.composite
def cards(draw: st.DrawFn) -> tuple[str, bytes]:
    """A model card: front matter with results, noise between them, prose behind it; any line end
    and mark."""
    lines = ["---", "license: mit", draw(COMMENTS), "tags:", "- timm", "model-index:"]
    for number in range(draw(st.integers(1, 2))):
        lines += [f"- name: m{number}", "  results:"]
        for name in ("ImageNet", "V2"):
            lines += [f"  - dataset: {{name: {name}, type: x}}", draw(COMMENTS), "    metrics:"]
            quote = draw(st.sampled_from(["", "'", '"']))
            value = f"{quote}{draw(st.sampled_from(['76.15', '0.7615', '76.15%']))}{quote}"
            flow, behind = draw(st.booleans()), f" {draw(COMMENTS)}"
            lines += (
                [f"    - {{type: accuracy, name: Top-1, value: {value}}}{behind}"]
                if flow
                else ["    - type: accuracy", "      name: Top-1", f"      value: {value}{behind}"]
            )
    lines += ["---", f"# {draw(WORDS)}".replace("`", ""), "FLOPs: 22.22 G", "---", "value: 76.15"]
    text = draw(st.sampled_from(["\n", "\r\n"])).join(lines)
    return "README.md", (draw(st.sampled_from(["", "\ufeff"])) + text).encode()


def read(folder: str, name: str, data: bytes) -> tuple[Path, Index, list[Claim]]:
    path = Path(folder, name)
    path.write_bytes(data)
    index = load([path])
    return path, index, [claim for entry in index.entries for claim in entry.all_claims()]


EACH = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@EACH
@given(st.one_of(documents(), cards()))
def test_writing_what_stands_there_changes_no_byte(document: tuple[str, bytes]) -> None:
    with TemporaryDirectory() as folder:
        path, _, found = read(folder, *document)
        changes = apply_edits(Edit(claim.place, claim.raw, claim.raw) for claim in found)
        assert [diff(change) for change in changes] == [""]
        write(changes)
        assert path.read_bytes() == document[1]


@EACH
@given(st.one_of(documents(), cards()), st.data())
def test_changing_one_claim_changes_one_line_and_reads_back(
    document: tuple[str, bytes], data: st.DataObject
) -> None:
    name, before = document
    with TemporaryDirectory() as folder:
        path, index, found = read(folder, name, before)
        claim = data.draw(st.sampled_from(found))
        value = (256, 320) if claim.quantity == "image_size" else claim.number * Decimal("1.07")
        text = claim.row.rewrite(claim.raw, value)
        changes, edits, refused = check_changes(index, [path], {claim: text})
        assert (refused, edits) == ([], {claim: Edit(claim.place, claim.raw, text)})
        write(changes)
        old, new = before.split(b"\n"), path.read_bytes().split(b"\n")
        assert [
            number + 1
            for number, pair in enumerate(zip(old, new, strict=True))
            if pair[0] != pair[1]
        ] == [claim.place.line]
        start, end = (
            len(before.decode()[:place].encode()) for place in (claim.place.start, claim.place.end)
        )
        after = path.read_bytes()
        assert (
            after[:start] == before[:start]
            and after[len(after) - len(before) + end :] == before[end:]
        )
        again = [other for entry in load([path]).entries for other in entry.all_claims()]
        assert [other.raw for other in again] == [
            text if other is claim else other.raw for other in found
        ]
        assert (
            len([line for line in diff(changes[0]).split("\n")[2:] if line[:1] in ("+", "-")]) == 2
        )


@EACH
@given(st.one_of(documents(), cards()))
def test_all_claims_change_at_once(document: tuple[str, bytes]) -> None:
    with TemporaryDirectory() as folder:
        path, index, found = read(folder, *document)
        texts = {
            claim: claim.row.rewrite(claim.raw, claim.number * 2)
            for claim in found
            if claim.quantity == "flops"
        }
        changes, _, refused = check_changes(index, [path], texts)
        write(changes)
        again = [claim.raw for entry in load([path]).entries for claim in entry.all_claims()]
        assert (again, refused) == ([texts.get(claim, claim.raw) for claim in found], [])


def place(start: int, end: int) -> Place:
    return Place("f.yml", 3, 1, start, end)


@pytest.mark.parametrize(
    ("old", "was", "text", "new"),
    [
        ("22.22 G", "22.22 G", "23.34 G", "23.34 G"),
        ("'22.22 G'", "22.22 G", "23.34 G", "'23.34 G'"),
        ('"22.22 G"', "22.22 G", "23.34 G", '"23.34 G"'),
        ("' 22 '", " 22 ", " 23 ", "' 23 '"),
        ("80.16%", "80.16%", "81.2%", "81.2%"),
    ],
)
def test_a_scalar_keeps_its_style(old: str, was: str, text: str, new: str) -> None:
    assert scalar(Edit(place(0, len(old)), was, text), old) == new


CHANGED = "f.yml:3: the file has changed since it was read"
LONG = "f.yml:3: a value with escapes or over several lines, which is not changed"


@pytest.mark.parametrize(
    ("old", "was", "text", "error"),
    [
        ("22.2 G", "22.22 G", "1", CHANGED),
        ("'22.2 G'", "22.22 G", "1", CHANGED),
        ("", "22.22 G", "1", CHANGED),
        ("'", "22.22 G", "1", CHANGED),
        ("22.22\n  G", "22.22 G", "1", LONG),
        ('"22\\x2e22 G"', "22.22 G", "1", LONG),
        ("'22.22\n  G'", "22.22 G", "1", LONG),
        ("'it''s'", "it's", "1", LONG),
        ("|\n 22.22 G", "22.22 G\n", "1", "f.yml:3: a block of text, which is not changed"),
        (">-\n 22.22 G", "22.22 G", "1", "f.yml:3: a block of text, which is not changed"),
        ("22.22 G", "22.22 G", "a: b", "f.yml:3: 'a: b' would be read otherwise there"),
        ("22.22 G", "22.22 G", "5 #", "f.yml:3: '5 #' would be read otherwise there"),
        ("22.22 G", "22.22 G", "null", "f.yml:3: 'null' would be read otherwise there"),
        ("22.22 G", "22.22 G", " 5", "f.yml:3: ' 5' would be read otherwise there"),
        ("22.22 G", "22.22 G", "- 5", "f.yml:3: '- 5' would be read otherwise there"),
        ("22.22 G", "22.22 G", "%5", "f.yml:3: '%5' would be read otherwise there"),
        ("'22.22 G'", "22.22 G", "5--6", "f.yml:3: '5--6' would be read otherwise there"),
        ("'22.22 G'", "22.22 G", "it's", 'f.yml:3: "it\'s" would be read otherwise there'),
        ('"22.22 G"', "22.22 G", "5\\n", "f.yml:3: '5\\\\n' would be read otherwise there"),
        ("22.22 G", "22.22 G", "5\n6", "f.yml:3: '5\\n6' would be read otherwise there"),
        ("22.22 G", "22.22 G", "", "f.yml:3: '' would be read otherwise there"),
    ],
)
def test_what_cannot_be_put_in_safely_is_refused(old: str, was: str, text: str, error: str) -> None:
    with pytest.raises(EditError) as raised:
        scalar(Edit(place(0, len(old)), was, text), old)
    assert str(raised.value) == error


def test_a_null_in_quotes_is_a_text() -> None:
    assert yaml.safe_load(scalar(Edit(place(0, 3), "a", "null"), "'a'")) == "null"


def test_edits_are_put_in_by_place() -> None:
    assert (
        splice("'a' : 2", [Edit(place(6, 7), "2", "34"), Edit(place(0, 3), "a", "b")]) == "'b' : 34"
    )


def test_two_changes_of_the_same_characters_are_refused() -> None:
    with pytest.raises(EditError) as raised:
        splice("abc", [Edit(place(0, 2), "ab", "x"), Edit(place(1, 3), "bc", "y")])
    assert str(raised.value) == "f.yml:3: two changes of the same characters"


def change(path: Path, before: str = "a: 1\n", after: str = "a: 2\n") -> Change:
    return Change(str(path), before, after)


def test_a_file_that_is_gone_or_no_text_is_no_place_to_write(tmp_path: Path) -> None:
    file = str(tmp_path / "a.yml")
    edit = Edit(Place(file, 1, 1, 0, 1), "1", "2")
    with pytest.raises(EditError) as raised:
        apply_edits([edit])
    assert str(raised.value) == f"{file}: cannot be read: No such file or directory"
    Path(file).write_bytes(b"\xff")
    with pytest.raises(EditError) as raised:
        apply_edits([edit])
    assert str(raised.value) == f"{file}: the file has changed since it was read"


def test_writing_keeps_the_mode_and_the_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yml", tmp_path / "link.yml"
    real.write_bytes(b"a: 1\n")
    real.chmod(0o664)
    link.symlink_to("real.yml")
    write([change(link)])
    assert link.is_symlink() and real.read_bytes() == b"a: 2\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o664
    assert sorted(os.listdir(tmp_path)) == ["link.yml", "real.yml"]


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("a: 3\n")
    with pytest.raises(EditError) as raised:
        write([change(file)])
    assert str(raised.value) == f"{file}: the file has changed since it was read"
    assert file.read_text() == "a: 3\n"


def test_a_file_that_may_not_be_written_stops_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tmp_path / "a.yml", tmp_path / "b.yml"
    for file in (one, other):
        file.write_text("a: 1\n")
    monkeypatch.setattr(os, "access", lambda file, mode: file != str(other))
    with pytest.raises(EditError) as raised:
        write([change(one), change(other)])
    assert str(raised.value) == f"{other}: may not be written"
    assert one.read_text() == "a: 1\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("FLOPs: 1530 # 1.53 K", "# 1.53 K"),
        ("FLOPs: 1530\t#1.53 K\r", "#1.53 K"),
        ("{FLOPs: 1530}, # 1.53 K ", "# 1.53 K"),
        ("FLOPs: 1530 # many", None),
        ("FLOPs: 1530#5", None),
        ("FLOPs: 1530, b: '# 5'", None),
        ("FLOPs: 1530\n# 5", None),
    ],
)
def test_a_comment_with_a_number_beside_a_value(line: str, expected: str | None) -> None:
    start = line.index("1530")
    assert (
        comment(Change("f", line + "\n", ""), Edit(place(start, start + 4), "1530", "1"))
        == expected
    )
