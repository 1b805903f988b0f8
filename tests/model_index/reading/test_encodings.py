"""Bytes of files: every decoding can be undone, and only tables are read in other encodings."""

import codecs
from pathlib import Path

import pytest

from zoo.model_index.reading.encodings import decode_file
from zoo.model_index.reading.files import IndexFiles

TEXT = "name;µ\r\nx;±0,5\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("latin-1"), "latin-1"),
    ],
)
def test_tables_in_several_encodings(data: bytes, encoding: str) -> None:
    text = decode_file("t.CSV", data)
    assert text.text.lstrip("\ufeff") == TEXT and text.encoding == encoding
    assert text.encode(text.text) == data


def test_other_files_are_utf8() -> None:
    for name in ("a.yml", "a.md", "a.txt"):
        with pytest.raises(UnicodeDecodeError):
            decode_file(name, b"\xb5")


def test_a_table_in_latin1_is_read_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_bytes(TEXT.encode("latin-1"))
    files = IndexFiles()
    files.enter("t.csv")
    reader = files.read(tmp_path / "t.csv")
    assert reader and reader.text == TEXT
    assert list(map(str, files.faults)) == [
        "t.csv:1: expected UTF-8 text, got byte 0xb5; the file was read as Latin-1"
    ]
