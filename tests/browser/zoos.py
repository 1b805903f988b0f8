"""The zoos that browser tests show: the embedded one, counted as a user counts it, and some two
hundred models made of it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from zoo.api.measuring import add_inspected
from zoo.cli.process_options import Processes, counting
from zoo.cli.session import inspect_local, measurer_for, verify_with_cache
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger import history
from zoo.model_index.load import load
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim, Entry, Index
from zoo.reporting.downloads import models_table
from zoo.reporting.i18n.gettext import speaking
from zoo.reporting.site.build import assets
from zoo.reporting.site.mkdocs_config import sites
from zoo.reporting.site.render import PAGES, render, site_of
from zoo.reporting.views.catalogue import Zoo
from zoo.verification.verify import primary_keys

# Behind the name of a copy, as timm names weights: short, long, with and without a tag.
COPIES = (
    "b",
    "_in21k",
    ".tv2_in1k",
    "_rw_t.sw_in12k",
    "_cait_s24_384.fb_dist_in1k",
    "_patch16_224.augreg_in21k_ft_in1k",
    "_512",
)
NOT_MEASURED = "_512"
CHANGED = "dpn98"  # what the site says of its numbers has changed since a week
ROOT = Path(__file__).parents[2]
LONGEST = "dpn98_patch16_224.augreg_in21k_ft_in1k"
LARGE_PAGES = (
    "index.md",
    "models/index.md",
    f"models/{LONGEST}.md",
    "models/dpn98_512.md",
    "families/index.md",
    "families/dpn.md",
    "findings/index.md",
    "coverage/index.md",
    "changes/index.md",
    "explore/index.md",
    "compare/index.md",
)
TIMM_LEDGER = "ZOO_TEST_TIMM_LEDGER"
DAYS = (40, 2)  # before now: the first record, and the change


def embedded_zoo(ledger: Path) -> Zoo:
    """The embedded index, counted and verified into a ledger, with a history of two records."""
    index = load()
    measurer = measurer_for(str(ledger), None, None)
    add_inspected(measurer, inspect_local(index.entries, str(ledger), None, None))
    with counting(index.entries, measurer, Processes()):
        findings, digests = verify_with_cache(index.entries, measurer, str(ledger))
    for entry in index.entries:
        measurer.benchmarks(entry)
    return Zoo(
        index=index,
        findings=tuple(findings),
        evidence=measurer.evidence,
        primary=primary_keys(index.entries, measurer),
        ledger=str(ledger),
        history=two_records(ledger, index, findings),
        digests=digests,
    )


def two_records(ledger: Path, index: Index, findings: list[Finding]) -> history.History:
    """A first record in which nobody had counted one model, and what was found since."""
    families = {entry.name: entry.collection or "" for entry in index.entries}
    uncounted = [
        replace(finding, verdict=Verdict.UNCHECKED, wrong=False)
        if finding.claim.model == CHANGED
        else finding
        for finding in findings
    ]
    for days, state in zip(DAYS, (uncounted, findings), strict=True):
        history.record(ledger, state, families, datetime.now(UTC) - timedelta(days=days))
    return history.read(ledger)


def larger_zoo(zoo: Zoo) -> Zoo:
    """All models of a zoo that name a collection, and a copy of each under every name of `COPIES`,
    in collections of their own; one copy in seven is not measured."""
    entries, findings, primary = list(zoo.index.entries), list(zoo.findings), dict(zoo.primary)
    collections = list(zoo.index.collections)
    members = {entry.name for entry in zoo.index.entries if entry.collection}
    for suffix in COPIES:
        collections += [replace(c, name=c.name + suffix) for c in zoo.index.collections]
        for entry in (entry for entry in zoo.index.entries if entry.name in members):
            twin = copy_entry(entry, suffix)
            entries.append(twin)
            if suffix != NOT_MEASURED and entry.place in zoo.primary:
                primary[twin.place] = zoo.primary[entry.place]
        for finding in (f for f in zoo.findings if f.claim.model in members):
            claim = copy_claim(finding.claim, suffix)
            findings.append(
                Finding(claim=claim, verdict=Verdict.UNCHECKED, reason="not counted")
                if suffix == NOT_MEASURED
                else replace(finding, claim=claim)
            )
    index = replace(zoo.index, entries=tuple(entries), collections=tuple(collections))
    return replace(zoo, index=index, findings=tuple(findings), primary=primary, digests={})


def copy_entry(entry: Entry, suffix: str) -> Entry:
    """The entry under another name, in another file."""
    return replace(
        entry,
        name=entry.name + suffix,
        collection=f"{entry.collection}{suffix}",
        place=copy_place(entry.place, suffix),
        claims=tuple(copy_claim(claim, suffix) for claim in entry.claims),
        reported=tuple(
            replace(report, claims=tuple(copy_claim(claim, suffix) for claim in report.claims))
            for report in entry.reported
        ),
        links=tuple(copy_claim(claim, suffix) for claim in entry.links),
    )


def copy_claim(claim: Claim, suffix: str) -> Claim:
    """The claim about a model of another name."""
    place = copy_place(claim.place, suffix)
    return msgspec.structs.replace(claim, model=claim.model + suffix, place=place)


def copy_place(place: Place, suffix: str) -> Place:
    """The same line of another file."""
    path = Path(place.file)
    return msgspec.structs.replace(
        place, file=str(path.with_name(f"{path.stem}{suffix}{path.suffix}"))
    )


def build_pages(zoo: Zoo, folder: Path, wanted: Collection[str]) -> Path:
    """The site of these pages only, in English: their links to others lead nowhere."""
    shutil.copytree(ROOT / "reporting/theme", folder / "reporting/theme")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    (config,) = sites(folder / "mkdocs.yml", {})
    site = site_of(zoo, config.settings)
    with speaking(config.settings.language):
        pages = (page for plan in PAGES for page in plan(site) if page.path in wanted)
        texts = {page.path: render(page, config.settings) for page in pages}
    files = {file.path: file.data for file in models_table.files(site)}
    for path, data in {**texts, **files, **dict(assets())}.items():
        target = config.docs / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data if isinstance(data, bytes) else data.encode())
    command = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "-q"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "site"


def build_timm(folder: Path) -> Path:
    """The site of timm's registry as `zoo init` and `zoo build` make it, with every model counted:
    half an hour on two cores, minutes with the ledger of an earlier run."""
    zoo = [sys.executable, "-m", "zoo"]
    ledger = os.environ.get(TIMM_LEDGER, "ledger")
    build = [*zoo, "build", "--index", "timm", "--ledger", ledger, "--site", "site"]
    for command in ([*zoo, "init"], build):
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return folder / "site"
