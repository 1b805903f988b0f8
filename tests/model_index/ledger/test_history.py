"""The history of claims: what changed, once, in order, whatever the clock and other runs do."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from zoo.model_index.errors import LedgerError
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.history import FOLDER, ClaimState, History, coverage, read, record
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import load

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
Findings = Callable[..., list[Finding]]


@pytest.fixture
def findings(tmp_path: Path) -> Findings:
    def make(
        flops: str = "2 M", verdict: Verdict = Verdict.EXACT, name: str = "net", more: str = ""
    ) -> list[Finding]:
        path = tmp_path / "index.yml"
        metadata = f"FLOPs: {flops}, Parameters: 10"
        path.write_text(
            f"{more}Models: [{{Name: {name}, In Collection: Net, Metadata: {{{metadata}}}}}]\n"
        )
        return [
            Finding(
                claim=c,
                verdict=verdict,
                reason="",
                measured=Decimal(1),
                cause="2x" if verdict is Verdict.EXPLAINED else None,
            )
            for c in load([path]).entries[0].claims
        ]

    return make


def kept(
    ledger: Path, found: list[Finding], at: datetime = NOON, **options: dict[str, str]
) -> Path | None:
    return record(ledger, found, {"net": "Net"}, at, **options)


def changes(history: History) -> list[tuple[str, str, str | None, str | None]]:
    return [(c.kind, c.key[2], c.before and c.before.claimed, c.after and c.after.claimed)
            for moment in history.moments for c in moment.changes]  # fmt: skip


def test_the_first_document_says_all_there_is(tmp_path: Path, findings: Findings) -> None:
    path = kept(tmp_path, findings())
    assert path and path.name.startswith("20261127T120000Z-")
    history = read(tmp_path)
    (moment,) = history.moments
    assert moment.first and not moment.changes and (moment.claims, moment.models) == (2, 1)
    assert set(history.state.values()) == {ClaimState("2 M", "exact"), ClaimState("10", "exact")}
    assert moment.coverage["family"] == {"Net": {"exact": 2}}


def test_nothing_is_written_when_nothing_changed_or_lines_moved(
    tmp_path: Path, findings: Findings
) -> None:
    kept(tmp_path, findings())
    assert kept(tmp_path, findings()) is None
    assert kept(tmp_path, findings(more="# a comment\n")) is None
    assert len(list((tmp_path / FOLDER).iterdir())) == 1


def test_claims_and_verdicts_that_change_go_and_come(tmp_path: Path, findings: Findings) -> None:
    kept(tmp_path, findings())
    kept(tmp_path, findings("3 M"), NOON + timedelta(hours=1))
    kept(tmp_path, findings("3 M", Verdict.EXPLAINED), NOON + timedelta(hours=2))
    kept(tmp_path, findings("3 M", Verdict.EXPLAINED)[:1], NOON + timedelta(hours=3))
    assert changes(read(tmp_path)) == [
        ("claim", "flops", "2 M", "3 M"),
        ("verdict", "flops", "3 M", "3 M"),
        ("verdict", "parameters", "10", "10"),
        ("removed", "parameters", "10", None),
    ]
    assert [known.verdict for known in read(tmp_path).state.values()] == ["explained"]


def test_a_model_that_was_renamed_is_one_change(tmp_path: Path, findings: Findings) -> None:
    kept(tmp_path, findings())
    assert kept(tmp_path, findings(name="grid"), renamed={"net": "grid", "x": "y"})
    history = read(tmp_path)
    assert history.moments[-1].renamed == {"net": "grid"} and changes(history) == []
    assert {key[0] for key in history.state} == {"grid"}
    assert kept(tmp_path, findings(name="grid"), renamed={"net": "grid"}) is None


def test_two_former_names_come_to_one_model(tmp_path: Path, findings: Findings) -> None:
    """What is folded is what was compared: the first of them is what the model was."""
    more = "Collections: [{Name: Net}]\n"
    both = [*findings("1 M", name="old1", more=more), *findings("2 M", name="old2", more=more)]
    kept(tmp_path, both)
    renamed = {"old1": "new", "old2": "new"}
    for day in (1, 2):
        kept(tmp_path, findings("2 M", name="new"), NOON + timedelta(days=day), renamed=renamed)
    history = read(tmp_path)
    assert changes(history) == [("claim", "flops", "1 M", "2 M")] and len(history.moments) == 2
    assert set(history.state.values()) == {ClaimState("2 M", "exact"), ClaimState("10", "exact")}


def test_a_clock_that_was_set_back_keeps_the_order(tmp_path: Path, findings: Findings) -> None:
    kept(tmp_path, findings())
    kept(tmp_path, findings("3 M"), NOON - timedelta(days=400))
    assert [moment.at[:19] for moment in read(tmp_path).moments] == [
        "2026-11-27T12:00:00",
        "2026-11-27T12:00:01",
    ]
    assert kept(tmp_path, findings("3 M")) is None


def test_two_runs_at_once_tell_a_change_once(tmp_path: Path, findings: Findings) -> None:
    kept(tmp_path, findings())
    one = kept(tmp_path, findings("3 M"), NOON + timedelta(minutes=1))
    assert one
    twin = json.loads(one.read_text()) | {"at": "2026-11-27T12:02:00+00:00"}
    (tmp_path / FOLDER / "20261127T120200Z-twin.json").write_text(json.dumps(twin))
    assert changes(read(tmp_path)) == [("claim", "flops", "2 M", "3 M")]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"schema": 9, "at": "", "claims": []}', '{"at": 3}', "\xff"]
)
def test_what_cannot_be_read_is_named_and_passed_over(
    tmp_path: Path, findings: Findings, text: str
) -> None:
    kept(tmp_path, findings())
    path = tmp_path / FOLDER / "20250101T000000Z-bad.json"
    path.write_bytes(text.encode("latin-1"))
    history = read(tmp_path)
    assert len(history.moments) == 1 and history.faults[0].startswith(f"{path}: skipped: ")
    assert kept(tmp_path, findings()) is None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, findings: Findings) -> None:
    (tmp_path / FOLDER).write_text("a file")
    with pytest.raises(LedgerError, match="cannot write the history"):
        kept(tmp_path, findings())


def test_evidence_is_read_as_before_beside_it(tmp_path: Path, findings: Findings) -> None:
    kept(tmp_path, findings())
    assert list(Ledger(tmp_path).all()) == []


def test_coverage_counts_verdicts(findings: Findings) -> None:
    found = coverage(findings(verdict=Verdict.UNCHECKED), {"net": "Net"})
    assert found == {
        "quantity": {"flops": {"unchecked": 1}, "parameters": {"unchecked": 1}},
        "family": {"Net": {"unchecked": 2}},
    }
