"""What is remembered gives the findings that judging everything gives, after any change."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from zoo.counting.counter import LedgerOnly
from zoo.counting.measurer import Measurer
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.io import user_cache
from zoo.model_index.ledger.store import Evidence, Ledger
from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry, Index
from zoo.models.cells import Variant
from zoo.verification import findings_cache
from zoo.verification.findings_cache import FindingsCache, verify_index
from zoo.verification.verify import verify

MACS = {
    "a1": 1_000_000_007,
    "a2": 2_000_000_011,
    "a3": 3_000_000_019,
    "b1": 1_500_000_001,
    "b2": 2_500_000_009,
}
CONV = "torch.nn.modules.conv.Conv2d"
TEXT = """\
Models:
- {{Name: a1, In Collection: A, Metadata: {{FLOPs: {a1}, Parameters: 10000000}}}}
- {{Name: a2, In Collection: A, Metadata: {{FLOPs: 4000000022, ID: densenet121}}}}
- {{Name: a3, In Collection: A, Metadata: {{FLOPs: {a3}, Layers: 12}}}}
- {{Name: b1, In Collection: B, Metadata: {{FLOPs: {b1}}}}}
- {{Name: b2, In Collection: B, Metadata: {{FLOPs: {b2}}}}}
- {{Name: lone, Metadata: {{FLOPs: 17}}}}
Collections: [{{Name: A}}, {{Name: B}}]
"""
PLAIN = {"a1": "1000000007", "a3": "6000000038", "b1": "1500000001", "b2": "2500000010"}


def count(entry: Entry, measurer: Measurer, macs: int) -> Evidence:
    rows = (Row("conv2d", "convolution", "stem", CONV, macs, 3072, 4096, 0, 432),)
    parts = [list(Part("stem", CONV, macs // 100, macs // 100, 0, 1))]
    values = {
        "resolved": entry.name,
        "parts": parts,
        "registry": {},
        "input": "224x224 image",
        "input_from": "proposed",
        "configuration": {"input_size": [3, 224, 224]},
        "trace": Trace(((1, 3, 224, 224),), rows).to_lists(),
    }
    return Evidence(
        cell=measurer.cell(entry, Variant(entry.stated_input)), outcome="measured", values=values
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index").mkdir()
    return tmp_path


def read(folder: Path, **claims: str) -> Index:
    (folder / "index" / "models.yml").write_text(
        TEXT.format(**{**PLAIN, **claims}), encoding="utf-8"
    )
    return load([folder / "index"])


def measurer(folder: Path, **options: bool) -> Measurer:
    return Measurer(Ledger(folder / "ledger"), counter=LedgerOnly(), **options)


def measure(folder: Path, index: Index, names: Iterable[str] = tuple(MACS)) -> None:
    for entry in index.entries:
        if entry.name in names:
            Ledger(folder / "ledger").put(count(entry, measurer(folder), MACS[entry.name]))


def everything(folder: Path, index: Index) -> list[Finding]:
    pairs = verify(index.entries, measurer(folder), index.entries)
    return [finding for _, found in pairs for finding in found]


def recalled(folder: Path, index: Index, judged: list[str] | None = None) -> list[Finding]:
    def watch(entry: Entry) -> None:
        if judged is not None:
            judged.append(entry.name)

    return verify_index(
        index.entries, measurer(folder), FindingsCache.open(folder / "ledger"), watch
    )


def test_nothing_is_judged_twice(folder: Path) -> None:
    index = read(folder)
    measure(folder, index)
    first: list[str] = []
    again: list[str] = []
    assert recalled(folder, index, first) == everything(folder, index)
    assert recalled(folder, index, again) == everything(folder, index)
    assert first == [entry.name for entry in index.entries]
    assert again == ["lone"]  # what was never measured is not remembered


def test_documents_are_read_when_they_are_asked_for(folder: Path) -> None:
    index = read(folder)
    measure(folder, index)
    recalled(folder, index)
    known = measurer(folder)
    verify_index(index.entries, known, FindingsCache.open(folder / "ledger"))
    key = known.cell(index.entries[0], Variant()).key
    assert known.evidence.in_memory() == [] and key in known.evidence
    found = known.evidence.get(key)
    assert found is not None and found.trace is not None and found.trace.macs == MACS["a1"]
    assert known.evidence.get("no such key") is None and "no such key" not in known.evidence


@pytest.mark.parametrize(
    ("changes", "judged"),
    [
        ({"a1": "1000000009"}, {"a1"}),
        ({"b1": "2000000011"}, {"b1"}),  # the value of another model
        ({"b2": "9000000"}, {"b2"}),
    ],
)
def test_a_changed_claim_costs_its_entry(
    folder: Path, changes: dict[str, str], judged: set[str]
) -> None:
    index = read(folder)
    measure(folder, index)
    recalled(folder, index)
    changed = read(folder, **changes)
    seen: list[str] = []
    assert recalled(folder, changed, seen) == everything(folder, changed)
    assert set(seen) == judged | {"lone"}


def test_a_row_that_another_collection_now_has_is_found(folder: Path) -> None:
    index = read(folder, b2="7770000077")
    measure(folder, index)
    recalled(folder, index)
    changed = read(folder, b2="7770000077", a1="7770000077")
    seen: list[str] = []
    assert recalled(folder, changed, seen) == everything(folder, changed)
    assert "a1" in seen


def test_new_evidence_is_looked_at(folder: Path) -> None:
    index = read(folder)
    measure(folder, index, ("a1", "a2", "a3"))
    recalled(folder, index)
    measure(folder, index)
    assert recalled(folder, index) == everything(folder, index)
    verdicts = {
        f.claim.model: f.verdict for f in recalled(folder, index) if f.claim.quantity == "flops"
    }
    assert verdicts["b1"] is Verdict.EXACT and verdicts["lone"] is Verdict.UNCHECKED


def test_lines_that_moved_change_nothing_but_places(folder: Path) -> None:
    index = read(folder)
    measure(folder, index)
    recalled(folder, index)
    path = folder / "index" / "models.yml"
    path.write_text("# a comment\n" + path.read_text())
    moved, seen = load([folder / "index"]), []
    assert recalled(folder, moved, seen) == everything(folder, moved)
    assert seen == ["lone"] and recalled(folder, moved)[0].claim.place.line == 3


def test_what_is_torn_or_of_other_code_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = read(folder)
    measure(folder, index)
    recalled(folder, index)
    path = FindingsCache.open(folder / "ledger").path
    whole = path.read_bytes()
    shape = b"[1]"
    other_shape = findings_cache._checksum(shape) + b"\n" + shape
    for torn in (whole[:100], b"", b"{}", b'{"A": 1}', other_shape):
        path.write_bytes(torn)
        assert recalled(folder, index) == everything(folder, index)
    monkeypatch.setattr(findings_cache, "digest_code", lambda: "other")
    seen: list[str] = []
    recalled(folder, index, seen)
    assert len(seen) == len(index.entries)


def test_nothing_in_a_ledger_is_a_finding(folder: Path) -> None:
    """A repository brings along what a run on another ledger, or an earlier version, wrote."""
    index = read(folder)
    measure(folder, index)
    recalled(folder, index)
    cached = FindingsCache.open(folder / "ledger").path.read_bytes()
    brought = folder / "brought"
    (brought / ".cache").mkdir(parents=True)
    for path in (brought / "findings.json", brought / ".cache" / "findings.json"):
        path.write_bytes(cached)
    assert FindingsCache.open(brought).entries == {}
    assert not list((folder / "ledger").glob(".*"))


def test_cached_findings_of_claims_that_an_entry_does_not_make_are_not_used(folder: Path) -> None:
    index = read(folder)
    measure(folder, index)
    recalled(folder, index)
    cache = FindingsCache.open(folder / "ledger")
    for entry in cache.entries.values():
        entry.assessments[0].claim = 99
    judged: list[str] = []
    found = verify_index(index.entries, measurer(folder), cache, lambda e: judged.append(e.name))
    assert found == everything(folder, index) and len(judged) == len(index.entries)


@pytest.mark.parametrize("mode", [0o622, 0o606])
def test_a_cache_that_others_may_write_is_not_used(folder: Path, mode: int) -> None:
    index = read(folder)
    measure(folder, index)
    recalled(folder, index)
    FindingsCache.open(folder / "ledger").path.chmod(mode)
    assert FindingsCache.open(folder / "ledger").entries == {}


def test_a_cache_that_cannot_be_written_costs_time_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("read-only")

    index = read(folder)
    measure(folder, index)
    monkeypatch.setattr(user_cache, "write_atomically", refused)
    assert recalled(folder, index) == everything(folder, index)


def test_hypotheses_come_back_whole(folder: Path) -> None:
    index = read(folder, b1="123456789")
    measure(folder, index)
    recalled(folder, index)
    (cached,) = flops_of("b1", recalled(folder, index))
    (fresh,) = flops_of("b1", everything(folder, index))
    assert len(cached.tried) > 3 and cached.tried == fresh.tried


def flops_of(model: str, findings: list[Finding]) -> list[Finding]:
    return [f for f in findings if f.claim.model == model and f.claim.quantity == "flops"]


def test_a_document_that_somebody_else_wrote_meanwhile_is_not_passed_over(folder: Path) -> None:
    """Another process counts a model anew after it was judged and before the run is remembered."""
    index = read(folder)
    measure(folder, index)

    def meanwhile(entry: Entry) -> None:
        if entry.name == "a3":
            other = measurer(folder)
            Ledger(folder / "ledger").put(count(index.entries[0], other, MACS["a1"] + 5))

    verify_index(index.entries, measurer(folder), FindingsCache.open(folder / "ledger"), meanwhile)
    assert recalled(folder, index) == everything(folder, index)
    assert recalled(folder, index)[0].measured == MACS["a1"] + 5


def test_a_copied_row_is_told_by_all_its_digits(folder: Path) -> None:
    """The claim shows eight of ten digits; what it was copied from changes in the others."""
    index = read(folder, b1="7.7700003 G")
    measure(folder, index)
    for macs in (7_770_000_277, 7_770_000_310):
        Ledger(folder / "ledger").put(count(index.entries[0], measurer(folder), macs))
        found = recalled(folder, index)
        assert found == everything(folder, index)
        (copied,) = [finding for finding in found if finding.claim.model == "b1"]
        assert copied.prediction == macs


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.replace(b"a1", b"\xff\xfe", 1),
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b'"FLOPs', b'"flops'),
        lambda data: data.partition(b"\n")[2],
        lambda data: b"",
        lambda data: b"[" * 100_000,
    ],
)
def test_a_damaged_memory_is_none(folder: Path, spoil: Callable[[bytes], bytes]) -> None:
    index = read(folder)
    measure(folder, index)
    recalled(folder, index)
    path = FindingsCache.open(folder / "ledger").path
    path.write_bytes(spoil(path.read_bytes()) + b" ")
    judged: list[str] = []
    assert recalled(folder, index, judged) == everything(folder, index) and len(judged) == len(
        index.entries
    )


def test_evidence_that_the_ledger_could_not_take_is_not_remembered(folder: Path) -> None:
    """Else the next run would have findings on a document that is not there, and never measure
    it."""
    index = read(folder)
    measure(folder, index)
    full = measurer(folder)
    taken = count(index.entries[0], full, MACS["a1"])
    Ledger(folder / "ledger").forget(taken.cell)
    full.add_unkept(taken, "no space")
    assert verify_index(index.entries, full, FindingsCache.open(folder / "ledger")) != []
    assert len(FindingsCache.open(folder / "ledger").entries) == 4
    assert recalled(folder, index) == everything(folder, index)
