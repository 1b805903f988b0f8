"""A ledger on a bad day: files that are no evidence, of later formats, of wrong clocks; nothing is
used that should not be, and nothing is lost."""

import json
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from zoo.model_index.errors import LedgerError, ReadOnly
from zoo.model_index.io.atomic import LARGEST, NotPlain, read_whole, write_atomically
from zoo.model_index.ledger import history
from zoo.model_index.ledger.check import check
from zoo.model_index.ledger.evidence import dump, moment
from zoo.model_index.ledger.store import Cell, Evidence, Ledger

NOW = datetime.now(UTC).replace(microsecond=0)


def evidence(model: str = "net", **values: object) -> Evidence:
    cell = Cell(
        kind="export",
        model=model,
        builder="timm:net",
        builder_version="timm 1",
        tool="zoo-export/1",
    )
    return Evidence(cell=cell, outcome="measured", values=values, started_at=NOW.isoformat())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Ledger(tmp_path).put(evidence(a=1))


def edited(**changes: object) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        document = json.loads(path.read_text())
        document.update(
            {key: value for key, value in changes.items() if key not in document["cell"]}
        )
        document["cell"].update(
            {key: value for key, value in changes.items() if key in document["cell"]}
        )
        path.write_text(json.dumps(document))

    return spoil


def instead(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        path.unlink()
        make(path)

    return spoil


def bind(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # the name of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def huge(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(LARGEST + 1)


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        "no whole JSON document: ",
    ),
    "empty": (lambda path: path.write_bytes(b""), "no whole JSON document: "),
    "not UTF-8": (
        lambda path: path.write_bytes(path.read_bytes().replace(b"net", b"n\xff")),
        "not UTF-8 at byte ",
    ),
    "a byte order mark": (
        lambda path: path.write_text(path.read_text(), "utf-16"),
        "not UTF-8 at byte ",
    ),
    "deep": (lambda path: path.write_text("[" * 100_000), "nested too deeply"),
    "not finite": (edited(seconds=float("nan")), "no evidence: JSON is malformed"),
    "another type": (edited(seconds="long"), "no evidence: Expected `float | null`, got `str`"),
    "an extra field": (edited(note="of mine"), "no evidence: Object contains unknown field `note`"),
    "another cell": (edited(tool="zoo-export/0"), "its cell has the key "),
    "another model": (edited(model="nets"), "its cell has the key "),
    "a folder": (instead(Path.mkdir), "a folder"),
    "a pipe": (instead(os.mkfifo), "no plain file"),
    "a socket": (instead(bind), "no plain file"),
    "a device": (instead(lambda path: path.symlink_to("/dev/zero")), "no plain file"),
    "a link to nothing": (
        instead(lambda path: path.symlink_to("annexed")),
        "a link that leads nowhere",
    ),
    "a link to itself": (
        instead(lambda path: path.symlink_to(path.name)),
        "a link that leads nowhere",
    ),
    "huge": (huge, f"{LARGEST + 1:,} bytes, more than the {LARGEST:,} that are read"),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_file_that_is_no_evidence_is_skipped_and_renamed(
    tmp_path: Path, path: Path, kind: str
) -> None:
    spoil, reason = SPOILT[kind]
    spoil(path)
    ledger, good = Ledger(tmp_path), evidence(a=2)
    other = ledger.put(evidence("other"))
    assert ledger.get(good.cell) is None and ledger.of("export", "net") == [] == list(
        ledger.of("export", "nets")
    )
    assert [each.cell.model for each in ledger.all()] == ["other"]
    assert ledger.skipped[path].startswith(f"{path}: {reason}") and list(ledger.skipped) == [path]
    (problem,) = check(tmp_path)
    assert (problem.path, problem.left) == (path, False) and problem.reason.startswith(reason)
    before = os.lstat(path)
    ledger.put(good)
    assert ledger.get(good.cell) == good
    aside = path.with_name(f"{path.name}.bad")
    assert os.path.samestat(os.lstat(aside), before)  # not read, not copied: the very thing
    assert ledger.skipped[path].endswith(f"measured again, the old file is {aside.name} now")
    assert [(left.path, left.left) for left in check(tmp_path)] == [(aside, True)]
    assert (
        sorted(file.name for file in path.parent.iterdir()) == [path.name, aside.name]
        and other.is_file()
    )


def test_several_are_set_aside(tmp_path: Path, path: Path) -> None:
    for number in range(3):
        path.write_text(f"mine {number}")
        Ledger(tmp_path).put(evidence(a=number))
    names = (f"{path.name}.bad", f"{path.name}.bad2", f"{path.name}.bad3")
    assert [path.with_name(name).read_text() for name in names] == ["mine 0", "mine 1", "mine 2"]


def test_evidence_is_replaced_and_a_link_to_it_is_not_followed(tmp_path: Path, path: Path) -> None:
    Ledger(tmp_path).put(evidence(a=2))
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    shared = path.rename(tmp_path / "shared.txt")
    path.symlink_to(shared)
    text = shared.read_text()
    assert Ledger(tmp_path).get(evidence().cell) == evidence(a=2)
    Ledger(tmp_path).put(evidence(a=3))
    assert shared.read_text() == text and Ledger(tmp_path).get(evidence().cell) == evidence(a=3)


@pytest.mark.parametrize("change", [{}, {"cell": "of another shape"}, {"more": 1}, {"values": [1]}])
def test_a_later_format_is_neither_used_nor_replaced(
    tmp_path: Path, path: Path, change: dict[str, object]
) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 9} | change))
    ledger, text = Ledger(tmp_path), path.read_bytes()
    ledger.put(evidence("other"))
    said = f"{path}: written in format 9; this version reads up to 2, a newer one is needed"
    for use in (lambda: ledger.get(evidence().cell), lambda: ledger.put(evidence())):
        with pytest.raises(LedgerError) as error:
            use()
        assert str(error.value) == said
    with pytest.raises(LedgerError):
        ledger.update(evidence().cell, lambda there: evidence())
    assert [each.cell.model for each in ledger.all()] == ["other"] and ledger.skipped == {
        path: said
    }
    assert path.read_bytes() == text and [file.name for file in path.parent.iterdir()] == [
        path.name
    ]
    assert [(problem.path, problem.reason) for problem in check(tmp_path)] == [
        (path, said.removeprefix(f"{path}: "))
    ]


@pytest.mark.parametrize("kind", ["weights", "bench", "eval", "count"])
def test_values_of_another_shape_are_no_evidence(tmp_path: Path, kind: str) -> None:
    for outcome in ("measured", "failed"):
        cell = msgspec.structs.replace(evidence().cell, kind=kind, model=outcome)
        values = {"tensors": 3, "failure": [], "replicates": "many", "sha256": 7, "own": "yes"}
        path = Ledger(tmp_path).put(Evidence(cell=cell, outcome=outcome, values=values))
        assert (Ledger(tmp_path).read(path) is None) == (
            kind != "count" or outcome != "failed"
        )  # that one has no values


def test_a_number_that_is_none_is_written_as_unknown(tmp_path: Path) -> None:
    """As NaN it would not be JSON, and the document would be measured again each time."""
    none, far = float("nan"), float("inf")
    for values, known in (
        ({"loss": [1.5, none, far]}, {"loss": [1.5, None, None]}),
        ({"replicates": [{"a": none}]}, {"replicates": [{"a": None}]}),
    ):
        found = evidence(**values)
        Ledger(tmp_path).put(found)
        again = Ledger(tmp_path).get(found.cell)
        assert again and again.values == known and "NaN" not in dump(found)


def test_update_is_told_of_what_is_there(tmp_path: Path) -> None:
    ledger, seen = Ledger(tmp_path), []

    def change(there: Evidence | None) -> Evidence | None:
        seen.append(there)
        return evidence(a=len(seen)) if len(seen) < 3 else None

    assert [ledger.update(evidence().cell, change) for _ in range(3)] == [
        evidence(a=1),
        evidence(a=2),
        None,
    ]
    assert seen == [None, evidence(a=1), evidence(a=2)] and ledger.get(evidence().cell) == evidence(
        a=2
    )


# --- time
# --------------------------------------------------------------------------------------------------


def at(text: str) -> Evidence:
    return msgspec.structs.replace(evidence(), started_at=text)


def test_a_time_to_come_is_older_than_any_that_was() -> None:
    times = [
        "2999-01-01T00:00:00Z",
        "",
        "2026-01-01T00:00:00+00:00",
        "2025-12-31T23:30:00-02:00",
        NOW.isoformat(),
    ]
    old = [
        each.started_at
        for each in sorted(
            map(at, [times[3], times[0], times[4], times[1], times[2]]),
            key=lambda each: each.recency,
        )
    ]
    assert old == [times[0], times[1], times[2], times[3], times[4]]
    ahead = (NOW + timedelta(hours=12)).isoformat()  # another machine's zone or clock
    assert at(ahead).recency > at(NOW.isoformat()).recency


def test_with_a_clock_set_back_all_evidence_keeps_its_order() -> None:
    assert at("2998-01-01").recency < at("2999-01-01").recency < at(NOW.isoformat()).recency


@pytest.mark.parametrize("text", ["soon", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_is_none(text: str) -> None:
    assert moment(text) is None and at(text).recency < at(NOW.isoformat()).recency


def test_a_time_to_come_is_named(tmp_path: Path) -> None:
    path = Ledger(tmp_path).put(at("2999-01-01T00:00:00Z"))
    (problem,) = check(tmp_path)
    assert problem.path == path and problem.reason.startswith(
        "its timestamp, 2999-01-01T00:00:00Z, is in the future"
    )


# --- the history
# --------------------------------------------------------------------------------------------------

CLAIM = ["net", "me", "flops", "", ""]


def told(folder: Path, at: str, name: str = "", claimed: str = "2 M", **more: object) -> Path:
    known = moment(at)
    name = name or (f"{known:%Y%m%dT%H%M%SZ}-0" if known else "20260101T000000Z-0")
    path = folder / history.FOLDER / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps({"schema": 1, "at": at, "claims": [[CLAIM, [claimed, "exact", ""]]], **more})
    )
    return path


@pytest.mark.parametrize(
    ("at", "name", "reason"),
    [
        ("soon", "", "'soon' is no time of a document"),
        ("9999-12-31T23:59:59+00:00", "", "'9999-12-31T23:59:59+00:00' is no time of a document"),
        (
            "2026-02-02T00:00:00+00:00",
            "zzz",
            "it is of 2026-02-02T00:00:00+00:00, and its name says another time",
        ),
    ],
)
def test_a_history_document_out_of_order_is_passed_over(
    tmp_path: Path, at: str, name: str, reason: str
) -> None:
    """A name behind all others would win over every document that is written, and each build would
    write another."""
    good, bad = told(tmp_path, "2026-01-01T00:00:00+00:00"), told(tmp_path, at, name, "3 M")
    if good == bad:
        good = told(tmp_path, "2026-01-01T00:00:01+00:00")
    found = history.read(tmp_path)
    assert [moment.name for moment in found.moments] == [good.stem]
    assert [fault.startswith(f"{bad}: skipped: {reason}") for fault in found.faults] == [True]
    assert [problem.path for problem in check(tmp_path)] == [bad]
    path = history.record(tmp_path, [], {}, NOW)  # the claim is gone
    assert path and history.record(tmp_path, [], {}, NOW) is None and bad.is_file()


def test_a_pipe_in_the_history_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / history.FOLDER).mkdir()
    os.mkfifo(tmp_path / history.FOLDER / "20260101T000000Z-0.json")
    assert history.read(tmp_path).faults[0].endswith("skipped: no plain file")


def test_a_history_of_a_time_to_come_goes_on_behind_it(tmp_path: Path) -> None:
    told(tmp_path, "2999-01-01T00:00:00+00:00")
    path = history.record(tmp_path, [], {}, NOW)
    assert (
        path
        and path.name.startswith("29990101T000001Z-")
        and history.record(tmp_path, [], {}, NOW) is None
    )


# --- files
# --------------------------------------------------------------------------------------------------


def test_reading_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    assert read_whole(tmp_path / "a") == b"x" * 3_000_000
    with pytest.raises(NotPlain, match="a folder"):
        read_whole(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_whole(tmp_path / "b")


def test_bytes_are_on_the_disk_before_they_have_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *a, name=name, real=real: (done.append(name), real(*a))
        )
    write_atomically(tmp_path / "a", "text")
    assert done == ["fsync", "replace"]


@pytest.mark.parametrize(
    ("code", "kind"), [("EROFS", ReadOnly), ("EACCES", ReadOnly), ("ENOSPC", LedgerError)]
)
def test_what_cannot_be_written_names_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, kind: type[LedgerError]
) -> None:
    import errno

    number = getattr(errno, code)

    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))  # a full disk names no file

    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(OSError) as error:
        write_atomically(tmp_path / "a", "text")
    assert error.value.filename == str(tmp_path / "a") and list(tmp_path.iterdir()) == []
    with pytest.raises(LedgerError) as told:
        Ledger(tmp_path).put(evidence())
    path = Ledger(tmp_path).path(evidence().cell)
    assert (
        type(told.value) is kind
        and str(told.value) == f"{path}: cannot write evidence: {os.strerror(number)}"
    )
