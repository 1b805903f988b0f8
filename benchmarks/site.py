"""Builds the site of 1,500 models beside the same number of plain pages, beside an older checkout,
and again after one claim changed.

The models are embedded ones of timm, counted once and copied under other names with their evidence.
A peer is MkDocs with the same configuration, first on pages of a few lines, then on pages that hold
the same words as ours as ordinary Markdown. `--older CHECKOUT` is a checkout with its own
environment (`.venv`), which does the same in turn. Times that are compared are seconds of a core.
What a browser gets is what Chromium loads from a server on the loopback that compresses by gzip.
"""

import argparse
import gc
import gzip
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # started as a script, it finds its own folder only

from benchmarks.sites.copies import make_zoo  # noqa: E402
from benchmarks.sites.disk import by_model  # noqa: E402
from benchmarks.sites.plain import make_plain  # noqa: E402
from benchmarks.sites.transfer import transferred  # noqa: E402
from benchmarks.sites.tree import Tree  # noqa: E402

BUILD = ("build", "--no-verify", "--index", "index")
GENERATED = ("models", "families", "downloads", "badges")  # what a whole build makes again


@dataclass(frozen=True)
class Zoo:
    """A tree, and the folder where it builds its site of many models."""

    tree: Tree
    folder: Path

    def build(self) -> list[str]:
        """Return the command line that makes pages and site."""
        return self.tree.zoo(*BUILD)

    def whole(self) -> float:
        """Build with all pages made; return seconds of a core."""
        for name in GENERATED[:2]:
            shutil.rmtree(self.folder / "docs" / name, ignore_errors=True)
        return self.tree.clock(self.build(), self.folder).core

    def unchanged(self) -> float:
        """Build with nothing changed since the last build; return seconds of a core."""
        return self.tree.clock(self.build(), self.folder).core

    def alone(self) -> float:
        """Let MkDocs build the pages that are there; return seconds of a core."""
        return self.tree.clock(self.tree.mkdocs, self.folder).core

    def rendering(self) -> float:
        """Make the text of all pages in one process, evidence read and judged before; return
        seconds of a core."""
        return float(self.tree.run(self.tree.pages("time"), self.folder).split()[-1])


@dataclass(frozen=True)
class Trial:
    """Our zoo, the one of the older checkout, and a folder for other sites."""

    ours: Zoo
    older: Zoo | None
    folder: Path
    rounds: int

    def compare(self, what: str, bar: float, task: Callable[[Zoo], float]) -> float:
        """Do a task in both trees in turn; print medians and the ratio; return our seconds."""
        zoos = [zoo for zoo in (self.ours, self.older) if zoo]
        seconds: dict[Path, list[float]] = {zoo.folder: [] for zoo in zoos}
        for number in range(self.rounds if self.older else 1):
            for zoo in zoos if number % 2 else reversed(zoos):
                seconds[zoo.folder].append(task(zoo))
        here = median(seconds[self.ours.folder])
        if self.older:
            there = median(seconds[self.older.folder])
            ratios = [a / b for a, b in zip(*seconds.values(), strict=True)]
            say(f"{what}, beside the older checkout", median(ratios), bar, "times")
            tell(f"   {here:,.1f} s beside {there:,.1f} s; ratios", *(f"{r:.2f}" for r in ratios))
        else:
            tell(what, f"{here:,.2f} s")
        return here


def say(what: str, value: float, bar: float, unit: str) -> None:
    reached = "reached" if value <= bar else "MISSED"
    print(f"{what:<68} {value:>10,.2f} {unit:<6} bar {bar:,g}: {reached}", flush=True)


def tell(what: str, *values: str) -> None:
    print(f"{what:<68} {' '.join(values):>10}", flush=True)


def render(trial: Trial) -> None:
    """The text of our pages, without MkDocs."""
    seconds = trial.compare("text of all pages", 0.8, Zoo.rendering)
    say("text of all pages, one core", seconds, 10, "s")


def build(trial: Trial) -> None:
    """The whole build, MkDocs included: all pages made, then nothing changed."""
    trial.compare("the whole build, all pages made", 0.8, Zoo.whole)
    trial.compare("   of it MkDocs alone, on the same pages", 0.8, Zoo.alone)
    trial.compare("a build with nothing changed", 1.0, Zoo.unchanged)


def peers(trial: Trial) -> None:
    """MkDocs on plain pages."""
    ours = trial.ours
    whole, alone = ours.whole(), ours.alone()
    for name, words in (("few", False), ("same", True)):
        folder = trial.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        make_plain(folder, ours.folder / "docs", words=words)
        peer = ours.tree.clock(ours.tree.mkdocs, folder).core
        label = "pages of the same words" if words else "pages of a few lines"
        say(f"the whole build, beside MkDocs on {label}", whole / peer, 1.3, "times")
        tell("   MkDocs alone on our pages, beside the same", f"{alone / peer:.2f} times")


def again(trial: Trial) -> None:
    """One claim changed."""
    ours = trial.ours
    ours.unchanged()
    path = ours.folder / "index" / "dla0.yml"
    text = path.read_text(encoding="utf-8")
    new, old = ("74.63%", "74.62%") if "74.62%" in text else ("74.62%", "74.63%")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    everything = ours.tree.clock(ours.build(), ours.folder)
    alone = ours.tree.clock(ours.tree.mkdocs, ours.folder)
    spent = everything.core - alone.core
    say("again after one changed claim, our own time (core)", spent, 2, "s")
    tell(
        "   the same, wall time with MkDocs",
        f"{everything.wall:.2f} s, MkDocs alone {alone.wall:.2f} s",
    )


def sizes(trial: Trial) -> None:
    """What a browser loads, and what lies on the disk."""
    for zoo, bars in ((trial.ours, True), (trial.older, False)):
        if zoo:
            tell(f"sizes of {zoo.tree.root}") if trial.older else None
            measure_sizes(zoo, bars)


def measure_sizes(zoo: Zoo, bars: bool) -> None:
    site = zoo.folder / "site"
    if not site.exists():
        zoo.unchanged()
    pages = sorted((site / "models").glob("*/index.html"), key=lambda path: path.stat().st_size)
    for what, page in (("median", pages[len(pages) // 2]), ("largest", pages[-1])):
        sent = transferred(site, f"models/{page.parent.name}/")
        say(f"the {what} page of a model, without the theme's files", sent.ours, 25_000, "bytes")
        say(f"the {what} page of a model, all that Chromium loads", sent.all, 90_000, "bytes")
        for path, size in sorted(sent.files.items(), key=lambda item: -item[1]):
            tell(f"   {path}", f"{size:,}")
    models = by_model(site).values()
    for what, values, bar, unit in (
        ("files", [model.files for model in models], 6, ""),
        ("apparent size", [model.size / 1024 for model in models], 60, "KiB"),
        ("blocks of the disk", [model.blocks / 1024 for model in models], 60, "KiB"),
    ):
        say(f"{what} of a model, median", median(values), bar, unit)
        tell(f"{what} of a model, mean", f"{fmean(values):,.2f} {unit}")
        say(f"{what} of a model, largest", max(values), bar, unit)
    table = len(gzip.compress((site / "models" / "index.html").read_bytes(), 6))
    say("the page of all models, compressed", table, 200_000, "bytes")


PARTS: dict[str, Callable[[Trial], None]] = {
    "render": render,
    "build": build,
    "peers": peers,
    "again": again,
    "sizes": sizes,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=1500)
    parser.add_argument("--older", metavar="CHECKOUT", type=Path, help="do the same there in turn")
    parser.add_argument("--rounds", type=int, default=3, help="of what is done in turn")
    parser.add_argument("--only", nargs="+", metavar="PART", choices=PARTS, default=list(PARTS))
    parser.add_argument("--keep", metavar="DIR", type=Path, help="work here and leave everything")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or Path(temporary)).resolve()
        trees = {"zoo": Tree.here()}
        if options.older:
            trees["older"] = Tree.at(options.older)
        builds = options.only != ["render"]  # which needs no site
        zoos = [
            prepare(tree, folder / name, options.models, builds=builds)
            for name, tree in trees.items()
        ]
        ours, older = zoos[0], zoos[1] if options.older else None
        print(f"{options.models} models on {os.cpu_count()} cores", flush=True)
        for name in options.only:
            PARTS[name](Trial(ours, older, folder, options.rounds))


def prepare(tree: Tree, folder: Path, models: int, *, builds: bool) -> Zoo:
    """Make the zoo of a tree, or take the one that a run before left here; judge its claims, and
    build its site."""
    if (folder / "ledger").exists():
        tree.copy_site(folder)
    else:
        make_zoo(tree, folder, models)
    tree.run(tree.pages("prepare"), folder)
    if builds:
        tree.run(tree.zoo(*BUILD), folder)  # with figures for download, which later builds keep
    return Zoo(tree, folder)


def rendering(task: str) -> None:
    """In a process of its own: remember findings, or say how long all pages take, evidence read and
    judged before."""
    from zoo.cli.session import measurer_for, verify_with_cache
    from zoo.model_index.load import load
    from zoo.reporting.pages.settings import Settings
    from zoo.reporting.site.render import render_pages, site_of
    from zoo.reporting.views.catalogue import Zoo as Data
    from zoo.verification.verify import primary_keys

    read = load(["index"])
    measurer = measurer_for("ledger", ["index"], None, live=False)
    findings, digests = verify_with_cache(read.entries, measurer, "ledger")
    if task == "time":
        data = Data(
            index=read,
            findings=tuple(findings),
            evidence=measurer.evidence,
            primary=primary_keys(read.entries, measurer),
            ledger="ledger",
            digests=digests,
        )
        gc.disable()  # as a build does
        start = time.process_time()
        number = sum(1 for _ in render_pages(site_of(data, Settings(hides_html=True))))
        print(number, time.process_time() - start)


if __name__ == "__main__":
    if sys.argv[1:2] == ["pages"]:
        rendering(sys.argv[2])
    else:
        main()
