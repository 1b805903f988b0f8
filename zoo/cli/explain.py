"""`zoo explain`: the whole reasoning about one claim: the trace, the hypotheses, the verdict."""

from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.options import (
    LEDGER,
    Format,
    Fresh,
    IndexPaths,
    LedgerFolder,
    OutputFormat,
    Trust,
    print_json,
    print_table,
    say,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from model_index.breakdown import Share
    from model_index.findings import Hypothesis
    from zoo.checks import Judged

MOST = 20  # hypotheses listed without --all


def explain(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="A model of the index.")],
    quantity: Annotated[str, typer.Argument(help="FLOPs, params, crop pct, top1 ...")] = "FLOPs",
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
    fresh: Fresh = False,
    trust: Trust = None,
    everything: Annotated[bool, typer.Option("--all", "-a", help="List every hypothesis that was tried.")] = False,
) -> None:
    """Explain a claim: what was counted, by operator class and module, every hypothesis with what it predicts.

    Exits with 1 where the claim is a mismatch, an error or a mistake.
    """
    from model_index.errors import UsageError
    from model_index.load import load
    from model_index.quantities import QUANTITIES, find
    from zoo.cli.verify import examined, measurer_for

    row = find(quantity)
    if row is None:
        known = ", ".join(q.label for q in QUANTITIES)
        raise UsageError(f"no quantity named {quantity!r}; known are {known}")
    read = load(index or ())
    entries = read.select([name])
    found = examined(entries, measurer_for(ledger, index, trust, fresh=fresh), read.entries)
    asked = [one for _, each in found for one in each if one.finding.claim.quantity == row.key]
    if not asked:
        stated = ", ".join(dict.fromkeys(claim.row.label for entry in entries for claim in entry.all_claims()))
        raise UsageError(f"{name} claims no {row.label}; it claims {stated or 'nothing'}")
    if format is Format.JSON:
        print_json([_data(one) for one in asked])
    for number, one in enumerate(asked if format is Format.TABLE else ()):
        if number:
            say("")
        _print(one, everything)
    raise typer.Exit(1 if any(one.finding.fails() for one in asked) else 0)


def _print(one: "Judged", everything: bool) -> None:
    finding, claim = one.finding, one.finding.claim
    claimed, measured = finding.shown()
    say(f"{claim.model}: {claim.row.label} by {claim.publisher}")
    for label, text in _facts(one, claimed, measured):
        if text:
            say(f"  {label:<11}{text}")
    if one.case:
        from model_index.breakdown import by_class, by_module
        from model_index.quantities import show_size

        trace, parts = one.case.counts
        say("")
        say(f"Trace of {one.case.entry.builder} at {show_size(one.case.size)}, by operator class")
        _print_shares(by_class(trace))
        say("")
        say("By module")
        _print_shares(by_module(trace, parts))
    if one.finding.tried:
        _print_hypotheses(ranked(one.finding.tried), len(one.finding.tried) if everything else MOST)


def _facts(one: "Judged", claimed: str, measured: str) -> list[tuple[str, str]]:
    finding, claim = one.finding, one.finding.claim
    return [
        ("claimed", f"{claimed} at {claim.place} ({claim.path}: {claim.raw})"),
        ("measured", measured),
        ("verdict", f"{finding.verdict}{', a mistake of the page' if finding.mistake else ''}"),
        ("cause", finding.cause or ""),
        ("prediction", "" if finding.prediction is None else claim.row.show(finding.prediction)),
        ("residual", "" if finding.residual is None else signed(finding.residual)),
        ("ambiguous", f"{len(finding.alternatives)} more fit as well: {'; '.join(finding.alternatives)}"
         if finding.ambiguous else ""),
        ("why", finding.reason),
        ("evidence", ", ".join(finding.evidence)),
    ]  # fmt: skip


def signed(number: "Decimal") -> str:
    """`+173,032` or `-0.5`, without padding."""
    return f"{number.normalize():+,f}"


def _print_shares(shares: "list[Share]") -> None:
    columns = ("Name", "Calls", "Multiply-adds", "Share", "Parameters")
    rows = [(s.name, f"{s.calls:,}", f"{s.macs:,}", f"{s.share:.1%}", f"{s.parameters:,}") for s in shares]
    print_table(columns, rows, right=columns[1:])


def ranked(tried: "tuple[Hypothesis, ...]") -> "list[Hypothesis]":
    """Hypotheses as a reader wants them: those that fit, simplest first, then the others by nearness."""
    fits = sorted((h for h in tried if h.fits), key=lambda h: h.rank)
    return fits + sorted((h for h in tried if not h.fits), key=lambda h: abs(h.residual))


def _print_hypotheses(tried: "list[Hypothesis]", most: int) -> None:
    listed = tried[:most]
    say("")
    say(f"Hypotheses, the best of {len(tried):,} first")
    columns = ("Hypothesis", "Causes", "Prediction", "Residual", "Off", "Fits")
    rows = [
        (
            h.label,
            " + ".join(h.causes),
            f"{round(h.prediction, 1).normalize():,f}",
            signed(round(h.residual, 1)),
            f"{h.residual / h.prediction:+.2%}" if h.prediction else "",
            "yes" if h.fits else "no",
        )
        for h in listed
    ]
    print_table(columns, rows, right=("Prediction", "Residual", "Off"))
    if len(tried) > most:
        say(f"{len(tried) - most:,} more; --all lists them")


def _data(one: "Judged") -> dict[str, object]:
    """For machines: the finding, the trace summed up, and every hypothesis."""
    from dataclasses import asdict

    from model_index.breakdown import by_class, by_module

    data: dict[str, object] = one.finding.to_dict()
    if one.case:
        trace, parts = one.case.counts
        data["input_size"] = list(one.case.size)
        data["by_class"] = [asdict(share) for share in by_class(trace)]
        data["by_module"] = [asdict(share) for share in by_module(trace, parts)]
    data["hypotheses"] = [
        {
            "causes": list(h.causes),
            "label": h.label,
            "rank": h.rank,
            "prediction": float(h.prediction) if h.prediction % 1 else int(h.prediction),
            "residual": float(h.residual) if h.residual % 1 else int(h.residual),
            "fits": h.fits,
            "terms": h.terms,
        }
        for h in ranked(one.finding.tried)
    ]
    return data
